"""Which server or workspace the subscribed channels belong to."""

from __future__ import annotations

import sqlite3


def channels_of(connection: sqlite3.Connection, space: str) -> list[str]:
    """The subscribed channels of a server or workspace."""
    rows = connection.execute(
        """
        SELECT DISTINCT channel FROM subscription
        WHERE space = ? AND state <> 'removed'
        ORDER BY channel
        """,
        (space,),
    )
    return [row["channel"] for row in rows]


def placeless(connection: sqlite3.Connection, platform: str) -> list[str]:
    """Subscribed channels of a platform of which nobody knows yet where they belong.

    Those are the ones that the settings name.
    """
    rows = connection.execute(
        """
        SELECT DISTINCT channel FROM subscription
        WHERE space = '' AND state <> 'removed' AND channel LIKE ? || ':%'
        ORDER BY channel
        """,
        (platform,),
    )
    return [row["channel"] for row in rows]


def polled_sources(connection: sqlite3.Connection) -> int:
    """How many sources are polled."""
    row = connection.execute(
        "SELECT COUNT(*) AS n FROM source WHERE state IN ('active', 'failing')"
    ).fetchone()
    count: int = row["n"]
    return count
