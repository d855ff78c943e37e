"""The candidate index: which stories share rare words with a new entry, within a few days.

A full-text index without a copy of its text. Each indexed token is a span of six days and a
word, such as `s1a2bx1c0ffee5`: what a search reads is bounded by the news of its days, not by the
size of the store. Words are hashed (a clash costs one more candidate, the matcher looks at the
real words), so that any script and any sign is one token. The price of having no copy is that a
row is taken out by saying once more what it held; `terms` and `news_at` of the entry say it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import fsum
from typing import NamedTuple
from zlib import crc32

from bot.model import StoryCandidate
from bot.store.times import from_text, to_text

STORY_INDEX_DDL = """
CREATE VIRTUAL TABLE story_index USING fts5 (
    tokens, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
"""

_SPAN_S = 6 * 86_400
# The rarest words decide; further ones cost time and find the same stories again.
MAX_SEARCH_TERMS = 6
MAX_HITS = 60
MAX_STORIES = 5
MAX_MEMBERS = 8
MAX_SAME_ADDRESS = 12
_HINT = 0.1  # of the entry's weight must be shared with one member
_COLUMNS = "id, story_id, source_id, title, canonical_url, news_at, terms"


class Row(NamedTuple):
    """What the index keeps of an entry."""

    entry_id: int
    news_at: datetime
    terms: Sequence[str]


def create(connection: sqlite3.Connection) -> None:
    """Make the index in a database that has none."""
    connection.execute(STORY_INDEX_DDL)


def add(
    connection: sqlite3.Connection, entry_id: int, news_at: datetime, terms: Sequence[str]
) -> None:
    """Let an entry be found."""
    connection.execute(
        "INSERT INTO story_index (rowid, tokens) VALUES (?, ?)",
        (entry_id, _document(news_at, terms)),
    )


def add_many(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Let many entries be found."""
    connection.executemany(
        "INSERT INTO story_index (rowid, tokens) VALUES (?, ?)",
        ((row.entry_id, _document(row.news_at, row.terms)) for row in rows),
    )


def remove(
    connection: sqlite3.Connection, entry_id: int, news_at: datetime, terms: Sequence[str]
) -> None:
    """Take an entry out; `news_at` and `terms` must be those it was added with."""
    connection.execute(
        "INSERT INTO story_index (story_index, rowid, tokens) VALUES ('delete', ?, ?)",
        (entry_id, _document(news_at, terms)),
    )


def forget(connection: sqlite3.Connection, before: datetime, limit: int = 5_000) -> list[int]:
    """Take out up to `limit` entries whose news is older; returns their ids.

    The caller deletes these entries in the same transaction: the index cannot tell what it holds,
    and taking a row out twice would damage it.
    """
    rows = connection.execute(
        "SELECT id, news_at, terms FROM entry WHERE news_at < ? ORDER BY id LIMIT ?",
        (to_text(before), limit),
    ).fetchall()
    for entry_id, news_at, terms in rows:
        remove(connection, entry_id, from_text(news_at), terms.split())
    return [row[0] for row in rows]


def recent_terms(connection: sqlite3.Connection, limit: int) -> list[tuple[int, list[str]]]:
    """Story id and words of the newest entries, the oldest of them first: what warms a matcher."""
    rows = connection.execute(
        "SELECT story_id, terms FROM entry ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [(story_id, terms.split()) for story_id, terms in reversed(rows)]


def candidates(
    connection: sqlite3.Connection,
    *,
    search: Sequence[str],
    weights: Mapping[str, float],
    news_at: datetime,
    canonical_url: str | None,
) -> list[StoryCandidate]:
    """Members of the few stories that a new entry may belong to, story by story.

    `search` are its words to look for, the most telling first; `weights` what each of its words
    counts when shared.
    With the stories of these days that share most come those that have the same address, however
    old.
    """
    same = _at_address(connection, canonical_url) if canonical_url else []
    found = _by_words(connection, _query(search, news_at), weights) if search else []
    known = {member.entry_id for member in found}
    return found + [member for member in same if member.entry_id not in known]


def _at_address(connection: sqlite3.Connection, canonical_url: str) -> list[StoryCandidate]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE canonical_url = ? ORDER BY id LIMIT ?",  # noqa: S608  # our own names
        (canonical_url, MAX_SAME_ADDRESS),
    )
    return [_candidate(row) for row in rows]


def _by_words(
    connection: sqlite3.Connection, query: str, weights: Mapping[str, float]
) -> list[StoryCandidate]:
    hits = connection.execute(
        """
        SELECT entry.story_id, entry.terms
        FROM (SELECT rowid AS entry_id FROM story_index
              WHERE story_index MATCH ? ORDER BY rowid DESC LIMIT ?) AS hit
        JOIN entry ON entry.id = hit.entry_id
        """,
        (query, MAX_HITS),
    )
    words = weights.keys()
    enough = fsum(weights.values()) * _HINT
    likely: dict[int, float] = {}
    for story_id, terms in hits:
        shared = words & terms.split()
        overlap = fsum(map(weights.__getitem__, shared))
        # One word of many is no hint; a short headline may have no second one.
        if overlap > (enough if len(shared) > 1 else 3 * enough) > 0:
            likely[story_id] = max(overlap, likely.get(story_id, 0.0))
    if not likely:
        return []
    best = sorted(likely, key=lambda story_id: (-likely[story_id], story_id))[:MAX_STORIES]
    return [member for story_id in best for member in _members(connection, story_id)]


def _members(connection: sqlite3.Connection, story_id: int) -> list[StoryCandidate]:
    """The story's newest entries: later coverage is compared with what the story is about now."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE story_id = ? ORDER BY id DESC LIMIT ?",  # noqa: S608  # our own names
        (story_id, MAX_MEMBERS),
    )
    return [_candidate(row) for row in rows]


def _candidate(row: tuple[int, int, int, str, str | None, str, str]) -> StoryCandidate:
    entry_id, story_id, source_id, title, canonical_url, news_at, terms = row
    return StoryCandidate(
        entry_id=entry_id,
        story_id=story_id,
        source_id=source_id,
        title=title,
        canonical_url=canonical_url,
        news_at=from_text(news_at),
        terms=tuple(terms.split()),
    )


def _document(news_at: datetime, terms: Iterable[str]) -> str:
    span = _span(news_at)
    return " ".join(_token(span, term) for term in terms)


def _query(search: Sequence[str], news_at: datetime) -> str:
    """The span that the news is of and the nearer one beside it: three days each way at least."""
    half = int(news_at.timestamp()) // (_SPAN_S // 2)
    spans = (half // 2, half // 2 + (1 if half % 2 else -1))
    return " OR ".join(_token(span, term) for term in search[:MAX_SEARCH_TERMS] for span in spans)


def _span(at: datetime) -> int:
    return int(at.timestamp()) // _SPAN_S


def _token(span: int, term: str) -> str:
    return f"s{span:x}x{crc32(term.encode()):x}"
