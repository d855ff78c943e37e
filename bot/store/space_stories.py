"""Stories as a space may see them: told by the entries of the sources that it knows.

A story may be reported by another space's source as well, even first. Nothing of that is in what is
read here: headline, address and coverage are those of the entries that may be seen
(`bot.store.spaces` has the rule).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model import Delivery
from bot.store import outbox, stars, stories
from bot.store.search import like_pattern, search_query
from bot.store.spaces import OWN, SEEN, Viewer
from bot.store.stars import StarRow
from bot.store.stories import Member
from bot.store.times import from_text, to_text

# What was published within this time before it was first seen still counts as new then.
LATE = timedelta(days=3)
MOST_MATCHES = 300


class SeenStory(NamedTuple):
    """A story as a list shows it. `sources` are those that tell it, the first one first.

    `discussion` leads to where it is discussed, with what that had when it was last measured.
    """

    id: int
    title: str
    url: str | None
    at: datetime
    sources: tuple[str, ...]
    discussion: str | None = None
    score: int | None = None
    num_comments: int | None = None


def latest(
    connection: sqlite3.Connection, viewer: Viewer, source_ids: Iterable[int], limit: int
) -> list[SeenStory]:
    """The newest stories of these sources, as far as they are known to the viewer."""
    found: dict[int, str] = {}
    for source_id in source_ids:
        rows = connection.execute(
            """
            SELECT story_id, news_at FROM entry
            WHERE source_id = ?
            ORDER BY news_at DESC, id
            LIMIT ?
            """,
            (source_id, 2 * limit),
        )
        for row in rows:
            found[row["story_id"]] = max(row["news_at"], found.get(row["story_id"], ""))
    newest = sorted(found, key=lambda story_id: (found[story_id], story_id), reverse=True)
    return _stories(connection, viewer, newest[: 2 * limit])[:limit]


def new_since(
    connection: sqlite3.Connection, viewer: Viewer, source_ids: Iterable[int], since: datetime
) -> list[SeenStory]:
    """Stories that one of these sources reported as news since then, or that were posted in the
    viewer's channel for it, the newest first.
    """
    found: dict[int, None] = {}
    for source_id in source_ids:
        rows = connection.execute(
            """
            SELECT story_id FROM entry
            WHERE source_id = ? AND news_at >= ? AND first_seen_at > ?
              AND (postable = 1 OR EXISTS (
                SELECT 1 FROM delivery
                WHERE delivery.story_id = entry.story_id AND delivery.channel = ?
                  AND delivery.state <> 'skipped'
              ))
            ORDER BY news_at DESC
            """,
            (source_id, to_text(since - LATE), to_text(since), viewer.channel),
        )
        found.update((row["story_id"], None) for row in rows)
    stories = _stories(connection, viewer, list(found))
    return sorted(stories, key=lambda story: (story.at, story.id), reverse=True)


def search(
    connection: sqlite3.Connection, viewer: Viewer, query: str, limit: int
) -> list[SeenStory]:
    """Stories with an entry that has all words of `query`, the newest first."""
    wanted = search_query(query)
    if wanted is None:
        return []
    together = r"""
          AND (entry.title LIKE ? ESCAPE '\' OR entry.text LIKE ? ESCAPE '\')
    """ * len(wanted.together)
    patterns = [pattern for text in wanted.together for pattern in [like_pattern(text)] * 2]
    rows = connection.execute(
        f"""
        SELECT entry.story_id
        FROM entry_search
        JOIN entry ON entry.id = entry_search.rowid
        JOIN source ON source.id = entry.source_id
        WHERE entry_search MATCH ? {together} AND {SEEN}
        ORDER BY entry_search.rowid DESC
        LIMIT ?
        """,  # noqa: S608  # our own condition, repeated
        (wanted.match, *patterns, *viewer.bound, MOST_MATCHES),
    )
    found = list(dict.fromkeys(row["story_id"] for row in rows))
    stories = _stories(connection, viewer, found)
    return sorted(stories, key=lambda story: (story.at, story.id), reverse=True)[:limit]


def story(connection: sqlite3.Connection, viewer: Viewer, story_id: int) -> SeenStory | None:
    """A story, where one of the known sources tells it."""
    found = _stories(connection, viewer, [story_id])
    return found[0] if found else None


def story_sources(connection: sqlite3.Connection, viewer: Viewer, story_id: int) -> list[int]:
    """The known sources that report a story, the first one first."""
    rows = connection.execute(
        f"""
        SELECT source.id
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.story_id = ? AND {SEEN}
        ORDER BY entry.id
        """,  # noqa: S608  # our own condition
        (story_id, *viewer.bound),
    )
    return list(dict.fromkeys(row["id"] for row in rows))


def story_entries(connection: sqlite3.Connection, viewer: Viewer, story_id: int) -> list[int]:
    """The entries of known sources that tell a story, the first one first."""
    rows = connection.execute(
        f"""
        SELECT entry.id
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.story_id = ? AND {SEEN}
        ORDER BY entry.id
        """,  # noqa: S608  # our own condition
        (story_id, *viewer.bound),
    )
    return [row["id"] for row in rows]


def stories_at(connection: sqlite3.Connection, viewer: Viewer, urls: Sequence[str]) -> list[int]:
    """Stories with an entry of a known source at one of these addresses."""
    marks = ", ".join("?" * len(urls)) or "NULL"
    rows = connection.execute(
        f"""
        SELECT DISTINCT entry.story_id
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.canonical_url IN ({marks}) AND {SEEN}
        ORDER BY entry.story_id DESC
        """,  # noqa: S608  # marks and our own condition
        (*urls, *viewer.bound),
    )
    return [row["story_id"] for row in rows]


def delivery(connection: sqlite3.Connection, viewer: Viewer, name: str) -> Delivery | None:
    """A delivery of the space by its key or its message's id; the viewer's channel goes first."""
    row = connection.execute(
        f"""
        SELECT delivery.key
        FROM delivery
        JOIN subscription ON subscription.id = delivery.subscription_id
        WHERE delivery.id IN (
            SELECT id FROM delivery WHERE key = ?
            UNION SELECT id FROM delivery WHERE message_id = ?
        ) AND {OWN}
        ORDER BY delivery.channel <> ?, delivery.id DESC
        LIMIT 1
        """,  # noqa: S608  # our own condition
        (name, name, *viewer.bound, viewer.channel),
    ).fetchone()
    return outbox.by_key(connection, row["key"]) if row else None


def own_deliveries(
    connection: sqlite3.Connection, viewer: Viewer, found: Iterable[Delivery]
) -> list[Delivery]:
    """Those of the deliveries that are the space's."""
    return [
        one
        for one in found
        if connection.execute(
            f"SELECT 1 FROM subscription WHERE id = ? AND {OWN}",  # noqa: S608  # our condition
            (one.subscription_id, *viewer.bound),
        ).fetchone()
    ]


def known_source_urls(
    connection: sqlite3.Connection, viewer: Viewer, urls: Iterable[str]
) -> set[str]:
    """Those of the addresses that are sources the viewer knows."""
    wanted = list(dict.fromkeys(urls))
    marks = ", ".join("?" * len(wanted)) or "NULL"
    rows = connection.execute(
        f"SELECT url FROM source WHERE url IN ({marks}) AND {SEEN}",  # noqa: S608  # marks only
        (*wanted, *viewer.bound),
    )
    return {row["url"] for row in rows}


def members(connection: sqlite3.Connection, story_id: int, viewer: Viewer | None) -> list[Member]:
    """The story's entries as the viewer may see them, the earliest seen first; None sees all.

    Of a post that an ended subscription left behind, those of the sources that it had.
    """
    found = stories.members(connection, story_id)
    if viewer is None:
        return found
    urls = [one.source_url for one in found]
    known = known_source_urls(connection, viewer, urls) or _once_known(connection, viewer, urls)
    return [one for one in found if one.source_url in known] or found[:1]


def _once_known(connection: sqlite3.Connection, viewer: Viewer, urls: Sequence[str]) -> set[str]:
    marks = ", ".join("?" * len(urls)) or "NULL"
    rows = connection.execute(
        f"""
        SELECT source.url
        FROM source
        JOIN subscription_source ON subscription_source.source_id = source.id
        JOIN subscription ON subscription.id = subscription_source.subscription_id
        WHERE source.url IN ({marks}) AND {OWN}
        """,  # noqa: S608  # marks and our own condition
        (*urls, *viewer.bound),
    )
    return {row["url"] for row in rows}


def stars_of(connection: sqlite3.Connection, story_id: int, viewer: Viewer | None) -> list[StarRow]:
    """The stars that people of the viewer's space gave; where that is none, all of them."""
    found = stars.of_story(connection, story_id)
    if viewer is None or not viewer.space:
        return found
    return [star for star in found if star.place == viewer.space]


def _stories(
    connection: sqlite3.Connection, viewer: Viewer, story_ids: Sequence[int]
) -> list[SeenStory]:
    """The stories in this order, told by what may be seen; those of which nothing may are left
    out.
    """
    found: dict[int, SeenStory] = {}
    for start in range(0, len(story_ids), 400):
        part = story_ids[start : start + 400]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"""
            SELECT entry.story_id, entry.url, entry.title, entry.published_at,
                   entry.first_seen_at, entry.comments_url, source.title AS source_title,
                   source.url AS source_url, submission.permalink, submission.score,
                   submission.num_comments
            FROM entry
            JOIN source ON source.id = entry.source_id
            LEFT JOIN submission ON submission.entry_id = entry.id
            WHERE entry.story_id IN ({marks}) AND {SEEN}
            ORDER BY entry.id
            """,  # noqa: S608  # marks and our own condition
            (*part, *viewer.bound),
        )
        for row in rows:
            _take(found, row)
    return [found[story_id] for story_id in story_ids if story_id in found]


def _take(found: dict[int, SeenStory], row: sqlite3.Row) -> None:
    """Let one more entry tell its story."""
    source = row["source_title"] or row["source_url"]
    known = found.get(row["story_id"])
    if known is None:
        found[row["story_id"]] = SeenStory(
            id=row["story_id"],
            title=row["title"],
            url=row["url"],
            at=from_text(row["published_at"] or row["first_seen_at"]),
            sources=(source,),
            discussion=row["permalink"] or row["comments_url"],
            score=row["score"],
            num_comments=row["num_comments"],
        )
        return
    if source not in known.sources:
        known = known._replace(sources=(*known.sources, source))
    if known.discussion is None:
        known = known._replace(discussion=row["permalink"] or row["comments_url"])
    if known.score is None:
        known = known._replace(score=row["score"], num_comments=row["num_comments"])
    found[row["story_id"]] = known
