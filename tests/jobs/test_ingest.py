"""What a poll that brought nothing leaves behind."""

from datetime import timedelta
from pathlib import Path

from adapters.fetch_errors import blocked_error, status_error
from bot.store import sources
from tests.jobs.newsroom import newsroom

ONE = "https://one.example/feed"
NEIGHBOUR = "https://one.example/other"


async def test_a_source_that_was_not_asked_has_not_failed(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        before = await room.source(ONE)
        await room.ingest.failed(before, blocked_error("one.example", 90.0))
        after = await room.source(ONE)
        assert after.next_poll_at == room.clock.now() + timedelta(seconds=90)
        assert (after.state, after.failures, after.last_error) == ("active", 0, None)
        assert after.last_polled_at == before.last_polled_at


async def test_a_source_that_was_asked_has(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        await room.ingest.failed(await room.source(ONE), status_error("one.example", 429, 90.0))
        after = await room.source(ONE)
        assert (after.state, after.failures) == ("failing", 1)
        assert after.last_error == "one.example answered 429 Too Many Requests"


async def test_who_was_refused_is_asked_after_its_neighbours(tmp_path: Path) -> None:
    """Else a source that is refused each time lets them wait for ever."""
    async with newsroom(tmp_path, interval="10s", min_interval="10s") as room:
        await room.declare([ONE, NEIGHBOUR], [])
        await room.ingest.failed(await room.source(ONE), status_error("one.example", 429, 90.0))
        room.clock.advance(seconds=5)
        await room.ingest.failed(await room.source(NEIGHBOUR), blocked_error("one.example", 85.0))
        room.clock.advance(seconds=100)
        due = await room.database.read(sources.due, room.clock.now(), 10)
        assert [source.url for source in due] == [NEIGHBOUR, ONE]
