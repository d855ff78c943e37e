"""Waiting for something to become true, without polling and without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Signal:
    """Told at every change; whoever waits looks again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(
        self, check: Callable[[], T], timeout_s: float = 15.0, what: str = "what was waited for"
    ) -> T:
        """What `check` returns as soon as it is true. Raises AssertionError after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := check()):
                    future = asyncio.get_running_loop().create_future()
                    self._waiting.add(future)
                    await future
                return found
        except TimeoutError:
            raise AssertionError(f"{what} did not come within {timeout_s} s") from None
