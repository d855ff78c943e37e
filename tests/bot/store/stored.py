"""Rows for tests of what pages read, put straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.store import search, sources
from bot.store.database import Connection, connect, migrate
from bot.store.sources import DeclaredSource
from bot.store.times import to_text


def opened(path: Path) -> Connection:
    """A new store whose commits do not wait for the disk."""
    migrate(path)
    connection = connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def add_source(
    connection: Connection,
    url: str,
    *,
    at: datetime,
    tags: Sequence[str] = (),
    origin: str = "file",
    is_public: bool = True,
) -> int:
    """A source; returns its number."""
    declared = DeclaredSource(url=url, kind="feed", fetch_url=url, tags=tuple(tags))
    sources.declare(connection, [declared], origin=origin, now=at)
    connection.execute(
        "UPDATE source SET is_public = ?, title = ? WHERE url = ?",
        (int(is_public), f"The {url}", url),
    )
    row = connection.execute("SELECT id FROM source WHERE url = ?", (url,)).fetchone()
    number: int = row["id"]
    return number


def add_story(
    connection: Connection, story_id: int, reports: Sequence[tuple[int, str, datetime]]
) -> list[int]:
    """A story told by (source, title, when) each, indexed; returns the entries' numbers."""
    times = [to_text(at) for _, _, at in reports]
    connection.execute(
        """
        INSERT INTO story (id, title, url, first_seen_at, news_at, updated_at, entry_count)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (story_id, reports[0][1], None, times[0], max(times), max(times), len(reports)),
    )
    numbers: list[int] = []
    for source_id, title, at in reports:
        row = connection.execute(
            """
            INSERT INTO entry
                (source_id, guid, url, title, published_at, first_seen_at, news_at, story_id, terms,
                 content_hash, postable, story_reason, ingest_reason, text)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', 1, 'new story', '', ?)
            RETURNING id
            """,
            (
                source_id,
                f"{story_id}-{len(numbers)}",
                f"https://news.example/{story_id}/{source_id}",
                title,
                *[to_text(at)] * 3,
                story_id,
                f"{title} in full.",
            ),
        ).fetchone()
        numbers.append(row["id"])
    search.index_some(connection, len(numbers))
    return numbers
