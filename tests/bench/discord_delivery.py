"""How fast a backlog goes out to Discord: 2,000 stories for 50 channels of a local Discord.

The real client and the real outbox, a commit before and after each send. The baseline is the bare
client that posts 2,000 rendered stories. Then the same with Discord's five messages in five seconds
a channel (here: in half a second), and with its 50 requests a second in all, which it tells of only
when they are exceeded: how many requests were turned away, and how many left while that was sure.
"""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from adapters.platforms.discord.client import open_discord
from adapters.platforms.discord.render import render_messages
from adapters.platforms.discord.rest import Rest
from bot.outside import SystemClock
from bot.store.database import Database
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.bench.delivery import CHANNELS, WAITING, fill
from tests.bench.report import Row, render_table
from tests.bot.posts.samples import POSTS
from tests.sims.discord.buckets import Limits
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel

BARE = "bare discord.py, channels at once"
OURS = "Threadwire, no limits"
LIMITED = "Threadwire, 5 messages in 0.5 s a channel"
PER_SECOND = 50
PACED = f"Threadwire, {PER_SECOND} requests a second in all"


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    bare = asyncio.run(_bare())
    ours = asyncio.run(_ours(lambda limits: None))
    limited = asyncio.run(_ours(_few_a_channel))
    paced = asyncio.run(_ours(_few_in_all))
    most = CHANNELS * 5 / 0.5
    allowed, unpaced = "what those limits allow", "what that limit allows"
    rows = [
        Row(name=BARE, value=bare, unit="deliveries/s"),
        Row(name=OURS, value=ours.per_s, unit="deliveries/s", baseline=BARE),
        Row(name=allowed, value=most, unit="deliveries/s"),
        Row(
            name=LIMITED,
            value=limited.per_s,
            unit="deliveries/s",
            baseline="what those limits allow",
        ),
        Row(name=unpaced, value=PER_SECOND, unit="deliveries/s"),
        Row(name=PACED, value=paced.per_s, unit="deliveries/s", baseline=unpaced),
    ]
    notes = [
        f"{name}: {run.turned_away} of {WAITING:,} turned away, "
        f"{run.while_limited} sent while that was sure"
        for name, run in ((LIMITED, limited), (PACED, paced))
    ]
    print(render_table("Delivery to Discord", rows, notes))


@dataclass(frozen=True, slots=True)
class Run:
    """Deliveries per second; requests that got a 429, and those sent while a limit was known."""

    per_s: float
    turned_away: int
    while_limited: int


def _few_a_channel(limits: Limits) -> None:
    limits.set("POST /channels/{channel_id}/messages", 5, 0.5)


def _few_in_all(limits: Limits) -> None:
    limits.global_per_s = PER_SECOND


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
                (body,) = render_messages(POSTS["story"], f"{channel.id}:{number}").first
                await rest.create(str(channel.id), body)

        started = time.perf_counter()
        await asyncio.gather(*(one(channel) for channel in channels))
        took_s = time.perf_counter() - started
        await platform.close()
    return WAITING / took_s


async def _ours(set_limits: Callable[[Limits], None]) -> Run:
    async with LocalDiscord() as sim:
        channels = _channels(sim)
        set_limits(sim.limits)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "backlog.db")
            fill(path, 0, [f"discord:{channel.id}" for channel in channels])
            took_s = await _drained(path, sim)
        _check(channels)
        return Run(WAITING / took_s, sim.limits.answered_429, sim.limits.requests_while_limited)


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
