"""Which server or workspace the subscribed channels belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bot.store.times import from_text


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


class PostedDigest(NamedTuple):
    """A digest as it stands in a channel. `payload` is its post as JSON."""

    channel: str
    message_id: str
    payload: str
    sent_at: datetime


def posted_digests(
    connection: sqlite3.Connection, channels: Iterable[str], limit: int
) -> list[PostedDigest]:
    """The digests that were posted in these channels last."""
    wanted = list(channels)
    marks = ", ".join("?" * len(wanted)) or "NULL"
    rows = connection.execute(
        f"""
        SELECT channel, message_id, payload, sent_at
        FROM delivery
        WHERE kind = 'digest' AND state = 'sent' AND message_id IS NOT NULL
          AND payload IS NOT NULL AND channel IN ({marks})
        ORDER BY sent_at DESC
        LIMIT ?
        """,  # noqa: S608  # marks alone
        (*wanted, limit),
    )
    return [
        PostedDigest(row["channel"], row["message_id"], row["payload"], from_text(row["sent_at"]))
        for row in rows
    ]
