"""What stands below a post: a digest's details, in a thread that begins at its overview.

Written so that it can be interrupted anywhere and called again: the thread of a message has the
message's own id, parts go out strictly in order, and each has a nonce of its own. What is there
already is looked up, and only the rest is sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import discord
import structlog

from adapters.platforms.discord.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    THREAD_ARCHIVED,
    THREAD_EXISTS,
    UNKNOWN_MESSAGE,
)
from adapters.platforms.discord.places import Place
from adapters.platforms.discord.rest import PAGE, Body, Rest

log = structlog.get_logger(__name__)

MOST_PAGES = 20
_PLAIN = 0  # message types (resources/message)
_REPLY = 19
_BLOCKED = frozenset((200000, 200001, 240000))  # AutoMod
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
        await _put_one(rest, where, body)


async def _put_one(rest: Rest, where: str, body: Body) -> None:
    """A part that the server's rules block is left out; the others stand without it."""
    try:
        await create_once(rest, where, body)
    except discord.HTTPException as exc:
        if exc.code not in _BLOCKED:
            raise
        log.warning("part of the details blocked", channel=where, code=exc.code)


async def change_below(
    rest: Rest, place: Place, message: str, bodies: Sequence[Mapping[str, Any]]
) -> None:
    """Bring the parts of a posted digest up to date; parts too many are taken away."""
    thread = await _thread_below(rest, message)
    if thread is None:
        return  # without a thread, later posts may stand between the parts: left as they are
    present = await _ours_after(rest, message, message)
    changed = [
        (str(old["id"]), _edit_of(body))
        for old, body in zip(present, bodies, strict=False)
        if _looks(old) != _looks(body)
    ]
    added, removed = bodies[len(present) :], present[len(bodies) :]
    if not (changed or added or removed):
        return
    async with _opened(rest, thread):
        for old_id, new in changed:
            await rest.change(message, old_id, new)
        for body in added:
            await create_once(rest, message, body)
        for old in removed:
            await rest.delete(message, str(old["id"]))


async def change_awake(rest: Rest, channel: str, message: str, body: Body) -> None:
    """Edit a message, also in an archived thread that we began."""
    try:
        await rest.change(channel, message, body)
    except discord.HTTPException as exc:
        if exc.code != THREAD_ARCHIVED:
            raise
        async with _opened(rest, await rest.channel(channel)):
            await rest.change(channel, message, body)


@contextlib.asynccontextmanager
async def _opened(rest: Rest, thread: Mapping[str, Any]) -> AsyncIterator[None]:
    """An archived thread that we began is open meanwhile. Others' are not for us to open, and
    what a moderator locked stays shut: then Discord refuses the edit.
    """
    state = thread.get("thread_metadata") or {}
    is_ours = str(thread.get("owner_id")) == rest.our_id and not state.get("locked")
    if not (is_ours and state.get("archived")):
        yield
        return
    await rest.archive(str(thread["id"]), archived=False)
    yield
    try:
        await rest.archive(str(thread["id"]), archived=True)
    except discord.HTTPException as exc:
        log.info("thread left open", channel=thread["id"], code=exc.code)


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


async def _thread_below(rest: Rest, message: str) -> Any | None:
    try:
        return await rest.channel(message)
    except discord.HTTPException as exc:
        if exc.status in (403, 404):
            return None
        raise


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
