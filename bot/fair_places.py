"""Places to work at, which nobody can take all for themselves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class FairPlaces:
    """`most` places, of which one person has `each` at the same time. Who comes without a name has
    no bound of their own.
    """

    def __init__(self, most: int, each: int) -> None:
        self._all = asyncio.Semaphore(most)
        self._each = each
        self._own: dict[str, _Own] = {}

    @contextlib.asynccontextmanager
    async def place(self, who: str) -> AsyncIterator[None]:
        """Wait for a place of one's own, then for one of all."""
        if not who:
            async with self._all:
                yield
            return
        own = self._own.setdefault(who, _Own(self._each))
        own.takers += 1
        try:
            async with own.places, self._all:
                yield
        finally:
            own.takers -= 1
            if not own.takers:
                del self._own[who]


class _Own:
    __slots__ = ("places", "takers")

    def __init__(self, each: int) -> None:
        self.places = asyncio.Semaphore(each)
        self.takers = 0
