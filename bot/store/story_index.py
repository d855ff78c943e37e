"""The candidate index: which stories share rare words with a new entry, within a few days.

An inverted index of the words that `bot.ingest` picked (`terms`), kept as a plain table. A row is a
word in a span of six days (the span in the high half of its key, the word's hash in the low one)
with the newest entries that use it, packed. So a search reads a row for each of a few words and
two spans, however much is stored before them, and all entries of a document are looked for in one
statement; an entry is kept under its telling words only, which spares rows; what is written falls
into the pages of the current span, which are warm; old news is dropped by a range; and counting how
many words an entry was found by costs no look at the entry itself.

Measured in its place: a row for each word and entry took twice as long, most of it in stepping from
row to row; FTS5 (contentless, detail=none) three times as long again, and it grew with the number
of index segments. A clash of hashes costs one more candidate at most: the matcher looks at the real
words.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from math import fsum
from typing import Any, NamedTuple
from zlib import crc32

from bot.model import StoryCandidate
from bot.store.times import from_text

STORY_INDEX_DDL = """
CREATE TABLE story_term (
    token INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
);
"""

_SPAN_S = 6 * 86_400
# The rarest words decide. Further ones cost time and find the same stories again; with five, a
# tenth fewer reports find their story.
MAX_SEARCH_TERMS = 6
MAX_POSTINGS = 12  # the newest entries kept per word and span
MAX_HITS = 24
MAX_STORIES = 4
MAX_MEMBERS = 20
MAX_SAME_ADDRESS = 12
_HINT = 0.2  # of the entry's weight must be shared with one member
_LONE = 3  # times as much where one word is all that is shared; a short headline may have no second
_COLUMNS = "id, story_id, source_id, title, canonical_url, news_at, terms"
_MOST_MARKS = 512  # question marks in one statement
# Big-endian: packed ids sort as the ids do.
_ID = struct.Struct(">I")
_IDS = [struct.Struct(f">{count}I") for count in range(MAX_POSTINGS + 1)]
_FULL = MAX_POSTINGS * _ID.size
_MOST_HASHES = 1 << 15  # then they are forgotten

_Packed = dict[int, bytes]  # by token, the ids of its entries, the newest first


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
    add_many(connection, [Row(entry_id, news_at, terms)])


def add_many(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Let many entries be found."""
    tokens = [(row.entry_id, _tokens(row.news_at, row.terms)) for row in rows]
    _add(connection, tokens, _read(connection, {token for _, own in tokens for token in own}))


def remove(
    connection: sqlite3.Connection, entry_id: int, news_at: datetime, terms: Sequence[str]
) -> None:
    """Take an entry out; `news_at` and `terms` are those it was added with."""
    packed = _read(connection, _tokens(news_at, terms))
    _write(
        connection,
        {token: pack(set(unpacked(ids)) - {entry_id}) for token, ids in packed.items()},
    )


def pack(ids: Iterable[int]) -> bytes:
    """The newest of these entries as the index keeps them."""
    return b"".join(map(_ID.pack, sorted(set(ids), reverse=True)[:MAX_POSTINGS]))


def unpacked(ids: bytes) -> tuple[int, ...]:
    """What was packed, the newest entry first."""
    return _IDS[len(ids) // _ID.size].unpack(ids)


def _add(
    connection: sqlite3.Connection, tokens: Iterable[tuple[int, list[int]]], packed: _Packed
) -> None:
    """Put entries, each with its tokens, in front of what `packed` says that the tokens have."""
    changed: _Packed = {}
    for entry_id, own in tokens:
        new = _ID.pack(entry_id)
        for token in own:
            kept = changed.get(token) or packed.get(token, b"")
            if new > kept:  # as bytes they compare as the numbers do
                changed[token] = new + kept[: _FULL - _ID.size]
            else:
                changed[token] = pack((entry_id, *unpacked(kept)))
    _write(connection, changed)


def _write(connection: sqlite3.Connection, packed: _Packed) -> None:
    connection.executemany(
        """
        INSERT INTO story_term (token, entries) VALUES (?, ?)
        ON CONFLICT (token) DO UPDATE SET entries = excluded.entries
        """,
        # Of bytes, unlike of a bytearray, sqlite3 looks for an adapter each time.
        [(token, bytearray(ids)) for token, ids in sorted(packed.items())],
    )


def _read(connection: sqlite3.Connection, tokens: Iterable[int]) -> _Packed:
    return dict(_rows_in(connection, "SELECT token, entries FROM story_term WHERE token", tokens))


def forget(connection: sqlite3.Connection, before: datetime) -> int:
    """Drop whole spans of days whose news is all older; returns how many words went.

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


class Lookup(NamedTuple):
    """What the stories of a new entry are looked for by.

    `search` are its words to look for, the most telling first; `weights` what each of its words
    counts when shared.
    """

    search: tuple[str, ...]
    weights: Mapping[str, float]
    news_at: datetime
    canonical_url: str | None


class Finder:
    """Finds stories for the entries of one document; the index is read once for all of them."""

    def __init__(self, connection: sqlite3.Connection, lookups: Sequence[Lookup]) -> None:
        self._connection = connection
        self._lookups = lookups
        self._tokens = [_search_tokens(lookup) for lookup in lookups]
        self._kept = [_tokens(each.news_at, _telling(each)) for each in lookups]
        wanted = chain(self._kept, *self._tokens)
        self._packed = _read(connection, set(chain.from_iterable(wanted)))
        self._addresses = _known_addresses(
            connection, {lookup.canonical_url for lookup in lookups if lookup.canonical_url}
        )

    def candidates(self, place: int) -> list[StoryCandidate]:
        """Members of the few stories that a lookup's entry may belong to, story by story.

        With the stories of these days that share most come those that have the same address,
        however old.
        """
        found = self._by_words(place)
        canonical_url = self._lookups[place].canonical_url
        if canonical_url not in self._addresses:
            return found
        known = {member.entry_id for member in found}
        same = _at_address(self._connection, canonical_url)
        return found + [member for member in same if member.entry_id not in known]

    def stored(self, place: int) -> None:
        """Let a lookup's entry, which is stored now, be found by its address."""
        canonical_url = self._lookups[place].canonical_url
        if canonical_url:
            self._addresses.add(canonical_url)

    def add(self, entry_ids: Sequence[int]) -> None:
        """Let the entries, one for each lookup, be found by their telling words from now on."""
        _add(self._connection, zip(entry_ids, self._kept, strict=True), self._packed)

    def _by_words(self, place: int) -> list[StoryCandidate]:
        lookup, (own, beside) = self._lookups[place], self._tokens[place]
        packed = [self._packed.get(token) for token in own + beside]
        known = [ids for ids in packed if ids]
        if not known:
            return []
        enough = fsum(lookup.weights.values()) * _HINT
        is_telling = lookup.weights[lookup.search[0]] > _LONE * enough
        if not is_telling and not _has_twice(known):
            return []  # as nearly always: all else takes longer
        weights = [lookup.weights[term] for term in lookup.search[:MAX_SEARCH_TERMS]] * 2
        found = [
            (unpacked(ids), weight) for ids, weight in zip(packed, weights, strict=True) if ids
        ]
        hits = _hits(found, enough)
        return _members_of_likely(self._connection, hits) if hits else []


def _telling(lookup: Lookup) -> list[str]:
    """The words that an entry is kept under: those it is looked for by, and all that tell as much.

    Other reports of its story are looked for by the same words or by words that tell as much,
    which in a young store, and in pairs of characters, are most of the headline.
    """
    if not lookup.search:
        return []
    least = lookup.weights[lookup.search[:MAX_SEARCH_TERMS][-1]]
    return [term for term, weight in lookup.weights.items() if weight >= least]


def _search_tokens(lookup: Lookup) -> tuple[list[int], list[int]]:
    """What a lookup's words are called in the span of its news, and in the one beside it."""
    searched = list(map(word_hash, lookup.search[:MAX_SEARCH_TERMS]))
    near, far = _near_spans(lookup.news_at)
    one, other = near << 32, far << 32
    return [one + each for each in searched], [other + each for each in searched]


def _hits(found: Sequence[tuple[tuple[int, ...], float]], enough: float) -> dict[int, float]:
    """The entries that share most, with the weight of what they share.

    `found` are the entries of each word that was looked for, and what the word counts.
    """
    hits = {
        entry_id: weight for ids, weight in found if weight > _LONE * enough for entry_id in ids
    }
    seen: set[int] = set()
    often: set[int] = set()
    for ids, _ in found:
        often |= seen.intersection(ids)
        seen.update(ids)
    if often:
        shared = dict.fromkeys(often, 0.0)
        for ids, weight in found:
            for entry_id in often.intersection(ids):
                shared[entry_id] += weight
        hits |= {entry_id: weight for entry_id, weight in shared.items() if weight > enough}
    best = sorted(hits, key=lambda entry_id: (-hits[entry_id], -entry_id))[:MAX_HITS]
    return {entry_id: hits[entry_id] for entry_id in best}


def _has_twice(packed: Iterable[bytes]) -> bool:
    """Whether one entry stands in several of these."""
    ids = memoryview(b"".join(packed)).cast("I")  # other numbers on most machines, but as different
    return len(set(ids)) < len(ids)


def _known_addresses(connection: sqlite3.Connection, addresses: Iterable[str]) -> set[str]:
    rows = _rows_in(
        connection, "SELECT DISTINCT canonical_url FROM entry WHERE canonical_url", addresses
    )
    return {address for (address,) in rows}


def _rows_in(
    connection: sqlite3.Connection, select: str, values: Iterable[Any]
) -> list[tuple[Any, ...]]:
    """The rows that `select` finds IN `values`, as plain tuples; few forms: all stay prepared."""
    cursor = connection.cursor()
    cursor.row_factory = None
    rows: list[tuple[Any, ...]] = []
    wanted = sorted(values)  # neighbours lie on one page
    for start in range(0, len(wanted), _MOST_MARKS):
        part = wanted[start : start + _MOST_MARKS]
        width = 1 << (len(part) - 1).bit_length()
        part += part[-1:] * (width - len(part))
        rows += cursor.execute(f"{select} IN ({', '.join('?' * width)})", part).fetchall()
    return rows


def _members_of_likely(
    connection: sqlite3.Connection, hits: Mapping[int, float]
) -> list[StoryCandidate]:
    """Members of the stories whose entries share most."""
    likely: dict[int, float] = {}
    rows = _rows_in(connection, "SELECT id, story_id FROM entry WHERE id", hits)
    for entry_id, story_id in rows:
        likely[story_id] = max(hits[entry_id], likely.get(story_id, 0.0))
    best = sorted(likely, key=lambda story_id: (-likely[story_id], story_id))[:MAX_STORIES]
    return [member for story_id in best for member in _members(connection, story_id)]


def _at_address(connection: sqlite3.Connection, canonical_url: str | None) -> list[StoryCandidate]:
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
    return [span + each for each in map(word_hash, terms)]


def _near_spans(news_at: datetime) -> tuple[int, int]:
    """The span that the news is of and the nearer one beside it: three days each way at least."""
    half = int(news_at.timestamp()) // (_SPAN_S // 2)
    return half // 2, half // 2 + (1 if half % 2 else -1)


def _span(at: datetime) -> int:
    return int(at.timestamp()) // _SPAN_S


class _Hashes(dict[str, int]):
    """Works out the hash of a word and keeps it: words come again and again."""

    def __missing__(self, term: str) -> int:
        if len(self) >= _MOST_HASHES:
            self.clear()
        value = self[term] = crc32(term.encode())
        return value


word_hash = _Hashes().__getitem__
