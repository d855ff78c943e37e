"""Which stories belong to a period, as digests ask for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.store.batches import parts
from bot.store.times import to_text


def in_period(
    connection: sqlite3.Connection,
    source_ids: Sequence[int],
    *,
    since_at: datetime,
    until_at: datetime,
) -> list[int]:
    """Stories first seen in `[since_at, until_at)` through one of the sources, oldest first.

    First seen, not published: what arrived late is told in the next digest, never lost between two.
    """
    found: set[int] = set()
    for part in parts(list(source_ids), 500):
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"""
            SELECT DISTINCT story.id
            FROM story
            JOIN entry ON entry.story_id = story.id
            WHERE story.first_seen_at >= ? AND story.first_seen_at < ?
              AND entry.postable = 1 AND entry.source_id IN ({marks})
            """,  # noqa: S608  # only question marks are put in
            (to_text(since_at), to_text(until_at), *part),
        )
        found.update(row["id"] for row in rows)
    return sorted(found)


def news_in(
    connection: sqlite3.Connection,
    source_ids: Sequence[int],
    *,
    since_at: datetime,
    until_at: datetime,
) -> list[int]:
    """Stories that one of the sources reported as of `[since_at, until_at)`, oldest first.

    By the time that they were news, whenever we first saw them: what a digest of any past period
    is made of.
    """
    found: set[int] = set()
    for source_id in source_ids:
        rows = connection.execute(
            """
            SELECT DISTINCT story_id FROM entry
            WHERE source_id = ? AND news_at >= ? AND news_at < ?
            """,
            (source_id, to_text(since_at), to_text(until_at)),
        )
        found.update(row["story_id"] for row in rows)
    return sorted(found)


def titles_in(
    connection: sqlite3.Connection,
    source_ids: Sequence[int],
    *,
    since_at: datetime,
    until_at: datetime,
) -> list[str]:
    """The titles of those stories."""
    wanted = news_in(connection, source_ids, since_at=since_at, until_at=until_at)
    titles: list[str] = []
    for part in parts(wanted, 500):
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"SELECT title FROM story WHERE id IN ({marks}) ORDER BY id",  # noqa: S608  # marks only
            part,
        )
        titles += [row["title"] for row in rows]
    return titles


def source_counts(connection: sqlite3.Connection, story_ids: Sequence[int]) -> dict[int, int]:
    """How many sources report each of the stories."""
    counts: dict[int, int] = {}
    for part in parts(list(story_ids), 500):
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"SELECT id, source_count FROM story WHERE id IN ({marks})",  # noqa: S608  # marks only
            part,
        )
        counts.update((row["id"], row["source_count"]) for row in rows)
    return counts
