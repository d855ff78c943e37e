"""What a poll that brought nothing leaves behind."""

from datetime import timedelta
from pathlib import Path

from adapters.fetch_errors import blocked_error, status_error
from tests.jobs.newsroom import newsroom

ONE = "https://one.example/feed"


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
