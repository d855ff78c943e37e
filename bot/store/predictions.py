"""The predictions ledger: every dated forecast that a digest told, and when it was made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bot.store.times import from_text, to_text


class PredictionRow(NamedTuple):
    """One forecast. `event_key` is the same for the same event, however it was worded."""

    event_key: str
    event: str
    year: int
    confidence: str
    reason: str
    made_at: datetime
    made_by: str
    by_model: bool
    url: str | None
    quote: str


def keep(connection: sqlite3.Connection, scope: str, rows: Iterable[PredictionRow]) -> None:
    """Enter forecasts; the same one of the same moment by the same hand is entered once."""
    connection.executemany(
        """
        INSERT INTO prediction
            (scope, event_key, event, year, confidence, reason, made_at, made_by, by_model, url,
             quote)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (scope, event_key, made_by, made_at) DO UPDATE
        SET event = excluded.event, year = excluded.year, confidence = excluded.confidence,
            reason = excluded.reason, url = excluded.url, quote = excluded.quote
        """,
        [
            (
                scope,
                row.event_key,
                row.event,
                row.year,
                row.confidence,
                row.reason,
                to_text(row.made_at),
                row.made_by,
                row.by_model,
                row.url,
                row.quote,
            )
            for row in rows
        ],
    )


def forget(connection: sqlite3.Connection, place: str) -> None:
    """Strike out what was foretold at addresses with `place` in them: it was deleted there."""
    connection.execute("DELETE FROM prediction WHERE instr(url, ?) > 0", (place,))


def made_before(connection: sqlite3.Connection, scope: str, at: datetime) -> list[PredictionRow]:
    """Forecasts of this scope made before `at`, the oldest first."""
    rows = connection.execute(
        "SELECT * FROM prediction WHERE scope = ? AND made_at < ? ORDER BY made_at, id",
        (scope, to_text(at)),
    )
    return [
        PredictionRow(
            event_key=row["event_key"],
            event=row["event"],
            year=row["year"],
            confidence=row["confidence"],
            reason=row["reason"],
            made_at=from_text(row["made_at"]),
            made_by=row["made_by"],
            by_model=bool(row["by_model"]),
            url=row["url"],
            quote=row["quote"],
        )
        for row in rows
    ]
