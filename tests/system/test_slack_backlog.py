"""A backlog for Slack goes out whole on a bad day: nothing lost, nothing twice, in order.

The live side runs beside it: its socket is lost again and again, and each command is answered once.
"""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import pytest

from adapters.platforms.slack.service import SlackService
from bot.outside import SystemClock
from bot.store import outbox
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.adapters.platforms.slack.live import Live, live
from tests.bench.delivery import fill
from tests.sims.slack.live import LiveSlack
from tests.sims.slack.server import LocalSlack, Scripted
from tests.sims.slack.world import Person, Room

WAITING = 500
CHANNELS = 20
EACH = 50  # posts from one lost socket to the next


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


async def drop_and_ask(sim: LiveSlack, anna: Person, room: Room, number: int) -> None:
    """The socket is lost, one way or another; over the next one somebody asks for the help, in an
    envelope that Slack sends twice.
    """
    opened = sim.opened_sockets
    if number % 3 == 2:
        await sim.disconnect("refresh_requested")
    else:
        await sim.drop_sockets(politely=number % 3 == 1)
    await sim.until(lambda: sim.opened_sockets > opened and sim.sockets)
    await sim.command(anna, room, "/news", "help", copies=2)


async def send_all(sim: LiveSlack, it: Live, anna: Person, room: Room) -> None:
    """Deliver what waits. The socket is lost each time that another fiftieth post stands."""
    platform = SlackService(it.workspaces, SystemClock(), gap_s=0.01)
    database = it.chat.database
    job = DeliverJob(database, {"slack": platform}, Composer(), SystemClock(), random.Random(1))
    waker = asyncio.Event()
    serving = asyncio.create_task(job.serve(waker))
    drops = 0
    async with asyncio.timeout(150):
        while (sent := (await database.read(outbox.counts))["sent"]) < WAITING:
            waker.set()
            if sent >= drops * EACH:
                await drop_and_ask(sim, anna, room, drops)
                drops += 1
            await asyncio.sleep(0.1)
    job.stop()
    waker.set()
    await serving
    await it.idle()
    assert drops == WAITING // EACH
    assert sim.opened_sockets > drops
    assert len([one for one in sim.shown if one.user == anna.id]) == drops


@pytest.mark.slow
async def test_a_backlog_goes_out_whole_on_a_bad_day(tmp_path: Path) -> None:
    async with LiveSlack() as sim:
        team = sim.add_team("Acme")
        rooms = [sim.add_channel(team, f"news-{number}") for number in range(CHANNELS)]
        anna = sim.add_person(team, "Anna", *rooms)
        fill(tmp_path / "t.db", 0, [f"slack:{room.id}" for room in rooms], waiting=WAITING)
        planned = plan_a_bad_day(sim)
        async with live(tmp_path, sim, token=team.token) as it:
            await send_all(sim, it, anna, rooms[0])
        sim.check()

    assert sum(one.seen for one in planned) >= 45
    for number, room in enumerate(rooms):
        expected = [story for story in range(1, WAITING + 1) if story % CHANNELS == number]
        assert stories_in(room) == expected
