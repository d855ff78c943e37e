"""SIGKILL at any moment: no story is lost and none is posted twice.

The files platform makes this provable from outside: each delivery is one file, written aside and
renamed. The process is killed at random moments while it polls, stores and posts; in the end every
item that any feed ever listed stands in the archive exactly once.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import database as store
from tests.sims.origin import Origin
from tests.system.feeds import rss
from tests.system.service import run, start, until_logged, write_settings

KILLS = 50
ITEMS_PER_ROUND = 4


class Press:
    """Two feeds that grow. `items` are all that was ever listed."""

    def __init__(self, origin: Origin, rng: random.Random) -> None:
        self._origin = origin
        self._rng = rng
        self.items: dict[str, list[tuple[str, str]]] = {"a": [], "b": []}
        self.dates: dict[str, datetime] = {}
        self.urls = [origin.url(f"/{name}.xml") for name in self.items]
        self.serve()

    def grow(self) -> None:
        for name, listed in self.items.items():
            for _ in range(ITEMS_PER_ROUND):
                number = len(listed)
                words = " ".join(self._word() for _ in range(6))
                listed.append((f"{name}{number}", f"{words} {name}{number}"))
                self.dates[f"{name}{number}"] = datetime.now(UTC)
        self.serve()

    def serve(self) -> None:
        for name, listed in self.items.items():
            site = self._origin.url(f"/{name}")
            body = rss(listed[::-1], site=site, dates=self.dates)
            self._origin.serve(f"/{name}.xml", body=body, etag=f'"{len(listed)}"')

    def titles(self) -> list[str]:
        return [title for listed in self.items.values() for _, title in listed]

    def _word(self) -> str:
        return "".join(self._rng.choices("abcdefghijklmnoprstuvwz", k=8))


def posted_titles(folder: Path, titles: list[str]) -> Counter[str]:
    """How many files tell each title."""
    heads = [path.read_text() for path in (folder / "posts").rglob("*.md")]
    return Counter(title for head in heads for title in titles if title in head)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_killed_at_any_moment_it_loses_nothing_and_posts_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    async with Origin() as origin:
        press = Press(origin, rng)
        write_settings(tmp_path, press.urls)
        assert (await run(tmp_path, "run", "--once")).status == 0
        for _ in range(KILLS):
            press.grow()
            process = await start(tmp_path, "run")
            await until_logged(process, "ready")
            await asyncio.sleep(rng.uniform(0, 1.0))
            process.kill()
            await process.communicate()
        await asyncio.sleep(1.1)  # until the last poll's interval has passed
        last = await run(tmp_path, "run", "--once")
        assert (last.status, last.complaints) == (0, [])
        counted = posted_titles(tmp_path, press.titles())
        assert counted == Counter(press.titles())
        files = list((tmp_path / "posts").rglob("*"))
        assert sum(path.is_file() for path in files) == len(counted)
        assert store.check(tmp_path / "data" / "threadwire.db") == []
        counts = (await run(tmp_path, "deliveries", "--json")).json["counts"]
        assert {state: count for state, count in counts.items() if count} == {"sent": len(counted)}
