"""What a space may see: the one rule that keeps servers and workspaces apart.

A space (a Discord server, a Slack workspace) has its own subscriptions. Of the sources it knows
those that the admin named, in the settings file or on the command line, and those that its own
subscriptions name; never one that only another space brought. Whatever a command, a completion or a
button reads goes through here or through `bot.store.space_stories`, which asks by the same rule.

A subscription whose space nobody noted (one of the settings file) is its channel's own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bot.model import Source, Subscription
from bot.store import sources, subscriptions
from bot.store.faults import space_name
from bot.store.search import like_pattern
from bot.store.times import from_text, from_text_or_none
from config.source_packs import members


class Viewer(NamedTuple):
    """Who looks. `space` is empty in a direct message: there only its own channel's are seen."""

    space: str
    channel: str

    @property
    def bound(self) -> tuple[str, str, str]:
        """The parameters of `OWN`, in its order."""
        return (self.space, self.space, self.channel)


OWN = """
    ((? <> '' AND subscription.space = ?)
     OR (subscription.space = '' AND subscription.channel = ?))
"""
SEEN = f"""
    source.state <> 'removed' AND (source.origin <> 'chat' OR EXISTS (
        SELECT 1
        FROM subscription_source
        JOIN subscription ON subscription.id = subscription_source.subscription_id
        WHERE subscription_source.source_id = source.id
          AND subscription.state <> 'removed' AND {OWN}
    ))
"""  # noqa: S608  # our own condition
# The same for questions that look at every source: the space's own are gathered once.
SEEN_OF_ALL = f"""
    source.state <> 'removed' AND (source.origin <> 'chat' OR source.id IN (
        SELECT subscription_source.source_id
        FROM subscription
        JOIN subscription_source ON subscription_source.subscription_id = subscription.id
        WHERE subscription.state <> 'removed' AND {OWN}
    ))
"""  # noqa: S608  # our own condition


def subscriptions_of(connection: sqlite3.Connection, viewer: Viewer) -> list[Subscription]:
    """The space's subscriptions but the removed ones; those of the viewer's channel first."""
    rows = connection.execute(
        f"""
        SELECT * FROM subscription
        WHERE state <> 'removed' AND {OWN}
        ORDER BY channel <> ?, channel, id
        """,  # noqa: S608  # our own condition
        (*viewer.bound, viewer.channel),
    )
    return [subscriptions.from_row(row) for row in rows]


def subscription(
    connection: sqlite3.Connection, viewer: Viewer, number: int
) -> Subscription | None:
    """One of the space's subscriptions, a removed one too; None for any other number."""
    row = connection.execute(
        f"SELECT * FROM subscription WHERE id = ? AND {OWN}",  # noqa: S608  # our own condition
        (number, *viewer.bound),
    ).fetchone()
    return subscriptions.from_row(row) if row else None


def sources_of(connection: sqlite3.Connection, viewer: Viewer) -> list[Source]:
    """The sources that the space knows."""
    rows = connection.execute(
        f"SELECT * FROM source WHERE {SEEN_OF_ALL} ORDER BY id",  # noqa: S608  # our own condition
        viewer.bound,
    )
    return [sources.from_row(row) for row in rows]


def sources_of_subscription(connection: sqlite3.Connection, subscription_id: int) -> list[Source]:
    """What a subscription's words mean now."""
    rows = connection.execute(
        """
        SELECT source.*
        FROM source
        JOIN subscription_source ON subscription_source.source_id = source.id
        WHERE subscription_source.subscription_id = ?
        ORDER BY source.id
        """,
        (subscription_id,),
    )
    return [sources.from_row(row) for row in rows]


def sources_named(connection: sqlite3.Connection, viewer: Viewer, name: str) -> list[Source]:
    """The known sources that a name stands for: an address, the feed behind it, a `tag:…`, or a
    title, in any case.
    """
    if name.startswith("tag:"):
        return _sources_tagged(connection, viewer, name.removeprefix("tag:"))
    for condition in (
        "url = ?",
        "fetch_url = ?",
        "id IN (SELECT id FROM source WHERE LOWER(url) = LOWER(?))",
        "id IN (SELECT id FROM source WHERE LOWER(title) = LOWER(?))",
    ):
        row = connection.execute(
            f"SELECT * FROM source WHERE {condition} AND {SEEN} ORDER BY id LIMIT 1",  # noqa: S608
            (name, *viewer.bound),
        ).fetchone()
        if row is not None:
            return [sources.from_row(row)]
    return []


def sources_meant(
    connection: sqlite3.Connection, viewer: Viewer, names: Iterable[str]
) -> list[Source]:
    """The known sources that several names stand for, packs among them, each once."""
    found: dict[int, Source] = {}
    for name in names:
        for member in members(name):
            found.update((one.id, one) for one in sources_named(connection, viewer, member))
    return list(found.values())


class SourceName(NamedTuple):
    """A source as a person chooses it."""

    url: str
    title: str


def source_names(
    connection: sqlite3.Connection, viewer: Viewer, typed: str, limit: int
) -> list[SourceName]:
    """Known sources whose address or title has `typed` in it; those that begin with it first."""
    found: dict[str, SourceName] = {}
    for begin in dict.fromkeys(f"{start}{typed}" for start in _URL_STARTS):
        rows = connection.execute(
            f"""
            SELECT url, title FROM source
            WHERE url >= ? AND url < ? AND {SEEN_OF_ALL}
            ORDER BY url
            LIMIT ?
            """,  # noqa: S608  # our own condition
            (begin, f"{begin}\U0010ffff", *viewer.bound, limit),
        )
        found.update((row["url"], SourceName(row["url"], row["title"])) for row in rows)
    if len(found) < limit:
        found = {**found, **_names_holding(connection, viewer, typed, limit)}
    return list(found.values())[:limit]


# What people leave out when they type an address.
_URL_STARTS = ("", "https://", "https://www.", "r/")


def _names_holding(
    connection: sqlite3.Connection, viewer: Viewer, typed: str, limit: int
) -> dict[str, SourceName]:
    holds = like_pattern(typed)
    rows = connection.execute(
        rf"""
        SELECT url, title FROM source
        WHERE (url LIKE ? ESCAPE '\' OR title LIKE ? ESCAPE '\') AND {SEEN_OF_ALL}
        ORDER BY url
        LIMIT ?
        """,  # noqa: S608  # our own condition
        (holds, holds, *viewer.bound, limit),
    )
    return {row["url"]: SourceName(row["url"], row["title"]) for row in rows}


def tags(connection: sqlite3.Connection, viewer: Viewer) -> list[str]:
    """Every tag that a known source has, in the order of the alphabet."""
    rows = connection.execute(
        f"SELECT DISTINCT tags FROM source WHERE tags <> '[]' AND {SEEN_OF_ALL}",  # noqa: S608  # ours
        viewer.bound,
    )
    return sorted({tag for row in rows for tag in json.loads(row["tags"])})


def _sources_tagged(connection: sqlite3.Connection, viewer: Viewer, tag: str) -> list[Source]:
    rows = connection.execute(
        rf"""
        SELECT * FROM source
        WHERE id IN (SELECT id FROM source WHERE tags <> '[]' AND tags LIKE ? ESCAPE '\')
          AND {SEEN}
        ORDER BY id
        """,  # noqa: S608  # our own condition
        (like_pattern(json.dumps(tag)), *viewer.bound),
    )
    return [found for found in map(sources.from_row, rows) if tag in found.tags]


def are_several(connection: sqlite3.Connection) -> bool:
    """Whether more than one server or workspace is subscribed to something."""
    row = connection.execute(
        """
        SELECT COUNT(DISTINCT space) AS n FROM subscription
        WHERE state <> 'removed' AND space <> ''
        """
    ).fetchone()
    several: bool = row["n"] > 1
    return several


class Fault(NamedTuple):
    """What keeps a channel from taking posts. `reason` says what to do."""

    channel: str
    fault: str
    reason: str
    since: datetime
    retry_at: datetime | None


def faults(connection: sqlite3.Connection, viewer: Viewer) -> list[Fault]:
    """The faults of channels that the space's subscriptions post to, and of the space itself."""
    rows = connection.execute(
        f"""
        SELECT * FROM channel_fault
        WHERE channel = ? OR channel IN (
            SELECT channel FROM subscription WHERE state <> 'removed' AND {OWN}
        )
        ORDER BY since, channel
        """,  # noqa: S608  # our own condition
        (space_name(viewer.space) if viewer.space else "", *viewer.bound),
    )
    return [
        Fault(
            row["channel"],
            row["fault"],
            row["reason"],
            from_text(row["since"]),
            from_text_or_none(row["retry_at"]),
        )
        for row in rows
    ]


def delivery_counts(
    connection: sqlite3.Connection, viewer: Viewer, channels: Iterable[str]
) -> dict[str, int]:
    """The deliveries of the space's subscriptions in these channels, by state."""
    wanted = list(channels)
    marks = ", ".join("?" * len(wanted)) or "NULL"
    rows = connection.execute(
        f"""
        SELECT delivery.state, COUNT(*) AS n
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        WHERE subscription.channel IN ({marks}) AND {OWN}
        GROUP BY delivery.state
        """,  # noqa: S608  # marks and our own condition
        (*wanted, *viewer.bound),
    )
    return {row["state"]: row["n"] for row in rows}


def note_spaces(connection: sqlite3.Connection, spaces: Iterable[tuple[str, str]]) -> None:
    """Remember which space a channel is in, (channel, space) each, for its subscriptions that were
    made where nobody knew: those of the settings file.
    """
    connection.executemany(
        "UPDATE subscription SET space = ? WHERE channel = ? AND space = ''",
        [(space, channel) for channel, space in spaces],
    )


def drop_unwanted_sources(connection: sqlite3.Connection) -> list[str]:
    """Stop polling sources made in chat that no subscription names any more; returns which."""
    rows = connection.execute(
        """
        UPDATE source SET state = 'removed'
        WHERE origin = 'chat' AND state <> 'removed' AND NOT EXISTS (
            SELECT 1
            FROM subscription_source
            JOIN subscription ON subscription.id = subscription_source.subscription_id
            WHERE subscription_source.source_id = source.id AND subscription.state <> 'removed'
        )
        RETURNING url
        """
    ).fetchall()
    return [row["url"] for row in rows]
