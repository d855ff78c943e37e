"""Baseline: the bare parts. aiohttp fetches, fastfeedparser parses, SQLite takes plain inserts.

Nothing is cleaned, compared, clustered or indexed: this is the ceiling that these parts set. One
process on uvloop fetches and stores, another one parses.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import aiohttp
import fastfeedparser
import uvloop

from tests.bench.origin_server import feed_urls, running_origin
from tests.bench.phases import Phases, measure_apart, print_phases
from tests.bench.report import Row, render_table

CONCURRENCY = 100
# Tried on two cores: 1,670 feeds/s with one or two parsing processes, 1,380 with none; storing on
# a thread of its own was slower in each case.
POOL = 1
PER_COMMIT = 64
_SCHEMA = """
CREATE TABLE feed (url TEXT PRIMARY KEY, etag TEXT);
CREATE TABLE entry (url TEXT, guid TEXT, title TEXT, link TEXT, published TEXT, html TEXT,
    UNIQUE (url, guid));
"""

EntryRow = tuple[str, str, str, str, str, str]


def measure(origin: str, feeds: int, pool: int = POOL) -> Phases:
    """Both phases; the connection pool is warm in neither."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
        urls = feed_urls(origin, feeds)
        with ProcessPoolExecutor(pool) if pool else nullcontext() as executor:
            if executor is not None:
                list(executor.map(len, [[]] * pool))
            first_s = _timed(lambda: _poll_all(urls, database, executor))
            unchanged_s = _timed(lambda: _poll_all(urls, database, executor))
        (entries,) = database.execute("SELECT COUNT(*) FROM entry").fetchone()
        database.close()
    return Phases(feeds=feeds, entries=entries, first_s=first_s, unchanged_s=unchanged_s)


def parse_entries(url: str, body: bytes) -> list[EntryRow]:
    """The fields that any reader keeps."""
    return [
        (url, each.id, each.title, each.link, each.published, each.content[0]["value"])
        for each in fastfeedparser.parse(body).entries
    ]


def _timed(poll: Callable[[], None]) -> float:
    started = time.perf_counter()
    poll()
    return time.perf_counter() - started


def _poll_all(urls: Iterable[str], database: sqlite3.Connection, executor: Executor | None) -> None:
    uvloop.run(_Poller(database, executor).poll(urls))


class _Poller:
    def __init__(self, database: sqlite3.Connection, executor: Executor | None) -> None:
        self._database = database
        self._executor = executor
        self._etags = dict(database.execute("SELECT url, etag FROM feed").fetchall())
        self._feeds: list[tuple[str, str]] = []
        self._entries: list[EntryRow] = []

    async def poll(self, urls: Iterable[str]) -> None:
        connector = aiohttp.TCPConnector(limit=CONCURRENCY)
        todo = iter(list(urls))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(CONCURRENCY):
                group.create_task(self._work(session, todo))
        self._flush()

    async def _work(self, session: aiohttp.ClientSession, todo: Iterable[str]) -> None:
        for url in todo:
            etag = self._etags.get(url)
            headers = {"If-None-Match": etag} if etag else {}
            async with session.get(url, headers=headers) as response:
                if response.status == 304:
                    continue
                body, etag = await response.read(), response.headers["ETag"]
            entries = await self._parse(url, body)
            self._feeds.append((url, etag))
            self._entries += entries
            if len(self._feeds) >= PER_COMMIT:
                self._flush()

    async def _parse(self, url: str, body: bytes) -> list[EntryRow]:
        if self._executor is None:
            return parse_entries(url, body)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, parse_entries, url, body)

    def _flush(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT OR REPLACE INTO feed VALUES (?, ?)", self._feeds)
        self._database.executemany(
            "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?)", self._entries
        )
        self._database.execute("COMMIT")
        self._feeds, self._entries = [], []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origin", help="measure against this one and print JSON")
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--pool", type=int, default=POOL, help="parsing processes; 0 = none")
    options = parser.parse_args()
    if options.origin:
        print_phases(measure(options.origin, options.feeds, options.pool))
        return
    with running_origin(options.feeds, 30) as origin:
        phases = measure_apart(__spec__.name, origin, options.feeds)
    rows = [
        Row(name="bare parts, first fetch", value=phases.first_rate, unit="feeds/s"),
        Row(name="bare parts, unchanged", value=phases.unchanged_rate, unit="feeds/s"),
    ]
    print(render_table("aiohttp + fastfeedparser + SQLite", rows))


if __name__ == "__main__":
    main()
