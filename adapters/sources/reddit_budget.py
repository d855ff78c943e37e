"""How many requests Reddit lets us make: one account for the whole process.

With OAuth the answers say how many are left until when (100 a minute on the average of ten).
Without credentials about one request a minute is allowed, over everything; a refusal that names no
time is answered by staying away for longer each time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from bot.errors import SourceError

PATIENCE_S = 65.0  # who is in the middle of something waits this long for the next period
FIRST_BACKOFF_S = 60.0
LONGEST_BACKOFF_S = 3_600.0
_RESERVE = 1.0


class Budget:
    """Requests that are left. Share one object between all that ask the same server."""

    def __init__(
        self,
        *,
        gap_s: float = 0.0,
        patience_s: float = PATIENCE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap_s = gap_s
        self._patience_s = patience_s
        self._now_s = monotonic
        self._left: float | None = None
        self._resets_s = 0.0
        self._blocked_until_s = 0.0
        self._next_start_s = 0.0
        self._refusals = 0
        self._flying = 0
        self._gate = asyncio.Lock()

    @asynccontextmanager
    async def spend(self) -> AsyncIterator[None]:
        """Hold around one request; waits for its turn.

        Raises `SourceError` (429, `retry_after_s`) at once where Reddit wants to be left alone for
        longer than our patience. Those who wait go in the order in which they came.
        """
        async with self._gate:
            await self._wait()
            self._next_start_s = self._now_s() + self._gap_s
            self._flying += 1
        try:
            yield
        finally:
            self._flying -= 1

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take what an answer says of what is left."""
        left, reset_s = _number(headers, "remaining"), _number(headers, "reset")
        self._refusals = 0
        if left is None or reset_s is None:
            return
        # Requests under way may not be in Reddit's count yet; this one is.
        self._left = left - max(0, self._flying - 1)
        self._resets_s = self._now_s() + reset_s

    def refused(self, headers: Mapping[str, str], retry_after_s: float | None) -> float:
        """After a 429: how long everybody stays away now, in seconds."""
        wait_s = retry_after_s
        if wait_s is None:
            wait_s = _number(headers, "reset")
        if wait_s is None:
            first_s = max(self._gap_s, FIRST_BACKOFF_S) if self._gap_s else FIRST_BACKOFF_S
            wait_s = min(first_s * 2.0 ** min(self._refusals, 10), LONGEST_BACKOFF_S)
        self._refusals += 1
        self._blocked_until_s = max(self._blocked_until_s, self._now_s() + wait_s)
        return wait_s

    async def _wait(self) -> None:
        while (wait_s := self._due_s() - self._now_s()) > 0:
            pause_s = self._blocked_s()
            if pause_s > self._patience_s:
                seconds = round(pause_s)
                raise SourceError(
                    f"Reddit asked for a pause of another {seconds} s: will be tried again",
                    status=429,
                    retry_after_s=pause_s,
                    unasked=True,
                )
            await asyncio.sleep(wait_s)
        if self._left is not None:
            self._left -= 1

    def _due_s(self) -> float:
        return max(self._next_start_s, self._blocked_until_s, self._refilled_s())

    def _refilled_s(self) -> float:
        """When there is something left to spend."""
        if self._left is None or self._left >= _RESERVE:
            return 0.0
        if self._resets_s <= self._now_s():
            self._left = None  # a new period, of which nothing is known yet
            return 0.0
        return self._resets_s

    def _blocked_s(self) -> float:
        """How long Reddit itself holds us back; our own gap is no reason to give up."""
        return max(self._blocked_until_s, self._refilled_s()) - self._now_s()


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return max(0.0, float(headers[f"x-ratelimit-{name}"]))
    except (KeyError, ValueError):
        return None
