"""What the answer to an attempt means for its delivery. Pure: no clock, no store, no platform."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from bot.errors import DeliveryError
from bot.model import Delivery, Post
from bot.store.sending import Claim

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 3_600.0
LONGEST_ASKED_WAIT_S = 86_400.0  # a platform that asks for more is asked again after this
LANDING_S = 2.0  # what was under way when nobody heard an answer has arrived by then
MOST_ATTEMPTS = 25  # with the waits above, more than half a day
MOST_ATTEMPTS_IN_OUTAGE = 100  # while the platform takes nothing at all: more than three days


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A claimed delivery. `unknown`: the first claim that may have been posted (an earlier one, or
    this).
    """

    delivery: Delivery
    post: Post
    unknown: Claim
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An earlier attempt may have been posted: the channel has to be looked at."""

    delivery: Delivery
    unknown: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a delivery.

    `retry`, `doubt`, `absent` and `unseen` are as in `bot.store.sending.mark_retry`, to be tried
    again after `wait_s`; `held`: its channel takes nothing, see the error's `fault`.
    """

    delivery: Delivery
    outcome: Literal["sent", "retry", "doubt", "absent", "unseen", "held", "dead", "uncertain"]
    reason: str = ""
    wait_s: float = 0.0
    message_id: str = ""
    error: DeliveryError | None = None

    @property
    def has_fault(self) -> bool:
        """Whether its channel takes nothing now."""
        return self.error is not None and self.error.fault is not None

    @property
    def waits(self) -> bool:
        """Whether it is to be tried again later."""
        return self.outcome in ("retry", "doubt", "unseen", "held")


def is_final(error: DeliveryError, attempts: int, *, in_outage: bool) -> bool:
    """Whether a failed attempt was the last one. What waits for a person waits on."""
    if error.needs_person and not error.permanent:
        return False
    most = MOST_ATTEMPTS_IN_OUTAGE if in_outage else MOST_ATTEMPTS
    return error.fault is None and (error.permanent or attempts >= most)


def refused(delivery: Delivery, error: DeliveryError, *, wait_s: float, is_last: bool) -> Verdict:
    """What an attempt that failed means. `is_last`: no attempt may follow, and none is in doubt."""
    if error.doubtful and not is_last:
        wait_s = max(wait_s, LANDING_S)
        return Verdict(
            delivery=delivery, outcome="doubt", reason=str(error), wait_s=wait_s, error=error
        )
    if error.fault is not None:
        return Verdict(delivery=delivery, outcome="held", reason=str(error), error=error)
    return Verdict(
        delivery=delivery,
        outcome="dead" if is_last else "retry",
        reason=str(error),
        wait_s=wait_s,
        error=error,
    )


def unseen(delivery: Delivery, error: DeliveryError, *, wait_s: float, is_last: bool) -> Verdict:
    """What it means that the channel could not be looked at for an attempt in doubt."""
    if error.fault is not None:
        return Verdict(delivery=delivery, outcome="held", reason=str(error), error=error)
    if is_last:
        reason = f"may have been posted already, and nobody can look: {error}"
        return Verdict(delivery=delivery, outcome="uncertain", reason=reason, error=error)
    reason = f"may have been posted already; looking failed: {error}"
    return Verdict(delivery=delivery, outcome="unseen", reason=reason, wait_s=wait_s, error=error)


def wait_s(error: DeliveryError, attempts: int, rng: random.Random) -> float:
    """How long to wait after a failed attempt: as long as the platform asks, else 2 s, 4 s, … an
    hour, with jitter; the first failure is attempt 0.
    """
    if error.retry_after_s:
        return min(error.retry_after_s, LONGEST_ASKED_WAIT_S)
    longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 20))
    return longest * rng.uniform(0.7, 1.0)
