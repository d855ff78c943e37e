"""Which server or workspace the subscribed channels belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from bot.store import platform_notes
from bot.store.times import from_text

_NAME = "name of "


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


def note_names(connection: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Remember what channels are called, by channel: who deleted one still knows it by its name."""
    for channel, name in names.items():
        platform_notes.put(connection, channel.partition(":")[0], f"{_NAME}{channel}", name)


def name_of(connection: sqlite3.Connection, channel: str) -> str | None:
    """What a channel is or was called, as far as anybody noted it."""
    return platform_notes.get(connection, channel.partition(":")[0], f"{_NAME}{channel}")


def names_of(connection: sqlite3.Connection, channels: Iterable[str]) -> dict[str, str]:
    """The noted names, by channel."""
    found = {channel: name_of(connection, channel) for channel in channels}
    return {channel: name for channel, name in found.items() if name is not None}


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
