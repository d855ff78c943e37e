"""How long the web pages take over a store of 100,000 stories, and how much of them is sent.

The service runs in a process of its own, first with nothing to do, when only the home page is asked
for, then while it polls 200 feeds every second. The pages are asked for in turn, one at a time, on
one connection, with other searches, stories and sources each time; beside them, in each turn, a
bare aiohttp server that sends one constant page as long as the home page. A page's weight is that
of all that a browser loads for it, without and with gzip.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.model import Paragraph, Post, Result, Text
from bot.store.database import connect
from bot.store.digests import NewDigest, keep
from bot.store.times import to_text
from tests.bench.growth import SOURCES, fill
from tests.bench.origin_server import ROOT, feed_urls, running_origin
from tests.bench.report import Row, render_table
from tests.bot.digests.samples import COMMUNITY, OUTLOOK, ROUNDUP

STORIES = 100_000
RETOLD = 10  # each so many-th entry tells the story of the one before it
DIGESTS = 60
DELIVERIES = 50_000
SUMMARIES = 5_000
FEEDS, ENTRIES = 200, 30
TURNS = 150
HOME_GOAL_MS, WEIGHT_GOAL_KB = 50, 150
BARE = "bare aiohttp"
TOKEN = "bench"

_SETTINGS = """
[database]
path = "bench.db"
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap_s = 0
per_host = 100
[poll]
interval = "1s"
min_interval = "1s"
max_interval = "24h"
[log]
format = "json"
"""

Paths = Callable[[random.Random], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--bare", type=int, metavar="BYTES", help="serve the constant page")
    options = parser.parse_args()
    if options.bare is not None:
        asyncio.run(serve_bare(options.bare))
        return
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        words = furnish(folder / "bench.db", options.stories)
        pages = pages_of(words, options.stories)
        idle, _ = asyncio.run(measure(folder, [], {"home": pages["home"]}, options.turns))
        with running_origin(FEEDS, ENTRIES) as origin:
            urls = feed_urls(origin, FEEDS)
            busy, weights = asyncio.run(measure(folder, urls, pages, options.turns))
        polls = (folder / "log").read_bytes().count(b'"source polled"')
        size_mb = (folder / "bench.db").stat().st_size / 1e6
    rows = [*_times("idle", idle), *_times("busy", busy), *_weights(weights)]
    notes = [
        f"{options.stories:,} stories, {SOURCES:,} sources, {DELIVERIES:,} posts, {size_mb:,.0f} "
        f"MB; {options.turns} turns; {polls:,} polls in the busy run",
        "busy: 200 feeds are polled every second; the bare server stands beside it, and is asked "
        "in the same turns; feeds are written once in 15 seconds, other pages for each who asks",
    ]
    print(render_table("Web pages", rows, notes))


def pages_of(words: list[str], stories: int) -> dict[str, Paths]:
    """The pages by name, each with the addresses that are asked for."""
    return {
        "home": lambda rng: "/",
        "stories": lambda rng: "/stories",
        "stories of a tag": lambda rng: "/stories?tag=bench",
        "search": lambda rng: f"/search?q={rng.choice(words)}",
        "search, two words": lambda rng: f"/search?q={rng.choice(words)}+{rng.choice(words)}",
        "a story": lambda rng: f"/stories/{rng.randrange(1, stories) | 1}",
        "sources": lambda rng: f"/sources?sort=-interval&page={rng.randrange(1, 40)}",
        "a source": lambda rng: f"/sources/{rng.randrange(1, SOURCES)}",
        "status": lambda rng: "/status",
        "predictions": lambda rng: "/predictions",
        "feed.atom": lambda rng: "/feed.atom",
        "feed.json of a tag": lambda rng: "/tags/bench/feed.json",
    }


def _times(load: str, taken: dict[str, list[float]]) -> Iterator[Row]:
    for name, times in taken.items():
        for share in (50, 99):
            yield Row(
                name=f"{load}: {name}, p{share}",
                value=statistics.quantiles(times, n=100, method="inclusive")[share - 1],
                unit="ms",
                baseline="" if name == BARE else f"{load}: {BARE}, p{share}",
                goal=f"< {HOME_GOAL_MS} ms" if (name, share) == ("home", 99) else "",
            )


def _weights(weights: dict[str, tuple[int, int]]) -> Iterator[Row]:
    for name, (plain, packed) in weights.items():
        is_page = not name.startswith("feed.")
        goal = f"< {WEIGHT_GOAL_KB} kB" if is_page else ""
        yield Row(name=f"weight: {name}", value=plain / 1e3, unit="kB", goal=goal)
        yield Row(
            name=f"weight: {name}, gzip",
            value=packed / 1e3,
            unit="kB",
            baseline=f"weight: {name}",
        )


def furnish(path: Path, stories: int) -> list[str]:
    """A store of so many stories with all that pages show; returns words that are in headlines."""
    now = datetime.now(UTC)
    fill(path, stories * RETOLD // (RETOLD - 1), now)
    connection = connect(path)
    try:
        connection.execute("BEGIN")
        _join_stories(connection)
        _poll_sources(connection, now)
        _post(connection, now)
        _summarise(connection, now)
        for number in range(DIGESTS):
            _digest(connection, number, now - timedelta(days=number))
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        titles = connection.execute("SELECT title FROM story WHERE id % 997 = 1").fetchall()
    finally:
        connection.close()
    return sorted({word for row in titles for word in row["title"].lower().split()})


def _join_stories(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE entry SET story_id = id - 1 WHERE id % ? = 0", (RETOLD,))
    connection.execute("DELETE FROM story WHERE id % ? = 0", (RETOLD,))
    connection.execute(
        "UPDATE story SET entry_count = 2, source_count = 2 WHERE id % ? = ?", (RETOLD, RETOLD - 1)
    )
    connection.execute("UPDATE search_state SET indexed_until = (SELECT MAX(id) FROM entry)")


def _poll_sources(connection: sqlite3.Connection, now: datetime) -> None:
    """As if they had been polled; the service leaves them alone."""
    connection.execute(
        """
        UPDATE source
        SET origin = 'cli', title = 'Source ' || id, last_polled_at = ?, last_ok_at = ?,
            next_poll_at = ?
        """,
        (to_text(now), to_text(now), to_text(now + timedelta(days=3_000))),
    )
    connection.execute(
        """
        UPDATE source SET state = 'failing', failures = 3, last_error = 'it answered 503'
        WHERE id % 30 = 0
        """
    )


def _post(connection: sqlite3.Connection, now: datetime) -> None:
    connection.execute(
        """
        INSERT INTO subscription
            (id, key, origin, channel, sources, post, timezone, language, created_at)
        VALUES (1, 'bench', 'cli', 'files', '["tag:bench"]', 'instant', 'UTC', 'en', ?)
        """,
        (to_text(now),),
    )
    gap = timedelta(days=60) / DELIVERIES
    said = Paragraph(spans=(Text(text="What the channel got to read of it. " * 20),))
    post = Post(kind="story", title="A headline", blocks=(said,)).model_dump_json()
    told = connection.execute("SELECT id FROM story ORDER BY id DESC LIMIT ?", (DELIVERIES,))
    rows = [
        (f"k{n}", f"s{n}", row["id"], post, to_text(now - n * gap), to_text(now - n * gap))
        for n, row in enumerate(told.fetchall())
    ]
    connection.executemany(
        """
        INSERT INTO delivery
            (key, subscription_id, channel, kind, subject, story_id, state, payload, created_at,
             sent_at)
        VALUES (?, 1, 'files', 'story', ?, ?, 'sent', ?, ?, ?)
        """,
        rows,
    )
    connection.execute(
        """
        INSERT INTO delivery_attempt (delivery_id, at, outcome, reason)
        SELECT id, sent_at, 'sent', '' FROM delivery
        """
    )


def _summarise(connection: sqlite3.Connection, now: datetime) -> None:
    summary: dict[str, object] = {
        "title": "t",
        "url": None,
        "site": "s.example",
        "published_at": None,
        "summary": "It is said here what the article says, in two sentences of usual length. " * 4,
        "points": [],
        "text": "",
        "method": "extractive",
        "model": None,
    }
    connection.execute(
        """
        INSERT INTO article_summary (story_id, content_hash, method, result, made_at)
        SELECT id, '', 'extractive', ?, ? FROM story ORDER BY id DESC LIMIT ?
        """,
        (json.dumps(summary), to_text(now), SUMMARIES),
    )


def _digest(connection: sqlite3.Connection, number: int, until: datetime) -> None:
    kinds: list[tuple[str, Result]] = [
        ("community", COMMUNITY),
        ("outlook", OUTLOOK),
        ("roundup", ROUNDUP),
    ]
    kind, record = kinds[number % 3]
    made = NewDigest(
        kind=kind,
        scope="bench",
        since=until - timedelta(days=1),
        until=until,
        fingerprint="1",
        result=record.model_dump_json(),
    )
    told = [row["id"] for row in connection.execute("SELECT id FROM story LIMIT 25")]
    keep(connection, made, told, until)


async def measure(
    folder: Path, urls: list[str], pages: dict[str, Paths], turns: int
) -> tuple[dict[str, list[float]], dict[str, tuple[int, int]]]:
    """Milliseconds by page, and their weights."""
    async with running(folder, urls) as base, aiohttp.ClientSession() as session:
        weights = {name: await _weight(session, base, path) for name, path in pages.items()}
        with running_bare(weights["home"][0]) as bare:
            asked: dict[str, Callable[[random.Random], str]] = {BARE: lambda rng: f"{bare}/"}
            asked |= {name: _at(base, path) for name, path in pages.items()}
            taken: dict[str, list[float]] = {name: [] for name in asked}
            rng = random.Random(5)
            for turn in range(turns + 5):
                for name, url in asked.items():
                    took_ms = await _ask(session, url(rng))
                    if turn >= 5:  # what is loaded and compiled at first is not counted
                        taken[name].append(took_ms)
    return taken, weights


def _at(base: str, path: Paths) -> Paths:
    return lambda rng: base + path(rng)


async def _ask(session: aiohttp.ClientSession, url: str) -> float:
    started = time.perf_counter()
    async with session.get(url, headers={"Accept": "text/html"}) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
    return (time.perf_counter() - started) * 1e3


class _Loaded(HTMLParser):
    """What a browser loads for a page by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loads = given.get("rel") in ("stylesheet", "icon")
        if tag == "link" and loads and given.get("href"):
            self.urls.append(str(given["href"]))


async def _weight(session: aiohttp.ClientSession, base: str, path: Paths) -> tuple[int, int]:
    """Bytes of a page with its styles and icon: as they are, and each packed."""
    plain = packed = 0
    todo = [base + path(random.Random(1))]
    while todo:
        async with session.get(todo.pop(), headers={"Accept": "text/html"}) as answer:
            body = await answer.read()
            if answer.content_type == "text/html":
                page = _Loaded()
                page.feed(body.decode())
                todo += [base + url for url in page.urls]
        plain += len(body)
        packed += len(gzip.compress(body, 6))
    return plain, packed


@contextlib.asynccontextmanager
async def running(folder: Path, urls: list[str]) -> AsyncIterator[str]:
    """`threadwire run` as a process; its address, once it answers."""
    port = _free_port()
    sources = "".join(f'\n[[sources]]\nurl = "{url}"\ninterval = "1s"\n' for url in urls)
    listen = f'\n[web]\nlisten = "127.0.0.1:{port}"\n'
    (folder / "threadwire.toml").write_text(_SETTINGS + listen + sources, encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=folder, stderr=log, stdout=log
        )
        try:
            await _answering(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)


@contextlib.contextmanager
def running_bare(size: int) -> Iterator[str]:
    """The constant page in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.pages", "--bare", str(size)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def serve_bare(size: int) -> None:
    page = "x" * size

    async def constant(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", constant)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def _answering(url: str, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url):
                    return
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    main()
