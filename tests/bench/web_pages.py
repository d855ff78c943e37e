"""What a page takes in a store of 100,000 stories and 10,000 digests, over HTTP on loopback.

Each page is asked for by clients who have nothing in their caches, one after the other; the figure
is the slowest but one of a hundred. Baselines of the same run: the words looked for by LIKE, and
the page deep down in the list reached by counting rows (OFFSET), both as bare statements without
a page around them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import logs
from bot.metrics import Metrics
from bot.outside import SystemClock, open_outside
from bot.pages import Shown, build_app
from bot.store import digests, predictions
from bot.store.database import Database, connect
from bot.store.digests import NewDigest
from bot.store.predictions import PredictionRow
from bot.vitals import Vitals
from config.settings import Settings
from tests.bench import growth
from tests.bench.report import Row, render_table
from tests.bench.synthetic import Newsroom
from tests.bot.digests.samples import COMMUNITY, OUTLOOK

STORIES, DIGESTS, FORECASTS = 100_000, 10_000, 5_000
WORDS_A_TEXT = 85
TEXTS = 5_000
ASKED = 100
GOAL_MS, HOME_GOAL_MS = 100, 50
STORIES_A_DIGEST = 20

Client = TestClient[web.Request, web.Application]


class Taken(NamedTuple):
    """What a page takes: the slowest but one of its requests, and the work of the middle one."""

    wall_ms: float
    cpu_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--digests", type=int, default=DIGESTS)
    options = parser.parse_args()
    logs.configure(level="error", format="human", secrets=())  # no line for each request
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pages.db")
        fill(path, options.stories, options.digests)
        rows, notes = asyncio.run(measure(path, options.stories))
    title = f"Pages of {options.stories:,} stories and {options.digests:,} digests"
    print(render_table(title, rows, notes))


def fill(path: Path, stories: int, made: int) -> None:
    """Stories with texts as long as feeds have them, digests that tell them, and a ledger."""
    growth.fill(path, stories)
    connection = connect(path)
    newsroom, rng = Newsroom(seed=growth.FILL_SEED), random.Random(4)
    texts = [newsroom.text(WORDS_A_TEXT) for _ in range(TEXTS)]
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.executemany(
        "UPDATE entry SET text = ? WHERE id = ?",
        ((rng.choice(texts), number) for number in range(1, stories + 1)),
    )
    connection.execute("INSERT INTO entry_search (entry_search) VALUES ('rebuild')")
    connection.execute("UPDATE search_state SET indexed_until = ?", (stories,))
    _keep_digests(connection, newsroom, rng, stories, made)
    _keep_forecasts(connection, rng)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def _keep_digests(
    connection: sqlite3.Connection, newsroom: Newsroom, rng: random.Random, stories: int, made: int
) -> None:
    now = datetime.now(UTC)
    for number in range(made):
        until = now - timedelta(hours=made - number)
        kind, sample = [("community", COMMUNITY), ("outlook", OUTLOOK)][number % 2]
        record = sample.model_copy(update={"title": newsroom.text(6)})
        told = [rng.randint(1, stories) for _ in range(STORIES_A_DIGEST)]
        new = NewDigest(
            kind=kind,
            scope=f"scope {number % 20}",
            since=until - timedelta(hours=1),
            until=until,
            fingerprint=str(number),
            result=record.model_dump_json(),
        )
        digests.keep(connection, new, told, until)


def _keep_forecasts(connection: sqlite3.Connection, rng: random.Random) -> None:
    now = datetime.now(UTC)
    rows = [
        PredictionRow(
            event_key=f"event {number % 60}",
            event=f"Event {number % 60} comes to pass",
            year=rng.randint(2026, 2100),
            confidence="",
            reason="",
            made_at=now - timedelta(hours=number),
            made_by=f"Forecaster {rng.randint(1, 40)}",
            by_model=number % 5 == 0,
            url=f"https://news.example/{number}",
            quote="It is expected to come to pass in that year, said the author of the report.",
        )
        for number in range(FORECASTS)
    ]
    predictions.keep(connection, "scope 1", rows)


async def measure(path: Path, stories: int) -> tuple[list[Row], list[str]]:
    connection = connect(path, query_only=True)
    deep = _deep_place(connection)
    common, other, rare = _words(connection)
    async with _client(path) as client:
        pages = {
            "home": "/",
            "stories": "/stories",
            "stories, half way down": f"/stories?before={quote(deep)}",
            "stories of a tag of all sources": "/stories?tag=bench",
            "one story": f"/stories/{stories // 2}",
            "search, the commonest word": f"/search?q={common}",
            "search, two common words": f"/search?q={common}+{other}",
            "search, a rare word": f"/search?q={rare}",
            "search, how a word begins": f"/search?q={common[:3]}",
            "search, a phrase that nobody wrote": f"/search?q=%22{common}+{common}+{common}%22",
            "search, digests only": f"/search?q={common}&in=digests",
            "predictions": "/predictions",
        }
        taken = {name: await _taken(client, page) for name, page in pages.items()}
        rows = [
            Row(name=name, value=took.wall_ms, unit="ms p99", goal=_goal(name))
            for name, took in taken.items()
        ]
        weights = [
            f"{name} {await _weight(client, page) / 1_024:.0f} KB" for name, page in pages.items()
        ]
    rows += [
        _bare(connection, "LIKE, a rare word", lambda: _like(connection, rare)),
        _bare(connection, "OFFSET, half way down", lambda: _offset(connection, stories // 2)),
    ]
    connection.close()
    rows = [_against(row) for row in rows]
    work = [f"{name} {took.cpu_ms:.0f} ms" for name, took in taken.items()]
    return rows, [
        f"processor time, the client's in it, median: {', '.join(work)}",
        f"as sent, compressed, without its styles: {', '.join(weights)}",
    ]


def _goal(name: str) -> str:
    return f"<= {HOME_GOAL_MS if name == 'home' else GOAL_MS} ms"


def _against(row: Row) -> Row:
    baselines = {
        "search, a rare word": "LIKE, a rare word",
        "stories, half way down": "OFFSET, half way down",
    }
    baseline = baselines.get(row.name, "")
    return Row(name=row.name, value=row.value, unit=row.unit, baseline=baseline, goal=row.goal)


@contextlib.asynccontextmanager
async def _client(path: Path) -> AsyncIterator[Client]:
    settings, clock = Settings(), SystemClock()
    async with (
        Database(path) as database,
        open_outside(settings, database, processes=0, clock=clock) as outside,
    ):
        vitals = Vitals(database, clock, Metrics(), database_within_s=1)
        shown = Shown(database=database, outside=outside, clock=clock, vitals=vitals)
        client: Client = TestClient(TestServer(build_app(settings, shown)))
        await client.start_server()
        try:
            yield client
        finally:
            await client.close()


async def _taken(client: Client, page: str) -> Taken:
    """Of a hundred requests, after one that warmed the store's cache."""
    times, work = [], []
    for number in range(ASKED + 1):
        started, cpu_started = time.perf_counter(), time.process_time()
        async with client.get(page) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{page} answered {answer.status}")
        if number:
            times.append(1_000 * (time.perf_counter() - started))
            work.append(1_000 * (time.process_time() - cpu_started))
    return Taken(sorted(times)[-2], statistics.median(work))


async def _weight(client: Client, page: str) -> int:
    url = client.make_url(page)
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers={"Accept-Encoding": "gzip"}) as answer,
    ):
        return len(await answer.read())


def _bare(connection: sqlite3.Connection, name: str, ask: Callable[[], None]) -> Row:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        ask()
        times.append(1_000 * (time.perf_counter() - started))
    return Row(name=name, value=max(times), unit="ms, bare statement")


def _like(connection: sqlite3.Connection, word: str) -> None:
    connection.execute(
        "SELECT id FROM entry WHERE title LIKE ? OR text LIKE ? ORDER BY id DESC LIMIT 20",
        (f"%{word}%", f"%{word}%"),
    ).fetchall()


def _offset(connection: sqlite3.Connection, rows: int) -> None:
    connection.execute(
        "SELECT id FROM story ORDER BY news_at DESC, id DESC LIMIT 40 OFFSET ?", (rows,)
    ).fetchall()


def _deep_place(connection: sqlite3.Connection) -> str:
    row = connection.execute(
        """
        SELECT news_at, id FROM story
        ORDER BY news_at
        LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM story)
        """
    ).fetchone()
    return f"{row['news_at']}~{row['id']}"


def _words(connection: sqlite3.Connection) -> tuple[str, str, str]:
    """The two commonest words of the texts, and one that few have."""
    connection.execute("PRAGMA query_only = 0")
    connection.execute(
        "CREATE VIRTUAL TABLE temp.word USING fts5vocab ('main', 'entry_search', 'row')"
    )
    rows = connection.execute("SELECT term FROM temp.word WHERE LENGTH(term) > 3 ORDER BY doc DESC")
    terms = [row["term"] for row in rows]
    return terms[0], terms[1], terms[-1]


if __name__ == "__main__":
    main()
