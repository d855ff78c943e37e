"""Channels that take no posts until something changes, and when they are asked again.

A fault stands under the name of a channel (`discord:123`), of a platform whose token is refused
(`discord`), or of one server or workspace with a token of its own (`space slack:T1`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.errors import ChannelFault
from bot.store.times import from_text, from_text_or_none, to_text

_SPACE = "space "


class StoredFault(NamedTuple):
    """Why nothing is asked of a channel, and from when on it is asked again, once."""

    channel: str
    fault: ChannelFault
    reason: str
    since: datetime
    tries: int
    retry_at: datetime
    told_at: datetime | None


class Affected(NamedTuple):
    """Somebody whose subscription waits for a channel, the language that it is in, and the server
    or workspace that they made it in.
    """

    person: str
    language: str
    space: str


def space_name(space: str) -> str:
    """The name of a fault of a whole server or workspace. A channel may have the same id."""
    return f"{_SPACE}{space}"


def names(channel: str, space: str) -> tuple[str, ...]:
    """The names under which a fault holds for this channel: its own first."""
    whole = (channel, channel.partition(":")[0], space_name(space) if space else "")
    return tuple(dict.fromkeys(name for name in whole if name))


def platform_of(name: str) -> str:
    """The platform that a fault of this name is about."""
    return name.removeprefix(_SPACE).partition(":")[0]


def described(name: str) -> str:
    """What a fault of this name is about, in words."""
    if name.startswith(_SPACE):
        return f"workspace {name.removeprefix(_SPACE)}"
    return f"channel {name}" if ":" in name else f"platform {name}"


def listed(connection: sqlite3.Connection) -> list[StoredFault]:
    """All faults, the oldest first."""
    rows = connection.execute("SELECT * FROM channel_fault ORDER BY since, channel")
    return [_fault(row) for row in rows]


def holding(connection: sqlite3.Connection, channel: str, space: str) -> list[StoredFault]:
    """The faults that keep posts from this channel."""
    wanted = names(channel, space)
    marks = ", ".join("?" * len(wanted))
    rows = connection.execute(
        f"SELECT * FROM channel_fault WHERE channel IN ({marks})",  # noqa: S608  # marks only
        wanted,
    )
    return [_fault(row) for row in rows]


def by_name(connection: sqlite3.Connection, name: str) -> StoredFault | None:
    row = connection.execute("SELECT * FROM channel_fault WHERE channel = ?", (name,)).fetchone()
    return _fault(row) if row else None


def put(connection: sqlite3.Connection, fault: StoredFault) -> None:
    """Store a fault, or what became of it."""
    connection.execute(
        """
        INSERT INTO channel_fault (channel, fault, reason, since, tries, retry_at, told_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (channel) DO UPDATE
        SET fault = excluded.fault, reason = excluded.reason, since = excluded.since,
            tries = excluded.tries, retry_at = excluded.retry_at, told_at = excluded.told_at
        """,
        (
            fault.channel,
            fault.fault,
            fault.reason,
            to_text(fault.since),
            fault.tries,
            to_text(fault.retry_at),
            None if fault.told_at is None else to_text(fault.told_at),
        ),
    )


def clear(connection: sqlite3.Connection, cleared: Sequence[str]) -> None:
    """These take posts again."""
    connection.executemany(
        "DELETE FROM channel_fault WHERE channel = ?", [(name,) for name in cleared]
    )


def ask_soon(
    connection: sqlite3.Connection, name: str, at: datetime, *, afresh: bool = False
) -> None:
    """Ask again at that time, if that is sooner. `afresh`: the waits begin short again."""
    connection.execute(
        """
        UPDATE channel_fault
        SET retry_at = CASE WHEN retry_at > ? THEN ? ELSE retry_at END,
            tries = CASE WHEN ? THEN 0 ELSE tries END
        WHERE channel = ?
        """,
        (to_text(at), to_text(at), afresh, name),
    )


def unwanted(connection: sqlite3.Connection) -> list[str]:
    """The faults of places that no subscription is for any more."""
    rows = connection.execute(
        "SELECT DISTINCT channel, space FROM subscription WHERE state <> 'removed'"
    )
    wanted = {name for row in rows for name in names(row["channel"], row["space"])}
    return [one.channel for one in listed(connection) if one.channel not in wanted]


def subscribed(connection: sqlite3.Connection, channels: Iterable[str]) -> list[str]:
    """Those of the channels that a subscription is for."""
    wanted = list(channels)
    marks = ", ".join("?" * len(wanted)) or "NULL"
    rows = connection.execute(
        f"""
        SELECT DISTINCT channel FROM subscription
        WHERE state <> 'removed' AND channel IN ({marks})
        """,  # noqa: S608  # marks only
        wanted,
    )
    return [row["channel"] for row in rows]


def affected(connection: sqlite3.Connection, channel: str) -> list[Affected]:
    """The people whose subscriptions a channel's fault keeps waiting; nobody for whole platforms,
    where there is no way to reach them.
    """
    rows = connection.execute(
        """
        SELECT made_by, MIN(language) AS language, space
        FROM subscription
        WHERE channel = ? AND state <> 'removed' AND made_by <> ''
        GROUP BY made_by, space
        ORDER BY MIN(id)
        """,
        (channel,),
    )
    return [Affected(row["made_by"], row["language"], row["space"]) for row in rows]


def waiting(connection: sqlite3.Connection, fault: StoredFault) -> int:
    """How many deliveries wait for a fault to be mended."""
    if fault.channel.startswith(_SPACE):
        condition, value = "subscription.space = ?", fault.channel.removeprefix(_SPACE)
    elif ":" in fault.channel:
        condition, value = "delivery.channel = ?", fault.channel
    else:
        condition, value = "delivery.channel LIKE ?", f"{fault.channel}:%"
    found: int = connection.execute(
        f"""
        SELECT COUNT(*)
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        WHERE delivery.state IN ('pending', 'sending', 'retry') AND {condition}
        """,  # noqa: S608  # our own conditions
        (value,),
    ).fetchone()[0]
    return found


def _fault(row: sqlite3.Row) -> StoredFault:
    return StoredFault(
        channel=row["channel"],
        fault=ChannelFault(row["fault"]),
        reason=row["reason"],
        since=from_text(row["since"]),
        tries=row["tries"],
        retry_at=from_text(row["retry_at"]),
        told_at=from_text_or_none(row["told_at"]),
    )
