"""What stands below a post: a digest's details, in a thread that begins at its overview.

Written so that it can be interrupted anywhere and called again: the thread of a message has the
message's own id, parts go out strictly in order, and each has a nonce of its own. What is there
already is looked up, and only the rest is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
import structlog

from adapters.platforms.discord.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    THREAD_EXISTS,
    UNKNOWN_MESSAGE,
)
from adapters.platforms.discord.places import Place
from adapters.platforms.discord.rest import PAGE, Body, Rest

log = structlog.get_logger(__name__)

MOST_PAGES = 20
_PLAIN = 0  # message types (resources/message)
_REPLY = 19
_NO_THREADS = frozenset((MISSING_ACCESS, MISSING_PERMISSIONS, 50024, 160006, 160007, 20016))


async def put_below(
    rest: Rest, place: Place, message: str, name: str, bodies: Sequence[Mapping[str, Any]]
) -> None:
    """Send what of `bodies` is not there yet, each with its nonce in it."""
    if not bodies:
        return
    where = await _home(rest, place, message, name)
    present = await _ours_after(rest, where, message)
    for body in bodies[len(present) :]:
        await create_once(rest, where, body)


async def change_below(
    rest: Rest, place: Place, message: str, bodies: Sequence[Mapping[str, Any]]
) -> None:
    """Bring the parts of a posted digest up to date; parts too many are taken away."""
    where = message if await _has_thread(rest, place, message) else place.id
    if where == place.id and not place.is_forum:
        return  # without a thread, later posts may stand between the parts: left as they are
    present = await _ours_after(rest, where, message)
    for old, body in zip(present, bodies, strict=False):
        if _looks(old) != _looks(body):
            await rest.change(where, str(old["id"]), _edit_of(body))
    for body in bodies[len(present) :]:
        await create_once(rest, where, body)
    for old in present[len(bodies) :]:
        await rest.delete(where, str(old["id"]))


async def create_once(rest: Rest, channel: str, body: Body) -> str:
    """Post a message with a nonce; its id, empty where it was posted before and deleted since."""
    try:
        return str((await rest.create(channel, body))["id"])
    except discord.HTTPException as exc:
        if exc.code == UNKNOWN_MESSAGE:
            return ""
        raise


async def _home(rest: Rest, place: Place, message: str, name: str) -> str:
    """Where the parts go: the message's thread, or the channel where there can be none."""
    if place.is_forum:
        return message
    if place.is_thread:
        return place.id
    try:
        return str((await rest.start_thread(place.id, message, name))["id"])
    except discord.HTTPException as exc:
        if exc.code == THREAD_EXISTS:
            return message
        if exc.code not in _NO_THREADS:
            raise
        log.warning("no thread for details", channel=place.id, code=exc.code)
        return place.id


async def _has_thread(rest: Rest, place: Place, message: str) -> bool:
    if place.is_forum:
        return True
    try:
        await rest.channel(message)
    except discord.HTTPException as exc:
        if exc.status in (403, 404):
            return False
        raise
    return True


async def _ours_after(rest: Rest, channel: str, message: str) -> list[Any]:
    """Our own messages there after the overview, the oldest first; answers to people left out."""
    found: list[Any] = []
    after = message
    for _ in range(MOST_PAGES):
        page = await rest.page(channel, after=after)
        found += [one for one in page if _is_part(one, rest.our_id)]
        if len(page) < PAGE:
            break
        after = str(page[-1]["id"])
    return found


def _is_part(message: Mapping[str, Any], our_id: str) -> bool:
    is_ours = str(message["author"]["id"]) == our_id and message.get("type") in (_PLAIN, _REPLY)
    return is_ours and not message.get("interaction_metadata") and not message.get("components")


def _looks(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a reader sees of embeds, as far as Discord gives back what it was given."""
    return [
        (str(embed.get("title") or "").strip(), str(embed.get("description") or "").strip())
        for embed in body.get("embeds") or ()
    ]


def _edit_of(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in ("nonce", "enforce_nonce")}
