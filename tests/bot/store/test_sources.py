"""What the settings say of a source holds from the next look on."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import sources
from bot.store.database import Database
from bot.store.sources import DeclaredSource
from bot.store.times import to_text

URL = "https://example.org/feed.xml"
POLLED = datetime(2014, 3, 11, 12, tzinfo=UTC)
PLANNED = POLLED + timedelta(hours=6)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[sqlite3.Connection]:
    path = tmp_path / "t.db"
    async with Database(path):
        pass
    opened = sqlite3.connect(path)
    opened.row_factory = sqlite3.Row
    yield opened
    opened.close()


def declare(connection: sqlite3.Connection, interval_s: float | None) -> datetime | None:
    """Declare the source with this interval; when it is polled next."""
    wish = DeclaredSource(url=URL, kind="feed", fetch_url=URL, interval_s=interval_s)
    sources.declare(connection, [wish], origin="file", now=POLLED)
    source = sources.by_url(connection, URL)
    assert source is not None
    return source.next_poll_at


def polled(connection: sqlite3.Connection, *, state: str = "active", failures: int = 0) -> None:
    declare(connection, None)
    connection.execute(
        "UPDATE source SET last_polled_at = ?, next_poll_at = ?, state = ?, failures = ?",
        (to_text(POLLED), to_text(PLANNED), state, failures),
    )


def test_a_shorter_interval_holds_from_the_last_poll_on(connection: sqlite3.Connection) -> None:
    polled(connection)
    assert declare(connection, 60.0) == POLLED + timedelta(seconds=60)


def test_a_longer_or_same_interval_leaves_the_plan(connection: sqlite3.Connection) -> None:
    polled(connection)
    assert declare(connection, 86_400.0) == PLANNED
    assert declare(connection, 86_400.0) == PLANNED


def test_a_source_that_fails_keeps_its_distance(connection: sqlite3.Connection) -> None:
    polled(connection, state="failing", failures=3)
    assert declare(connection, 60.0) == PLANNED
