"""What is looked for at every tick and every send is found without walking through all posts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import edits, sending, stories
from bot.store.database import connect, migrate

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LOOKS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "open channels": lambda connection: sending.open_channels(connection, NOW),
    "head": lambda connection: sending.head(connection, "fake:a"),
    "edits": lambda connection: edits.next_due(connection, "fake:a", NOW),
    "interrupted": sending.interrupted,
    "retry": sending.soonest_retry,
    "unsummarized": lambda connection: stories.unsummarized(connection, 64),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_does_not_grow_with_what_was_sent(tmp_path: Path, name: str) -> None:
    migrate(tmp_path / "t.db")
    connection = connect(tmp_path / "t.db")
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    LOOKS[name](connection)
    connection.set_trace_callback(None)
    plans = [
        row["detail"] for sql in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    connection.close()
    on_deliveries = [detail for detail in plans if " delivery" in detail]
    assert on_deliveries
    assert all("INDEX delivery_" in detail for detail in on_deliveries)
    assert all("delivery_story" not in detail for detail in on_deliveries)
