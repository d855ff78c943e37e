"""How long the web pages take over a store of 100,000 stories, and how much of them is sent.

The service runs in a process of its own, first with nothing to do, then while it polls 200 feeds
every second. The pages are asked for in turn, one at a time, on one connection, with other stories
and sources each time. Beside them stand, in each turn, a bare aiohttp server that sends one
constant page as long as the home page, and as bare statements what two pages do without: LIKE for
the words looked for, and OFFSET for a page deep down in the list. A page's weight is that of all
that a browser loads for it, without and with gzip.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import aiohttp
from aiohttp import web

from tests.bench.growth import SOURCES
from tests.bench.origin_server import ROOT, feed_urls, running_origin
from tests.bench.pages_store import (
    DELIVERIES,
    DIGESTS,
    LIKE,
    OFFSET,
    bare_statements,
    furnish,
    place_half_way,
    words_in,
)
from tests.bench.report import Row, render_table

STORIES = 100_000
FEEDS, ENTRIES = 200, 30
TURNS = 100
HOME_GOAL_MS, SEARCH_GOAL_MS, WEIGHT_GOAL_KB = 50, 100, 150
BARE = "bare aiohttp"

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
BASELINES = {"search, a rare word": LIKE, "stories, half way down": OFFSET}


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
        furnish(folder / "bench.db", options.stories)
        words = words_in(folder / "bench.db")
        bare = bare_statements(folder / "bench.db", words[2], options.stories)
        pages = pages_of(words, place_half_way(folder / "bench.db"), options.stories)
        idle, weights = asyncio.run(measure(folder, [], pages, options.turns))
        with running_origin(FEEDS, ENTRIES) as origin:
            busy, _ = asyncio.run(measure(folder, feed_urls(origin, FEEDS), pages, options.turns))
        polls = (folder / "log").read_bytes().count(b'"source polled"')
        size_mb = (folder / "bench.db").stat().st_size / 1e6
    rows = [
        Row(name=name, value=took_ms, unit="ms, no page around it")
        for name, took_ms in bare.items()
    ]
    rows += [*_times("idle", idle), *_times("busy", busy), *_weights(weights)]
    notes = [
        f"{options.stories:,} stories, {SOURCES:,} sources, {DIGESTS:,} digests, {DELIVERIES:,} "
        f"posts, {size_mb:,.0f} MB; {options.turns} turns; {polls:,} polls in the busy run",
        "busy: 200 feeds are polled every second; the bare server stands beside it, and is asked "
        "in the same turns; feeds are written once in 15 seconds, other pages for each who asks",
    ]
    print(render_table("Web pages", rows, notes))


def pages_of(words: tuple[str, str, str], deep: str, stories: int) -> dict[str, Paths]:
    """The pages by name, each with the addresses that are asked for."""
    common, other, rare = words
    same = {
        "home": "/",
        "stories": "/stories",
        "stories, half way down": f"/stories?before={quote(deep)}",
        "stories of a tag": "/stories?tag=bench",
        "search, the commonest word": f"/search?q={common}",
        "search, two common words": f"/search?q={common}+{other}",
        "search, a rare word": f"/search?q={rare}",
        "search, how a word begins": f"/search?q={common[:3]}",
        "search, a phrase that nobody wrote": f"/search?q=%22{common}+{common}+{common}%22",
        "search, digests only": f"/search?q={common}&in=digests",
        "status": "/status",
        "predictions": "/predictions",
        "feed.atom": "/feed.atom",
        "feed.json of a tag": "/tags/bench/feed.json",
    }
    others: dict[str, Paths] = {
        "a story": lambda rng: f"/stories/{rng.randrange(1, stories) | 1}",
        "sources": lambda rng: f"/sources?sort=-interval&page={rng.randrange(1, 40)}",
        "a source": lambda rng: f"/sources/{rng.randrange(1, SOURCES)}",
    }
    return {name: _always(path) for name, path in same.items()} | others


def _always(path: str) -> Paths:
    return lambda rng: path


def _times(load: str, taken: dict[str, list[float]]) -> Iterator[Row]:
    for name, times in taken.items():
        for share in (50, 99):
            against = f"{load}: {BARE}, p{share}"
            yield Row(
                name=f"{load}: {name}, p{share}",
                value=statistics.quantiles(times, n=100, method="inclusive")[share - 1],
                unit="ms",
                baseline="" if name == BARE else BASELINES.get(name, against),
                goal=_goal(name) if share == 99 else "",
            )


def _goal(name: str) -> str:
    if name == "home":
        return f"< {HOME_GOAL_MS} ms"
    return f"< {SEARCH_GOAL_MS} ms" if name.startswith("search") else ""


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
