"""The live side against the local Discord: real client, real gateway, real desk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import discord

from adapters.platforms.discord.connection import DiscordConnection
from adapters.platforms.discord.live import open_live
from adapters.platforms.discord.rooms import DiscordRooms
from adapters.platforms.discord.session import DiscordSession
from bot.commands.kit import Rooms
from bot.store import platform_notes
from tests.bot.commands.desk import Chat, chat
from tests.fakes.channels import FakeChannels
from tests.sims.discord import permissions
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Guild, User

MODERATOR = permissions.MANAGE_CHANNELS
PAGE = b"""<html><head><title>Kestrel</title></head><body><article><h1>Kestrel two</h1>
<p>Kestrel two runs on a phone and answers in a second, its makers said on Friday in Oslo. They had
worked on it for two years, with a team of eleven people and a grant of the city.</p>
<p>The new model needs four gigabytes of memory, half of what its predecessor took. On older
telephones it falls back to a smaller one, which knows fewer languages.</p>
<p>Whoever wants to try it finds the weights and a paper on the site of the company; the licence
allows commercial use for firms with less than a hundred employees.</p></article></body></html>"""


@dataclass
class Live:
    """What runs. `chat` has the desk's own parts; `running` is the connection's task."""

    sim: LocalDiscord
    chat: Chat
    session: DiscordSession
    connection: DiscordConnection
    rooms: DiscordRooms
    channels: FakeChannels
    running: asyncio.Task[None]

    async def note(self, name: str) -> str:
        """What is remembered under a name."""
        return await self.chat.database.read(platform_notes.get, "discord", name) or ""

    async def noted(self, name: str, words: str) -> str:
        """What is remembered under a name, once these words are in it."""
        async with asyncio.timeout(5):
            while words not in (found := await self.note(name)):
                await asyncio.sleep(0.01)
        return found


@contextlib.asynccontextmanager
async def live(
    folder: Path,
    sim: LocalDiscord,
    *,
    read_chats: Literal["auto"] | bool = "auto",
    outbox: bool = False,
    ready: bool = True,
    **sections: object,
) -> AsyncIterator[Live]:
    """A connection to `sim` that runs, with its database in `folder`; `ready`: once it listens.

    `outbox`: what it hears of channels goes to the desk's own outbox, which is run by hand.
    """
    session = DiscordSession(sim.token, sim.api_base)
    async with chat(folder, **sections) as there, contextlib.aclosing(Closing(session)):
        channels, rooms = FakeChannels(), dict[str, Rooms]()
        known, connection = open_live(
            session,
            replace(there.desk, rooms=rooms),
            there.deliver if outbox else channels,
            chat_threads=read_chats,
            identify_gap_s=0,
            first_wait_s=0.02,
        )
        rooms["discord"] = known
        running = asyncio.create_task(connection.run())
        try:
            if ready:
                await sim.ready()
                await sim.until(lambda: sim.commands[None], what="the commands")
                await _know_guilds(session, sim)
            yield Live(sim, there, session, connection, known, channels, running)
        finally:
            running.cancel()
            await asyncio.wait({running})


async def _know_guilds(session: DiscordSession, sim: LocalDiscord) -> None:
    """Returns when the client has heard of every server's channels."""
    async with asyncio.timeout(5):
        for guild in sim.guilds.values():
            while guild.present and not _is_known(session.client.get_guild(guild.id)):
                await asyncio.sleep(0.01)


def _is_known(guild: discord.Guild | None) -> bool:
    return guild is not None and not guild.unavailable


@dataclass
class Closing:
    """Closes a session at the end."""

    session: DiscordSession

    async def aclose(self) -> None:
        await self.session.close()


@dataclass
class Place:
    """A server with a channel, a moderator and a member."""

    guild: Guild
    channel: Channel
    mod: User
    member: User


def furnish(sim: LocalDiscord, name: str = "Lab") -> Place:
    """Add a server with people in it."""
    guild = sim.add_guild(name)
    channel = sim.add_channel(guild, "news")
    mod = sim.add_member(guild, f"{name.lower()}-mod", permissions=MODERATOR)
    member = sim.add_member(guild, f"{name.lower()}-ann", nick="Ann")
    return Place(guild, channel, mod, member)
