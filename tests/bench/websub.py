"""From the moment a publisher has an item to the post of it: pushed by a hub, or polled.

The whole service in a process of its own, with a hub and an origin on loopback; what is posted is a
file. A push starts the clock when the hub sends it; for polling the clock starts when the origin
serves the item, at moments spread over the interval (1 s, far below what is polite outside).
"""

from __future__ import annotations

import asyncio
import random
import socket
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench.report import Row, render_table
from tests.sims.hub import Hub
from tests.sims.origin import Origin
from tests.system import service
from tests.system.feeds import rss

ITEMS = 30
SEED = 6


def feed(items: list[tuple[str, str]], origin: Origin, hub: Hub | None) -> bytes:
    """A feed that names its hub, if it has one."""
    body = rss(items, site=origin.url("")).decode()
    if hub is None:
        return body.encode()
    link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub.url}"/>'
    return body.replace(
        "<description>d</description>", link + "<description>d</description>"
    ).encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_settings(folder: Path, url: str, *, pushed: bool) -> None:
    port = free_port()
    pace = "1h" if pushed else "1s"
    head = service.SETTINGS.replace('"1s"', f'"{pace}"').replace(
        'listen = ""', f'listen = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"'
    )
    service.write_settings(folder, [url], head=head)


async def until_posted(folder: Path, title: str, *, within_s: float = 20.0) -> None:
    """Wait until a file of the archive holds this title."""
    async with asyncio.timeout(within_s):
        while not await asyncio.to_thread(_is_there, folder / "posts", title):
            await asyncio.sleep(0.005)


def _is_there(folder: Path, title: str) -> bool:
    slug = title.lower().replace(" ", "-")
    return any(slug in path.name or title in path.read_text() for path in folder.rglob("*.md"))


async def latencies(count: int, *, pushed: bool) -> list[float]:
    """Seconds from item to post, `count` times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Origin() as origin, Hub() as hub:
            known = [("first", "Opening words")]
            url = origin.url("/feed")
            origin.serve("/feed", body=feed(known, origin, hub if pushed else None))
            write_settings(folder, url, pushed=pushed)
            process = await service.start(folder, "run")
            try:
                await service.until_logged(process, "source polled")
                drain = asyncio.create_task(process.communicate())
                if pushed:
                    await hub.subscribed(url, within_s=30)

                async def publish(item: tuple[str, str]) -> None:
                    known.insert(0, item)
                    if pushed:
                        await hub.publish(url, feed([item], origin, hub))
                    else:
                        origin.serve("/feed", body=feed(known, origin, None))

                return await _measured(count, folder, publish)
            finally:
                process.terminate()
                await drain


async def _measured(
    count: int, folder: Path, publish: Callable[[tuple[str, str]], Awaitable[None]]
) -> list[float]:
    rng, found = random.Random(SEED), []
    for number in range(count):
        title = f"Story number {1000 + number} of {rng.randrange(10**9)} harbour tales"
        await asyncio.sleep(rng.random())
        began = time.perf_counter()
        await publish((f"item{number}", title))
        await until_posted(folder, title)
        found.append(time.perf_counter() - began)
    return found


def main() -> None:
    rows: list[Row] = []
    for label, pushed in (("polled every second", False), ("pushed by a hub", True)):
        found = sorted(asyncio.run(latencies(ITEMS, pushed=pushed)))
        for name, value in (
            ("median", statistics.median(found)),
            ("p95", found[int(0.95 * (len(found) - 1))]),
            ("longest", found[-1]),
        ):
            baseline = f"polled every second, {name}" if pushed else ""
            goal = "< 1,000 ms" if pushed else ""
            rows.append(
                Row(
                    name=f"{label}, {name}",
                    value=value * 1_000,
                    unit="ms",
                    baseline=baseline,
                    goal=goal,
                )
            )
    print(render_table("From item to post", rows, [f"{ITEMS} items each, posted as files"]))


if __name__ == "__main__":
    main()
