"""What a platform's connection has to remember beyond a restart: short values by name."""

from __future__ import annotations

import sqlite3


def get(connection: sqlite3.Connection, platform: str, name: str) -> str | None:
    row = connection.execute(
        "SELECT value FROM platform_note WHERE platform = ? AND name = ?", (platform, name)
    ).fetchone()
    return row["value"] if row else None


def put(connection: sqlite3.Connection, platform: str, name: str, value: str) -> None:
    connection.execute(
        """
        INSERT INTO platform_note (platform, name, value) VALUES (?, ?, ?)
        ON CONFLICT (platform, name) DO UPDATE SET value = excluded.value
        """,
        (platform, name, value),
    )


def forget(connection: sqlite3.Connection, platform: str, name: str) -> None:
    connection.execute(
        "DELETE FROM platform_note WHERE platform = ? AND name = ?", (platform, name)
    )
