"""A backlog for Slack goes out whole on a bad day: nothing lost, nothing twice, in order."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import aiohttp
import pytest

from adapters.platforms.slack.client import SlackPlatform, one_workspace, web_client
from bot.outside import SystemClock
from bot.store import outbox
from bot.store.database import Database
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.bench.delivery import fill
from tests.sims.slack.server import LocalSlack, Scripted
from tests.sims.slack.world import Room

WAITING = 500
CHANNELS = 20


def plan_a_bad_day(sim: LocalSlack) -> list[Scripted]:
    """Pauses, answers lost before and after storing, failures that may have posted or not."""
    planned = []
    for number in range(0, WAITING, 50):
        planned += [
            sim.fail_next("chat.postMessage", skip=number + 5, status=429, retry_after=1),
            sim.fail_next("chat.postMessage", skip=number + 12, reset="after"),
            sim.fail_next("chat.postMessage", skip=number + 23, reset="before"),
            sim.fail_next("chat.postMessage", skip=number + 31, status=503),
            sim.fail_next("chat.postMessage", skip=number + 40, error="internal_error"),
        ]
    return planned


def stories_in(room: Room) -> list[int]:
    """The numbers of the stories as they stand in the channel."""
    told = [re.search(r"Story (\d+) tells", said.body["text"]) for said in room.posts()]
    return [int(found[1]) for found in told if found is not None]


@pytest.mark.slow
async def test_a_backlog_goes_out_whole_on_a_bad_day(tmp_path: Path) -> None:
    async with LocalSlack() as sim, aiohttp.ClientSession() as session:
        team = sim.add_team("Acme")
        rooms = [sim.add_channel(team, f"news-{number}") for number in range(CHANNELS)]
        path = tmp_path / "backlog.db"
        fill(path, 0, [f"slack:{room.id}" for room in rooms], waiting=WAITING)
        planned = plan_a_bad_day(sim)
        platform = SlackPlatform(
            one_workspace(web_client(team.token, sim.api_base, session)), SystemClock(), gap_s=0.01
        )
        async with Database(path, exclusive=True) as database:
            job = DeliverJob(
                database, {"slack": platform}, Composer(), SystemClock(), random.Random(1)
            )
            waker = asyncio.Event()
            serving = asyncio.create_task(job.serve(waker))
            async with asyncio.timeout(120):
                while (await database.read(outbox.counts))["sent"] < WAITING:
                    waker.set()
                    await asyncio.sleep(0.1)
            job.stop()
            waker.set()
            await serving
        sim.check()

    assert sum(one.seen for one in planned) >= 45
    for number, room in enumerate(rooms):
        expected = [story for story in range(1, WAITING + 1) if story % CHANNELS == number]
        assert stories_in(room) == expected
