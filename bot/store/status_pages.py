"""How the service fares, as `/status` tells it: what goes out, what is stuck, what models cost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from bot.model import DeliveryState
from bot.store import faults
from bot.store.faults import StoredFault
from bot.store.times import from_text, from_text_or_none, to_text

HOURS, DAYS = 24, 30
_DAY = 10  # so much of a time's text names its day


class Flow(NamedTuple):
    """Posts that went out, by hour and by day (UTC), the present one last; and attempts in the last
    24 hours by their outcome.
    """

    by_hour: list[int]
    by_day: list[int]
    outcomes: dict[str, int]


def flow(connection: sqlite3.Connection, now: datetime) -> Flow:
    """What went out lately."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [hour - timedelta(hours=back) for back in range(-1, HOURS)][::-1]
    midnight = hour.replace(hour=0)
    days = [midnight - timedelta(days=back) for back in range(-1, DAYS)][::-1]
    rows = connection.execute(
        """
        SELECT outcome, COUNT(*) AS n
        FROM delivery_attempt
        WHERE at >= ?
        GROUP BY outcome
        """,
        (to_text(now - timedelta(hours=24)),),
    )
    return Flow(
        by_hour=_sent(connection, hours),
        by_day=_sent(connection, days),
        outcomes={row["outcome"]: row["n"] for row in rows},
    )


def _sent(connection: sqlite3.Connection, borders: Sequence[datetime]) -> list[int]:
    """Between each two borders. Counting a stretch of the index costs a tenth of grouping it."""
    return [
        connection.execute(
            """
            SELECT COUNT(*)
            FROM delivery
            WHERE state = 'sent' AND sent_at >= ? AND sent_at < ?
            """,
            (to_text(start), to_text(end)),
        ).fetchone()[0]
        for start, end in pairwise(borders)
    ]


class Stuck(NamedTuple):
    """A delivery that stays where it is until a person does something."""

    key: str
    channel: str
    kind: str
    state: DeliveryState
    reason: str
    title: str
    story_id: int | None
    attempts: int
    created_at: datetime


def stuck(connection: sqlite3.Connection, limit: int) -> list[Stuck]:
    """Dead and uncertain deliveries, the newest first."""
    rows = connection.execute(
        """
        SELECT delivery.key, delivery.channel, delivery.kind, delivery.state, delivery.reason,
            COALESCE(story.title, delivery.subject) AS title, delivery.story_id,
            delivery.attempts, delivery.created_at
        FROM delivery
        LEFT JOIN story ON story.id = delivery.story_id
        WHERE delivery.state IN ('dead', 'uncertain')
        ORDER BY delivery.id DESC
        LIMIT ?
        """,
        (limit,),
    )
    return [
        Stuck(
            key=row["key"],
            channel=row["channel"],
            kind=row["kind"],
            state=DeliveryState(row["state"]),
            reason=row["reason"],
            title=row["title"],
            story_id=row["story_id"],
            attempts=row["attempts"],
            created_at=from_text(row["created_at"]),
        )
        for row in rows
    ]


class Wanted(NamedTuple):
    """One subscription of a channel."""

    id: int
    post: str
    sources: tuple[str, ...]
    schedule: str | None
    timezone: str
    state: str
    next_run_at: datetime | None


class ChannelState(NamedTuple):
    """A channel: what it gets, what waits for it, and what keeps posts from it."""

    channel: str
    subscriptions: tuple[Wanted, ...]
    waiting: int
    waiting_since: datetime | None
    sent_today: int
    faults: tuple[StoredFault, ...]


class Channels(NamedTuple):
    """Some channels of all; those with a fault first, then those where most waits."""

    shown: list[ChannelState]
    total: int


def channels(connection: sqlite3.Connection, now: datetime, limit: int) -> Channels:
    """Every channel with a subscription: only for who has the token."""
    rows = connection.execute(
        """
        SELECT id, channel, space, post, sources, schedule, timezone, state, next_run_at
        FROM subscription
        WHERE state <> 'removed'
        ORDER BY channel, id
        """
    ).fetchall()
    wanted: dict[str, list[Wanted]] = {}
    spaces: dict[str, set[str]] = {}
    for row in rows:
        wanted.setdefault(row["channel"], []).append(_wanted(row))
        spaces.setdefault(row["channel"], set()).add(row["space"])
    held = {fault.channel: fault for fault in faults.listed(connection)}
    waiting = _waiting(connection)
    sent = _sent_by_channel(connection, now - timedelta(hours=24))
    found = [
        ChannelState(
            channel=channel,
            subscriptions=tuple(subscriptions),
            waiting=waiting.get(channel, (0, None))[0],
            waiting_since=waiting.get(channel, (0, None))[1],
            sent_today=sent.get(channel, 0),
            faults=_faults_of(channel, spaces[channel], held),
        )
        for channel, subscriptions in wanted.items()
    ]
    found.sort(key=lambda one: (not one.faults, -one.waiting, one.channel))
    return Channels(found[:limit], len(found))


def _wanted(row: sqlite3.Row) -> Wanted:
    return Wanted(
        id=row["id"],
        post=row["post"],
        sources=tuple(json.loads(row["sources"])),
        schedule=row["schedule"],
        timezone=row["timezone"],
        state=row["state"],
        next_run_at=from_text_or_none(row["next_run_at"]),
    )


def _faults_of(
    channel: str, spaces: set[str], held: dict[str, StoredFault]
) -> tuple[StoredFault, ...]:
    names = dict.fromkeys(name for space in sorted(spaces) for name in faults.names(channel, space))
    return tuple(held[name] for name in names if name in held)


def _waiting(connection: sqlite3.Connection) -> dict[str, tuple[int, datetime | None]]:
    rows = connection.execute(
        """
        SELECT channel, COUNT(*) AS n, MIN(created_at) AS since
        FROM delivery
        WHERE state IN ('pending', 'sending', 'retry')
        GROUP BY channel
        """
    )
    return {row["channel"]: (row["n"], from_text_or_none(row["since"])) for row in rows}


def _sent_by_channel(connection: sqlite3.Connection, since: datetime) -> dict[str, int]:
    rows = connection.execute(
        """
        SELECT channel, COUNT(*) AS n
        FROM delivery
        WHERE state = 'sent' AND sent_at >= ?
        GROUP BY channel
        """,
        (to_text(since),),
    )
    return {row["channel"]: row["n"] for row in rows}


class Spent(NamedTuple):
    """What was asked of models for one purpose, or on one day, and what that cost."""

    name: str
    calls: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    cost_nanos: int


class Spending(NamedTuple):
    """The books: each of the last days (UTC), today last; by purpose over all of them."""

    by_day: list[Spent]
    by_purpose: list[Spent]


def spending(connection: sqlite3.Connection, now: datetime) -> Spending:
    """What models cost: only for who has the token."""
    today = now.astimezone(UTC)
    days = [to_text(today - timedelta(days=back))[:_DAY] for back in reversed(range(DAYS))]
    by_day = {one.name: one for one in _spent(connection, "day", days[0])}
    by_purpose = _spent(connection, "purpose", days[0])
    return Spending(
        by_day=[by_day.get(day, Spent(day, 0, 0, 0, 0, 0)) for day in days],
        by_purpose=sorted(by_purpose, key=lambda one: (-one.cost_nanos, -one.tokens_in, one.name)),
    )


def _spent(connection: sqlite3.Connection, column: str, since: str) -> list[Spent]:
    rows = connection.execute(
        f"""
        SELECT {column} AS name, COUNT(*) AS calls, SUM(tokens_in) AS tokens_in,
            SUM(tokens_cached) AS tokens_cached, SUM(tokens_out) AS tokens_out,
            SUM(cost_nanos) AS cost_nanos
        FROM model_use
        WHERE day >= ?
        GROUP BY {column}
        """,  # noqa: S608  # our own names
        (since,),
    )
    return [Spent(*row) for row in rows]
