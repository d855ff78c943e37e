"""The real discord.py against the local Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.sims.discord.server import LocalDiscord


class Client(discord.AutoShardedClient):
    """discord.py as it comes, without its pauses at the start; events are collected by name."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("intents", discord.Intents(guilds=True))
        options.setdefault("allowed_mentions", discord.AllowedMentions.none())
        super().__init__(guild_ready_timeout=0.01, chunk_guilds_at_startup=False, **options)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[tuple[str, Any]] = []
        self.signal = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library waits five seconds between two IDENTIFYs; there is no such limit here."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event, *args, **kwargs)
        self.seen.append((event, args))
        self.signal.set()

    def of(self, event: str) -> list[Any]:
        """The arguments of each event of a name."""
        return [args for name, args in self.seen if name == event]

    async def heard(self, event: str, times: int = 1, timeout_s: float = 15.0) -> list[Any]:
        """Waits until an event came that many times."""
        async with asyncio.timeout(timeout_s):
            while len(self.of(event)) < times:
                self.signal.clear()
                await self.signal.wait()
        return self.of(event)


@asynccontextmanager
async def aimed_at(sim: LocalDiscord) -> AsyncIterator[None]:
    """discord.py asks the local Discord meanwhile; both addresses are class constants of it."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = sim.api_base, yarl.URL(sim.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def running(sim: LocalDiscord, client: Client) -> AsyncIterator[Client]:
    """A client that is connected and has its guilds."""
    async with aimed_at(sim):
        task = asyncio.create_task(client.start(sim.token))
        try:
            await client.heard("ready")
            yield client
        finally:
            await client.close()
            with suppress(Exception):
                await task
