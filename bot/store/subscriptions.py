"""Subscriptions: who wants what, and when their digests are due."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from bot.model import Subscription
from bot.store.times import from_text, from_text_or_none, to_text, to_text_or_none

PostKind = Literal["instant", "community", "outlook", "roundup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSubscription:
    """A subscription as the settings or a person state it."""

    channel: str
    sources: tuple[str, ...]
    post: PostKind = "instant"
    schedule: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    min_score: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    space: str = ""
    made_by: str = ""
    role: str | None = None
    publish: bool = False

    @property
    def key(self) -> str:
        """What makes it the same subscription after its filters or its schedule were changed.

        Two workspaces can share a channel, and each has its own.
        """
        names: list[object] = [self.channel, self.post, sorted(self.sources)]
        return json.dumps([*names, self.space] if self.space else names)


def declare(
    connection: sqlite3.Connection, declared: DeclaredSubscription, *, origin: str, now: datetime
) -> int:
    """Add a subscription or bring it up to date; returns its id.

    One that was removed begins anew: what came meanwhile is no news to it.
    """
    row = connection.execute(
        "SELECT id, state FROM subscription WHERE key = ?", (declared.key,)
    ).fetchone()
    values = _values(declared, origin)
    if row is None:
        return _insert(connection, declared.key, values, now)
    if row["state"] == "removed":
        _begin_anew(connection, row["id"], now)
    connection.execute(
        """
        UPDATE subscription
        SET next_run_at = CASE
                WHEN schedule = ? AND timezone = ? AND state = 'active' THEN next_run_at
            END,
            origin = ?, channel = ?, sources = ?, post = ?, schedule = ?, timezone = ?,
            language = ?, min_score = ?, include = ?, exclude = ?, languages = ?,
            space = COALESCE(NULLIF(?, ''), space), made_by = ?, role = ?, publish = ?,
            state = CASE WHEN state = 'paused' THEN 'paused' ELSE 'active' END
        WHERE id = ?
        """,
        (declared.schedule, declared.timezone, *values, row["id"]),
    )
    subscription_id: int = row["id"]
    return subscription_id


def _begin_anew(connection: sqlite3.Connection, subscription_id: int, now: datetime) -> None:
    connection.execute(
        "UPDATE subscription_source SET started_at = NULL WHERE subscription_id = ?",
        (subscription_id,),
    )
    connection.execute(
        "UPDATE subscription SET covered_until = ? WHERE id = ?", (to_text(now), subscription_id)
    )


def _values(declared: DeclaredSubscription, origin: str) -> tuple[object, ...]:
    return (
        origin,
        declared.channel,
        json.dumps(declared.sources),
        declared.post,
        declared.schedule,
        declared.timezone,
        declared.language,
        declared.min_score,
        json.dumps(declared.include),
        json.dumps(declared.exclude),
        json.dumps(declared.languages),
        declared.space,
        declared.made_by,
        declared.role,
        declared.publish,
    )


def _insert(
    connection: sqlite3.Connection, key: str, values: Sequence[object], now: datetime
) -> int:
    cursor = connection.execute(
        """
        INSERT INTO subscription
            (key, origin, channel, sources, post, schedule, timezone, language, min_score,
             include, exclude, languages, space, made_by, role, publish, created_at,
             covered_until)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (key, *values, to_text(now), to_text(now)),
    )
    subscription_id = cursor.lastrowid
    assert subscription_id is not None
    return subscription_id


def remove_undeclared(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Remove the settings' subscriptions that the settings no longer state."""
    kept = set(ids)
    for row in connection.execute(
        "SELECT id FROM subscription WHERE origin = 'file' AND state <> 'removed'"
    ).fetchall():
        if row["id"] not in kept:
            remove(connection, row["id"])


def remove(connection: sqlite3.Connection, subscription_id: int) -> None:
    """Remove it, with what it had not yet posted; what it posted stays on record."""
    connection.execute(
        "UPDATE subscription SET state = 'removed', next_run_at = NULL WHERE id = ?",
        (subscription_id,),
    )
    connection.execute(
        """
        UPDATE delivery
        SET state = 'skipped', rule = 'removed', reason = 'the subscription was removed'
        WHERE subscription_id = ? AND state IN ('pending', 'retry')
        """,
        (subscription_id,),
    )


def by_key(connection: sqlite3.Connection, key: str) -> Subscription | None:
    row = connection.execute("SELECT * FROM subscription WHERE key = ?", (key,)).fetchone()
    return from_row(row) if row else None


def listed(connection: sqlite3.Connection) -> list[Subscription]:
    """All subscriptions but the removed ones."""
    rows = connection.execute("SELECT * FROM subscription WHERE state <> 'removed' ORDER BY id")
    return [from_row(row) for row in rows]


def by_id(connection: sqlite3.Connection, subscription_id: int) -> Subscription | None:
    row = connection.execute(
        "SELECT * FROM subscription WHERE id = ?", (subscription_id,)
    ).fetchone()
    return from_row(row) if row else None


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription to one source. `started`: its first posts were chosen already."""

    subscription: Subscription
    started: bool


def wishes(connection: sqlite3.Connection, source_id: int) -> list[Wish]:
    """The instant subscriptions that want this source, the oldest first."""
    rows = connection.execute(
        """
        SELECT subscription.*, subscription_source.started_at AS started_at
        FROM subscription_source
        JOIN subscription ON subscription.id = subscription_source.subscription_id
        WHERE subscription_source.source_id = ?
          AND subscription.post = 'instant'
          AND subscription.state <> 'removed'
        ORDER BY subscription.id
        """,
        (source_id,),
    )
    return [Wish(from_row(row), row["started_at"] is not None) for row in rows]


class SourceName(NamedTuple):
    """What subscriptions can name a source by."""

    id: int
    url: str
    tags: tuple[str, ...]


def nameable(connection: sqlite3.Connection) -> list[SourceName]:
    """All sources that are polled, in the order they were added; no more of them than that."""
    rows = connection.execute("SELECT id, url, tags FROM source WHERE state <> 'removed'")
    listed = sorted(map(tuple, rows))
    opened = {tags: tuple(json.loads(tags)) for tags in {tags for _, _, tags in listed}}
    return [SourceName(id_, url, opened[tags]) for id_, url, tags in listed]


def link(connection: sqlite3.Connection, subscription_id: int, source_ids: Iterable[int]) -> None:
    """Say which sources a subscription's words mean now. Links that stay keep their start."""
    wanted = set(source_ids)
    linked = {
        row["source_id"]
        for row in connection.execute(
            "SELECT source_id FROM subscription_source WHERE subscription_id = ?",
            (subscription_id,),
        )
    }
    connection.executemany(
        "DELETE FROM subscription_source WHERE subscription_id = ? AND source_id = ?",
        [(subscription_id, source_id) for source_id in linked - wanted],
    )
    for source_id in sorted(wanted - linked):
        connection.execute(
            """
            INSERT INTO subscription_source (subscription_id, source_id, started_at)
            VALUES (?, ?, (
                SELECT MIN(other.started_at)
                FROM subscription_source AS other
                JOIN subscription AS theirs ON theirs.id = other.subscription_id
                JOIN subscription AS ours ON ours.id = ?
                WHERE other.source_id = ? AND theirs.channel = ours.channel
                  AND theirs.post = ours.post
            ))
            """,
            (subscription_id, source_id, subscription_id, source_id),
        )


def linked_sources(connection: sqlite3.Connection, subscription_id: int) -> list[int]:
    rows = connection.execute(
        "SELECT source_id FROM subscription_source WHERE subscription_id = ? ORDER BY source_id",
        (subscription_id,),
    )
    return [row["source_id"] for row in rows]


def seen_before(
    connection: sqlite3.Connection, subscription_id: int, story_id: int, entry_id: int
) -> int | None:
    """An earlier entry through which one of the subscription's sources brought this story."""
    row = connection.execute(
        """
        SELECT entry.id
        FROM entry
        JOIN subscription_source ON subscription_source.source_id = entry.source_id
        WHERE entry.story_id = ? AND entry.id < ? AND subscription_source.subscription_id = ?
        ORDER BY entry.id
        LIMIT 1
        """,
        (story_id, entry_id, subscription_id),
    ).fetchone()
    return row["id"] if row else None


def start(
    connection: sqlite3.Connection, subscription_id: int, source_id: int, now: datetime
) -> None:
    """From now on this source's new entries are news to this subscription."""
    connection.execute(
        """
        UPDATE subscription_source SET started_at = ?
        WHERE subscription_id = ? AND source_id = ?
        """,
        (to_text(now), subscription_id, source_id),
    )


def unstarted(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """(subscription, source) pairs to be started whose source was polled before."""
    rows = connection.execute(
        """
        SELECT subscription_source.subscription_id, subscription_source.source_id
        FROM subscription_source
        JOIN subscription ON subscription.id = subscription_source.subscription_id
        JOIN source ON source.id = subscription_source.source_id
        WHERE subscription_source.started_at IS NULL
          AND subscription.post = 'instant'
          AND subscription.state <> 'removed'
          AND source.last_ok_at IS NOT NULL
        """
    )
    return [(row["subscription_id"], row["source_id"]) for row in rows]


def unscheduled(connection: sqlite3.Connection) -> list[Subscription]:
    """Active digest subscriptions whose next run was not worked out yet."""
    rows = connection.execute(
        """
        SELECT * FROM subscription
        WHERE state = 'active' AND post <> 'instant' AND next_run_at IS NULL
        """
    )
    return [from_row(row) for row in rows]


def due(connection: sqlite3.Connection, now: datetime) -> list[Subscription]:
    """Digest subscriptions whose time has come."""
    rows = connection.execute(
        """
        SELECT * FROM subscription
        WHERE state = 'active' AND post <> 'instant' AND next_run_at <= ?
        ORDER BY next_run_at, id
        """,
        (to_text(now),),
    )
    return [from_row(row) for row in rows]


def schedule(
    connection: sqlite3.Connection,
    subscription_id: int,
    *,
    next_run_at: datetime | None,
    covered_until: datetime | None = None,
) -> None:
    """Set the next run; `covered_until`, where given, moves with it in the same transaction."""
    connection.execute(
        """
        UPDATE subscription
        SET next_run_at = ?, covered_until = COALESCE(?, covered_until)
        WHERE id = ?
        """,
        (to_text_or_none(next_run_at), to_text_or_none(covered_until), subscription_id),
    )


def from_row(row: sqlite3.Row) -> Subscription:
    return Subscription(
        id=row["id"],
        key=row["key"],
        origin=row["origin"],
        channel=row["channel"],
        sources=tuple(json.loads(row["sources"])),
        post=row["post"],
        schedule=row["schedule"],
        timezone=row["timezone"],
        language=row["language"],
        min_score=row["min_score"],
        include=tuple(json.loads(row["include"])),
        exclude=tuple(json.loads(row["exclude"])),
        languages=tuple(json.loads(row["languages"])),
        state=row["state"],
        created_at=from_text(row["created_at"]),
        next_run_at=from_text_or_none(row["next_run_at"]),
        covered_until=from_text_or_none(row["covered_until"]),
        space=row["space"],
        made_by=row["made_by"],
        role=row["role"],
        publish=bool(row["publish"]),
    )
