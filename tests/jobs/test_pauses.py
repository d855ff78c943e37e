"""A pause that a host asked for is kept by the next process."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ports import FetchRequest
from bot.store import hosts
from bot.store.database import Database
from jobs.pauses import keep_pauses
from tests.adapters.http_kit import error_of, open_client
from tests.fakes.clock import FakeClock
from tests.sims.origin import Origin


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as opened:
        opened.serve("/busy", status=429, headers={"Retry-After": "120"})
        opened.serve("/feed", body=b"<rss/>")
        yield opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "t.db") as opened:
        yield opened


async def test_a_pause_is_kept_by_the_next_client(origin: Origin, database: Database) -> None:
    clock = FakeClock()
    async with open_client() as http:
        await keep_pauses(http, database, clock)
        await error_of(http, origin.url("/busy"))
    clock.advance(seconds=60)
    async with open_client() as http:
        await keep_pauses(http, database, clock)
        error = await error_of(http, origin.url("/feed"))
    assert error.unasked
    assert error.retry_after_s == pytest.approx(60, abs=2)
    clock.advance(seconds=61)
    async with open_client() as http:
        await keep_pauses(http, database, clock)
        assert (await http.fetch(FetchRequest(url=origin.url("/feed")))).status == 200


async def test_the_longer_pause_holds_and_ended_ones_are_forgotten(database: Database) -> None:
    now = FakeClock().now()
    for place, seconds in (("a:443", 90), ("a:443", 30), ("b:443", 10)):
        await database.write(hosts.pause, place, now + timedelta(seconds=seconds), now)
    later = now + timedelta(seconds=20)
    assert await database.read(hosts.paused, later) == {"a:443": now + timedelta(seconds=90)}
    await database.write(hosts.pause, "c:443", later + timedelta(seconds=5), later)
    assert set(await database.read(hosts.paused, now)) == {"a:443", "c:443"}
