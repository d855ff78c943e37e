"""Chat threads and channels, read for a summary: only for who is in that conversation."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack import transcripts, words
from adapters.platforms.slack.errors import error_of
from adapters.platforms.slack.people import People
from adapters.platforms.slack.side_talk import with_threads
from adapters.platforms.slack.transcripts import Place, RawMessage
from adapters.platforms.slack.words import say
from adapters.platforms.slack.workspaces import (
    PLATFORM,
    TEAM,
    Outages,
    UnknownWorkspaceError,
    Workspaces,
)
from bot.errors import UserError
from bot.ports import Clock, Room
from bot.store import chat

log = structlog.get_logger(__name__)

PAGE = 200  # Slack's own advice; an app outside the Marketplace may get 15 nevertheless
MEMBERS_PAGE = 1_000
MOST_MEMBER_PAGES = 30
MOST_MESSAGES = 2_000
LAST_MESSAGES = 200  # of a channel, where nobody said how many
MEMBERS_WITHIN_S = 5.0  # a command waits for it
READ_WITHIN_S = 90.0
NAMES_WITHIN_S = 5.0
MOST_NAMES = 100
PAGES_WITHIN_S = 70.0
LONGEST_WAIT_S = 20.0
REMEMBER_S = 60.0
MOST_KNOWN = 10_000
MANAGERS = "managers"  # the setting of a space; "admins" keeps members from subscriptions

_INVISIBLE = frozenset({"channel_not_found", "not_in_channel", "no_permission", "access_denied"})


@dataclass(frozen=True, slots=True)
class _Target:
    """`slack:C1` or `slack:C1:1767.0001`, taken apart, with the workspace it is in."""

    team_id: str
    channel_id: str
    thread_ts: str | None
    client: AsyncWebClient


class SlackRooms:
    """`bot.commands.kit.Rooms` for Slack."""

    def __init__(
        self,
        workspaces: Workspaces,
        people: People,
        clock: Clock,
        switched: Callable[[str, str, str], Awaitable[str]],
    ) -> None:
        self._workspaces = workspaces
        self._people = people
        self._clock = clock
        self._switched = switched
        self._names: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._members: OrderedDict[tuple[str, str, str], tuple[float, bool]] = OrderedDict()

    def remember_name(self, channel_id: str, name: str) -> None:
        """A channel's name, as a payload of the workspace that is being answered brought it."""
        if name and name not in ("directmessage", "privategroup"):
            key = (TEAM.get(), channel_id)
            self._names[key] = name
            self._names.move_to_end(key)
            while len(self._names) > MOST_KNOWN:
                self._names.popitem(last=False)

    def forget_members(self, channel_id: str) -> None:
        """Somebody joined or left."""
        for key in [key for key in self._members if key[1] == channel_id]:
            del self._members[key]

    async def lacks(self, channel: str, post: str) -> Sequence[str]:
        """What we lack for posting there, in words that follow “I lack”."""
        target = await self._target(channel)
        if target.channel_id.startswith("D"):
            return ()
        found = await self._channel(target)
        scopes = self._workspaces.of(target.team_id).scopes
        missing = ["chat:write"] if scopes and "chat:write" not in scopes else []
        if found.get("is_archived"):
            missing.append(say(words.LACKS_ARCHIVED))
        anywhere = "chat:write.public" in scopes and not found.get("is_private")
        if not found.get("is_member") and not anywhere:
            missing.append(say(words.LACKS_MEMBERSHIP))
        return missing

    async def may_manage(self, channel: str, person: str) -> bool:
        """Whether this person is in that channel and, where only admins may, is one."""
        try:
            target = await self._target(channel)
            user_id = person.partition(":")[2]
            if not await self.is_member(target.team_id, target.channel_id, user_id):
                return False
        except (UserError, *Outages):
            return False
        return await self.may_change(target.team_id, user_id)

    async def may_change(self, team_id: str, user_id: str) -> bool:
        """Whether a member of a channel may change what it gets: unless admins kept it."""
        space = f"{PLATFORM}:{team_id}"
        if await self._switched(space, MANAGERS, "members") != "admins":
            return True
        return (await self._people.of(team_id, user_id)).is_admin

    async def is_member(
        self, team_id: str, channel_id: str, user_id: str, *, now: bool = False
    ) -> bool:
        """Asked once a minute, unless it must be so now. Raises what the client raises, and
        `UserError`.
        """
        key = (team_id, channel_id, user_id)
        known = self._members.get(key)
        if not now and known is not None and time.monotonic() < known[0]:
            return known[1]
        target = await self._target(f"{PLATFORM}:{channel_id}", team_id)
        members, _ = await self._member_ids(target, user_id)
        return self._remember_member(key, user_id in members)

    def _remember_member(self, key: tuple[str, str, str], is_in: bool) -> bool:
        self._members[key] = (time.monotonic() + REMEMBER_S, is_in)
        while len(self._members) > MOST_KNOWN:
            self._members.popitem(last=False)
        return is_in

    async def _is_in(self, target: _Target, user_id: str) -> bool:
        """Who left a conversation a moment ago reads no more of it."""
        return await self.is_member(target.team_id, target.channel_id, user_id, now=True)

    async def is_outsider(self, team_id: str, channel_id: str, user_id: str) -> bool:
        """Whether Slack lists all members of the channel and this person is none; False where
        nobody knows.
        """
        key = (team_id, channel_id, user_id)
        known = self._members.get(key)
        if known is not None and known[1] and time.monotonic() < known[0]:
            return False
        try:
            async with asyncio.timeout(MEMBERS_WITHIN_S):
                target = await self._target(f"{PLATFORM}:{channel_id}", team_id)
                members, is_all = await self._member_ids(target, user_id)
        except (UserError, *Outages):
            return False
        return not self._remember_member(key, user_id in members) and is_all

    async def read(
        self, channel: str, person: str, *, messages: int | None = None, hours: float | None = None
    ) -> Room:
        """The chat thread whole, or the last messages of a channel."""
        target = await self._target(channel)
        if target.channel_id.startswith("D"):
            raise UserError(say(words.ROOM_DIRECT))
        user_id = person.partition(":")[2]
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                if not await self._is_in(target, user_id):
                    raise UserError(say(words.ROOM_YOURS))
                described = await self._channel(target)
                transcript = await self._transcript(target, messages, hours)
        except SlackApiError as exc:
            raise UserError(self._why(exc, target)) from exc
        except Outages as exc:
            log.warning("chat not read", channel=channel, reason=str(exc)[:200])
            raise UserError(say(words.ROOM_FAILED)) from exc
        if not transcript.thread.comments and not transcript.thread.text:
            raise UserError(say(words.ROOM_EMPTY))
        return Room(
            thread=transcript.thread,
            is_public=is_public(described),
            left_out=transcript.left_out,
        )

    def name_of(self, channel: str) -> str:
        """`#news`; the id where the channel is not known."""
        channel_id = channel.split(":")[1] if ":" in channel else channel
        name = self._names.get((TEAM.get(), channel_id))
        return f"#{name}" if name else channel_id

    def mention(self, channel: str) -> str:
        """The channel as a link in Slack's own markup."""
        return f"<#{channel.split(':')[1] if ':' in channel else channel}>"

    async def _target(self, channel: str, team_id: str | None = None) -> _Target:
        parts = channel.split(":")
        if len(parts) < 2 or parts[0] != PLATFORM or not parts[1].isalnum():
            raise UserError(say(words.ROOM_UNKNOWN))
        try:
            team = team_id or await self._workspaces.team_of(channel)
            client = self._workspaces.client_of(team)
        except UnknownWorkspaceError as exc:
            raise UserError(say(words.ROOM_UNKNOWN)) from exc
        return _Target(team, parts[1], parts[2] if len(parts) > 2 else None, client)

    async def _channel(self, target: _Target) -> Mapping[str, Any]:
        """conversations.info. Raises `UserError`."""
        try:
            answer = await _patiently(
                lambda: target.client.conversations_info(channel=target.channel_id)
            )
        except SlackApiError as exc:
            raise UserError(self._why(exc, target)) from exc
        except Outages as exc:
            raise UserError(say(words.ROOM_FAILED)) from exc
        found: Mapping[str, Any] = answer.get("channel") or {}
        self.remember_name(target.channel_id, str(found.get("name") or ""))
        return found

    async def _member_ids(self, target: _Target, wanted: str) -> tuple[set[str], bool]:
        """The members, as many pages as it takes to find the one; whether these are all of them."""
        found: set[str] = set()
        cursor: str | None = None
        for _ in range(MOST_MEMBER_PAGES):
            answer = await _patiently(
                partial(
                    target.client.conversations_members,
                    channel=target.channel_id,
                    limit=MEMBERS_PAGE,
                    cursor=cursor,
                )
            )
            found.update(answer.get("members") or ())
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if wanted in found or not cursor:
                break
        return found, not cursor

    async def _transcript(
        self, target: _Target, messages: int | None, hours: float | None
    ) -> transcripts.Transcript:
        now = self._clock.now()
        if messages is None and hours is None and target.thread_ts is None:
            messages = LAST_MESSAGES
        oldest = (now - timedelta(hours=hours)).timestamp() if hours is not None else None
        until = time.monotonic() + PAGES_WITHIN_S
        raw, unread = await self._pages(target, messages or MOST_MESSAGES, oldest, until)
        if target.thread_ts is None:

            async def read(ts: str) -> tuple[list[RawMessage], int]:
                return await self._pages(replace(target, thread_ts=ts), MOST_MESSAGES, None, until)

            raw, more = await with_threads(raw, read, most=MOST_MESSAGES)
            unread += more
        known = await self._people.names(
            target.team_id, transcripts.authors(raw)[:MOST_NAMES], within_s=NAMES_WITHIN_S
        )
        workspace = self._workspaces.of(target.team_id)
        name = self.name_of(f"{PLATFORM}:{target.channel_id}")
        place = Place(
            channel_id=target.channel_id,
            title=name,
            url=workspace.url,
            workspace=workspace.name,
            thread_ts=target.thread_ts,
            people={one.id: one.name for one in known.values() if one.name},
            bots=frozenset({workspace.bot_user_id})
            | {one.id for one in known.values() if one.is_bot},
            somebody=say(words.SOMEBODY),
        )
        return await asyncio.to_thread(transcripts.transcribe, raw, place, now=now, unread=unread)

    async def _pages(
        self, target: _Target, most: int, oldest: float | None, until: float
    ) -> tuple[list[RawMessage], int]:
        """The messages, and how many more there are that we could not get.

        A thread comes oldest first, a channel newest first; pages may be far shorter than asked.
        """
        found: list[RawMessage] = []
        by_people = 0
        cursor: str | None = None
        while True:
            try:
                answer = await _patiently(partial(self._page, target, oldest, cursor), until)
            except SlackApiError as exc:
                if not found or retry_after_s(exc) is None:
                    raise
                return found, _missing(found)  # a summary of the first half beats none
            page: Sequence[RawMessage] = answer.get("messages") or ()
            for message in page:
                if by_people >= most and target.thread_ts is None:
                    return found, 0
                found.append(message)
                by_people += transcripts.is_by_person(message)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor or not page:
                return found, 0
            if len(found) >= MOST_MESSAGES:
                return found, _missing(found)

    async def _page(self, target: _Target, oldest: float | None, cursor: str | None) -> Any:
        more: dict[str, Any] = {"limit": PAGE, "cursor": cursor}
        if oldest is not None:
            more["oldest"] = f"{oldest:.6f}"
        if target.thread_ts is not None:
            return await target.client.conversations_replies(
                channel=target.channel_id, ts=target.thread_ts, **more
            )
        return await target.client.conversations_history(channel=target.channel_id, **more)

    def _why(self, exc: SlackApiError, target: _Target) -> str:
        """Slack's error as what to do about it."""
        error = error_of(exc)
        if error == "missing_scope":
            needed = str(exc.response.get("needed") or "channels:history")
            return say(words.ROOM_SCOPE, scope=needed)
        if error == "not_in_channel":
            return say(words.ROOM_OURS, channel=self.name_of(f"{PLATFORM}:{target.channel_id}"))
        if error in _INVISIBLE:
            return say(words.ROOM_UNKNOWN)
        if error == "thread_not_found":
            return say(words.ROOM_EMPTY)
        log.warning("slack refused", error=error, channel=target.channel_id)
        return say(words.ROOM_FAILED)


def is_public(channel: Mapping[str, Any]) -> bool:
    """Whether everyone in the workspace can read it, and nobody outside."""
    shared = channel.get("is_ext_shared") or channel.get("is_private")
    return bool(channel.get("is_channel")) and not shared


def switched_in(database: Any) -> Callable[[str, str, str], Awaitable[str]]:
    """What a space has switched, out of the store."""

    async def switched(space: str, name: str, default: str) -> str:
        found: str = await database.read(chat.switched, space, name, default)
        return found

    return switched


async def _patiently(call: Callable[[], Awaitable[Any]], until: float | None = None) -> Any:
    """Call; where Slack asks for a pause that ends in time, wait and call again."""
    until = until or time.monotonic() + LONGEST_WAIT_S
    while True:
        try:
            return await call()
        except SlackApiError as exc:
            wait_s = retry_after_s(exc)
            if wait_s is None or time.monotonic() + wait_s > until:
                raise
        await asyncio.sleep(wait_s)


def retry_after_s(exc: SlackApiError) -> float | None:
    """How long Slack asks to wait; None for any other refusal."""
    if error_of(exc) not in ("ratelimited", "rate_limited"):
        return None
    headers = {str(name).lower(): value for name, value in (exc.response.headers or {}).items()}
    text = str(headers.get("retry-after", "1"))
    return float(text) if text.isdecimal() else 1.0


def _missing(found: Sequence[RawMessage]) -> int:
    """How many replies were not read, as far as a thread's first message says."""
    counts = [int(message.get("reply_count") or 0) for message in found[:1]]
    return max(0, sum(counts) + 1 - len(found)) if counts else 0
