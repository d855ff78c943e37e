"""How long a completion takes while a person types: from the store, within one server's sight.

100,000 sources, half of them the settings', half of them of 1,000 subscriptions of 100 servers.
The baseline is the same question put to the bare table, without the indexes of `m0008`.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.commands import dispatch
from bot.commands.kit import Ask, Completes, Desk, Person
from bot.shelf import MemoryShelf
from bot.store import sources, space_stories, subscriptions
from bot.store.database import Connection, Database
from bot.store.search import like_pattern
from bot.store.sources import DeclaredSource
from bot.store.spaces import SEEN, Viewer
from bot.store.subscriptions import DeclaredSubscription
from tests.bench.report import Row, render_table
from tests.fakes.clock import FakeClock

SOURCES, SUBSCRIPTIONS, SERVERS, DELIVERIES = 100_000, 1_000, 100, 300_000
NOW = datetime(2026, 11, 21, tzinfo=UTC)
ASK = Ask(
    platform="discord",
    space="discord:g1",
    channel="discord:1",
    person=Person(id="discord:42", name="Anna"),
    may_manage=True,
)
TIMES = 9


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(_measured(Path(folder)))
    notes = [f"medians of {TIMES}; {SOURCES:,} sources, {SUBSCRIPTIONS:,} subscriptions"]
    print(render_table("Completions", rows, notes))


async def _measured(folder: Path) -> list[Row]:
    async with Database(folder / "t.db") as database:
        await database.write(_fill)
        desk = Desk(
            database=database,
            clock=FakeClock(),
            newsroom=None,  # type: ignore[arg-type]  # completions ask the store alone
            rooms={},
            shelf=MemoryShelf(FakeClock()),
        )

        async def completed(completes: Completes, typed: str) -> float:
            return await _median_ms(lambda: dispatch.complete(desk, completes, typed, ASK))

        rows = [
            Row(name="source, nothing typed", value=await completed(Completes.SOURCE, ""),
                unit="ms"),
            Row(name="source, from the start", value=await completed(Completes.SOURCE, "site12"),
                unit="ms", goal="< 100 ms"),
            Row(name="source, found nowhere", value=await completed(Completes.SOURCE, "zzz"),
                unit="ms", goal="< 100 ms"),
            Row(name="subscription", value=await completed(Completes.SUBSCRIPTION, ""), unit="ms"),
            Row(name="time zone", value=await completed(Completes.TIMEZONE, "new y"), unit="ms"),
            Row(name="a post by its message", unit="ms", value=await _median_ms(
                lambda: database.read(space_stories.delivery, ASK.viewer, "m77"))),
        ]  # fmt: skip
        await database.write(_drop_indexes)
        bare = await _median_ms(lambda: database.read(_bare, ASK.viewer, "zzz"))
    baseline = "the bare table, found nowhere"
    compared = [
        Row(name=row.name, value=row.value, unit="ms", baseline=baseline, goal=row.goal)
        for row in rows
    ]
    return [Row(name=baseline, value=bare, unit="ms"), *compared]


async def _median_ms(action: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await action()
        taken.append(1_000 * (time.perf_counter() - began))
    return statistics.median(taken)


def _fill(connection: Connection) -> None:
    for origin, name in (("file", "site"), ("chat", "chat")):
        rows = [_source(f"https://{name}{n}.example/feed.xml", n) for n in range(SOURCES // 2)]
        sources.declare(connection, rows, origin=origin, now=NOW)
    connection.execute("UPDATE source SET memory = ?", ("m" * 1_500,))  # as after some polls
    chat_ids = _ids(connection, "SELECT id FROM source WHERE origin = 'chat'")
    for n in range(SUBSCRIPTIONS):
        made = DeclaredSubscription(
            channel=f"discord:{n}",
            sources=(f"https://chat{n}.example/feed.xml",),
            space=f"discord:g{n % SERVERS}",
        )
        number = subscriptions.declare(connection, made, origin="chat", now=NOW)
        subscriptions.link(connection, number, chat_ids[n * 50 : n * 50 + 50])
    connection.executemany(
        """
        INSERT INTO delivery
            (key, subscription_id, channel, kind, subject, state, created_at, message_id)
        VALUES (?, ?, 'discord:1', 'story', ?, 'sent', '2026-11-21T00:00:00.000Z', ?)
        """,
        [(f"k{n}", 1 + n % SUBSCRIPTIONS, f"s{n}", f"m{n}") for n in range(DELIVERIES)],
    )


def _source(url: str, number: int) -> DeclaredSource:
    tags = ("ai",) if number % 3 else ("labs", "research")
    return DeclaredSource(
        url=url, kind="feed", fetch_url=url, title=f"Title of site {number}", tags=tags
    )


def _ids(connection: Connection, query: str) -> Sequence[int]:
    return [row["id"] for row in connection.execute(query)]


def _drop_indexes(connection: Connection) -> None:
    for name in ("source_name", "source_tags", "source_fetched", "delivery_message"):
        connection.execute(f"DROP INDEX {name}")


def _bare(connection: Connection, viewer: Viewer, typed: str) -> list[str]:
    holds = like_pattern(typed)
    rows = connection.execute(
        rf"""
        SELECT url FROM source
        WHERE (url LIKE ? ESCAPE '\' OR title LIKE ? ESCAPE '\') AND {SEEN}
        ORDER BY url LIMIT 25
        """,
        (holds, holds, *viewer.bound),
    )
    return [row["url"] for row in rows]


if __name__ == "__main__":
    main()
