"""What a new entry costs in a store of 1,000,000 entries, against one of 10,000.

Both stores cover the same year, so the larger one has a hundred times as many candidates for each
new story as well as the larger indexes. New entries go through the real ingest: dedup, clustering,
full-text index, outbox, one transaction for each poll. Filling goes past it, straight into the
tables, since a million polls would take an hour.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import multiprocessing
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from bot.ingest.fingerprint import story_terms
from bot.ingest.prepare import prepare
from bot.model import Entry, RawEntry, Source
from bot.ports import PollResult
from bot.store import sources, story_index
from bot.store.database import Database, connect, migrate
from bot.store.sources import DeclaredSource
from bot.store.times import to_text
from config.settings import Settings
from jobs.ingest import Ingest
from tests.bench.measure import MIB
from tests.bench.report import Row, render_table
from tests.bench.synthetic import Newsroom

SIZES = (10_000, 1_000_000)
SOURCES = 2_000
PERIOD = timedelta(days=365)
ROUNDS = 7
POLLS = 100
ENTRIES_PER_POLL = 5
AT_ONCE = 32
FILL_SEED = 1
LIMIT = "<= 1.5x"
_CHUNK = 20_000
_TEXTS = 5_000

FilledRow = tuple[int, int, str, str, str, str, str, str, int, str]


class FixedClock:
    """Time stands still while a store is measured."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


@dataclass(slots=True)
class Store:
    """One filled store, and what its rounds took for each new entry."""

    size: int
    ingest: Ingest
    polls: list[tuple[Source, PollResult]]
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    merged: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder, f"{size}.db") for size in options.sizes}
        notes = [f"{size:,} entries: {_timed_fill(path, size)}" for size, path in paths.items()]
        for path in paths.values():
            _read_through(path)
        stores = asyncio.run(measure(paths))
    rows = [*_rows(stores, "wall"), *_rows(stores, "processor")]
    new = ROUNDS * POLLS * ENTRIES_PER_POLL
    joined = " and ".join(str(store.merged) for store in stores)
    notes.append(
        f"medians of {ROUNDS} rounds of {POLLS * ENTRIES_PER_POLL} new entries, store by store; "
        f"{joined} of {new} new entries joined a story"
    )
    print(render_table("Cost of a new entry as the store grows", rows, notes))


def _timed_fill(path: Path, size: int) -> str:
    started = time.perf_counter()
    # In a process of its own: what filling does to the memory must not meet what is measured.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        apart.submit(fill, path, size).result()
    took_s = time.perf_counter() - started
    return f"{path.stat().st_size / MIB:,.0f} MB, filled in {took_s:.0f} s"


def _read_through(path: Path) -> None:
    """Have either store in the system's memory: what an entry costs is asked, not what a disk."""
    with path.open("rb") as file:
        while file.read(MIB):
            pass


def _rows(stores: list[Store], kind: str) -> list[Row]:
    rows: list[Row] = []
    for store in stores:
        times = store.wall_ms if kind == "wall" else store.cpu_ms
        rows.append(
            Row(
                name=f"{store.size:,} stored entries, {kind} time",
                value=statistics.median(times),
                unit="ms per new entry",
                baseline=rows[0].name if rows else "",
                goal=LIMIT if rows else "",
            )
        )
    return rows


def fill(path: Path, size: int, now: datetime | None = None) -> None:
    """Make a store of `size` entries, in the order in which they would have been published."""
    now = now or datetime.now(UTC)
    migrate(path)
    connection = connect(path)
    try:
        # Nothing is lost if this file is: it is made anew for each run.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("BEGIN")
        sources.declare(connection, _declared(), origin="file", now=now - PERIOD)
        _insert_entries(connection, size, now)
        connection.execute("INSERT INTO entry_search (entry_search) VALUES ('rebuild')")
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    finally:
        connection.close()


def _declared() -> list[DeclaredSource]:
    urls = [f"https://s{number}.example/feed.xml" for number in range(SOURCES)]
    return [DeclaredSource(url=url, kind="feed", fetch_url=url, tags=("bench",)) for url in urls]


def _insert_entries(connection: sqlite3.Connection, size: int, now: datetime) -> None:
    rows = _filled_rows(size, now)
    for start in range(0, size, _CHUNK):
        chunk = [next(rows) for _ in range(min(_CHUNK, size - start))]
        _insert_chunk(connection, chunk)
        story_index.add_many(connection, map(_indexed, chunk))


def _indexed(row: FilledRow) -> story_index.Row:
    """As many words as ingest keeps of most; which ones it finds telling, it alone knows."""
    terms = row[9].split()[: story_index.MAX_SEARCH_TERMS]
    return story_index.Row(row[0], datetime.fromisoformat(row[6]), terms)


def _insert_chunk(connection: sqlite3.Connection, rows: list[FilledRow]) -> None:
    """One story for each entry; both have the same id."""
    connection.executemany(
        """
        INSERT INTO story (id, title, url, canonical_url, first_seen_at, news_at, updated_at)
        VALUES (:id, :title, :url, :url, :at, :at, :at)
        """,
        ({"id": row[0], "title": row[4], "url": row[3], "at": row[6]} for row in rows),
    )
    connection.executemany(
        """
        INSERT INTO entry
            (id, source_id, guid, url, canonical_url, title, text, published_at, first_seen_at,
             news_at, content_hash, terms, story_id, story_reason, ingest_reason, postable)
        VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?7, ?7, ?8, ?10, ?9, '', '', 1)
        """,
        rows,
    )


def _filled_rows(size: int, now: datetime) -> Iterator[FilledRow]:
    """Columns: id, source, guid, url, title, text, time, content hash, story, terms."""
    newsroom, rng = Newsroom(seed=FILL_SEED), random.Random(2)
    texts = [newsroom.text(20) for _ in range(_TEXTS)]
    for number in range(1, size + 1):
        at = now - PERIOD * ((size - number) / size)
        source = rng.randrange(SOURCES)
        title = newsroom.title(1 - number / size)
        yield (
            number,
            source + 1,
            f"tag:s{source}.example,2026:{number}",
            f"https://s{source}.example/{number}",
            title,
            rng.choice(texts),
            to_text(at),
            blake2b(str(number).encode(), digest_size=16).hexdigest(),
            number,
            " ".join(story_terms(title, "")),
        )


async def measure(paths: dict[int, Path]) -> list[Store]:
    """Time rounds of new entries, store by store in turn, so that a busy moment hits all alike."""
    now = datetime.now(UTC)
    async with contextlib.AsyncExitStack() as stack:
        stores = []
        for size, path in paths.items():
            database = await stack.enter_async_context(Database(path))
            stores.append(await _open_store(size, database, now))
        gc.freeze()  # as the service does
        gc.set_threshold(20_000, 20, 20)
        for number in range(ROUNDS + 1):  # the first one warms the caches
            for store in stores:
                await _round(store, counted=number > 0)
    return stores


async def _open_store(size: int, database: Database, now: datetime) -> Store:
    ingest = Ingest(database, Settings(), FixedClock(now), random.Random(3))
    await ingest.warm_up()
    newsroom = Newsroom(seed=FILL_SEED)  # the same words and stories as in the store
    due = await database.read(sources.due, now, POLLS * (ROUNDS + 1))
    polls = [(source, _poll_result(source, newsroom, now)) for source in due]
    return Store(size=size, ingest=ingest, polls=polls)


async def _round(store: Store, *, counted: bool) -> None:
    polls, store.polls = store.polls[:POLLS], store.polls[POLLS:]
    started, cpu_started = time.perf_counter(), time.process_time()
    new, merged = await _ingest(store.ingest, polls)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
    if new != POLLS * ENTRIES_PER_POLL:
        raise RuntimeError(f"{new} entries were stored instead of {POLLS * ENTRIES_PER_POLL}")
    if counted:
        store.wall_ms.append(1_000 * wall_s / new)
        store.cpu_ms.append(1_000 * cpu_s / new)
        store.merged += merged


async def _ingest(ingest: Ingest, polls: list[tuple[Source, PollResult]]) -> tuple[int, int]:
    """As the poll job does it: some at once, so that they share commits."""
    new = merged = 0
    for start in range(0, len(polls), AT_ONCE):
        part = polls[start : start + AT_ONCE]
        for report in await asyncio.gather(*(ingest.polled(*poll) for poll in part)):
            new += report.new
            merged += report.merged
    return new, merged


def _poll_result(source: Source, newsroom: Newsroom, now: datetime) -> PollResult:
    entries = tuple(_entry(source, number, newsroom, now) for number in range(ENTRIES_PER_POLL))
    return PollResult(entries=entries, fetch_url=source.fetch_url, etag=f'"{source.id}"')


def _entry(source: Source, number: int, newsroom: Newsroom, now: datetime) -> Entry:
    address = f"https://s{source.id - 1}.example/new/{number}"
    return prepare(
        RawEntry(
            guid=address,
            url=address,
            title=newsroom.title(0),
            published_at=now - timedelta(minutes=10 * number + 1),
            html=f"<p>{newsroom.text(80)}</p>",
        )
    )


if __name__ == "__main__":
    main()
