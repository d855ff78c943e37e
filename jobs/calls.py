"""Calls to platforms: bounded in number and time, with every failure a `DeliveryError`."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import DeliveryError
from jobs.faults import Faults

log = structlog.get_logger(__name__)

AT_ONCE = 50
PATIENCE_S = 2.0
LIMIT_S = 900.0  # longer than any rate limit that a library sleeps through

T = TypeVar("T")


class Calls:
    """What is being asked of each platform now, however many channels it has.

    A call that takes longer than `patience_s` is waiting (libraries sleep through rate limits
    inside a call), so its place goes to another: slow channels hold up none but themselves.
    """

    def __init__(
        self, known_faults: Faults, at_once: int = AT_ONCE, patience_s: float = PATIENCE_S
    ) -> None:
        self._faults = known_faults
        self._free: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))
        self._patience_s = patience_s

    async def make(
        self,
        channel: str,
        call: Callable[[], Awaitable[T]],
        *,
        limit_s: Callable[[], float] = lambda: LIMIT_S,
    ) -> T:
        """Wait for a place, then make the call. `limit_s` is asked when there is one.

        Raises `DeliveryError`; a call without an answer in time, or with a bug, may have arrived.
        """
        platform = platform_of(channel)
        async with self._place(self._free[platform]):
            try:
                async with asyncio.timeout(limit_s()):
                    return await self._faults.ask(channel, call)
            except DeliveryError:
                raise
            except TimeoutError as exc:
                raise DeliveryError("no answer in time", doubtful=True) from exc
            except Exception as exc:  # supervisor: an adapter's bug is a failed attempt
                log.exception("call to a platform crashed", platform=platform)
                raise DeliveryError(f"internal error: {exc!r}", doubtful=True) from exc

    @contextlib.asynccontextmanager
    async def _place(self, free: asyncio.Semaphore) -> AsyncIterator[None]:
        await free.acquire()
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                free.release()

        timer = asyncio.get_running_loop().call_later(self._patience_s, leave)
        try:
            yield
        finally:
            timer.cancel()
            leave()


def platform_of(channel: str) -> str:
    """`discord:123` is a channel of `discord`; `files` is one of itself."""
    return channel.partition(":")[0]


def channel_in(channel: str) -> str:
    """The platform's own name of a channel; empty where it has only one."""
    return channel.partition(":")[2]
