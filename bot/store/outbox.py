"""The outbox: every delivery from the wish to the platform's own id for it.

    pending ──claim──▶ sending ──▶ sent ──(edit due)──▶ sent
       ▲                 │ ├──▶ retry ──claim──▶ sending …
       │                 │ ├──▶ uncertain   nobody can know whether it was posted
    skipped              │ └──▶ dead        the platform will never take it
                         └─ killed here: found again at the next start, see `interrupted`

The claim is committed before the send and freezes the payload; the platform's id is committed
after it. Within a channel the oldest open row goes first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from bot.model import Delivery, DeliveryState
from bot.store.times import from_text, from_text_or_none, to_text

Kind = Literal["story", "catchup", "digest"]

# Word for word the condition of the index `delivery_open`: nothing else makes SQLite use it, and
# without it every look for what is to be sent walks through all that ever was.
_OPEN = "delivery.state IN ('pending', 'sending', 'retry')"
_WAITING = f"{_OPEN} AND delivery.state <> 'sending'"


class NewDelivery(NamedTuple):
    """A row to be added. `subject` names the thing within the subscription and never repeats."""

    key: str
    subscription_id: int
    channel: str
    kind: Kind
    subject: str
    story_id: int | None = None
    state: DeliveryState = DeliveryState.PENDING
    rule: str = ""
    reason: str = ""
    payload: str | None = None


def add(connection: sqlite3.Connection, row: NewDelivery, now: datetime) -> int | None:
    """Add a delivery; None when this subscription has one of this subject already.

    A row that a filter skipped gives way to a later entry of the story that passes.
    """
    cursor = connection.execute(
        """
        INSERT INTO delivery
            (key, subscription_id, channel, kind, subject, story_id, state, rule, reason,
             payload, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (subscription_id, subject) DO UPDATE
        SET state = excluded.state, rule = excluded.rule, reason = excluded.reason
        WHERE delivery.state = 'skipped' AND delivery.rule = 'filter'
          AND excluded.state = 'pending'
        RETURNING id
        """,
        (
            row.key,
            row.subscription_id,
            row.channel,
            row.kind,
            row.subject,
            row.story_id,
            row.state,
            row.rule,
            row.reason,
            row.payload,
            to_text(now),
        ),
    ).fetchone()
    return cursor["id"] if cursor else None


def add_items(connection: sqlite3.Connection, delivery_id: int, story_ids: Iterable[int]) -> None:
    """Say which stories a catch-up post or a digest lists."""
    connection.executemany(
        """
        INSERT INTO delivery_item (delivery_id, story_id) VALUES (?, ?)
        ON CONFLICT (delivery_id, story_id) DO NOTHING
        """,
        [(delivery_id, story_id) for story_id in story_ids],
    )


def items(connection: sqlite3.Connection, delivery_id: int) -> list[int]:
    rows = connection.execute(
        "SELECT story_id FROM delivery_item WHERE delivery_id = ? ORDER BY story_id",
        (delivery_id,),
    )
    return [row["story_id"] for row in rows]


def told_in(connection: sqlite3.Connection, channel: str, story_id: int) -> int | None:
    """The subscription that has told, or will tell, this story in this channel, if any."""
    row = connection.execute(
        """
        SELECT subscription_id
        FROM delivery
        WHERE story_id = ? AND channel = ? AND kind = 'story'
          AND (state <> 'skipped' OR rule IN ('catchup', 'channel'))
        ORDER BY id
        LIMIT 1
        """,
        (story_id, channel),
    ).fetchone()
    return row["subscription_id"] if row else None


def of_subject(
    connection: sqlite3.Connection, subscription_id: int, subject: str
) -> Delivery | None:
    row = connection.execute(
        "SELECT * FROM delivery WHERE subscription_id = ? AND subject = ?",
        (subscription_id, subject),
    ).fetchone()
    return _delivery(row) if row else None


def filtered(connection: sqlite3.Connection, story_id: int) -> list[Delivery]:
    """What a filter has kept this story from, so far."""
    rows = connection.execute(
        "SELECT * FROM delivery WHERE story_id = ? AND state = 'skipped' AND rule = 'filter'",
        (story_id,),
    )
    return [_delivery(row) for row in rows]


def key_taken(connection: sqlite3.Connection, key: str) -> bool:
    return connection.execute("SELECT 1 FROM delivery WHERE key = ?", (key,)).fetchone() is not None


def open_channels(connection: sqlite3.Connection, now: datetime) -> list[str]:
    """Channels with something to send or to edit now."""
    rows = connection.execute(
        f"""
        SELECT channel FROM delivery
        WHERE {_WAITING} AND (next_attempt_at IS NULL OR next_attempt_at <= ?)
        UNION
        SELECT channel FROM delivery WHERE edit_due = 1 AND state = 'sent'
        """,  # noqa: S608  # our own condition
        (to_text(now),),
    )
    return [row["channel"] for row in rows]


def head(connection: sqlite3.Connection, channel: str) -> Delivery | None:
    """The channel's oldest open delivery of a subscription that is not paused."""
    row = connection.execute(
        f"""
        SELECT delivery.*
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        WHERE delivery.channel = ? AND {_WAITING} AND subscription.state = 'active'
        ORDER BY delivery.id
        LIMIT 1
        """,  # noqa: S608  # our own condition
        (channel,),
    ).fetchone()
    return _delivery(row) if row else None


def claim(connection: sqlite3.Connection, delivery_id: int, *, payload: str, now: datetime) -> bool:
    """Take a row for sending and freeze its payload; False when somebody else has it."""
    cursor = connection.execute(
        """
        UPDATE delivery
        SET state = 'sending', attempts = attempts + 1, payload = COALESCE(payload, ?),
            next_attempt_at = NULL
        WHERE id = ? AND state IN ('pending', 'retry')
        """,
        (payload, delivery_id),
    )
    if cursor.rowcount != 1:
        return False
    _note(connection, delivery_id, "claimed", "", now)
    return True


def mark_sent(
    connection: sqlite3.Connection, delivery_id: int, *, message_id: str, now: datetime
) -> None:
    connection.execute(
        """
        UPDATE delivery
        SET state = 'sent', message_id = ?, sent_at = ?, reason = ''
        WHERE id = ?
        """,
        (message_id, to_text(now), delivery_id),
    )
    _note(connection, delivery_id, "sent", message_id, now)


def mark_retry(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    reason: str,
    next_attempt_at: datetime,
    now: datetime,
) -> None:
    connection.execute(
        "UPDATE delivery SET state = 'retry', reason = ?, next_attempt_at = ? WHERE id = ?",
        (reason, to_text(next_attempt_at), delivery_id),
    )
    _note(connection, delivery_id, "retry", reason, now)


def mark_ended(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    state: Literal[DeliveryState.UNCERTAIN, DeliveryState.DEAD, DeliveryState.SKIPPED],
    rule: str = "",
    reason: str,
    now: datetime,
) -> None:
    connection.execute(
        "UPDATE delivery SET state = ?, rule = ?, reason = ? WHERE id = ?",
        (state, rule, reason, delivery_id),
    )
    _note(connection, delivery_id, state, reason, now)


def revive(connection: sqlite3.Connection, key: str, now: datetime) -> bool:
    """Try a dead or uncertain delivery again because a person said so; False where none is."""
    row = connection.execute(
        """
        UPDATE delivery SET state = 'retry', attempts = 0, next_attempt_at = ?, reason = ''
        WHERE key = ? AND state IN ('dead', 'uncertain')
        RETURNING id
        """,
        (to_text(now), key),
    ).fetchone()
    if row is None:
        return False
    _note(connection, row["id"], "revived", "a person asked for it", now)
    return True


def interrupted(connection: sqlite3.Connection) -> list[Delivery]:
    """Rows that were being sent when the last run ended; read at start, before anything is sent."""
    rows = connection.execute("SELECT * FROM delivery WHERE state = 'sending' ORDER BY id")
    return [_delivery(row) for row in rows]


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
        connection.execute("UPDATE delivery SET edit_due = 1 WHERE id = ?", (row["id"],))


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


def remark(
    connection: sqlite3.Connection, delivery_id: int, outcome: str, reason: str, now: datetime
) -> None:
    """Keep with a delivery what brought it about; `why` tells it."""
    _note(connection, delivery_id, outcome, reason, now)


def edits_due(connection: sqlite3.Connection, channel: str, limit: int) -> list[Delivery]:
    rows = connection.execute(
        """
        SELECT * FROM delivery
        WHERE channel = ? AND edit_due = 1 AND state = 'sent' AND NOT EXISTS (
            SELECT 1 FROM entry  -- somebody tells it in other words, to be summarised first
            WHERE entry.story_id = delivery.story_id AND entry.title <> '[deleted]' AND NOT EXISTS (
                SELECT 1 FROM article_summary WHERE article_summary.story_id = entry.story_id
            )
        )
        ORDER BY id LIMIT ?
        """,
        (channel, limit),
    )
    return [_delivery(row) for row in rows]


def mark_edited(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    payload: str | None,
    outcome: str,
    now: datetime,
) -> None:
    """The post shows `payload` now (None: it was left as it is, `outcome` says why)."""
    connection.execute(
        """
        UPDATE delivery
        SET edit_due = 0, edits = edits + 1, payload = COALESCE(?, payload)
        WHERE id = ?
        """,
        (payload, delivery_id),
    )
    _note(connection, delivery_id, "edited", outcome, now)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Deliveries by state; every state is named."""
    found = {
        row["state"]: row["n"]
        for row in connection.execute("SELECT state, COUNT(*) AS n FROM delivery GROUP BY state")
    }
    return {state.value: found.get(state.value, 0) for state in DeliveryState}


def listed(connection: sqlite3.Connection) -> list[Delivery]:
    """All deliveries, the oldest first."""
    return [_delivery(row) for row in connection.execute("SELECT * FROM delivery ORDER BY id")]


def needing_person(connection: sqlite3.Connection) -> list[Delivery]:
    """Deliveries that stay where they are until a person does something."""
    rows = connection.execute(
        "SELECT * FROM delivery WHERE state IN ('uncertain', 'dead') ORDER BY id"
    )
    return [_delivery(row) for row in rows]


def of_story(connection: sqlite3.Connection, story_id: int) -> list[Delivery]:
    """Everything that was decided about posting a story, the oldest first."""
    rows = connection.execute(
        """
        SELECT * FROM delivery
        WHERE story_id = ? OR id IN (SELECT delivery_id FROM delivery_item WHERE story_id = ?)
        ORDER BY id
        """,
        (story_id, story_id),
    )
    return [_delivery(row) for row in rows]


def by_key(connection: sqlite3.Connection, name: str) -> Delivery | None:
    """The delivery of this key or this message id."""
    row = connection.execute(
        "SELECT * FROM delivery WHERE key = ? OR message_id = ? ORDER BY id DESC LIMIT 1",
        (name, name),
    ).fetchone()
    return _delivery(row) if row else None


def attempts(connection: sqlite3.Connection, delivery_id: int) -> list[tuple[str, str, str]]:
    """(when, outcome, reason) of each step of a delivery."""
    rows = connection.execute(
        "SELECT at, outcome, reason FROM delivery_attempt WHERE delivery_id = ? ORDER BY id",
        (delivery_id,),
    )
    return [(row["at"], row["outcome"], row["reason"]) for row in rows]


def soonest_retry(connection: sqlite3.Connection) -> datetime | None:
    row = connection.execute(
        f"SELECT MIN(next_attempt_at) AS at FROM delivery WHERE {_WAITING}"  # noqa: S608  # ours
    ).fetchone()
    return from_text_or_none(row["at"])


def _note(
    connection: sqlite3.Connection, delivery_id: int, outcome: str, reason: str, now: datetime
) -> None:
    connection.execute(
        "INSERT INTO delivery_attempt (delivery_id, at, outcome, reason) VALUES (?, ?, ?, ?)",
        (delivery_id, to_text(now), outcome, reason),
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        subscription_id=row["subscription_id"],
        channel=row["channel"],
        kind=row["kind"],
        subject=row["subject"],
        story_id=row["story_id"],
        state=DeliveryState(row["state"]),
        rule=row["rule"],
        reason=row["reason"],
        payload=row["payload"],
        attempts=row["attempts"],
        created_at=from_text(row["created_at"]),
        next_attempt_at=from_text_or_none(row["next_attempt_at"]),
        sent_at=from_text_or_none(row["sent_at"]),
        message_id=row["message_id"],
        edit_due=bool(row["edit_due"]),
        edits=row["edits"],
    )
