"""The live side against the local Slack: real slack-bolt, real socket, real desk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from adapters.platforms.slack.connection import SlackConnection
from adapters.platforms.slack.live import Reached, open_live
from adapters.platforms.slack.rooms import SlackRooms
from adapters.platforms.slack.sealing import Sealer
from adapters.platforms.slack.workspaces import Workspaces
from bot.commands.kit import Rooms
from bot.store import platform_notes
from tests.bot.commands.desk import Chat, chat
from tests.fakes.channels import FakeChannels
from tests.sims.slack.live import (
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    LiveSlack,
)
from tests.sims.slack.world import Person, Room, Team

WEB_TOKEN = "the-web-token"


@dataclass
class Live:
    """What runs. `chat` has the desk's own parts; `web` is where our own pages are."""

    sim: LiveSlack
    chat: Chat
    workspaces: Workspaces
    connection: SlackConnection
    rooms: SlackRooms
    channels: FakeChannels
    running: asyncio.Task[None]
    web: str = ""

    async def note(self, name: str) -> str:
        return await self.chat.database.read(platform_notes.get, "slack", name) or ""

    async def idle(self) -> None:
        """Returns when all that was started is done."""
        async with asyncio.timeout(8):
            await self.connection._office.tasks.idle()


@dataclass
class Place:
    """A workspace with a channel, a member, somebody who is not in the channel, and an admin."""

    team: Team
    room: Room
    anna: Person
    ben: Person
    boss: Person


def furnish(sim: LiveSlack, name: str = "Acme") -> Place:
    team = sim.add_team(name)
    room = sim.add_channel(team, "news")
    return Place(
        team,
        room,
        sim.add_person(team, "Anna", room),
        sim.add_person(team, "Ben"),
        sim.add_person(team, "Boss", room, admin=True),
    )


@contextlib.asynccontextmanager
async def live(
    folder: Path,
    sim: LiveSlack,
    *,
    token: str | None = None,
    mode: str = "socket",
    key: str | None = None,
    ready: bool = True,
    app_token: str = APP_TOKEN,
    ping_s: float = 10.0,
    web_token: str | None = WEB_TOKEN,
    **sections: object,
) -> AsyncIterator[Live]:
    """A connection to `sim` that runs, with its database in `folder`; `ready`: once it listens."""
    async with chat(folder, **sections) as there:
        rooms = dict[str, Rooms]()
        workspaces = Workspaces(
            there.database,
            api_base=sim.api_base,
            bot_token=token,
            sealer=Sealer(key) if key else None,
        )
        channels = FakeChannels()
        reached = Reached(
            api_base=sim.api_base,
            app_token=app_token if mode == "socket" else None,
            signing_secret=SIGNING_SECRET if mode == "http" else None,
            client_id=CLIENT_ID if key else None,
            client_secret=CLIENT_SECRET if key else None,
            web_token=web_token,
            first_wait_s=0.02,
            ping_s=ping_s,
        )
        desk = replace(there.desk, rooms=rooms)
        known, connection = open_live(workspaces, desk, channels, reached)
        rooms["slack"] = known
        running = asyncio.create_task(connection.run())
        async with _served(connection) as address:
            if mode == "http":
                sim.http_target = f"{address}/slack/events"
            it = Live(sim, there, workspaces, connection, known, channels, running, address)
            try:
                if ready:
                    await _settled(it, mode, token)
                yield it
            finally:
                running.cancel()
                await asyncio.wait({running})


async def _settled(it: Live, mode: str, token: str | None) -> None:
    if mode == "socket":
        await it.sim.until(lambda: it.sim.sockets)
    async with asyncio.timeout(5):
        while token is not None and not it.workspaces.teams():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def _served(connection: SlackConnection) -> AsyncIterator[str]:
    """Our own web server, with the connection's pages."""
    app = web.Application()
    app.add_routes(connection.routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
