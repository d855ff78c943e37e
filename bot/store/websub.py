"""Hub subscriptions: what we asked for, what was granted, and under which address a hub reaches us.

(feed names a hub) ──▶ asked ──verified──▶ active ──lease runs out, pushes stop──▶ asked …
                         └──refused, no answer──▶ failed ──after a while──▶ asked …
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.model import Source
from bot.store import sources
from bot.store.times import from_text, from_text_or_none, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """One source at one hub. `secret` is shared with the hub alone and signs what it sends."""

    source_id: int
    callback: str
    hub_url: str
    topic: str
    secret: str
    state: str
    asked_at: datetime
    lease_until: datetime | None
    pushed_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A source whose hub is to be asked, and what was asked before."""

    source_id: int
    hub_url: str
    topic: str
    known: HubSubscription | None


def wanting(connection: sqlite3.Connection, now: datetime, limit: int) -> list[Wish]:
    """Sources whose hub is to be asked: never asked, another hub or topic, or time to ask again."""
    rows = connection.execute(
        """
        SELECT source.id AS wanted, source.hub_url AS hub,
            COALESCE(source.self_url, source.fetch_url) AS named, websub_subscription.*
        FROM source
        LEFT JOIN websub_subscription ON websub_subscription.source_id = source.id
        WHERE source.hub_url IS NOT NULL AND source.kind = 'feed'
          AND source.state IN ('active', 'failing')
          AND (websub_subscription.source_id IS NULL
               OR websub_subscription.ask_again_at <= ?
               OR websub_subscription.hub_url <> source.hub_url
               OR websub_subscription.topic <> COALESCE(source.self_url, source.fetch_url))
        ORDER BY source.id
        LIMIT ?
        """,
        (to_text(now), limit),
    )
    return [
        Wish(
            source_id=row["wanted"],
            hub_url=row["hub"],
            topic=row["named"],
            known=_subscription(row) if row["callback"] else None,
        )
        for row in rows
    ]


def ask(connection: sqlite3.Connection, asked: HubSubscription, ask_again_at: datetime) -> None:
    """Put on record that a hub is being asked, before it is: it may verify at once."""
    connection.execute(
        """
        INSERT INTO websub_subscription
            (source_id, callback, hub_url, topic, secret, state, asked_at, ask_again_at,
             lease_until, pushed_at, failures)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (source_id) DO UPDATE SET
            callback = excluded.callback, hub_url = excluded.hub_url, topic = excluded.topic,
            secret = excluded.secret, state = excluded.state, asked_at = excluded.asked_at,
            ask_again_at = excluded.ask_again_at, lease_until = excluded.lease_until,
            failures = excluded.failures, error = ''
        """,
        (
            asked.source_id,
            asked.callback,
            asked.hub_url,
            asked.topic,
            asked.secret,
            asked.state,
            to_text(asked.asked_at),
            to_text(ask_again_at),
            to_text(asked.lease_until) if asked.lease_until else None,
            to_text(asked.pushed_at) if asked.pushed_at else None,
            asked.failures,
        ),
    )


def grant(
    connection: sqlite3.Connection, callback: str, lease_until: datetime, renew_at: datetime
) -> None:
    """The hub verified us: it sends until the lease ends."""
    connection.execute(
        """
        UPDATE websub_subscription
        SET state = 'active', lease_until = ?, ask_again_at = ?, failures = 0, error = ''
        WHERE callback = ?
        """,
        (to_text(lease_until), to_text(renew_at), callback),
    )


def fail(connection: sqlite3.Connection, callback: str, error: str, ask_again_at: datetime) -> None:
    """The hub refused or does not answer. Polling goes on as ever."""
    connection.execute(
        """
        UPDATE websub_subscription
        SET state = 'failed', failures = failures + 1, error = ?, ask_again_at = ?
        WHERE callback = ?
        """,
        (error, to_text(ask_again_at), callback),
    )


def found(connection: sqlite3.Connection, callback: str) -> tuple[HubSubscription, Source] | None:
    """What a hub means by this address, where its source is still polled."""
    row = connection.execute(
        "SELECT * FROM websub_subscription WHERE callback = ?", (callback,)
    ).fetchone()
    if row is None:
        return None
    source = connection.execute(
        "SELECT * FROM source WHERE id = ? AND state IN ('active', 'failing')",
        (row["source_id"],),
    ).fetchone()
    return (_subscription(row), sources.from_row(source)) if source else None


def pushed(connection: sqlite3.Connection, callback: str, now: datetime) -> None:
    """The hub sent something that we could read."""
    connection.execute(
        "UPDATE websub_subscription SET pushed_at = ? WHERE callback = ?", (to_text(now), callback)
    )


def ask_silent_again(
    connection: sqlite3.Connection, now: datetime, *, told_before: datetime, asked_before: datetime
) -> int:
    """Ask hubs again whose source had news that they did not send; returns how many.

    The news were found by polling, before `told_before`; a hub is asked no more often than
    `asked_before` allows.
    """
    cursor = connection.execute(
        """
        UPDATE websub_subscription
        SET ask_again_at = ?
        WHERE state = 'active' AND asked_at < ? AND ask_again_at > ? AND EXISTS (
            SELECT 1
            FROM entry
            WHERE entry.source_id = websub_subscription.source_id
              AND entry.news_at > COALESCE(websub_subscription.pushed_at,
                                           websub_subscription.asked_at)
              AND entry.first_seen_at > COALESCE(websub_subscription.pushed_at,
                                                 websub_subscription.asked_at)
              AND entry.first_seen_at < ?
        )
        """,
        (to_text(now), to_text(asked_before), to_text(now), to_text(told_before)),
    )
    return cursor.rowcount


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Hub subscriptions by state; every state is named."""
    rows = connection.execute("SELECT state, COUNT(*) AS n FROM websub_subscription GROUP BY state")
    return {"asked": 0, "active": 0, "failed": 0} | {row["state"]: row["n"] for row in rows}


def _subscription(row: sqlite3.Row) -> HubSubscription:
    return HubSubscription(
        source_id=row["source_id"],
        callback=row["callback"],
        hub_url=row["hub_url"],
        topic=row["topic"],
        secret=row["secret"],
        state=row["state"],
        asked_at=from_text(row["asked_at"]),
        lease_until=from_text_or_none(row["lease_until"]),
        pushed_at=from_text_or_none(row["pushed_at"]),
        failures=row["failures"],
    )
