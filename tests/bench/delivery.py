"""How fast a backlog leaves: 2,000 stories for 50 channels, on a platform that answers in 1 ms.

Stories lie summarised in the store; each is composed, claimed, sent and recorded as in the service,
with a commit that survives a power failure before and after the send. The same backlog again in a
store that has already delivered 100,000 posts, and again with one channel that takes 2 s a post.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.model import ArticleSummary, Post
from bot.ports import Sent
from bot.store.database import Database, connect, migrate
from bot.store.times import to_text
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.bench.report import Row, render_table

WAITING = 2_000
CHANNELS = 50
SENT_BEFORE = 100_000
ANSWER_S = 0.001
SLOW_ANSWER_S = 2.0
START = datetime(2026, 11, 1, tzinfo=UTC)
SLOW = f"c{CHANNELS - 1}"
FAKE_CHANNELS = tuple(f"fake:c{number}" for number in range(CHANNELS))
ALONE = "the platform alone, channels at once"
FRESH = "2,000 waiting in 50 channels"
KEPT = f"the same after {SENT_BEFORE:,} sent"
HELD_UP = "the same, one channel takes 2 s a post: the other 49"


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class CountingPlatform:
    """Implements `bot.ports.Platform`: takes everything, after a wait, and notes when."""

    name = "fake"
    can_edit = True
    same_key_s = 120.0

    def __init__(self, slow: str = "") -> None:
        self._slow = slow
        self.taken: list[tuple[str, str, float]] = []
        self.enough = asyncio.Event()

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        await asyncio.sleep(SLOW_ANSWER_S if channel == self._slow else ANSWER_S)
        self.taken.append((channel, key, time.perf_counter()))
        if len(self.taken) >= WAITING:
            self.enough.set()
        return Sent(message_id=f"m-{key}")

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        await asyncio.sleep(ANSWER_S)

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        return None


def main() -> None:
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)  # as the service's own level
    structlog.configure(wrapper_class=quiet)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sent-before", type=int, default=SENT_BEFORE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fresh, kept, slow = (Path(folder, f"{name}.db") for name in ("fresh", "kept", "slow"))
        for path, sent in ((fresh, 0), (kept, options.sent_before), (slow, 0)):
            fill(path, sent)
        alone = asyncio.run(_alone())
        rows = [
            Row(name=ALONE, value=alone, unit="deliveries/s"),
            Row(
                name=FRESH, value=asyncio.run(_drained(fresh)), unit="deliveries/s", baseline=ALONE
            ),
            Row(name=KEPT, value=asyncio.run(_drained(kept)), unit="deliveries/s", baseline=FRESH),
            Row(
                name=HELD_UP, value=asyncio.run(_beside(slow)), unit="deliveries/s", baseline=FRESH
            ),
        ]
    print(render_table("A backlog of deliveries", rows))


async def _alone() -> float:
    platform = CountingPlatform()
    post = Post(kind="notice", title="A post")

    async def channel(name: str) -> None:
        for number in range(WAITING // CHANNELS):
            await platform.send(name, post, f"{name}-{number}")

    started = time.perf_counter()
    await asyncio.gather(*(channel(f"c{number}") for number in range(CHANNELS)))
    return WAITING / (time.perf_counter() - started)


async def _drained(path: Path) -> float:
    platform = CountingPlatform()
    async with Database(path, exclusive=True) as database:
        job = _job(database, platform)
        started = time.perf_counter()
        report = await job.run()
        took_s = time.perf_counter() - started
    assert report.sent == WAITING == len({key for _, key, _ in platform.taken})
    return WAITING / took_s


async def _beside(path: Path) -> float:
    """Deliveries per second of the others while one channel dawdles."""
    platform = CountingPlatform(SLOW)
    others = WAITING - WAITING // CHANNELS
    async with Database(path, exclusive=True) as database:
        waker = asyncio.Event()
        waker.set()
        job = _job(database, platform)
        started = time.perf_counter()
        serving = asyncio.create_task(job.serve(waker))
        while sum(channel != SLOW for channel, _, _ in platform.taken) < others:
            await asyncio.sleep(0.01)
        last = max(at for channel, _, at in platform.taken if channel != SLOW)
        job.stop()
        waker.set()
        await serving
    return others / (last - started)


def _job(database: Database, platform: CountingPlatform) -> DeliverJob:
    clock = SystemClock()
    return DeliverJob(database, {"fake": platform}, Composer(), clock, random.Random(1))


def fill(
    path: Path,
    sent_before: int,
    channels: Sequence[str] = FAKE_CHANNELS,
    *,
    waiting: int = WAITING,
) -> None:
    """A store with `waiting` summarised stories to deliver, and others that were delivered."""
    migrate(path)
    connection = connect(path)
    connection.execute("BEGIN")
    connection.execute(
        """
        INSERT INTO source (url, kind, fetch_url, title, state, origin, created_at)
        VALUES ('https://site.example/feed', 'feed', 'https://site.example/feed', 'A site',
                'active', 'file', ?)
        """,
        (to_text(START),),
    )
    for number, channel in enumerate(channels):
        connection.execute(
            """
            INSERT INTO subscription
                (id, key, origin, channel, sources, post, timezone, language, created_at)
            VALUES (?, ?, 'file', ?, '[]', 'instant', 'UTC', 'en', ?)
            """,
            (number + 1, f"s{number}", channel, to_text(START)),
        )
    _fill_deliveries(connection, channels, range(1, sent_before + 1), "sent")
    fresh = range(sent_before + 1, sent_before + waiting + 1)
    _fill_deliveries(connection, channels, fresh, "pending")
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def _fill_deliveries(
    connection: sqlite3.Connection, channels: Sequence[str], ids: Iterable[int], state: str
) -> None:
    for number in ids:
        at = to_text(START + timedelta(seconds=number))
        title = f"Story {number} tells what happened in the {number % 97}. laboratory this week"
        url = f"https://site.example/{number}"
        connection.execute(
            """
            INSERT INTO story (id, title, url, canonical_url, first_seen_at, news_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (number, title, url, url, at, at, at),
        )
        connection.execute(
            """
            INSERT INTO entry
                (id, source_id, guid, url, canonical_url, title, published_at, first_seen_at,
                 news_at, story_id, terms, content_hash, postable, story_reason, ingest_reason,
                 text)
            VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 1, '', '', 'What the article says.')
            """,
            (number, url, url, url, title, at, at, at, number),
        )
        summary = ArticleSummary(
            title=title, url=url, site="site.example", published_at=None, text="", points=(),
            summary=f"{title}. It is told here in two sentences.", method="extractive", model=None,
        )  # fmt: skip
        connection.execute(
            """
            INSERT INTO article_summary (story_id, content_hash, method, result, made_at)
            VALUES (?, '', 'extractive', ?, ?)
            """,
            (number, summary.model_dump_json(), at),
        )
        channel = number % len(channels)
        sent_at, message = (at, f"m{number}") if state == "sent" else (None, None)
        connection.execute(
            """
            INSERT INTO delivery
                (key, subscription_id, channel, kind, subject, story_id, state, attempts,
                 created_at, sent_at, message_id)
            VALUES (?, ?, ?, 'story', ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                f"{number:016x}",
                channel + 1,
                channels[channel],
                f"story:{number}",
                number,
                state,
                int(state == "sent"),
                at,
                sent_at,
                message,
            ),
        )


if __name__ == "__main__":
    main()
