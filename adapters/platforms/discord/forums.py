"""Forum and media channels: a post there is a thread of its own, with tags.

Discord takes no nonce for them, so a post that may stand there already is looked for before it is
sent. That costs requests (a server's active threads, all of them), and is done only where it may
be: for posts whose answer was lost, and while attempts of an earlier run may still be repeated.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import discord

from adapters.platforms.discord.places import Place
from adapters.platforms.discord.rest import Rest
from bot.ports import Clock

LOOK_FOR_S = 300.0  # attempts of an earlier run are repeated for two minutes
LOOK_BACK = timedelta(hours=1)  # as far as our clock and Discord's may be apart
LOOKED_AT_ANYWAY = 5  # of our forum posts, the newest
MOST_TAGS = 5
MOST_KNOWN = 2_000
_WEEK_MIN: Final = 10_080
_FALLBACK_TAG = "news"
_EPOCH_MS = 1_420_070_400_000  # Discord's snowflakes count from 2015


class Forums:
    """Posts in forums, and finds them again. Raises what `Rest` raises."""

    def __init__(self, rest: Rest, clock: Clock, *, look_for_s: float = LOOK_FOR_S) -> None:
        self._rest = rest
        self._clock = clock
        self._look_until = time.monotonic() + look_for_s
        self._threads: OrderedDict[str, str] = OrderedDict()  # by key; "" where the answer was lost
        self._keys: OrderedDict[str, str] = OrderedDict()  # by thread

    async def send(
        self, place: Place, name: str, tags: Sequence[str], message: Mapping[str, Any], key: str
    ) -> str:
        """The id of the thread, which is its first message's too."""
        known = self._threads.get(key)
        if known:
            return known
        if known is not None or time.monotonic() < self._look_until:
            found = await self.find(place, key, self._clock.now() - LOOK_BACK)
            if found is not None:
                return found
        body = {
            "name": name,
            "auto_archive_duration": _WEEK_MIN,
            "applied_tags": _applied_tags(place, tags),
            "message": message,
        }
        _remember(self._threads, key, "")
        made = str((await self._rest.post_in_forum(place.id, body))["id"])
        _remember(self._threads, key, made)
        _remember(self._keys, made, key)
        return made

    async def find(self, place: Place, key: str, since: datetime) -> str | None:
        """Among the forum posts that we began since then; the last few are looked at whatever our
        clock says of that.
        """
        oldest = int(snowflake(since))
        threads = await self._rest.active_threads(place.guild_id)
        threads += await self._rest.archived_threads(place.id)
        ids = {
            int(thread["id"])
            for thread in threads
            if str(thread.get("parent_id")) == place.id
            and str(thread.get("owner_id")) == self._rest.our_id
        }
        for number, thread in enumerate(sorted(ids, reverse=True)):
            if number >= LOOKED_AT_ANYWAY and thread < oldest:
                return None
            if await self._is_of(str(thread), key):
                return str(thread)
        return None

    async def _is_of(self, thread: str, key: str) -> bool:
        if known := self._keys.get(thread):
            return known == key
        try:
            return is_ours(await self._rest.message(thread, thread), key, self._rest.our_id)
        except discord.NotFound:
            return False  # its first message was deleted


def is_ours(message: Mapping[str, Any], key: str, our_id: str) -> bool:
    """Whether a message is our post of that delivery: a button of it holds the key."""
    ids = {
        str(inner.get("custom_id"))
        for row in message.get("components") or ()
        for inner in row.get("components") or ()
    }
    return str(message["author"]["id"]) == our_id and f"why:{key}" in ids


def snowflake(moment: datetime) -> str:
    """The smallest id that a message of that time can have."""
    return str(max(0, int(moment.timestamp() * 1_000) - _EPOCH_MS) << 22)


def _applied_tags(place: Place, tags: Sequence[str]) -> list[str]:
    """The forum's tags that the post has; where one is demanded and none fits, the most fitting."""
    fitting = [place.tags[tag.casefold()] for tag in tags if tag.casefold() in place.tags]
    if not fitting and place.requires_tag and place.tags:
        fitting = [place.tags.get(_FALLBACK_TAG) or next(iter(place.tags.values()))]
    return list(dict.fromkeys(fitting))[:MOST_TAGS]


def _remember(known: OrderedDict[str, str], name: str, value: str) -> None:
    known[name] = value
    while len(known) > MOST_KNOWN:
        known.popitem(last=False)
