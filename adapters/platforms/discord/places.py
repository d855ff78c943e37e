"""What kind of channel a post goes to: asked once, then remembered for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

REMEMBER_S = 600.0
MOST_PLACES = 10_000

V = TypeVar("V")

_ANNOUNCEMENTS = 5
_THREADS = (10, 11, 12)
_FORUMS = (15, 16)
_REQUIRE_TAG = 1 << 4  # resources/channel, channel flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel as REST describes it. `tags`: a forum's own, name → id."""

    id: str
    type: int
    guild_id: str
    tags: Mapping[str, str]
    requires_tag: bool
    raw: Mapping[str, Any]

    @property
    def is_forum(self) -> bool:
        return self.type in _FORUMS

    @property
    def is_thread(self) -> bool:
        return self.type in _THREADS

    @property
    def is_followed(self) -> bool:
        """Whether others can follow it, so that posts may be published."""
        return self.type == _ANNOUNCEMENTS


class Places:
    """Answers of `GET /channels/{id}`, kept for ten minutes."""

    def __init__(self, ask: Callable[[str], Awaitable[Any]]) -> None:
        self._ask = ask
        self._known: OrderedDict[str, tuple[float, Place]] = OrderedDict()
        self._servers: OrderedDict[str, str] = OrderedDict()

    async def of(self, channel: str) -> Place:
        """Raises what asking raises."""
        now = asyncio.get_running_loop().time()
        known = self._known.get(channel)
        if known is not None and now - known[0] < REMEMBER_S:
            return known[1]
        place = _place(await self._ask(channel))
        _remember(self._known, channel, (now, place))
        _remember(self._servers, channel, place.guild_id)
        return place

    def forget(self, channel: str) -> None:
        """Something went wrong there: look again next time."""
        self._known.pop(channel, None)

    def server_of(self, channel: str) -> str:
        """The server that the channel was in when it could last be seen; empty if it never was."""
        return self._servers.get(channel, "")


def _remember(known: OrderedDict[str, V], channel: str, value: V) -> None:
    known[channel] = value
    known.move_to_end(channel)
    while len(known) > MOST_PLACES:
        known.popitem(last=False)


def _place(raw: Mapping[str, Any]) -> Place:
    return Place(
        id=str(raw["id"]),
        type=int(raw["type"]),
        guild_id=str(raw.get("guild_id") or ""),
        tags={
            str(tag["name"]).casefold(): str(tag["id"]) for tag in raw.get("available_tags") or ()
        },
        requires_tag=bool(int(raw.get("flags") or 0) & _REQUIRE_TAG),
        raw=raw,
    )
