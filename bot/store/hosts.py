"""Hosts that asked for a pause: it counts for the next process, too."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.store.times import from_text, to_text


def pause(connection: sqlite3.Connection, place: str, until: datetime, now: datetime) -> None:
    """Keep that nobody asks `place` (host name and port) before `until`; forget pauses that ended.

    Of two pauses the longer one holds.
    """
    connection.execute("DELETE FROM host_pause WHERE until <= ?", (to_text(now),))
    connection.execute(
        """
        INSERT INTO host_pause (place, until)
        VALUES (?, ?)
        ON CONFLICT (place) DO UPDATE SET until = excluded.until
        WHERE excluded.until > until
        """,
        (place, to_text(until)),
    )


def paused(connection: sqlite3.Connection, now: datetime) -> dict[str, datetime]:
    """The hosts whose pause is not over, and when it is."""
    rows = connection.execute(
        "SELECT place, until FROM host_pause WHERE until > ?", (to_text(now),)
    )
    return {row["place"]: from_text(row["until"]) for row in rows}
