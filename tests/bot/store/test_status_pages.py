"""What the status page counts, and that it does not walk through all posts for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model import DeliveryState
from bot.store import outbox, status_pages
from bot.store.database import connect, migrate
from bot.store.times import to_text

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HOUR = NOW.replace(minute=0)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    migrate(tmp_path / "t.db")
    opened = connect(tmp_path / "t.db")
    opened.execute(
        """
        INSERT INTO subscription
            (id, key, origin, channel, sources, post, timezone, language, created_at)
        VALUES (1, 'k', 'file', 'fake:a', '["tag:x"]', 'instant', 'UTC', 'en', '')
        """
    )
    yield opened
    opened.close()


def deliver(connection: sqlite3.Connection, state: str, *, sent_at: datetime | None = None) -> None:
    number = connection.execute("SELECT COUNT(*) FROM delivery").fetchone()[0]
    connection.execute(
        """
        INSERT INTO delivery
            (key, subscription_id, channel, kind, subject, state, payload, created_at, sent_at)
        VALUES (?, 1, 'fake:a', 'story', ?, ?, '{}', ?, ?)
        """,
        (f"k{number}", f"s{number}", state, to_text(NOW), to_text(sent_at) if sent_at else None),
    )


def test_counts_are_those_of_the_rows(connection: sqlite3.Connection) -> None:
    for times, state in enumerate(DeliveryState, start=1):
        for _ in range(times):
            deliver(connection, state, sent_at=NOW if state is DeliveryState.SENT else None)
    counted = {state.value: times for times, state in enumerate(DeliveryState, start=1)}
    assert outbox.counts(connection) == counted


def test_posts_are_counted_by_hour_and_by_day(connection: sqlite3.Connection) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    for at in (
        NOW,
        HOUR,
        HOUR - timedelta(milliseconds=1),
        HOUR - timedelta(hours=23),
        midnight - timedelta(days=29),
        midnight - timedelta(days=29, milliseconds=1),
    ):
        deliver(connection, "sent", sent_at=at)
    found = status_pages.flow(connection, NOW)
    assert found.by_hour == [1, *[0] * 21, 1, 2]
    assert found.by_day == [1, *[0] * 27, 1, 3]


LOOKS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "counts": outbox.counts,
    "needing a person": outbox.needing_person,
    "flow": lambda connection: status_pages.flow(connection, NOW),
    "stuck": lambda connection: status_pages.stuck(connection, 9),
    "channels": lambda connection: status_pages.channels(connection, NOW, 9),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_reads_indexes(connection: sqlite3.Connection, name: str) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    LOOKS[name](connection)
    connection.set_trace_callback(None)
    plans = [
        row["detail"] for sql in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    on_deliveries = [detail for detail in plans if " delivery" in detail]
    assert on_deliveries
    assert all("INDEX delivery_" in detail for detail in on_deliveries)


def test_channels_in_trouble_come_first(connection: sqlite3.Connection) -> None:
    for number, channel in enumerate(("fake:b", "fake:c", "slack:1"), start=2):
        connection.execute(
            """
            INSERT INTO subscription
                (id, key, origin, channel, space, sources, post, timezone, language, created_at)
            VALUES (?, ?, 'chat', ?, ?, '[]', 'instant', 'UTC', 'en', '')
            """,
            (number, channel, channel, "slack:T1" if channel == "slack:1" else ""),
        )
    for name in ("space slack:T1", "fake:c"):
        connection.execute(
            """
            INSERT INTO channel_fault (channel, fault, reason, since, retry_at)
            VALUES (?, 'gone', 'x', ?, ?)
            """,
            (name, to_text(NOW), to_text(NOW)),
        )
    deliver(connection, "pending")
    found = status_pages.channels(connection, NOW, 3)
    assert found.total == 4
    assert [one.channel for one in found.shown] == ["fake:c", "slack:1", "fake:a"]
    assert [len(one.faults) for one in found.shown] == [1, 1, 0]
    assert (found.shown[2].waiting, found.shown[2].waiting_since) == (1, NOW)
