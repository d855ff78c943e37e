"""How long ago a delivery was claimed, whatever the clock was set to meanwhile.

How long a platform knows a key must not be measured with a clock that somebody, or a time server,
puts back. The machine counts the seconds since it was started, in its sleep too, and says which of
its starts that was; both are stored with each claim, so that a restart of ours changes nothing.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot.ports import Clock
from bot.store.sending import Claim

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def seconds_since_boot() -> float:
    """Counts while the machine sleeps too, where it can."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def boot_id() -> str:
    """Which run of the machine this is; our own process's where the machine does not say."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return uuid.uuid4().hex


class Stopwatch:
    """Stamps claims, and says how long ago that was."""

    def __init__(
        self,
        clock: Clock,
        ticks: Callable[[], float] = seconds_since_boot,
        boot: str | None = None,
    ) -> None:
        self._clock = clock
        self._ticks = ticks
        self._boot = boot or boot_id()

    def stamp(self) -> str:
        """Now: which run of the machine, and how far into it."""
        return f"{self._boot} {self._ticks():.3f}"

    def passed_s(self, claim: Claim) -> float:
        """How long ago it was at most; without end where the machine was restarted since. A clock
        that runs ahead may be right: a machine that was frozen as a whole has not counted.
        """
        ticked_s = self._ticked_s(claim.stamp)
        if ticked_s is None:
            return math.inf
        return max(ticked_s, (self._clock.now() - claim.at).total_seconds())

    def began(self, claim: Claim) -> datetime:
        """When that was, by the clock as it is now; rather too early where that is not sure."""
        now = self._clock.now()
        ticked_s = self._ticked_s(claim.stamp)
        return min(claim.at, now - timedelta(seconds=ticked_s or 0))

    def _ticked_s(self, stamp: str) -> float | None:
        boot, _, ticks = stamp.rpartition(" ")
        return self._ticks() - float(ticks) if boot == self._boot else None
