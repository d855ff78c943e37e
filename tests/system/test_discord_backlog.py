"""A backlog for Discord goes out whole on a bad day: nothing lost, nothing twice, in order."""

from __future__ import annotations

import asyncio
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.platforms.discord.client import DiscordPlatform, open_discord
from bot.outside import SystemClock
from bot.store import outbox
from bot.store.database import Database
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.adapters.platforms.discord.live import live
from tests.bench.delivery import WAITING, fill
from tests.sims.discord.faults import Scripted
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel

CHANNELS = 50
MESSAGES = "/channels/*/messages"


def plan_a_bad_day(sim: LocalDiscord) -> list[Scripted]:
    """Rate limits per channel and for all, answers lost before and after storing, failures."""
    sim.limits.set("POST /channels/{channel_id}/messages", 5, 0.25)
    planned = []
    for number in range(0, WAITING, 50):
        status = 502 if number % 100 else 503
        planned += [
            sim.fail_next("POST", MESSAGES, skip=number + 7, reset="after"),
            sim.fail_next("POST", MESSAGES, skip=number + 19, reset="before"),
            sim.fail_next("POST", MESSAGES, skip=number + 31, status=status),
        ]
    return planned


def stories_in(channel: Channel) -> list[int]:
    """The numbers of the stories as they stand in the channel."""
    found = []
    for message in channel.history():
        told = re.search(r"Story (\d+) tells", str(message.embeds))
        assert told is not None
        found.append(int(told[1]))
    return found


@pytest.mark.slow
async def test_a_backlog_goes_out_whole_on_a_bad_day(tmp_path: Path) -> None:
    async with LocalDiscord() as sim:
        guild = sim.add_guild("Acme")
        channels = [sim.add_channel(guild, f"news-{number}") for number in range(CHANNELS)]
        fill(tmp_path / "backlog.db", 0, [f"discord:{channel.id}" for channel in channels])
        planned = plan_a_bad_day(sim)
        async with (
            live(tmp_path, sim) as up,
            Database(tmp_path / "backlog.db", exclusive=True) as database,
        ):
            platform = DiscordPlatform(up.session, SystemClock())
            job = DeliverJob(
                database, {"discord": platform}, Composer(), SystemClock(), random.Random(1)
            )
            waker = asyncio.Event()
            serving = asyncio.create_task(job.serve(waker))
            await _until(waker, lambda: _posted(channels) > WAITING // 3)
            sim.gateway.cut()
            sim.limits.pause("*", 0.5, scope="global")
            await _until(waker, lambda: _posted(channels) >= WAITING)
            await _all_sent(database, waker)
            job.stop()
            waker.set()
            await serving
            await sim.ready()
        sim.check()

    assert all(one.seen == 1 for one in planned)
    assert len(sim.gateway.resumes) + len(sim.gateway.identifies) >= 2
    assert sim.limits.requests_while_limited <= CHANNELS  # of the pause that nobody could foresee
    _check_order(channels)


class LaterClock:
    """The machine's time, and some: as if a run began that much later."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


@pytest.mark.slow
async def test_a_backlog_survives_runs_that_are_killed(tmp_path: Path) -> None:
    """Each run ends in the middle of its requests; before the next one no nonce is known."""
    async with LocalDiscord() as sim:
        guild = sim.add_guild("Acme")
        channels = [sim.add_channel(guild, f"news-{number}") for number in range(CHANNELS)]
        path = tmp_path / "backlog.db"
        fill(path, 0, [f"discord:{channel.id}" for channel in channels])
        left_open = 0
        for number in range(1, 6):
            clock = LaterClock(timedelta(minutes=3 * number))
            enough = WAITING * number // 5
            left_open += await _run_until(enough, path, sim, channels, clock)
            sim.nonces.clear()
        sim.check()

    assert left_open > 10
    _check_order(channels)


async def _run_until(
    enough: int, path: Path, sim: LocalDiscord, channels: list[Channel], clock: LaterClock
) -> int:
    """A run that is cut off when so many posts arrived; how many deliveries it found cut off."""
    async with Database(path, exclusive=True) as database:
        platform = open_discord(sim.token, sim.api_base, clock)
        job = DeliverJob(database, {"discord": platform}, Composer(), clock, random.Random(enough))
        left_open = await job.settle_interrupted()
        waker = asyncio.Event()
        serving = asyncio.create_task(job.serve(waker))
        await _until(waker, lambda: _posted(channels) >= enough)
        if enough == WAITING:
            await _all_sent(database, waker)
        serving.cancel()
        await asyncio.wait({serving})
        await platform.close()
    return left_open


def _check_order(channels: list[Channel]) -> None:
    """Story n belongs to the n-th channel, counted round; each channel has its own in order."""
    for number, channel in enumerate(channels):
        expected = [story for story in range(1, WAITING + 1) if story % CHANNELS == number]
        assert stories_in(channel) == expected


async def _all_sent(database: Database, waker: asyncio.Event) -> None:
    async with asyncio.timeout(60):
        while (await database.read(outbox.counts))["sent"] < WAITING:
            waker.set()
            await asyncio.sleep(0.1)


def _posted(channels: list[Channel]) -> int:
    return sum(len(channel.history()) for channel in channels)


async def _until(waker: asyncio.Event, done: object) -> None:
    """Wake the job as the scheduler does until `done()`."""
    assert callable(done)
    async with asyncio.timeout(120):
        while not done():
            waker.set()
            await asyncio.sleep(0.1)
