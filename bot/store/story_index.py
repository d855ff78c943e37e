"""The candidate index: which stories share rare words with a new entry, within a few days.

An inverted index of the words that `bot.ingest` picked (`terms`), kept as a plain table. Its key is
one number, the span of six days in the high half and the hash of a word in the low one, then the
entry. So a search reads two spans of a few words, however much is stored before them; an insert
falls into the pages of the current span, which are warm; old news is dropped by a range; and
counting how many words an entry was found by costs no look at the entry itself. FTS5 was measured
in its place (contentless, detail=none): the same search took three times as long on 10,000 entries
and grew with the number of index segments, and a row could only be taken out by repeating it. A
clash of hashes costs one more candidate at most: the matcher looks at the real words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import fsum
from typing import NamedTuple
from zlib import crc32

from bot.model import StoryCandidate
from bot.store.times import from_text

# WITHOUT ROWID is SQLite's way to keep a table in the order of its key and nothing beside it.
STORY_INDEX_DDL = """
CREATE TABLE story_term (
    token INTEGER NOT NULL,
    entry_id INTEGER NOT NULL,
    PRIMARY KEY (token, entry_id)
) WITHOUT ROWID;
"""

_SPAN_S = 6 * 86_400
# The rarest words decide; further ones cost time and find the same stories again.
MAX_SEARCH_TERMS = 6
MAX_POSTINGS = 12  # the newest entries looked at per word and span
MAX_HITS = 24
MAX_STORIES = 4
MAX_MEMBERS = 20
MAX_SAME_ADDRESS = 12
_HINT = 0.2  # of the entry's weight must be shared with one member
_COLUMNS = "id, story_id, source_id, title, canonical_url, news_at, terms"
_INSERT = "INSERT INTO story_term (token, entry_id) VALUES (?, ?) ON CONFLICT DO NOTHING"


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
    connection.executemany(_INSERT, [(token, entry_id) for token in _tokens(news_at, terms)])


def add_many(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Let many entries be found."""
    pairs = [(token, row.entry_id) for row in rows for token in _tokens(row.news_at, row.terms)]
    connection.executemany(_INSERT, sorted(pairs))


def remove(
    connection: sqlite3.Connection, entry_id: int, news_at: datetime, terms: Sequence[str]
) -> None:
    """Take an entry out; `news_at` and `terms` are those it was added with."""
    connection.executemany(
        "DELETE FROM story_term WHERE token = ? AND entry_id = ?",
        [(token, entry_id) for token in _tokens(news_at, terms)],
    )


def forget(connection: sqlite3.Connection, before: datetime) -> int:
    """Drop whole spans of days whose news is all older; returns how many rows went.

    Entries that are forgotten here can still be stored: they are found by their address only.
    """
    cursor = connection.execute("DELETE FROM story_term WHERE token < ?", (_span(before) << 32,))
    return cursor.rowcount


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
    found = _by_words(connection, search[:MAX_SEARCH_TERMS], weights, news_at)
    known = {member.entry_id for member in found}
    return found + [member for member in same if member.entry_id not in known]


def _by_words(
    connection: sqlite3.Connection,
    search: Sequence[str],
    weights: Mapping[str, float],
    news_at: datetime,
) -> list[StoryCandidate]:
    hits = _hits(connection, search, weights, news_at)
    if not hits:
        return []
    marks = ", ".join("?" * len(hits))
    likely: dict[int, float] = {}
    rows = connection.execute(
        f"SELECT id, story_id FROM entry WHERE id IN ({marks})",  # noqa: S608  # question marks
        list(hits),
    )
    for entry_id, story_id in rows:
        likely[story_id] = max(hits[entry_id], likely.get(story_id, 0.0))
    best = sorted(likely, key=lambda story_id: (-likely[story_id], story_id))[:MAX_STORIES]
    return [member for story_id in best for member in _members(connection, story_id)]


def _hits(
    connection: sqlite3.Connection,
    search: Sequence[str],
    weights: Mapping[str, float],
    news_at: datetime,
) -> dict[int, float]:
    """The entries that share most, with the weight of what they share."""
    spans = _near_spans(news_at)
    tokens = [(span << 32) + _hash(term) for span in spans for term in search]
    if not tokens:
        return {}
    counted = [weights[term] for term in search] * len(spans)
    once: dict[int, float] = {}
    more: dict[int, float] = {}
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: these rows are many and soon forgotten
    for place, entry_id in cursor.execute(_search_statement(len(tokens)), tokens):
        if entry_id in once:
            more[entry_id] = more.get(entry_id, once[entry_id]) + counted[place]
        else:
            once[entry_id] = counted[place]
    enough = fsum(weights.values()) * _HINT
    hits = {entry_id: shared for entry_id, shared in more.items() if shared > enough}
    if max(counted) > 3 * enough:
        # One word of many is no hint; a short headline may have no second one.
        alone = {entry_id: shared for entry_id, shared in once.items() if shared > 3 * enough}
        hits = alone | hits
    best = sorted(hits, key=lambda entry_id: (-hits[entry_id], -entry_id))[:MAX_HITS]
    return {entry_id: hits[entry_id] for entry_id in best}


@lru_cache(maxsize=2 * MAX_SEARCH_TERMS)
def _search_statement(tokens: int) -> str:
    """Per word and span the newest entries: bounded work even for the word of the day."""
    return " UNION ALL ".join(
        f"""
        SELECT {place} AS place, entry_id
        FROM (SELECT entry_id FROM story_term WHERE token = ?
              ORDER BY entry_id DESC LIMIT {MAX_POSTINGS}) AS newest{place}
        """  # noqa: S608  # numbers of our own
        for place in range(tokens)
    )


def _at_address(connection: sqlite3.Connection, canonical_url: str) -> list[StoryCandidate]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE canonical_url = ? ORDER BY id LIMIT ?",  # noqa: S608  # our own names
        (canonical_url, MAX_SAME_ADDRESS),
    )
    return [_candidate(row) for row in rows]


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


def _tokens(news_at: datetime, terms: Iterable[str]) -> list[int]:
    span = _span(news_at) << 32
    return [span + _hash(term) for term in terms]


def _near_spans(news_at: datetime) -> tuple[int, int]:
    """The span that the news is of and the nearer one beside it: three days each way at least."""
    half = int(news_at.timestamp()) // (_SPAN_S // 2)
    return half // 2, half // 2 + (1 if half % 2 else -1)


def _span(at: datetime) -> int:
    return int(at.timestamp()) // _SPAN_S


@lru_cache(maxsize=1 << 15)  # words come again and again
def _hash(term: str) -> int:
    return crc32(term.encode())
