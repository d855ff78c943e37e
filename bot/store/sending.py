"""A delivery on its way out: whose turn it is, the claim before the send, the answer after it.

The claim is committed before the send and freezes the payload; the platform's id is committed after
it. Within a channel the oldest open row goes first. `delivery_attempt` keeps every step, and with
them the doubt: the claims of which nobody knows whether they were posted.

Conditions on open rows are written exactly as in the index `delivery_open`: SQLite uses a partial
index only where it finds its condition word for word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeVar

from bot.model import Delivery, DeliveryState
from bot.store.outbox import delivery_of, remark
from bot.store.times import from_text, from_text_or_none, to_text

T = TypeVar("T")

# Nothing is told to wait longer. What waits longer was told so by a clock that went wrong.
LONGEST_WAIT = timedelta(hours=25)


class Claim(NamedTuple):
    """When a delivery was claimed, by the clock, and by one that nobody can put back."""

    at: datetime
    stamp: str


class Head(NamedTuple):
    """A channel's oldest open delivery, and the server or workspace it is for.

    `unknown`: the first claim of which nobody knows whether it was posted.
    """

    delivery: Delivery
    space: str
    unknown: Claim | None

    def is_due(self, now: datetime) -> bool:
        at = self.delivery.next_attempt_at
        return at is None or at <= now or at > now + LONGEST_WAIT


class OpenChannel(NamedTuple):
    """A channel with something to do now. `since` is the row that waits longest."""

    channel: str
    space: str
    since: int


def open_channels(
    connection: sqlite3.Connection, now: datetime, *, but: Callable[[str], bool] = lambda _: False
) -> list[OpenChannel]:
    """Channels with something to send or to edit now, the longest waiting first. `but`: those that
    need not be looked at.
    """
    found: dict[str, OpenChannel] = {}
    for channel in _channels(connection):
        first = None if but(channel) else head(connection, channel)
        if first is not None and first.is_due(now):
            found[channel] = OpenChannel(channel, first.space, first.delivery.id)
    rows = connection.execute(
        """
        SELECT delivery.channel, MAX(subscription.space) AS space, MIN(delivery.id) AS since
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        WHERE delivery.edit_due = 1 AND delivery.state = 'sent'
          AND (delivery.next_attempt_at IS NULL OR delivery.next_attempt_at <= ?
               OR delivery.next_attempt_at > ?)
        GROUP BY delivery.channel
        """,
        (to_text(now), to_text(now + LONGEST_WAIT)),
    )
    for row in rows:
        if row["channel"] not in found and not but(row["channel"]):
            found[row["channel"]] = OpenChannel(row["channel"], row["space"], row["since"])
    return sorted(found.values(), key=lambda one: one.since)


def _channels(connection: sqlite3.Connection) -> list[str]:
    """Channels with open rows, by one step in the index for each, however many rows it has."""
    rows = connection.execute(
        """
        WITH RECURSIVE open_channel (channel) AS (
            SELECT MIN(channel) FROM delivery WHERE state IN ('pending', 'sending', 'retry')
            UNION ALL
            SELECT (
                SELECT MIN(delivery.channel)
                FROM delivery
                WHERE state IN ('pending', 'sending', 'retry')
                  AND delivery.channel > open_channel.channel
            )
            FROM open_channel
            WHERE open_channel.channel IS NOT NULL
        )
        SELECT channel FROM open_channel WHERE channel IS NOT NULL
        """
    )
    return [row["channel"] for row in rows]


def head(connection: sqlite3.Connection, channel: str) -> Head | None:
    """The channel's oldest open delivery of a subscription that is not paused.

    One in `sending` that nobody is working on is one whose answer was never heard.
    """
    row = connection.execute(
        """
        SELECT delivery.*, subscription.space
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        WHERE delivery.channel = ? AND delivery.state IN ('pending', 'sending', 'retry')
          AND subscription.state = 'active'
        ORDER BY delivery.id
        LIMIT 1
        """,
        (channel,),
    ).fetchone()
    if row is None:
        return None
    steps = connection.execute(
        "SELECT at, stamp, outcome FROM delivery_attempt WHERE delivery_id = ? ORDER BY id",
        (row["id"],),
    )
    unknown = first_unknown((step, step["outcome"]) for step in steps)
    claim = None if unknown is None else Claim(from_text(unknown["at"]), unknown["stamp"])
    return Head(delivery_of(row), row["space"], claim)


def first_unknown(steps: Iterable[tuple[T, str]]) -> T | None:
    """The first claim whose answer nobody knows, of a delivery's (step, outcome) in their order.

    A refusal says something about its own attempt only; a look at the channel, or a person's word,
    about all before it.
    """
    unknown: T | None = None
    claimed: T | None = None
    for step, outcome in steps:
        if outcome in ("absent", "revived"):
            unknown = claimed = None
        elif outcome in ("retry", "held"):
            claimed = None
        elif outcome in ("claimed", "doubt"):
            unknown = unknown or claimed
            claimed = step if outcome == "claimed" else None
    return unknown or claimed


def claim(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    payload: str | None,
    now: datetime,
    stamp: str = "",
) -> bool:
    """Take a row for sending and freeze its payload; False when somebody else has it. `stamp`: now,
    by a clock that nobody can put back.

    None: an earlier attempt may have posted words that are to go, so nobody knows what is shown.
    """
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
    remark(connection, delivery_id, "claimed", "", now, stamp=stamp)
    return True


def mark_sent(
    connection: sqlite3.Connection, delivery_id: int, *, message_id: str, now: datetime
) -> None:
    connection.execute(
        """
        UPDATE delivery
        SET state = 'sent', message_id = ?, sent_at = ?, reason = '', next_attempt_at = NULL
        WHERE id = ?
        """,
        (message_id, to_text(now), delivery_id),
    )
    remark(connection, delivery_id, "sent", message_id, now)


Outcome = Literal["retry", "doubt", "absent", "unseen"]


def mark_retry(
    connection: sqlite3.Connection,
    delivery_id: int,
    *,
    outcome: Outcome = "retry",
    reason: str,
    next_attempt_at: datetime,
    now: datetime,
) -> None:
    """To be tried again. `retry`: it was refused; `doubt`: no answer came; `absent`: a look at the
    channel shows that no earlier attempt arrived; `unseen`: that look failed, which counts as an
    attempt. A subscription that was removed meanwhile wants it no more.
    """
    connection.execute(
        """
        UPDATE delivery
        SET state = 'retry', reason = ?, next_attempt_at = ?,
            attempts = attempts + CASE WHEN ? = 'unseen' THEN 1 ELSE 0 END
        WHERE id = ?
        """,
        (reason, to_text(next_attempt_at), outcome, delivery_id),
    )
    remark(connection, delivery_id, outcome, reason, now)
    _skip_unwanted(connection, delivery_id)


def mark_held(
    connection: sqlite3.Connection, delivery_id: int, *, reason: str, now: datetime
) -> None:
    """The channel takes nothing now. That was no attempt of this row: it waits as if untried."""
    connection.execute(
        """
        UPDATE delivery
        SET state = 'pending', reason = ?, next_attempt_at = NULL,
            attempts = CASE WHEN state = 'sending' THEN attempts - 1 ELSE attempts END
        WHERE id = ?
        """,
        (reason, delivery_id),
    )
    remark(connection, delivery_id, "held", reason, now)
    _skip_unwanted(connection, delivery_id)


def _skip_unwanted(connection: sqlite3.Connection, delivery_id: int) -> None:
    connection.execute(
        """
        UPDATE delivery
        SET state = 'skipped', rule = 'removed', reason = 'the subscription was removed'
        WHERE id = ? AND EXISTS (
            SELECT 1 FROM subscription
            WHERE subscription.id = delivery.subscription_id AND subscription.state = 'removed'
        )
        """,
        (delivery_id,),
    )


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
    remark(connection, delivery_id, state, reason, now)


def interrupted(connection: sqlite3.Connection) -> list[Delivery]:
    """Rows that were being sent when the last run ended; read at start, before anything is sent."""
    rows = connection.execute(
        """
        SELECT * FROM delivery
        WHERE state IN ('pending', 'sending', 'retry') AND state = 'sending'
        ORDER BY channel, id
        """
    )
    return [delivery_of(row) for row in rows]


def soonest_retry(connection: sqlite3.Connection) -> datetime | None:
    row = connection.execute(
        """
        SELECT MIN(next_attempt_at) AS at
        FROM delivery
        WHERE state IN ('pending', 'sending', 'retry') AND state = 'retry'
        """
    ).fetchone()
    return from_text_or_none(row["at"])
