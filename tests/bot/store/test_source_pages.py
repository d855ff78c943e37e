"""What the list of sources reads, and that it stays cheap."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import source_pages, sources
from bot.store.database import connect, migrate
from bot.store.public import Audience
from bot.store.source_pages import SourceWish
from bot.store.sources import DeclaredSource
from bot.store.times import to_text

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
EVERYBODY, ADMIN = Audience(), Audience(everything=True)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    migrate(tmp_path / "t.db")
    opened = connect(tmp_path / "t.db")
    rows = [
        DeclaredSource(url=url, kind="feed", fetch_url=url, tags=tags)
        for url, tags in (
            ("https://a.example/f", ("labs", "R&D")),
            ("https://b.example/f?token=secret", ("labs",)),
            ("https://c.example/f", ()),
        )
    ]
    sources.declare(opened, rows[:2], origin="file", now=NOW)
    sources.declare(opened, rows[2:], origin="chat", now=NOW)
    opened.execute(
        """
        INSERT INTO story (id, title, first_seen_at, news_at, updated_at)
        VALUES (1, 't', ?, ?, ?)
        """,
        (to_text(NOW), to_text(NOW), to_text(NOW)),
    )
    yield opened
    opened.close()


def tell(connection: sqlite3.Connection, source_id: int, guid: str, at: datetime) -> None:
    connection.execute(
        """
        INSERT INTO entry
            (source_id, guid, title, first_seen_at, news_at, story_id, terms, content_hash,
             postable, story_reason, ingest_reason, text)
        VALUES (?, ?, ?, ?, ?, 1, '', ?, 1, '', '', '')
        """,
        (source_id, guid, guid, to_text(at), to_text(at), guid),
    )


def listed(connection: sqlite3.Connection, audience: Audience, **wish: str) -> list[int]:
    found = source_pages.page(connection, audience, SourceWish(**wish), limit=9, offset=0)  # type: ignore[arg-type]  # names of fields
    assert found.total == len(found.sources)
    return [one.id for one in found.sources]


def test_everybody_sees_public_sources_and_chats_may_be_kept_private(
    connection: sqlite3.Connection,
) -> None:
    assert listed(connection, EVERYBODY) == [1, 3]
    assert listed(connection, Audience(chat_sources=False)) == [1]
    assert listed(connection, ADMIN) == [1, 2, 3]
    assert listed(connection, EVERYBODY, words="token") == []
    assert listed(connection, ADMIN, words="token") == [2]
    for source_id, seen in ((1, True), (2, False), (3, True)):
        assert (source_pages.one(connection, EVERYBODY, source_id) is not None) is seen
    assert [one.id for one in source_pages.all_of(connection, EVERYBODY)] == [1, 3]


def test_a_tag_is_the_whole_tag(connection: sqlite3.Connection) -> None:
    assert listed(connection, ADMIN, tag="labs") == [1, 2]
    assert listed(connection, ADMIN, tag="R&D") == [1]
    for tag in ("lab", "%", "_abs", '"', "[]", ","):
        assert listed(connection, ADMIN, tag=tag) == []


def test_what_there_is_to_choose_from_is_counted_for_who_may_see_it(
    connection: sqlite3.Connection,
) -> None:
    assert source_pages.counts(connection, EVERYBODY).tags == [("R&D", 1), ("labs", 1)]
    assert source_pages.counts(connection, ADMIN).tags == [("labs", 2), ("R&D", 1)]
    assert source_pages.counts(connection, ADMIN).states == {"active": 3}


def test_entries_are_counted_by_their_day(connection: sqlite3.Connection) -> None:
    midnight = NOW.replace(hour=0)
    moments = [
        NOW,
        midnight,
        midnight - timedelta(milliseconds=1),
        midnight - timedelta(days=29),
        midnight - timedelta(days=29, milliseconds=1),
        NOW + timedelta(days=1),
    ]
    for number, at in enumerate(moments):
        tell(connection, 1, f"e{number}", at)
    tell(connection, 3, "other", NOW)
    found = source_pages.daily(connection, [1, 2], NOW)
    assert found == {1: [1, *[0] * 27, 1, 2], 2: [0] * 30}


def test_counting_days_reads_the_index_alone(connection: sqlite3.Connection) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    source_pages.daily(connection, [1, 2, 3], NOW)
    connection.set_trace_callback(None)
    plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert "COVERING INDEX entry_latest (source_id=? AND news_at>?)" in plan[0]


def test_a_story_of_a_hidden_source_is_not_counted_as_told_elsewhere(
    connection: sqlite3.Connection,
) -> None:
    for source_id in (1, 2, 3):
        tell(connection, source_id, "same", NOW)
    tell(connection, 1, "[deleted]", NOW)
    told = source_pages.latest(connection, EVERYBODY, 1, 9)
    assert [(one.title, one.others) for one in told] == [("same", 1)]
    assert source_pages.latest(connection, ADMIN, 1, 9)[0].others == 2
