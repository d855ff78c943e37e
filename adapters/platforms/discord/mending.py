"""Events after which a channel may take posts again or never will, which server channels belong
to, and what they are called.

A moderator who gives us a permission back sees the next post come; nobody has to restart anything.
What arrives together (a role was moved: a hundred events) is told once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
import structlog

from adapters.platforms.discord.errors import GONE, UNKNOWN_CHANNEL
from adapters.platforms.discord.names import ChannelNames
from bot.ports import Channels
from bot.store import places, spaces
from bot.store.database import Database

log = structlog.get_logger(__name__)

PLATFORM = "discord"
GATHER_S = 0.5
LOOKUPS = 50  # channels that are asked for by REST in one go: those of archived threads

Named = discord.abc.GuildChannel | discord.Thread
Outages = (discord.HTTPException, OSError, aiohttp.ClientError, TimeoutError)


class Mending:
    """Listens to a client and tells the outbox what may have been mended."""

    def __init__(
        self,
        client: discord.AutoShardedClient,
        database: Database,
        channels: Channels,
        names: ChannelNames,
    ) -> None:
        self._client = client
        self._database = database
        self._channels = channels
        self._names = names
        self._guilds: set[int] = set()
        self._single: set[int] = set()
        self._deleted: set[int] = set()
        self._heard = asyncio.Event()
        self._asked_for: set[str] = set()

    def listen(self) -> None:
        """Have the client call us."""
        for handler in (
            self.on_guild_available,
            self.on_guild_join,
            self.on_guild_remove,
            self.on_guild_channel_update,
            self.on_guild_channel_delete,
            self.on_guild_role_update,
            self.on_guild_role_delete,
            self.on_member_update,
            self.on_raw_thread_update,
            self.on_raw_thread_delete,
            self.on_thread_join,
        ):
            self._client.event(handler)

    async def run(self) -> None:
        """Tell what was heard, until cancelled."""
        while True:
            await self._heard.wait()
            await asyncio.sleep(GATHER_S)
            self._heard.clear()
            guilds, self._guilds = self._guilds, set()
            single, self._single = self._single, set()
            deleted, self._deleted = self._deleted, set()
            await self._place(guilds)
            for guild_id in guilds:
                await self._look_over(guild_id)
            changed = [f"{PLATFORM}:{channel_id}" for channel_id in single]
            await self._note_names(changed, new=False)
            for channel in changed:
                self._channels.mended(channel)
            for channel_id in deleted:
                self._tell_gone(channel_id)

    async def _look_over(self, guild_id: int) -> None:
        """A server came, or much changed in it: look at its subscribed channels."""
        channels = await self._database.read(places.channels_of, f"{PLATFORM}:{guild_id}")
        await self._note_names(channels, new=True)
        for channel in channels:
            if await self._is_deleted(channel):
                self._tell_gone(int(channel.partition(":")[2]))
            else:
                self._channels.mended(channel)

    async def _note_names(self, channels: Sequence[str], *, new: bool) -> None:
        """Remember what these are called now; `new`: also those that nobody noted before."""
        known = await self._database.read(places.names_of, channels)
        for channel, name in known.items():
            self._names.remember(int(channel.partition(":")[2]), name)
        names = {
            channel: f"#{found.name}"
            for channel in channels
            if (new or channel in known) and isinstance(found := self._cached(channel), Named)
        }
        changed = {each: name for each, name in names.items() if known.get(each) != name}
        if changed:
            await self._database.write(places.note_names, changed)

    def _tell_gone(self, channel_id: int) -> None:
        self._names.delete(channel_id)
        self._channels.gone(f"{PLATFORM}:{channel_id}", GONE)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self._hear_guild(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        log.info("joined a server", guild=guild.id)
        self._asked_for.clear()
        self._hear_guild(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Its channels find out with their next post, and keep that in mind."""
        log.info("left a server", guild=guild.id)

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """A channel, with the threads below it; of a category, all channels that follow it."""
        self._hear_channel(after.id)
        for thread in getattr(after, "threads", ()):
            self._hear_channel(thread.id)
        if isinstance(after, discord.CategoryChannel):
            self._hear_guild(after.guild)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._hear_deleted(channel.id, channel.name)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            self._hear_guild(after.guild)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self._hear_guild(role.guild)

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Without the members intent Discord tells only of ourselves."""
        if self._client.user is not None and after.id == self._client.user.id:
            self._hear_guild(after.guild)

    async def on_raw_thread_update(self, event: discord.RawThreadUpdateEvent) -> None:
        self._hear_channel(event.thread_id)

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self._hear_deleted(event.thread_id, event.thread.name if event.thread else "")

    async def on_thread_join(self, thread: discord.Thread) -> None:
        self._hear_channel(thread.id)

    def _hear_guild(self, guild: discord.Guild) -> None:
        self._guilds.add(guild.id)
        self._heard.set()

    def _hear_channel(self, channel_id: int) -> None:
        self._single.add(channel_id)
        self._heard.set()

    def _hear_deleted(self, channel_id: int, name: str) -> None:
        if name:
            self._names.remember(channel_id, f"#{name}")
        self._deleted.add(channel_id)
        self._heard.set()

    async def _place(self, guilds: set[int]) -> None:
        """Find the server of channels that the settings name."""
        if not guilds:
            return
        found: list[tuple[str, str]] = []
        for channel in await self._database.read(places.placeless, PLATFORM):
            guild_id = await self._guild_of(channel)
            if guild_id is not None:
                found.append((channel, f"{PLATFORM}:{guild_id}"))
        if found:
            await self._database.write(spaces.note_spaces, found)

    async def _guild_of(self, channel: str) -> int | None:
        found: Any = self._cached(channel)
        if found is None:
            try:
                found = await self._look_up(channel)
            except (discord.InvalidData, *Outages) as exc:
                log.info("channel not found", channel=channel, reason=type(exc).__name__)
        guild = getattr(found, "guild", None)
        return guild.id if guild is not None else None

    async def _is_deleted(self, channel: str) -> bool:
        """Whether a channel went while nobody listened. Archived threads are not in the cache."""
        if self._cached(channel) is not None:
            return False
        try:
            await self._look_up(channel)
        except discord.NotFound as exc:
            return exc.code == UNKNOWN_CHANNEL
        except (discord.InvalidData, *Outages):
            return False
        return False

    def _cached(self, channel: str) -> object:
        number = channel.partition(":")[2]
        return self._client.get_channel(int(number)) if number.isdecimal() else None

    async def _look_up(self, channel: str) -> object:
        """Ask for a channel by REST, once, and not for too many. Raises what that raises."""
        number = channel.partition(":")[2]
        is_known = channel in self._asked_for or len(self._asked_for) >= LOOKUPS
        if is_known or not number.isdecimal():
            return None
        self._asked_for.add(channel)
        return await self._client.fetch_channel(int(number))
