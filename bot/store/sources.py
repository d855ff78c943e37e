"""Sources: what is polled, when next, and what the polls taught us."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model import Source, SourceState
from bot.store.secret_addresses import bears_secret, shown_url
from bot.store.times import from_text_or_none, to_text, to_text_or_none
from config.source_packs import members


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSource:
    """A source as the settings or a person name it, before anything was fetched."""

    url: str
    kind: str
    fetch_url: str
    tags: tuple[str, ...] = ()
    interval_s: float | None = None
    title: str = ""


def declare(
    connection: sqlite3.Connection,
    declared: Iterable[DeclaredSource],
    *,
    origin: str,
    now: datetime,
) -> None:
    """Add sources, or bring what the settings say about known ones up to date.

    A source that was removed or gone is polled again when it is declared anew.
    """
    rows = connection.execute(
        "SELECT id, url, kind, tags, interval_s, origin, state, last_polled_at FROM source"
    )
    known = {row["url"]: row for row in rows}
    for source in declared:
        row = known.get(source.url)
        if row is None:
            _insert(connection, source, origin=origin, now=now)
        elif row["origin"] != origin and origin == "file":
            _take_over(connection, row["id"])
            _update(connection, source, row, now=now)
        else:
            _update(connection, source, row, now=now)


def _insert(
    connection: sqlite3.Connection, source: DeclaredSource, *, origin: str, now: datetime
) -> None:
    connection.execute(
        """
        INSERT INTO source
            (url, kind, fetch_url, title, tags, interval_s, origin, is_public, next_poll_at,
             created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            source.url,
            source.kind,
            source.fetch_url,
            source.title,
            json.dumps(source.tags),
            source.interval_s,
            origin,
            int(not bears_secret(source.url)),
            to_text(now),
            to_text(now),
        ),
    )


def add_from_chat(
    connection: sqlite3.Connection, source: DeclaredSource, *, now: datetime, due_at: datetime
) -> None:
    """Add a source that a person named in a chat, or poll one again that was given up.

    It is polled at `due_at`. One that is polled already stays as it is. It has no tags: others'
    subscriptions to a tag must not take in what one space brought.
    """
    row = connection.execute("SELECT * FROM source WHERE url = ?", (source.url,)).fetchone()
    if row is None:
        _insert(connection, replace(source, tags=()), origin="chat", now=due_at)
        return
    if row["state"] == SourceState.REMOVED:
        connection.execute(
            "UPDATE source SET origin = 'chat', tags = '[]', interval_s = NULL WHERE id = ?",
            (row["id"],),
        )
    if row["state"] in (SourceState.REMOVED, SourceState.GONE):
        revive(connection, row["id"], now)
        put_off(connection, row["id"], due_at)


def _take_over(connection: sqlite3.Connection, source_id: int) -> None:
    connection.execute("UPDATE source SET origin = 'file' WHERE id = ?", (source_id,))


def _update(
    connection: sqlite3.Connection, source: DeclaredSource, row: sqlite3.Row, *, now: datetime
) -> None:
    if row["kind"] != source.kind:  # a later version reads it in another way
        connection.execute(
            """
            UPDATE source
            SET kind = ?, fetch_url = ?, etag = NULL, last_modified = NULL, body_hash = NULL
            WHERE id = ?
            """,
            (source.kind, source.fetch_url, row["id"]),
        )
    tags = json.dumps(source.tags)
    if (row["tags"], row["interval_s"]) != (tags, source.interval_s):
        connection.execute(
            "UPDATE source SET tags = ?, interval_s = ? WHERE id = ?",
            (tags, source.interval_s, row["id"]),
        )
    if source.interval_s is not None and source.interval_s != row["interval_s"]:
        polled_at = from_text_or_none(row["last_polled_at"]) or now
        _due_no_later(connection, row["id"], polled_at + timedelta(seconds=source.interval_s))
    if row["state"] == SourceState.REMOVED:
        connection.execute(
            """
            UPDATE source
            SET state = 'active', failures = 0, last_error = NULL, next_poll_at = ?
            WHERE id = ?
            """,
            (to_text(now), row["id"]),
        )


def _due_no_later(connection: sqlite3.Connection, source_id: int, latest: datetime) -> None:
    """An interval that a person made shorter holds from now on, not from the next poll on."""
    connection.execute(
        """
        UPDATE source
        SET next_poll_at = ?
        WHERE id = ? AND next_poll_at > ? AND state = 'active' AND failures = 0
        """,
        (to_text(latest), source_id, to_text(latest)),
    )


def revive(connection: sqlite3.Connection, source_id: int, now: datetime) -> None:
    """Poll a source again that was given up: a person asked for it."""
    connection.execute(
        """
        UPDATE source
        SET state = 'active', failures = 0, last_error = NULL, gone_count = 0,
            gone_since = NULL, next_poll_at = ?
        WHERE id = ?
        """,
        (to_text(now), source_id),
    )


def remove_undeclared(connection: sqlite3.Connection, urls: Sequence[str]) -> None:
    """Stop polling the settings' sources that the settings no longer name.

    One that a chat subscribed to as well is that chat's from now on.
    """
    kept = set(urls)
    for row in connection.execute(
        "SELECT id, url FROM source WHERE origin = 'file' AND state <> 'removed'"
    ).fetchall():
        if row["url"] in kept:
            continue
        if _is_named_in_chat(connection, row["id"], row["url"]):
            connection.execute(
                "UPDATE source SET origin = 'chat', tags = '[]' WHERE id = ?", (row["id"],)
            )
        else:
            remove(connection, row["id"])


def _is_named_in_chat(connection: sqlite3.Connection, source_id: int, url: str) -> bool:
    """Whether a subscription made in a chat has the source by its own name, not by a tag."""
    rows = connection.execute(
        """
        SELECT subscription.sources
        FROM subscription
        JOIN subscription_source ON subscription_source.subscription_id = subscription.id
        WHERE subscription_source.source_id = ? AND subscription.origin = 'chat'
          AND subscription.state <> 'removed'
        """,
        (source_id,),
    )
    return any(url in members(name) for row in rows for name in json.loads(row["sources"]))


def remove(connection: sqlite3.Connection, source_id: int) -> None:
    """Stop polling; its entries stay, so that it can come back without repeating itself."""
    connection.execute("UPDATE source SET state = 'removed' WHERE id = ?", (source_id,))


def listed(connection: sqlite3.Connection) -> list[Source]:
    """All sources but the removed ones, in the order they were added."""
    rows = connection.execute("SELECT * FROM source WHERE state <> 'removed' ORDER BY id")
    return [from_row(row) for row in rows]


def by_url(connection: sqlite3.Connection, url: str) -> Source | None:
    row = connection.execute(
        "SELECT * FROM source WHERE url = ? OR fetch_url = ? ORDER BY url <> ?", (url, url, url)
    ).fetchone()
    return from_row(row) if row else None


def by_urls(connection: sqlite3.Connection, urls: Sequence[str]) -> list[Source]:
    """Those of these sources that are there and not removed, by what people wrote."""
    found = [
        connection.execute(
            "SELECT * FROM source WHERE url = ? AND state <> 'removed'", (url,)
        ).fetchone()
        for url in urls
    ]
    return [from_row(row) for row in found if row]


def title_of(connection: sqlite3.Connection, source_id: int) -> str:
    """The source's title, or its URL where it gave none; of a secret URL only the host."""
    row = connection.execute("SELECT title, url FROM source WHERE id = ?", (source_id,)).fetchone()
    return str(row["title"] or shown_url(row["url"]))


def due(connection: sqlite3.Connection, now: datetime, limit: int) -> list[Source]:
    """Sources whose turn has come, the longest waiting first."""
    rows = connection.execute(
        """
        SELECT * FROM source
        WHERE state IN ('active', 'failing') AND next_poll_at <= ?
        ORDER BY next_poll_at, id
        LIMIT ?
        """,
        (to_text(now), limit),
    )
    return [from_row(row) for row in rows]


def memory(connection: sqlite3.Connection, source_id: int) -> str:
    """What ingest remembers of a source, as it wrote it."""
    row = connection.execute("SELECT memory FROM source WHERE id = ?", (source_id,)).fetchone()
    return str(row["memory"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """The state of a source after a poll that worked. None keeps what is stored."""

    polled_at: datetime
    next_poll_at: datetime
    fetch_url: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    moved_to: str | None
    moved_count: int
    moved_since: datetime | None
    title: str | None = None
    site_url: str | None = None
    hub_url: str | None = None
    self_url: str | None = None
    publish_gap_s: float | None = None
    memory: str | None = None
    habits: tuple[str, ...] | None = None
    last_error: str | None = None


def record_poll(connection: sqlite3.Connection, source_id: int, record: PollRecord) -> None:
    """Store what a working poll changed; part of the transaction that stores its entries."""
    polled_at = to_text(record.polled_at)
    connection.execute(
        """
        UPDATE source
        SET state = 'active', failures = 0, gone_count = 0, gone_since = NULL,
            last_error = ?, last_polled_at = ?, last_ok_at = ?, next_poll_at = ?,
            fetch_url = ?, etag = ?, last_modified = ?, body_hash = ?,
            moved_to = ?, moved_count = ?, moved_since = ?,
            title = COALESCE(?, title), site_url = COALESCE(?, site_url),
            hub_url = COALESCE(?, hub_url), self_url = COALESCE(?, self_url),
            publish_gap_s = COALESCE(?, publish_gap_s),
            memory = COALESCE(?, memory), habits = COALESCE(?, habits)
        WHERE id = ?
        """,
        (
            record.last_error,
            polled_at,
            polled_at,
            to_text(record.next_poll_at),
            record.fetch_url,
            record.etag,
            record.last_modified,
            record.body_hash,
            record.moved_to,
            record.moved_count,
            to_text_or_none(record.moved_since),
            record.title or None,
            record.site_url,
            record.hub_url,
            record.self_url,
            record.publish_gap_s,
            record.memory,
            None if record.habits is None else json.dumps(record.habits),
            source_id,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRecord:
    """The state of a source after a poll that failed."""

    polled_at: datetime
    next_poll_at: datetime
    state: SourceState
    failures: int
    error: str
    gone_count: int
    gone_since: datetime | None


def put_off(connection: sqlite3.Connection, source_id: int, at: datetime) -> None:
    """Ask the source later. Nothing was learned about it."""
    connection.execute("UPDATE source SET next_poll_at = ? WHERE id = ?", (to_text(at), source_id))


def record_failure(connection: sqlite3.Connection, source_id: int, record: FailureRecord) -> None:
    connection.execute(
        """
        UPDATE source
        SET state = ?, failures = ?, last_error = ?, last_polled_at = ?, next_poll_at = ?,
            gone_count = ?, gone_since = ?
        WHERE id = ? AND state <> 'removed'
        """,
        (
            record.state,
            record.failures,
            record.error,
            to_text(record.polled_at),
            to_text(record.next_poll_at),
            record.gone_count,
            to_text_or_none(record.gone_since),
            source_id,
        ),
    )


def reschedule_all(connection: sqlite3.Connection, *, longest_s: float, now: datetime) -> None:
    """After a change of settings: no source waits longer than the settings now allow."""
    latest = to_text(now + timedelta(seconds=longest_s))
    connection.execute(
        """
        UPDATE source
        SET next_poll_at = ?
        WHERE next_poll_at > ? AND state = 'active' AND failures = 0
        """,
        (latest, latest),
    )


def from_row(row: sqlite3.Row) -> Source:
    return Source(
        id=row["id"],
        url=row["url"],
        kind=row["kind"],
        fetch_url=row["fetch_url"],
        title=row["title"],
        tags=_opened(row["tags"]),
        interval_s=row["interval_s"],
        state=SourceState(row["state"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        last_polled_at=from_text_or_none(row["last_polled_at"]),
        last_ok_at=from_text_or_none(row["last_ok_at"]),
        next_poll_at=from_text_or_none(row["next_poll_at"]),
        failures=row["failures"],
        last_error=row["last_error"],
        moved_to=row["moved_to"],
        moved_count=row["moved_count"],
        moved_since=from_text_or_none(row["moved_since"]),
        gone_count=row["gone_count"],
        gone_since=from_text_or_none(row["gone_since"]),
        publish_gap_s=row["publish_gap_s"],
        habits=_opened(row["habits"]),
        origin=row["origin"],
    )


def _opened(listed: str) -> tuple[str, ...]:
    return () if listed == "[]" else tuple(json.loads(listed))
