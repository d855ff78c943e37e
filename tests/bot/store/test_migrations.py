"""A store made by an earlier version keeps what it knew."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from bot.store import story_index
from bot.store.database import connect
from bot.store.migrations import migrations
from bot.store.story_index import MAX_POSTINGS, Finder, Lookup

NOON = datetime(2014, 3, 11, 12, tzinfo=UTC)


def test_the_story_index_keeps_the_newest_entries_of_each_word(tmp_path: Path) -> None:
    connection = connect(tmp_path / "t.db")
    migrations.apply(Database(connection), stop_before="m0005_story_postings")
    span = int(NOON.timestamp()) // (6 * 86_400) << 32
    tokens = {word: span + story_index.word_hash(word) for word in ("chiquita", "fyffes", "today")}
    for entry_id in range(1, 40):
        _add_entry(connection, entry_id)
        words = ("chiquita", "fyffes", "today") if entry_id == 7 else ("today",)
        connection.executemany(
            "INSERT INTO story_term (token, entry_id) VALUES (?, ?)",
            [(tokens[word], entry_id) for word in words],
        )
    migrations.apply(Database(connection))
    rows = dict(map(tuple, connection.execute("SELECT token, entries FROM story_term")))
    kept = {word: story_index.unpacked(rows[token]) for word, token in tokens.items()}
    newest = tuple(range(39, 39 - MAX_POSTINGS, -1))
    assert kept == {"chiquita": (7,), "fyffes": (7,), "today": newest}
    weights = {"chiquita": 1.0, "fyffes": 1.0}
    lookup = Lookup(tuple(weights), weights, NOON, None)
    found = Finder(connection, [lookup]).candidates(0)
    assert [member.entry_id for member in found] == [7]
    connection.close()


def _add_entry(connection: sqlite3.Connection, entry_id: int) -> None:
    connection.execute(
        """
        INSERT INTO source (id, url, kind, fetch_url, origin, created_at)
        VALUES (1, 'u', 'feed', 'u', '', '') ON CONFLICT DO NOTHING
        """
    )
    connection.execute(
        "INSERT INTO story (id, title, first_seen_at, news_at, updated_at)"
        " VALUES (?, '', '', '', '')",
        (entry_id,),
    )
    connection.execute(
        """
        INSERT INTO entry (id, source_id, guid, title, first_seen_at, news_at, story_id, terms,
                           content_hash, postable, story_reason, ingest_reason, text)
        VALUES (?, 1, ?, '', '', '2014-03-11T12:00:00.000Z', ?, '', '', 1, '', '', '')
        """,
        (entry_id, str(entry_id), entry_id),
    )
