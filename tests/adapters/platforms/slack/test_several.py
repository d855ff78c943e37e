"""Several workspaces and one outbox: what ails one of them is felt in no other."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from slack_sdk.errors import SlackApiError

from adapters.platforms.slack.sealing import Sealer
from adapters.platforms.slack.service import SlackService
from adapters.platforms.slack.workspaces import Workspaces
from bot.outside import SystemClock
from bot.store import faults
from bot.store.database import Database, connect
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.adapters.platforms.slack.live import Place, furnish, live
from tests.adapters.platforms.slack.test_oauth import KEY, install
from tests.adapters.platforms.slack.test_workspaces import row
from tests.bench.delivery import fill
from tests.sims.slack.live import LiveSlack

CLOCK = SystemClock()
EACH = 3  # posts that wait for each channel


@dataclass
class Several:
    """Two workspaces with posts waiting for a channel of each."""

    one: Place
    two: Place
    known: Workspaces
    database: Database
    job: DeliverJob

    async def rounds(self, number: int = 3) -> list[str]:
        """Deliver; what takes nothing afterwards."""
        for _ in range(number):
            await self.job.run()
        return [fault.channel for fault in await self.database.read(faults.listed)]


def place(at: Place) -> Callable[[sqlite3.Connection], None]:
    """Somebody of this workspace made its channel's subscription."""

    def write(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE subscription SET space = ?, made_by = ? WHERE channel = ?",
            (f"slack:{at.team.id}", f"slack:{at.anna.id}", f"slack:{at.room.id}"),
        )

    return write


def unplace(at: Place) -> Callable[[sqlite3.Connection], None]:
    """The settings name this workspace's channel."""

    def write(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE subscription SET space = '' WHERE space = ?", (f"slack:{at.team.id}",)
        )

    return write


@asynccontextmanager
async def several(
    folder: Path, sim: LiveSlack, *, placed: bool = True, by_token: bool = False
) -> AsyncIterator[Several]:
    """`placed`: the subscriptions were made in chat; else the settings name them. `by_token`: the
    first workspace's token is the one from the environment.
    """
    one, two = furnish(sim, "One"), furnish(sim, "Two")
    path = folder / "several.db"
    rooms = (two.room, one.room)  # a story's number says whose it is
    fill(path, 0, [f"slack:{room.id}" for room in rooms], waiting=2 * EACH)
    if placed:
        connection = connect(path)
        place(one)(connection)
        place(two)(connection)
        connection.close()
    async with Database(path, exclusive=True) as database:
        token = one.team.token if by_token else None
        known = Workspaces(
            database, api_base=sim.api_base, bot_token=token, sealer=Sealer("a secret")
        )
        for at in (two,) if by_token else (one, two):
            await known.install(row(at.team), at.team.token)
        platform = SlackService(known, CLOCK, gap_s=0)
        job = DeliverJob(database, {"slack": platform}, Composer(), CLOCK, random.Random(1))
        yield Several(one, two, known, database, job)


async def test_a_workspace_that_uninstalled_us_holds_up_no_other(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with several(tmp_path, sim) as it:
        await it.known.remove(it.two.team.id)
        held = await it.rounds()
    assert held == [f"space slack:{it.two.team.id}"]
    assert len(it.one.room.posts()) == EACH


async def test_a_channel_of_no_workspace_waits_alone(tmp_path: Path, sim: LiveSlack) -> None:
    async with several(tmp_path, sim, placed=False) as it:
        await it.known.remove(it.two.team.id)
        third = furnish(sim, "Three")
        await it.known.install(row(third.team), third.team.token)
        held = await it.rounds()
    assert held == [f"slack:{it.two.room.id}"]
    assert len(it.one.room.posts()) == EACH


async def test_a_channel_of_the_settings_is_found_in_the_workspace_that_has_it(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with several(tmp_path, sim, placed=False) as it:
        held = await it.rounds()
    assert held == []
    assert [len(at.room.posts()) for at in (it.one, it.two)] == [EACH, EACH]
    assert len(sim.asked("conversations.info")) == 3  # once, and the second in both


async def test_a_token_takes_no_channel_before_it_is_known_whose_it_is(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with several(tmp_path, sim, by_token=True) as it:
        await it.database.write(unplace(it.one))
        held = await it.rounds()
    assert held == []
    assert [len(at.room.posts()) for at in (it.one, it.two)] == [EACH, EACH]


async def test_a_refused_token_of_the_environment_holds_up_no_installed_workspace(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with several(tmp_path, sim, by_token=True) as it:
        it.one.team.revoked = "token_revoked"
        held = await it.rounds(5)
        asked = [one for one in sim.asked("chat.postMessage") if one.token == it.one.team.token]
    assert held == [f"space slack:{it.one.team.id}"]
    assert len(it.two.room.posts()) == EACH
    assert len(asked) == 1


async def test_a_shared_channel_takes_the_token_of_a_workspace_that_has_one(
    tmp_path: Path, sim: LiveSlack
) -> None:
    def share(connection: sqlite3.Connection) -> None:
        channel = f"slack:{it.one.room.id}"
        connection.execute("UPDATE subscription SET channel = ?", (channel,))
        connection.execute("UPDATE delivery SET channel = ?", (channel,))

    async with several(tmp_path, sim) as it:
        await it.database.write(share)
        await it.known.remove(it.two.team.id)
        held = await it.rounds()
    assert len(it.one.room.posts()) == 2 * EACH
    assert held == []


async def test_who_subscribed_is_told_in_their_own_workspace(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with several(tmp_path, sim) as it:
        it.two.room.is_archived = True
        await it.rounds()
    assert len(it.two.team.rooms[f"D{it.two.anna.id}"].posts()) == 1
    assert f"D{it.one.anna.id}" not in it.one.team.rooms


async def test_a_refused_workspace_keeps_nobody_from_knowing_the_others(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        first = furnish(sim, "One")
        await install(it)
        second = furnish(sim, "Two")
        await install(it)
    first.team.revoked = "token_revoked"
    async with Database(tmp_path / "t.db") as database:
        known = Workspaces(database, api_base=sim.api_base, sealer=Sealer(KEY))
        await known.load()
        is_all = await known.look()
        by_token = Workspaces(
            database, api_base=sim.api_base, sealer=Sealer(KEY), bot_token=first.team.token
        )
        await by_token.load()
        refused = ""
        try:
            await by_token.look()
        except SlackApiError as exc:
            refused = exc.response["error"]
    assert not is_all
    assert refused == "token_revoked"
    assert {one.of(second.team.id).url for one in (known, by_token)} == {"https://two.slack.com/"}
