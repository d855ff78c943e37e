"""Digests as they were made: one row per kind, scope and period.

A revision takes the place of what was there: what people deleted must not live on in old ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.store.times import from_text, to_text


class StoredDigest(NamedTuple):
    """A digest. `result` is its record as JSON; `scope` tells whose period it is about."""

    id: int
    kind: str
    scope: str
    since: datetime
    until: datetime
    revision: int
    fingerprint: str
    subscription_id: int | None
    subject: str | None
    is_public: bool
    result: str
    made_at: datetime
    revised_at: datetime


class NewDigest(NamedTuple):
    """A digest to be kept. `fingerprint` stands for everything that it was made from.

    `subject` names the digest within its subscription, as in the outbox; None on demand.
    """

    kind: str
    scope: str
    since: datetime
    until: datetime
    fingerprint: str
    result: str
    subscription_id: int | None = None
    subject: str | None = None
    is_public: bool = True


def keep(
    connection: sqlite3.Connection, made: NewDigest, story_ids: Iterable[int], now: datetime
) -> StoredDigest:
    """Store a digest: a new one, or the next revision of the one that its period has.

    The same fingerprint is the same digest: what is stored stays.
    """
    known = find(connection, made.kind, made.scope, made.since, made.until)
    if known is None:
        digest_id = _insert(connection, made, now)
    elif known.fingerprint == made.fingerprint:
        return known
    else:
        digest_id = known.id
        _revise(connection, known, made, now)
    connection.execute("DELETE FROM digest_story WHERE digest_id = ?", (digest_id,))
    connection.executemany(
        "INSERT INTO digest_story (digest_id, story_id) VALUES (?, ?)",
        [(digest_id, story_id) for story_id in dict.fromkeys(story_ids)],
    )
    stored = by_id(connection, digest_id)
    assert stored is not None
    return stored


def _insert(connection: sqlite3.Connection, made: NewDigest, now: datetime) -> int:
    cursor = connection.execute(
        """
        INSERT INTO digest
            (kind, scope, since, until, fingerprint, subscription_id, subject, is_public, result,
             made_at, revised_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            made.kind,
            made.scope,
            to_text(made.since),
            to_text(made.until),
            made.fingerprint,
            made.subscription_id,
            made.subject,
            made.is_public,
            made.result,
            to_text(now),
            to_text(now),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _revise(
    connection: sqlite3.Connection, known: StoredDigest, made: NewDigest, now: datetime
) -> None:
    connection.execute(
        """
        UPDATE digest SET revision = revision + 1, fingerprint = ?, result = ?, revised_at = ?
        WHERE id = ?
        """,
        (made.fingerprint, made.result, to_text(now), known.id),
    )


def find(
    connection: sqlite3.Connection, kind: str, scope: str, since: datetime, until: datetime
) -> StoredDigest | None:
    row = connection.execute(
        "SELECT * FROM digest WHERE kind = ? AND scope = ? AND since = ? AND until = ?",
        (kind, scope, to_text(since), to_text(until)),
    ).fetchone()
    return from_row(row) if row else None


def by_id(connection: sqlite3.Connection, digest_id: int) -> StoredDigest | None:
    row = connection.execute("SELECT * FROM digest WHERE id = ?", (digest_id,)).fetchone()
    return from_row(row) if row else None


def of_subject(
    connection: sqlite3.Connection, subscription_id: int, subject: str
) -> StoredDigest | None:
    """The digest behind a delivery."""
    row = connection.execute(
        "SELECT * FROM digest WHERE subscription_id = ? AND subject = ?",
        (subscription_id, subject),
    ).fetchone()
    return from_row(row) if row else None


def listed(connection: sqlite3.Connection, limit: int = -1) -> list[StoredDigest]:
    """All digests, the newest period first."""
    rows = connection.execute("SELECT * FROM digest ORDER BY until DESC, id DESC LIMIT ?", (limit,))
    return [from_row(row) for row in rows]


def story_ids(connection: sqlite3.Connection, digest_id: int) -> list[int]:
    rows = connection.execute(
        "SELECT story_id FROM digest_story WHERE digest_id = ? ORDER BY story_id", (digest_id,)
    )
    return [row["story_id"] for row in rows]


def told_before(connection: sqlite3.Connection, scope: str, kind: str, at: datetime) -> set[int]:
    """Stories in this scope's digests of earlier periods: those that ended by `at`."""
    rows = connection.execute(
        """
        SELECT DISTINCT digest_story.story_id
        FROM digest_story
        JOIN digest ON digest.id = digest_story.digest_id
        WHERE digest.scope = ? AND digest.kind = ? AND digest.until <= ?
        """,
        (scope, kind, to_text(at)),
    )
    return {row["story_id"] for row in rows}


def outdate(connection: sqlite3.Connection, story_id: int) -> None:
    """A story's words were deleted: digests that told them are made anew, however old they are.

    Those that were made on demand go, and come back without them when they are wanted.
    """
    connection.execute(
        """
        DELETE FROM digest
        WHERE subscription_id IS NULL
          AND id IN (SELECT digest_id FROM digest_story WHERE story_id = ?)
        """,
        (story_id,),
    )
    connection.execute(
        """
        UPDATE digest SET fingerprint = ''
        WHERE id IN (SELECT digest_id FROM digest_story WHERE story_id = ?)
        """,
        (story_id,),
    )


def outdated(
    connection: sqlite3.Connection, now: datetime, within: timedelta
) -> list[StoredDigest]:
    """Posted digests of the last while with a story that changed after they were made, and all
    with words that were deleted.
    """
    rows = connection.execute(
        """
        SELECT digest.*
        FROM digest
        JOIN delivery ON delivery.subscription_id = digest.subscription_id
         AND delivery.subject = digest.subject
        WHERE (digest.fingerprint = '' AND delivery.state NOT IN ('pending', 'sending', 'retry'))
           OR (digest.made_at >= ? AND delivery.state = 'sent' AND EXISTS (
            SELECT 1
            FROM digest_story
            JOIN story ON story.id = digest_story.story_id
            WHERE digest_story.digest_id = digest.id AND (
                story.updated_at > digest.revised_at OR EXISTS (
                    SELECT 1
                    FROM entry
                    JOIN entry_revision ON entry_revision.entry_id = entry.id
                    WHERE entry.story_id = story.id AND entry_revision.seen_at > digest.revised_at
                )
            )
        ))
        ORDER BY digest.id
        """,
        (to_text(now - within),),
    )
    return [from_row(row) for row in rows]


def drop(connection: sqlite3.Connection, digest_id: int) -> None:
    """Forget a digest."""
    connection.execute("DELETE FROM digest WHERE id = ?", (digest_id,))


def touch(connection: sqlite3.Connection, digest_id: int, now: datetime) -> None:
    """On record that it was looked at and is as it should be."""
    connection.execute("UPDATE digest SET revised_at = ? WHERE id = ?", (to_text(now), digest_id))


def from_row(row: sqlite3.Row) -> StoredDigest:
    return StoredDigest(
        id=row["id"],
        kind=row["kind"],
        scope=row["scope"],
        since=from_text(row["since"]),
        until=from_text(row["until"]),
        revision=row["revision"],
        fingerprint=row["fingerprint"],
        subscription_id=row["subscription_id"],
        subject=row["subject"],
        is_public=bool(row["is_public"]),
        result=row["result"],
        made_at=from_text(row["made_at"]),
        revised_at=from_text(row["revised_at"]),
    )
