"""The store's side of delivery: which row is next in a channel, and what is recorded of it.

Recording what became of one delivery and claiming the next is one transaction: a backlog costs one
commit for each post.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from bot.model import Delivery, DeliveryState
from bot.ports import Clock, Landing, Platform
from bot.store import faults, purge, sending
from bot.store.database import Connection
from bot.store.sending import Claim, Head
from jobs.attempts import LANDING_S, Attempt, Look, Verdict
from jobs.calls import platform_of
from jobs.compose import Composer
from jobs.faults import Faults, Opening
from jobs.stopwatch import Stopwatch


class Outgoing:
    """Every method runs inside a transaction, on the store's thread."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        composer: Composer,
        known_faults: Faults,
        clock: Clock,
        watch: Stopwatch,
    ) -> None:
        self._platforms = platforms
        self._composer = composer
        self._faults = known_faults
        self._clock = clock
        self._watch = watch

    def take_over(self, connection: Connection) -> int:
        """Put in doubt what was being sent when the last run ended; returns how many rows."""
        rows = sending.interrupted(connection)
        for delivery in rows:
            self._interrupt(connection, delivery)
        self._faults.ask_all(connection)
        return len(rows)

    def _interrupt(self, connection: Connection, delivery: Delivery) -> None:
        """Put in doubt an attempt that nobody is waiting for any more."""
        now = self._clock.now()
        platform = self._platforms.get(platform_of(delivery.channel))
        is_safe = platform is not None and math.isinf(platform.same_key_s)
        landing_s = _landing_s(platform)
        sending.mark_retry(
            connection,
            delivery.id,
            outcome="doubt",
            reason="the last attempt ended before an answer came",
            next_attempt_at=now if is_safe else now + timedelta(seconds=landing_s),
            now=now,
        )

    def record(
        self, connection: Connection, opening: Opening, verdict: Verdict, *, goes_on: bool
    ) -> Attempt | Look | None:
        """Record what became of a delivery; `goes_on`: claim the channel's next one with it."""
        error = verdict.error
        self._record(connection, opening, verdict)
        if error is not None and error.fault is not None:
            self._faults.found(connection, opening.channel, error)
            return None
        return self.next_step(connection, opening) if goes_on else None

    def _record(self, connection: Connection, opening: Opening, verdict: Verdict) -> None:
        row, now = verdict.delivery.id, self._clock.now()
        match verdict.outcome:
            case "sent":
                sending.mark_sent(connection, row, message_id=verdict.message_id, now=now)
                faults.clear(connection, sorted(opening.probed))
            case "held":
                sending.mark_held(connection, row, reason=verdict.reason, now=now)
            case "dead":
                sending.mark_ended(
                    connection, row, state=DeliveryState.DEAD, reason=verdict.reason, now=now
                )
            case "uncertain":
                sending.mark_ended(
                    connection, row, state=DeliveryState.UNCERTAIN, reason=verdict.reason, now=now
                )
            case _:
                sending.mark_retry(
                    connection,
                    row,
                    outcome=verdict.outcome,
                    reason=verdict.reason,
                    next_attempt_at=now + timedelta(seconds=verdict.wait_s),
                    now=now,
                )

    def next_step(self, connection: Connection, opening: Opening) -> Attempt | Look | None:
        """Claim the channel's oldest open delivery, or have the channel looked at for it; None
        when there is none, or the channel has to wait.
        """
        while (head := sending.head(connection, opening.channel)) is not None:
            delivery = head.delivery
            if not head.is_due(self._clock.now()) or self._faults.holds(
                connection, opening.channel, head.space, opening.probed
            ):
                return None
            if delivery.state is DeliveryState.SENDING:
                self._interrupt(connection, delivery)
                continue
            is_gone = self._is_gone(connection, head)
            if head.unknown is not None and (is_gone or not self._may_repeat(head, head.unknown)):
                return Look(delivery=delivery, unknown=head.unknown)
            if not is_gone:
                return self._claim(connection, head)
            sending.mark_ended(
                connection,
                delivery.id,
                state=DeliveryState.SKIPPED,
                rule="deleted",
                reason="it was deleted where it was posted",
                now=self._clock.now(),
            )
        return None

    def _is_gone(self, connection: Connection, head: Head) -> bool:
        """Whether everything that the delivery would tell was deleted since it was first tried."""
        story_id = head.delivery.story_id
        return (
            head.delivery.edit_due
            and story_id is not None
            and purge.is_deleted(connection, story_id)
        )

    def _may_repeat(self, head: Head, unknown: Claim) -> bool:
        """Whether sending the same key again surely leaves one post. The window is counted from the
        claim, which came before anything was posted.
        """
        window_s = self._platforms[platform_of(head.delivery.channel)].same_key_s
        return math.isinf(window_s) or self._watch.passed_s(unknown) < window_s

    def repeat_s(self, attempt: Attempt) -> float:
        """For how long from now on the same key may be sent again for this attempt."""
        window_s = self._platforms[platform_of(attempt.delivery.channel)].same_key_s
        return window_s - self._watch.passed_s(attempt.unknown)

    def _claim(self, connection: Connection, head: Head) -> Attempt | None:
        """Freeze the post and claim its row; None while its summary is still to be written.

        An attempt in doubt may have posted words that were deleted since: what the post shows then
        is unknown, and its edit stays due.
        """
        delivery, now = head.delivery, self._clock.now()
        post = self._composer.compose(connection, delivery)
        if post is None:
            return None
        is_repeat = head.unknown is not None
        mine = Claim(now, self._watch.stamp())
        payload = None if is_repeat else post.model_dump_json()
        sending.claim(connection, delivery.id, payload=payload, now=now, stamp=mine.stamp)
        return Attempt(
            delivery=delivery,
            post=post,
            unknown=head.unknown or mine,
            is_repeat=is_repeat,
        )


def _landing_s(platform: object) -> float:
    return platform.landing_s if isinstance(platform, Landing) else LANDING_S
