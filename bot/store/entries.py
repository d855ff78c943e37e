"""Entries: what sources published, with every change that was seen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model import Entry
from bot.store import search, story_index
from bot.store.times import from_text, from_text_or_none, to_text, to_text_or_none

_COLUMNS = "id, guid, canonical_url, title, content_hash, published_at, first_seen_at"
# What is not there is bound as an empty text: for None, as for a bool, sqlite3 looks for an adapter
# each time, which takes longer than storing the value.
_INSERT = """
    INSERT INTO entry
        (id, source_id, guid, url, canonical_url, title, author, published_at, updated_at,
         first_seen_at, news_at, text, image_url, comments_url, tags, language,
         content_hash, terms, story_id, story_reason, ingest_reason, postable)
    VALUES (?, ?, ?, NULLIF(?, ''), NULLIF(?, ''), ?, NULLIF(?, ''), NULLIF(?, ''), NULLIF(?, ''),
            ?, ?, ?, NULLIF(?, ''), NULLIF(?, ''), ?, NULLIF(?, ''), ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source_id, guid) DO NOTHING
"""


class KnownRow(NamedTuple):
    """What identifies a stored entry of a source."""

    id: int
    guid: str
    canonical_url: str | None
    title: str
    content_hash: str
    published_at: datetime | None
    first_seen_at: datetime


def known(
    connection: sqlite3.Connection, source_id: int, entries: Iterable[Entry]
) -> list[KnownRow]:
    """The source's rows that share a guid, an address or a content with one of `entries`."""
    if _is_empty(connection, source_id):
        return []
    entries = list(entries)
    guids = {entry.guid for entry in entries}
    addresses = {entry.canonical_url for entry in entries if entry.canonical_url}
    hashes = {entry.content_hash for entry in entries}
    found: dict[int, KnownRow] = {}
    for column, values in (("guid", guids), ("canonical_url", addresses), ("content_hash", hashes)):
        for row in _matching(connection, source_id, column, sorted(values)):
            found.setdefault(row["id"], _known_row(row))
    return list(found.values())


def _is_empty(connection: sqlite3.Connection, source_id: int) -> bool:
    any_row = connection.execute("SELECT 1 FROM entry WHERE source_id = ? LIMIT 1", (source_id,))
    return any_row.fetchone() is None


def _matching(
    connection: sqlite3.Connection, source_id: int, column: str, values: Sequence[str]
) -> Iterable[sqlite3.Row]:
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        marks = ", ".join("?" * len(part))
        yield from connection.execute(
            f"SELECT {_COLUMNS} FROM entry WHERE source_id = ? AND {column} IN ({marks})",  # noqa: S608  # our own names
            (source_id, *part),
        )


def _known_row(row: sqlite3.Row) -> KnownRow:
    return KnownRow(
        id=row["id"],
        guid=row["guid"],
        canonical_url=row["canonical_url"],
        title=row["title"],
        content_hash=row["content_hash"],
        published_at=from_text_or_none(row["published_at"]),
        first_seen_at=from_text(row["first_seen_at"]),
    )


class NewRow(NamedTuple):
    """An entry on its way into the store under an id from `next_id`, with what was decided."""

    id: int
    source_id: int
    entry: Entry
    news_at: datetime
    story_id: int
    story_reason: str
    ingest_reason: str
    postable: bool


def next_id(connection: sqlite3.Connection) -> int:
    """The id that the next new entry gets; hold the transaction until it is used."""
    found: int = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM entry").fetchone()[0]
    return found


def insert_many(connection: sqlite3.Connection, rows: Sequence[NewRow], now: datetime) -> None:
    """Store new entries. The caller indexes their words (`story_index.add_many`)."""
    seen_at = to_text(now)
    while rows:
        stored = connection.executemany(_INSERT, [_values(row, seen_at) for row in rows]).rowcount
        rows = _left_out(connection, rows) if stored < len(rows) else []


def _left_out(connection: sqlite3.Connection, rows: Sequence[NewRow]) -> list[NewRow]:
    """Entries whose id another one of the source has made up as well, with one of their own."""
    return [
        row._replace(entry=row.entry._replace(guid=f"{row.entry.guid}#{row.entry.content_hash}"))
        for row in rows
        if not connection.execute("SELECT 1 FROM entry WHERE id = ?", (row.id,)).fetchone()
    ]


def _values(row: NewRow, seen_at: str) -> tuple[object, ...]:
    entry = row.entry
    return (
        row.id,
        row.source_id,
        entry.guid,
        entry.url or "",
        entry.canonical_url or "",
        entry.title,
        entry.author or "",
        to_text(entry.published_at) if entry.published_at else "",
        to_text(entry.updated_at) if entry.updated_at else "",
        seen_at,
        to_text(row.news_at),
        entry.text,
        entry.image_url or "",
        entry.comments_url or "",
        json.dumps(entry.tags) if entry.tags else "[]",
        entry.language or "",
        entry.content_hash,
        " ".join(entry.terms),
        row.story_id,
        row.story_reason,
        row.ingest_reason,
        int(row.postable),
    )


def revise(
    connection: sqlite3.Connection, entry_id: int, entry: Entry, reason: str, now: datetime
) -> None:
    """Bring an entry up to date and keep what it said before."""
    old = connection.execute(
        "SELECT title, text, guid, terms, news_at FROM entry WHERE id = ?", (entry_id,)
    ).fetchone()
    if old["terms"].split() != list(entry.terms):
        news_at = from_text(old["news_at"])
        story_index.remove(connection, entry_id, news_at, old["terms"].split())
        # Under all its words: which ones are telling, only ingest knows.
        story_index.add(connection, entry_id, news_at, entry.terms)
    connection.execute(
        """
        INSERT INTO entry_revision (entry_id, seen_at, reason, old_title, old_text, old_guid)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        (entry_id, to_text(now), reason, old["title"], old["text"], old["guid"]),
    )
    search.reindex(
        connection,
        entry_id,
        old=(old["title"], old["text"]),
        new=(entry.title, entry.text),
    )
    connection.execute(
        """
        UPDATE entry
        SET guid = ?, url = ?, canonical_url = ?, title = ?, author = ?, published_at = ?,
            updated_at = ?, text = ?, image_url = ?, comments_url = ?, tags = ?, language = ?,
            content_hash = ?, terms = ?, revision = revision + 1
        WHERE id = ?
        """,
        (
            entry.guid,
            entry.url,
            entry.canonical_url,
            entry.title,
            entry.author,
            to_text_or_none(entry.published_at),
            to_text_or_none(entry.updated_at),
            entry.text,
            entry.image_url,
            entry.comments_url,
            json.dumps(entry.tags),
            entry.language,
            entry.content_hash,
            " ".join(entry.terms),
            entry_id,
        ),
    )


class LatestRow(NamedTuple):
    """A stored entry as the start of a subscription needs it."""

    id: int
    story_id: int
    title: str
    text: str
    language: str | None
    news_at: datetime


def latest(connection: sqlite3.Connection, source_id: int) -> Iterator[LatestRow]:
    """The source's entries, the newest first, read one by one: who wants few reads few."""
    rows = connection.execute(
        """
        SELECT id, story_id, title, text, language, news_at
        FROM entry
        WHERE source_id = ?
        ORDER BY news_at DESC, id
        """,
        (source_id,),
    )
    for row in rows:
        yield _latest_row(row)


def by_id(connection: sqlite3.Connection, entry_id: int) -> LatestRow:
    """A stored entry; it must exist."""
    return _latest_row(
        connection.execute("SELECT * FROM entry WHERE id = ?", (entry_id,)).fetchone()
    )


def _latest_row(row: sqlite3.Row) -> LatestRow:
    return LatestRow(
        row["id"],
        row["story_id"],
        row["title"],
        row["text"],
        row["language"],
        from_text(row["news_at"]),
    )


def first_of_story(connection: sqlite3.Connection, story_id: int) -> str:
    """What identifies a story beyond this database: its first entry's source and guid."""
    row = connection.execute(
        """
        SELECT source.url, entry.guid
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.story_id = ?
        ORDER BY entry.id
        LIMIT 1
        """,
        (story_id,),
    ).fetchone()
    return f"{row['url']}\n{row['guid']}"


def shares_address(connection: sqlite3.Connection, entry_id: int) -> bool:
    """Whether its source has other entries on the same page, as changelogs do."""
    row = connection.execute(
        """
        SELECT COUNT(*) AS n
        FROM entry AS ours
        JOIN entry AS other
          ON other.source_id = ours.source_id AND other.canonical_url = ours.canonical_url
        WHERE ours.id = ? AND other.id <> ours.id
        """,
        (entry_id,),
    ).fetchone()
    return bool(row["n"])


def news_times(connection: sqlite3.Connection, source_id: int, limit: int) -> list[datetime]:
    """When the source's newest entries were news, for its rhythm; the newest first."""
    rows = connection.execute(
        "SELECT news_at FROM entry WHERE source_id = ? ORDER BY news_at DESC LIMIT ?",
        (source_id, limit),
    )
    return [from_text(row["news_at"]) for row in rows]


def counts(connection: sqlite3.Connection) -> dict[int, int]:
    """Stored entries by source id."""
    rows = connection.execute("SELECT source_id, COUNT(*) AS n FROM entry GROUP BY source_id")
    return {row["source_id"]: row["n"] for row in rows}


class Trace(NamedTuple):
    """All that is known of one entry's way, for `why`."""

    id: int
    source: str
    guid: str
    url: str | None
    title: str
    published_at: str | None
    first_seen_at: str
    ingest_reason: str
    postable: bool
    story_id: int
    story_reason: str
    revisions: tuple[tuple[str, str], ...]


def traces(
    connection: sqlite3.Connection, *, urls: Sequence[str], ids: Sequence[int]
) -> list[Trace]:
    """The entries at these addresses (as published or canonical) or of these ids."""
    url_marks = ", ".join("?" * len(urls)) or "NULL"
    id_marks = ", ".join("?" * len(ids)) or "NULL"
    rows = connection.execute(
        f"""
        SELECT entry.*, source.url AS source_url
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.canonical_url IN ({url_marks})
           OR entry.url IN ({url_marks})
           OR entry.guid IN ({url_marks})
           OR entry.id IN ({id_marks})
        ORDER BY entry.id
        """,  # noqa: S608  # only question marks are put in
        (*urls, *urls, *urls, *ids),
    ).fetchall()
    return [_trace(connection, row) for row in rows]


def _trace(connection: sqlite3.Connection, row: sqlite3.Row) -> Trace:
    revisions = connection.execute(
        "SELECT seen_at, reason FROM entry_revision WHERE entry_id = ? ORDER BY id", (row["id"],)
    )
    return Trace(
        id=row["id"],
        source=row["source_url"],
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        published_at=row["published_at"],
        first_seen_at=row["first_seen_at"],
        ingest_reason=row["ingest_reason"],
        postable=bool(row["postable"]),
        story_id=row["story_id"],
        story_reason=row["story_reason"],
        revisions=tuple((r["seen_at"], r["reason"]) for r in revisions),
    )
