"""The outbox: every delivery from the wish to the platform's own id for it.

    pending ──claim──▶ sending ──▶ sent ──(edit due)──▶ sent
       ▲                 │ ├──▶ retry ──claim──▶ sending …
       │                 │ ├──▶ pending     the channel takes nothing now (`bot.store.faults`)
    skipped              │ ├──▶ uncertain   nobody can know whether it was posted
                         │ └──▶ dead        the platform will never take it
                         └─ killed here: in doubt, see `bot.store.sending`

Here rows are added and asked for; `bot.store.sending` takes them on their way, `bot.store.edits`
has what happens to them once they are posted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, NamedTuple

from bot.model import Delivery, DeliveryState
from bot.store import faults
from bot.store.times import from_text, from_text_or_none, to_text

Kind = Literal["story", "catchup", "digest"]


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

    A row that a filter or a muted source skipped gives way to a later entry that passes.
    """
    cursor = connection.execute(
        """
        INSERT INTO delivery
            (key, subscription_id, channel, kind, subject, story_id, state, rule, reason,
             payload, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (subscription_id, subject) DO UPDATE
        SET state = excluded.state, rule = excluded.rule, reason = excluded.reason
        WHERE delivery.state = 'skipped' AND delivery.rule IN ('filter', 'muted')
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
    return delivery_of(row) if row else None


def filtered(connection: sqlite3.Connection, story_id: int) -> list[Delivery]:
    """What a filter has kept this story from, so far."""
    rows = connection.execute(
        "SELECT * FROM delivery WHERE story_id = ? AND state = 'skipped' AND rule = 'filter'",
        (story_id,),
    )
    return [delivery_of(row) for row in rows]


def key_taken(connection: sqlite3.Connection, key: str) -> bool:
    return connection.execute("SELECT 1 FROM delivery WHERE key = ?", (key,)).fetchone() is not None


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
    remark(connection, row["id"], "revived", "a person asked for it", now)
    return True


def remark(
    connection: sqlite3.Connection,
    delivery_id: int,
    outcome: str,
    reason: str,
    now: datetime,
    *,
    stamp: str = "",
) -> None:
    """Put one step of a delivery on record; `why` tells them. `stamp`: see `sending.claim`."""
    connection.execute(
        """
        INSERT INTO delivery_attempt (delivery_id, at, outcome, reason, stamp)
        VALUES (?, ?, ?, ?, ?)
        """,
        (delivery_id, to_text(now), outcome, reason, stamp),
    )


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Deliveries by state; every state is named.

    Counted in the indexes that these states have, word for word as they say it: reading a million
    rows with their payloads takes seconds.
    """
    found: dict[str, int] = {}
    for states in ("'pending', 'sending', 'retry'", "'dead', 'uncertain'"):
        rows = connection.execute(
            f"SELECT state, COUNT(*) AS n FROM delivery WHERE state IN ({states}) GROUP BY state"  # noqa: S608  # our own words
        )
        found.update((row["state"], row["n"]) for row in rows)
    found["sent"] = connection.execute(
        "SELECT COUNT(*) FROM delivery WHERE state = 'sent' AND sent_at >= ''"
    ).fetchone()[0]
    total: int = connection.execute("SELECT COUNT(*) FROM delivery").fetchone()[0]
    found["skipped"] = total - sum(found.values())
    return {state.value: found.get(state.value, 0) for state in DeliveryState}


def listed(connection: sqlite3.Connection) -> list[Delivery]:
    """All deliveries, the oldest first; those that wait for a channel's fault with its reason."""
    rows = connection.execute(
        """
        SELECT delivery.*, subscription.space
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        ORDER BY delivery.id
        """
    )
    held = {fault.channel: fault.reason for fault in faults.listed(connection)}
    return [_with_reason(delivery_of(row), row["space"], held) for row in rows]


def _with_reason(delivery: Delivery, space: str, held: Mapping[str, str]) -> Delivery:
    if delivery.reason or delivery.state not in (DeliveryState.PENDING, DeliveryState.RETRY):
        return delivery
    names = faults.names(delivery.channel, space)
    reason = next((held[name] for name in names if name in held), "")
    return replace(delivery, reason=reason)


def needing_person(connection: sqlite3.Connection) -> list[Delivery]:
    """Deliveries that stay where they are until a person does something."""
    rows = connection.execute(
        "SELECT * FROM delivery WHERE state IN ('dead', 'uncertain') ORDER BY id"
    )
    return [delivery_of(row) for row in rows]


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
    return [delivery_of(row) for row in rows]


def by_key(connection: sqlite3.Connection, name: str) -> Delivery | None:
    """The delivery of this key or this message id."""
    row = connection.execute(
        "SELECT * FROM delivery WHERE key = ? OR message_id = ? ORDER BY id DESC LIMIT 1",
        (name, name),
    ).fetchone()
    return delivery_of(row) if row else None


def attempts(connection: sqlite3.Connection, delivery_id: int) -> list[tuple[str, str, str]]:
    """(when, outcome, reason) of each step of a delivery."""
    rows = connection.execute(
        "SELECT at, outcome, reason FROM delivery_attempt WHERE delivery_id = ? ORDER BY id",
        (delivery_id,),
    )
    return [(row["at"], row["outcome"], row["reason"]) for row in rows]


def delivery_of(row: sqlite3.Row) -> Delivery:
    """A row of the table `delivery`."""
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
