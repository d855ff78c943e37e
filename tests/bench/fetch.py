"""Unchanged feeds per second through the guarded client, beside aiohttp on its own.

    python -m tests.bench.fetch [requests]

The origin runs in a process of its own and answers 304 over kept connections; the client uses one
core. The baseline is aiohttp as bare as it gets: one session, the same header, no check of ours.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from multiprocessing.connection import Connection

import aiohttp

from adapters.http import HttpClient
from bot.ports import FetchRequest
from tests.sims.origin import Origin

ETAG = '"v1"'
WORKERS = 64
ROUNDS = 3


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 6_000
    with _origin_process() as base:
        best: dict[str, float] = {}
        for _ in range(ROUNDS):
            for name, measure in (("aiohttp alone", _bare), ("HttpClient", _guarded)):
                rate = asyncio.run(measure(base, total))
                best[name] = max(best.get(name, 0.0), rate)
    print(f"{total} requests, {WORKERS} at once, best of {ROUNDS}")
    for name, rate in best.items():
        ratio = rate / best["aiohttp alone"]
        print(f"{name:16} {rate:8.0f} answers/s   {ratio:5.2f} of aiohttp alone")


async def _bare(base: str, total: int) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def get(url: str) -> None:
            async with session.get(url, headers={"If-None-Match": ETAG}) as response:
                assert response.status == 304

        return await _rate(base, total, get)


async def _guarded(base: str, total: int) -> float:
    async with HttpClient(
        user_agent="Threadwire-bench (+https://example.org)",
        per_host=WORKERS,
        concurrency=WORKERS,
        host_gap_s=0,
        allow_networks=[ip_network("127.0.0.0/8")],
    ) as http:

        async def get(url: str) -> None:
            assert (await http.fetch(FetchRequest(url=url, etag=ETAG))).not_modified

        return await _rate(base, total, get)


async def _rate(base: str, total: int, get: Callable[[str], Awaitable[None]]) -> float:
    """Answers per second of `WORKERS` that share one list of URLs."""
    urls = iter([f"{base}/feed?n={number}" for number in range(total)])

    async def work() -> None:
        for url in urls:
            await get(url)

    started_s = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(work())
    return total / (time.perf_counter() - started_s)


@contextmanager
def _origin_process() -> Iterator[str]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_serve_for_ever(pipe))


async def _serve_for_ever(pipe: Connection) -> None:
    async with Origin() as origin:
        origin.serve("/feed", body=b"<rss/>", etag=ETAG)
        pipe.send(origin.url(""))
        while True:
            await asyncio.sleep(1)
            origin.requests.clear()


if __name__ == "__main__":
    main()
