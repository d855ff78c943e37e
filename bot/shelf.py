"""Private answers kept in memory until they are shared; nothing of them is written anywhere."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model import Post
from bot.ports import Clock

KEPT_FOR = timedelta(minutes=15)
MOST = 1_000
NAME_BYTES = 9  # twelve characters that nobody guesses


class _Kept(NamedTuple):
    person: str
    post: Post
    until: datetime


class MemoryShelf:
    """Implements `bot.commands.kit.Shelf`. The oldest make room when there are too many."""

    def __init__(self, clock: Clock, *, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def put(self, person: str, post: Post) -> str:
        self._drop_old()
        name = secrets.token_urlsafe(NAME_BYTES)
        self._kept[name] = _Kept(person, post, self._clock.now() + KEPT_FOR)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return name

    def take(self, person: str, name: str) -> Post | None:
        self._drop_old()
        kept = self._kept.get(name)
        if kept is None or kept.person != person:
            return None
        del self._kept[name]
        return kept.post

    def _drop_old(self) -> None:
        now = self._clock.now()
        while self._kept and next(iter(self._kept.values())).until <= now:
            self._kept.popitem(last=False)
