"""How fast a backlog goes out to Discord: 2,000 stories for 50 channels of a local Discord.

The real client and the real outbox, a commit before and after each send. The baseline is the bare
client that posts the same 2,000 bodies. Then the same with Discord's five messages in five seconds
a channel (here: in half a second): how many requests left while they were sure to be refused.
"""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from adapters.platforms.discord.client import open_discord
from adapters.platforms.discord.rest import Rest
from bot.outside import SystemClock
from bot.store.database import Database
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.bench.delivery import CHANNELS, WAITING, fill
from tests.bench.report import Row, render_table
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel

BARE = "bare discord.py, channels at once"
OURS = "Threadwire, no limits"
LIMITED = "Threadwire, 5 messages in 0.5 s a channel"


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    bare = asyncio.run(_bare())
    ours, _ = asyncio.run(_ours(limited=False))
    limited, wasted = asyncio.run(_ours(limited=True))
    most = CHANNELS * 5 / 0.5
    rows = [
        Row(name=BARE, value=bare, unit="deliveries/s"),
        Row(name=OURS, value=ours, unit="deliveries/s", baseline=BARE),
        Row(name="what those limits allow", value=most, unit="deliveries/s"),
        Row(name=LIMITED, value=limited, unit="deliveries/s", baseline="what those limits allow"),
    ]
    notes = [f"requests sent while limited: {wasted} of {WAITING:,}"]
    print(render_table("Delivery to Discord", rows, notes))


def _channels(sim: LocalDiscord) -> list[Channel]:
    guild = sim.add_guild("Acme")
    return [sim.add_channel(guild, f"news-{number}") for number in range(CHANNELS)]


async def _bare() -> float:
    async with LocalDiscord() as sim:
        channels = _channels(sim)
        platform = open_discord(sim.token, sim.api_base, SystemClock())
        await platform.session.log_in()
        rest = Rest(platform.session)

        async def one(channel: Channel) -> None:
            for number in range(WAITING // CHANNELS):
                embed = {"title": f"Story {number}", "description": "It is told here. " * 5}
                mentions: dict[str, list[str]] = {"parse": []}
                body = {"embeds": [embed], "allowed_mentions": mentions}
                await rest.create(str(channel.id), body)

        started = time.perf_counter()
        await asyncio.gather(*(one(channel) for channel in channels))
        took_s = time.perf_counter() - started
        await platform.close()
    return WAITING / took_s


async def _ours(*, limited: bool) -> tuple[float, int]:
    """Deliveries per second, and requests that were sent while a limit was known to hold."""
    async with LocalDiscord() as sim:
        channels = _channels(sim)
        if limited:
            sim.limits.set("POST /channels/{channel_id}/messages", 5, 0.5)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "backlog.db")
            fill(path, 0, [f"discord:{channel.id}" for channel in channels])
            took_s = await _drained(path, sim)
        _check(channels)
        return WAITING / took_s, sim.limits.requests_while_limited


async def _drained(path: Path, sim: LocalDiscord) -> float:
    platform = open_discord(sim.token, sim.api_base, SystemClock())
    async with Database(path, exclusive=True) as database:
        job = DeliverJob(
            database, {"discord": platform}, Composer(), SystemClock(), random.Random(1)
        )
        started = time.perf_counter()
        report = await job.run()
        took_s = time.perf_counter() - started
    await platform.close()
    if report.sent != WAITING:
        raise RuntimeError(f"sent {report.sent} of {WAITING}")
    return took_s


def _check(channels: Sequence[Channel]) -> None:
    arrived = sum(len(channel.history()) for channel in channels)
    if arrived != WAITING:
        raise RuntimeError(f"{arrived} messages of {WAITING} arrived")


if __name__ == "__main__":
    main()
