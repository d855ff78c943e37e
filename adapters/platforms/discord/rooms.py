"""Chat threads and channels, read for a summary: only what the asker may read there themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import discord
import structlog

from adapters.platforms.discord import transcripts
from adapters.platforms.discord.localisation import say
from adapters.platforms.discord.members import Members
from adapters.platforms.discord.names import ChannelNames
from adapters.platforms.discord.permissions import lacking, name_of_permission
from adapters.platforms.discord.transcripts import Place, RawMessage, Transcript
from bot.commands.kit import CalledRole
from bot.errors import UserError
from bot.ports import Clock, Room

log = structlog.get_logger(__name__)

PAGE = 100  # the most that one request gives (resources/message)
MOST_MESSAGES = 2_000  # read for one summary: 20 requests
LAST_MESSAGES = 200  # of a channel, where nobody said how many
READ_WITHIN_S = 90.0
NAMES_WITHIN_S = 2.0
MOST_NAMES = 300
MEMBERS_PER_QUESTION = 100  # gateway, Request Guild Members

Readable = discord.abc.GuildChannel | discord.Thread
WITHOUT_MESSAGES: Final = (discord.CategoryChannel,)
FORUMS: Final = (discord.ForumChannel,)
Outages = (discord.HTTPException, OSError, aiohttp.ClientError, TimeoutError)


class DiscordRooms:
    """`bot.commands.kit.Rooms` for Discord."""

    def __init__(
        self,
        client: discord.Client,
        members: Members,
        clock: Clock,
        names: ChannelNames,
        *,
        may_read_chats: Callable[[], bool] = lambda: True,
    ) -> None:
        self._client = client
        self._members = members
        self._clock = clock
        self._channel_names = names
        self._may_read_chats = may_read_chats

    async def lacks(self, channel: str, post: str) -> Sequence[str]:
        """Names of the permissions that we lack for posting there, as Discord shows them."""
        found = await self._channel(channel)
        return [name_of_permission(bit) for bit in lacking(found, post)]

    async def may_manage(self, channel: str, person: str) -> bool:
        """Whether this person has Manage Channels there; False where that cannot be known."""
        try:
            found = await self._channel(channel)
            member = await self._members.of(found.guild, _id_of(person))
        except (UserError, *Outages):
            return False
        return member is not None and _permissions(found, member).manage_channels

    async def read(
        self, channel: str, person: str, *, messages: int | None = None, hours: float | None = None
    ) -> Room:
        """The chat thread whole, or the last messages of a channel."""
        if not self._may_read_chats():
            raise UserError(say("room_off"))
        found = await self._channel(channel)
        if isinstance(found, FORUMS):
            raise UserError(say("room_forum"))
        if isinstance(found, WITHOUT_MESSAGES):
            raise UserError(say("room_kind"))
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                await self._check_access(found, _id_of(person))
                transcript = await self._transcript(found, messages, hours)
        except discord.Forbidden as exc:
            raise UserError(say("room_unknown")) from exc
        except Outages as exc:
            log.warning("chat not read", channel=channel, reason=str(exc)[:200])
            raise UserError(say("room_failed")) from exc
        if transcript.is_blind:
            raise UserError(say("room_blind"))
        if not transcript.thread.comments and not transcript.thread.text:
            raise UserError(say("room_empty"))
        return Room(
            thread=transcript.thread,
            is_public=_is_public(found),
            left_out=transcript.left_out,
        )

    def name_of(self, channel: str) -> str:
        """`#news`; the id where the channel is not known."""
        return self._channel_names.of(_id_of(channel)) or channel.partition(":")[2]

    def role(self, space: str, channel: str, role: str) -> CalledRole | None:
        """A role of a server. Calling one notifies where it is mentionable, or where we may
        mention everyone (resources/channel, allowed mentions).
        """
        number = space.partition(":")[2]
        guild = self._client.get_guild(int(number)) if number.isdecimal() else None
        found = guild.get_role(int(role)) if guild and role.isdecimal() else None
        if guild is None or found is None:
            return None
        here = self._client.get_channel(_id_of(channel))
        ours = _permissions(here, guild.me) if isinstance(here, Readable) else None
        may = (ours or guild.me.guild_permissions).mention_everyone
        return CalledRole(name=found.name, reached=found.mentionable or may)

    def mention(self, channel: str) -> str:
        """The channel as a link in Discord's own markup."""
        return f"<#{_id_of(channel)}>"

    async def _channel(self, channel: str) -> Readable:
        """The channel of a server. Archived threads are not in the cache and are asked for."""
        channel_id = _id_of(channel)
        found = self._client.get_channel(channel_id)
        if found is None:
            try:
                found = await self._client.fetch_channel(channel_id)
            except (discord.NotFound, discord.Forbidden, discord.InvalidData) as exc:
                raise UserError(say("room_unknown")) from exc
            except Outages as exc:
                raise UserError(say("room_failed")) from exc
        if not isinstance(found, Readable):
            raise UserError(say("room_unknown"))
        if isinstance(found, discord.Thread) and found.parent is None:
            raise UserError(say("room_unknown"))
        return found

    async def _check_access(self, channel: Readable, user_id: int) -> None:
        """Whether the asker may read there, then whether we may."""
        member = await self._members.of(channel.guild, user_id)
        if member is None or not _may_read(channel, member):
            raise UserError(say("room_yours"))
        private = isinstance(channel, discord.Thread) and channel.is_private()
        if private and not _permissions(channel, member).manage_threads:
            await self._check_in_thread(channel, user_id, "room_yours")
        ours = _permissions(channel, channel.guild.me)
        missing = [
            name_of_permission(bit)
            for bit in ("view_channel", "read_message_history")
            if not getattr(ours, bit)
        ]
        if missing:
            names = " + ".join(missing)
            raise UserError(say("room_ours", permissions=names, channel=f"#{channel.name}"))
        if private and not ours.manage_threads:
            await self._check_in_thread(channel, channel.guild.me.id, "room_private")

    async def _check_in_thread(self, thread: Any, user_id: int, otherwise: str) -> None:
        try:
            await thread.fetch_member(user_id)
        except (discord.NotFound, discord.Forbidden):
            raise UserError(say(otherwise)) from None

    async def _transcript(
        self, channel: Readable, messages: int | None, hours: float | None
    ) -> Transcript:
        now = self._clock.now()
        is_thread = isinstance(channel, discord.Thread)
        if messages is None and hours is None and not is_thread:
            messages = LAST_MESSAGES
        since = now - timedelta(hours=hours) if hours is not None else None
        raw, is_cut = await self._pages(channel.id, messages or MOST_MESSAGES, since)
        place = Place(
            guild_id=channel.guild.id,
            channel_id=channel.id,
            title=channel.name if is_thread else f"#{channel.name}",
            server=channel.guild.name,
            people=await self._names(channel.guild, transcripts.authors(raw)),
            roles={str(role.id): role.name for role in channel.guild.roles},
            channels={str(one.id): one.name for one in channel.guild.channels},
        )
        opening = await self._opening(channel, raw) if isinstance(channel, discord.Thread) else None
        transcript = await asyncio.to_thread(
            transcripts.transcribe, raw, place, opening=opening, now=now
        )
        if is_cut and isinstance(channel, discord.Thread) and messages is None and hours is None:
            unread = max(0, (channel.message_count or 0) - len(raw))
            return replace(transcript, thread=replace(transcript.thread, unread=unread))
        return transcript

    async def _pages(
        self, channel_id: int, most: int, since: datetime | None
    ) -> tuple[list[RawMessage], bool]:
        """The latest messages until `most` of people, or back to `since`; whether more was left.

        Straight from the interface: the texts are wanted, and not 2,000 library objects.
        """
        found: list[RawMessage] = []
        by_people = 0
        oldest = discord.utils.time_snowflake(since) if since is not None else 0
        before: int | None = None
        while len(found) < MOST_MESSAGES:
            page: list[Any] = list(
                await self._client.http.logs_from(channel_id, PAGE, before=before)
            )
            for message in page:
                if int(message["id"]) < oldest or by_people >= most:
                    return found, True
                found.append(message)
                by_people += transcripts.is_by_person(message)
            if len(page) < PAGE:
                return found, False
            before = int(page[-1]["id"])
        return found, True

    async def _opening(
        self, thread: discord.Thread, raw: Sequence[RawMessage]
    ) -> RawMessage | None:
        """The message that a thread hangs below, also where it is older than what was read."""
        found = transcripts.find_opening(raw, thread.id)
        if found is not None:
            return found
        holder = thread.id if isinstance(thread.parent, discord.ForumChannel) else thread.parent_id
        try:
            opening: Any = await self._client.http.get_message(holder, thread.id)
        except (discord.NotFound, discord.Forbidden):
            return None
        return opening if isinstance(opening, dict) else None

    async def _names(self, guild: discord.Guild, user_ids: Sequence[str]) -> dict[str, str]:
        """What people are called in this server. Messages do not say; the gateway tells it for
        single members without the members intent. Where it does not in time, their own names do.
        """
        names: dict[str, str] = {}
        wanted = [int(user_id) for user_id in user_ids[:MOST_NAMES]]
        try:
            async with asyncio.timeout(NAMES_WITHIN_S):
                for start in range(0, len(wanted), MEMBERS_PER_QUESTION):
                    part = wanted[start : start + MEMBERS_PER_QUESTION]
                    asked = guild.query_members(user_ids=part, limit=len(part), cache=False)
                    names |= {str(one.id): one.display_name for one in await asked}
        except (TimeoutError, KeyError, discord.DiscordException, OSError) as exc:
            log.info("names in the server not known", reason=type(exc).__name__)
        return names


def _id_of(name: str) -> int:
    """The number in `discord:123`. Raises `UserError`."""
    number = name.rpartition(":")[2]
    if not number.isdecimal() or len(number) > 20:
        raise UserError(say("room_unknown"))
    return int(number)


def _permissions(channel: Readable, who: discord.Member | discord.Role) -> discord.Permissions:
    return channel.permissions_for(who)


def _may_read(channel: Readable, who: discord.Member | discord.Role) -> bool:
    may = _permissions(channel, who)
    return may.view_channel and may.read_message_history


def _is_public(channel: Readable) -> bool:
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False
    return _may_read(channel, channel.guild.default_role)
