"""Search over what the audience may see: stories by what their entries say, and digests.

The newest come first, so that a search stops as soon as a page is full. What the index alone cannot
decide (words that must stand together, entries of hidden sources) is looked at row by row, and no
more than `MOST_LOOKED_AT` rows: then the page ends early and the next one goes on from there.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.store.public import PUBLIC, PUBLIC_DIGEST, Audience
from bot.store.purge import DELETED
from bot.store.search import SearchQuery, like_pattern, search_query
from bot.store.story_pages import ListedStory, listed
from bot.store.times import from_text

MOST_LOOKED_AT = 2_000
MAX_QUERY = 200
MOST_TERMS = 12
# A beginning this short stands for thousands of words, which takes long to gather and finds all.
SHORTEST_BEGINNING = 3
_SHORT_BEGINNING = re.compile(rf'"([^"]{{1,{SHORTEST_BEGINNING - 1}}})"\*')


class StoryHit(NamedTuple):
    """A story with the entry that was found: its title and its text, which is not cleaned."""

    story: ListedStory
    title: str
    text: str


class DigestHit(NamedTuple):
    """A digest that was found."""

    id: int
    kind: str
    result: str
    until: datetime


class StoryHits(NamedTuple):
    """A page of stories; `more`: the next one has entries below this number, None at the end."""

    hits: tuple[StoryHit, ...]
    more: int | None


class DigestHits(NamedTuple):
    """A page of digests; `more`: the next one has digests below this number, None at the end."""

    hits: tuple[DigestHit, ...]
    more: int | None


def asked(text: str) -> SearchQuery | None:
    """What to look for; None where there is nothing in it that can be looked for.

    As `search_query`, within limits: the first `MOST_TERMS` words, and the shortest ones whole.
    """
    words = re.findall(r'"[^"]*"|\S+', text[:MAX_QUERY])
    query = search_query(" ".join(words[:MOST_TERMS]))
    if query is None:
        return None
    return query._replace(match=_SHORT_BEGINNING.sub(r'"\1"', query.match))


def find_stories(
    connection: sqlite3.Connection,
    audience: Audience,
    query: SearchQuery,
    limit: int,
    before: int | None = None,
) -> StoryHits:
    """Stories with an entry that has all words, each by the newest of these entries."""
    holds = "".join(
        r" AND (entry.title LIKE ? ESCAPE '\' OR entry.text LIKE ? ESCAPE '\')"
        for _ in query.together
    )
    patterns = [pattern for text in query.together for pattern in [like_pattern(text)] * 2]
    rows = connection.execute(
        f"""
        SELECT entry.id, entry.story_id,
               (entry.title <> ? AND {PUBLIC} {holds}) AS is_hit
        FROM entry_search
        JOIN entry ON entry.id = entry_search.rowid
        JOIN source ON source.id = entry.source_id
        WHERE entry_search MATCH ? {"AND entry_search.rowid < ?" if before else ""}
        ORDER BY entry_search.rowid DESC
        LIMIT ?
        """,  # noqa: S608  # our own conditions
        (
            DELETED,
            *audience.bound,
            *patterns,
            query.match,
            *([before] if before else []),
            MOST_LOOKED_AT,
        ),
    )
    found: dict[int, int] = {}
    looked_at, last, more = 0, 0, None
    for row in rows:
        is_new = row["is_hit"] and row["story_id"] not in found
        if is_new and not _stood_above(connection, audience, query, row, before):
            if len(found) == limit:
                more = last
                break
            found[row["story_id"]] = row["id"]
        looked_at, last = looked_at + 1, row["id"]
    else:
        more = last if looked_at == MOST_LOOKED_AT else None
    return StoryHits(tuple(_hits(connection, audience, found)), more)


def _stood_above(
    connection: sqlite3.Connection,
    audience: Audience,
    query: SearchQuery,
    row: sqlite3.Row,
    before: int | None,
) -> bool:
    """Whether an earlier page has the story, by a newer entry of it."""
    if before is None:
        return False
    newer = [
        one["id"]
        for one in connection.execute(
            f"""
            SELECT entry.id
            FROM entry
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id = ? AND entry.id >= ? AND entry.title <> ? AND {PUBLIC}
            """,  # noqa: S608  # our own condition
            (row["story_id"], before, DELETED, *audience.bound),
        )
    ]
    return any(_matches(connection, query, entry_id) for entry_id in newer)


def _matches(connection: sqlite3.Connection, query: SearchQuery, entry_id: int) -> bool:
    found = connection.execute(
        "SELECT 1 FROM entry_search WHERE entry_search MATCH ? AND rowid = ?",
        (query.match, entry_id),
    ).fetchone()
    if found is None:
        return False
    return all(
        connection.execute(
            r"""
            SELECT 1 FROM entry
            WHERE id = ? AND (title LIKE ? ESCAPE '\' OR text LIKE ? ESCAPE '\')
            """,
            (entry_id, like_pattern(text), like_pattern(text)),
        ).fetchone()
        for text in query.together
    )


def _hits(
    connection: sqlite3.Connection, audience: Audience, found: dict[int, int]
) -> Iterable[StoryHit]:
    marks = ", ".join("?" * len(found))
    rows = connection.execute(
        f"SELECT story_id, title, text FROM entry WHERE id IN ({marks})",  # noqa: S608  # marks only
        tuple(found.values()),
    )
    said = {row["story_id"]: row for row in rows}
    for story in listed(connection, audience, list(found)):
        yield StoryHit(story, said[story.id]["title"], said[story.id]["text"])


def find_digests(
    connection: sqlite3.Connection,
    audience: Audience,
    query: SearchQuery,
    limit: int,
    before: int | None = None,
) -> DigestHits:
    """Digests that say all of this, the newest first; none that is to be made anew because
    somebody's words were deleted.
    """
    holds = r" AND digest.result LIKE ? ESCAPE '\'" * len(query.together)
    rows = connection.execute(
        f"""
        SELECT digest.id, digest.kind, digest.result, digest.until
        FROM digest_search
        JOIN digest ON digest.id = digest_search.rowid
        WHERE digest_search MATCH ? {"AND digest_search.rowid < ?" if before else ""}
          AND digest.fingerprint <> '' AND {PUBLIC_DIGEST} {holds}
        ORDER BY digest_search.rowid DESC
        LIMIT ?
        """,  # noqa: S608  # our own conditions
        (
            query.match,
            *([before] if before else []),
            *audience.bound,
            *audience.bound,
            *map(like_pattern, query.together),
            limit + 1,
        ),
    ).fetchall()
    hits = tuple(
        DigestHit(row["id"], row["kind"], row["result"], from_text(row["until"]))
        for row in rows[:limit]
    )
    return DigestHits(hits, hits[-1].id if len(rows) > limit else None)


def words_of(query: SearchQuery) -> Sequence[tuple[str, bool]]:
    """What was looked for, word by word; True where longer words that begin so were found too."""
    return [(word, bool(star)) for word, star in re.findall(r'"([^"]+)"(\*?)', query.match)]
