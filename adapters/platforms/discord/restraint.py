"""What keeps us from asking Discord too much: its global limit, its ban, and blocks before it.

discord.py minds the limits of each route. These are the ones that hold for the whole bot, and that
Discord tells of only once they are broken (topics/rate-limits).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Final

import aiohttp

BAN_WINDOW_S = 600.0  # 10,000 invalid answers within it mean a ban
MOST_INVALID = 500
GLOBAL_PER_S = 45  # Discord's own is 50; what is on its way arrives unevenly
PACED_FOR_S = 600.0
BLOCKED_S = 600.0
LONGEST_PAUSE_S = 3_600.0
BLOCKED: Final = "something before Discord (Cloudflare, a proxy) turns our requests away"
LIMITED: Final = "Discord's global limit holds for longer than requests wait"

_EXEMPT: Final = ("/interactions/", "/webhooks/")  # outside the global limit


class TooManyInvalidError(OSError):
    """So many requests were refused lately that no further one is made for a while."""


class PausedError(OSError):
    """Everything we ask is turned away: nothing is asked for `wait_s`."""

    def __init__(self, reason: str, wait_s: float) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class InvalidRequests:
    """Counts what Discord counts: 401, 403 and 429 answers, unless many bots share the limit."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def count(self) -> int:
        """How many there were within Discord's window."""
        oldest = _now() - BAN_WINDOW_S
        while self._times and self._times[0] < oldest:
            self._times.popleft()
        return len(self._times)

    def note(self, response: aiohttp.ClientResponse) -> None:
        shared = response.headers.get("X-RateLimit-Scope") == "shared"
        if response.status in (401, 403) or (response.status == 429 and not shared):
            self._times.append(_now())


class Pace:
    """Nothing is held back until Discord tells of its global limit; from then on, for ten minutes,
    requests leave one after the other at an even pace below it.
    """

    def __init__(self) -> None:
        self._next = 0.0
        self._held_until = 0.0
        self._paced_until = 0.0

    def told(self, wait_s: float) -> None:
        """The global limit was hit: nothing leaves for so long."""
        self._held_until = max(self._held_until, _now() + wait_s)
        self._paced_until = max(self._paced_until, self._held_until + PACED_FOR_S)

    async def turn(self, path: str) -> None:
        """Wait until a request to this path may leave."""
        if any(part in path for part in _EXEMPT):
            return
        while (now := _now()) < self._paced_until:
            at = max(now, self._next, self._held_until)
            self._next = at + 1 / GLOBAL_PER_S
            await asyncio.sleep(at - now)
            if at >= self._held_until:  # nobody was told to wait meanwhile
                return


class Pauses:
    """Times in which nothing is asked at all.

    Cloudflare turns an address away for all of its requests, and a global limit can last longer
    than requests wait.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._reason = ""

    def check(self) -> None:
        """Raises `PausedError` while nothing is to be asked."""
        wait_s = self._until - _now()
        if wait_s > 0:
            raise PausedError(self._reason, wait_s)

    def note(self, response: aiohttp.ClientResponse) -> None:
        """Look whether an answer is not Discord's own: its 403 and 429 are JSON."""
        if response.status in (403, 429) and response.content_type != "application/json":
            self.told(BLOCKED, retry_after_s(response.headers) or BLOCKED_S)

    def told(self, reason: str, wait_s: float) -> None:
        """Ask nothing for so long, an hour at most."""
        until = _now() + min(wait_s, LONGEST_PAUSE_S)
        if until > self._until:
            self._until, self._reason = until, reason


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """What the answer's head says about when to come back."""
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
