"""What people in chats switched, muted and asked, channel by channel."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.store.times import from_text, to_text


def switch(connection: sqlite3.Connection, space: str, name: str, value: str) -> None:
    """Set something for a whole server or workspace."""
    connection.execute(
        """
        INSERT INTO space_setting (space, name, value) VALUES (?, ?, ?)
        ON CONFLICT (space, name) DO UPDATE SET value = excluded.value
        """,
        (space, name, value),
    )


def switched(connection: sqlite3.Connection, space: str, name: str, default: str) -> str:
    row = connection.execute(
        "SELECT value FROM space_setting WHERE space = ? AND name = ?", (space, name)
    ).fetchone()
    return row["value"] if row else default


def caught_up_at(connection: sqlite3.Connection, channel: str, person: str) -> datetime | None:
    """When this person last asked what happened in this channel; None: never."""
    row = connection.execute(
        "SELECT asked_at FROM catch_up WHERE channel = ? AND person = ?", (channel, person)
    ).fetchone()
    return from_text(row["asked_at"]) if row else None


def catch_up(connection: sqlite3.Connection, channel: str, person: str, now: datetime) -> None:
    """They know everything up to now."""
    connection.execute(
        """
        INSERT INTO catch_up (channel, person, asked_at) VALUES (?, ?, ?)
        ON CONFLICT (channel, person) DO UPDATE SET asked_at = excluded.asked_at
        """,
        (channel, person, to_text(now)),
    )


def mute(
    connection: sqlite3.Connection, channel: str, source_id: int, person: str, now: datetime
) -> bool:
    """Post no more of this source here; False when that was so already."""
    cursor = connection.execute(
        """
        INSERT INTO muted_source (channel, source_id, muted_by, muted_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (channel, source_id) DO NOTHING
        """,
        (channel, source_id, person, to_text(now)),
    )
    return cursor.rowcount > 0


def unmute(connection: sqlite3.Connection, channel: str, source_id: int) -> bool:
    cursor = connection.execute(
        "DELETE FROM muted_source WHERE channel = ? AND source_id = ?", (channel, source_id)
    )
    return cursor.rowcount > 0


def muted(connection: sqlite3.Connection, channel: str) -> set[int]:
    """The sources that are not posted in this channel."""
    rows = connection.execute("SELECT source_id FROM muted_source WHERE channel = ?", (channel,))
    return {row["source_id"] for row in rows}
