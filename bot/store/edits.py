"""Posted deliveries that are to be edited, since what they tell has changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model import Delivery
from bot.store.outbox import delivery_of, remark
from bot.store.sending import LONGEST_WAIT
from bot.store.times import to_text


class DueEdit(NamedTuple):
    """A posted delivery to be edited, and how often that failed since it last worked."""

    delivery: Delivery
    tries: int


def story_changed(connection: sqlite3.Connection, story_id: int, most_edits: int) -> None:
    """Posts of this story are to be edited: it has new coverage or a new headline.

    Those on their way are so when they have arrived: they show what was frozen with them.
    """
    rows = connection.execute(
        """
        SELECT id FROM delivery
        WHERE story_id = ? AND kind = 'story' AND state IN ('sending', 'retry', 'sent')
          AND edits < ?
        """,
        (story_id, most_edits),
    ).fetchall()
    # Row by row: a statement that may change several makes the full-text index flush first.
    for row in rows:
        _set_due(connection, row["id"])


def digest_changed(
    connection: sqlite3.Connection, subscription_id: int, subject: str, *, edit: bool = True
) -> None:
    """A digest has a new revision, or is gone; `edit`: its post is to follow.

    What the post showed is not kept: it may have been deleted, and not every platform can edit.
    """
    connection.execute(
        """
        UPDATE delivery SET edit_due = CASE WHEN state = 'sent' THEN ? ELSE 0 END, payload = NULL
        WHERE subscription_id = ? AND subject = ? AND state NOT IN ('pending', 'sending', 'retry')
        """,
        (int(edit), subscription_id, subject),
    )


def discussed(
    connection: sqlite3.Connection, entry_ids: Sequence[int], *, since: datetime, most_edits: int
) -> list[Delivery]:
    """Posts of these entries' stories that were sent since then and are not to be edited yet."""
    found: list[Delivery] = []
    for start in range(0, len(entry_ids), 500):
        part = entry_ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"""
            SELECT * FROM delivery
            WHERE story_id IN (SELECT story_id FROM entry WHERE id IN ({marks}))
              AND kind = 'story' AND state = 'sent' AND edit_due = 0 AND edits < ?
              AND sent_at >= ?
            ORDER BY id
            """,  # noqa: S608  # only question marks are put in
            (*part, most_edits, to_text(since)),
        )
        found += [delivery_of(row) for row in rows]
    return found


def mark_due(connection: sqlite3.Connection, delivery_id: int, reason: str, now: datetime) -> None:
    """A posted delivery is to be edited for this reason."""
    _set_due(connection, delivery_id)
    remark(connection, delivery_id, "grown", reason, now)


def _set_due(connection: sqlite3.Connection, delivery_id: int) -> None:
    connection.execute("UPDATE delivery SET edit_due = 1 WHERE id = ?", (delivery_id,))


def next_due(connection: sqlite3.Connection, channel: str, now: datetime) -> DueEdit | None:
    """The channel's oldest post that is to be edited now."""
    row = connection.execute(
        """
        SELECT * FROM delivery
        WHERE channel = ? AND edit_due = 1 AND state = 'sent'
          AND (next_attempt_at IS NULL OR next_attempt_at <= ? OR next_attempt_at > ?)
          AND NOT EXISTS (
            SELECT 1 FROM entry  -- somebody tells it in other words, to be summarised first
            WHERE entry.story_id = delivery.story_id AND entry.title <> '[deleted]' AND NOT EXISTS (
                SELECT 1 FROM article_summary WHERE article_summary.story_id = entry.story_id
            )
          )
        ORDER BY id
        LIMIT 1
        """,
        (channel, to_text(now), to_text(now + LONGEST_WAIT)),
    ).fetchone()
    if row is None:
        return None
    tries: int = connection.execute(
        """
        SELECT COUNT(*) FROM delivery_attempt
        WHERE delivery_id = ? AND outcome = 'edit failed' AND id > (
            SELECT COALESCE(MAX(id), 0) FROM delivery_attempt
            WHERE delivery_id = ? AND outcome = 'edited'
        )
        """,
        (row["id"], row["id"]),
    ).fetchone()[0]
    return DueEdit(delivery_of(row), tries)


def mark_edited(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    payload: str | None,
    outcome: str,
    now: datetime,
    again: bool = False,
) -> None:
    """The post shows `payload` now (None: it was left as it is, `outcome` says why).

    `again`: what it tells changed once more while it was edited.
    """
    connection.execute(
        """
        UPDATE delivery
        SET edit_due = ?, edits = edits + 1, payload = COALESCE(?, payload), next_attempt_at = NULL
        WHERE id = ?
        """,
        (again, payload, delivery_id),
    )
    remark(connection, delivery_id, "edited", outcome, now)


def mark_failed(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    reason: str,
    next_attempt_at: datetime,
    now: datetime,
) -> None:
    """The edit stays due, and is tried again then."""
    connection.execute(
        "UPDATE delivery SET next_attempt_at = ? WHERE id = ?",
        (to_text(next_attempt_at), delivery_id),
    )
    remark(connection, delivery_id, "edit failed", reason, now)
