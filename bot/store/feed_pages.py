"""What our own feeds list: stories in the order in which we found them, digests as they were made.

Not by when a publisher dates its news: who reads a feed now and then would miss what was found
late, below what they have seen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.store import digest_pages, story_pages
from bot.store.digest_pages import ShownDigest
from bot.store.public import PUBLIC, Audience
from bot.store.purge import DELETED
from bot.store.story_pages import ListedStory
from bot.store.times import from_text, to_text

# Where next to nothing may be seen, no more stories than these are looked through for it.
LOOKED_THROUGH = 20_000
RECENT = timedelta(days=7)
# Of a tag so many more are found by their dates than are listed in the order of finding.
LATE = 3
DIGESTS_LOOKED_THROUGH = 10


class FeedStory(NamedTuple):
    """A story on its way into a feed. `updated_at`: it, or its summary, changed."""

    told: ListedStory
    first_seen_at: datetime
    updated_at: datetime


def newest(
    connection: sqlite3.Connection, audience: Audience, limit: int, now: datetime
) -> list[FeedStory]:
    """The stories that were found last. What a source had lain there for long when we first asked
    it is no news, and listed only, by its date, where there is too little else.
    """
    rows = connection.execute(
        f"""
        SELECT story.id
        FROM story
        WHERE story.id > (SELECT COALESCE(MAX(id), 0) FROM story) - ? AND EXISTS (
            SELECT 1
            FROM entry
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id = story.id AND (entry.postable = 1 OR entry.news_at >= ?)
              AND entry.title <> ? AND {PUBLIC}
        )
        ORDER BY story.id DESC
        LIMIT ?
        """,  # noqa: S608  # our own condition
        (LOOKED_THROUGH, to_text(now - RECENT), DELETED, *audience.bound, limit),
    )
    ids = [row["id"] for row in rows]
    told = story_pages.listed(connection, audience, ids)
    if len(told) < limit:
        older = story_pages.newest(connection, audience, limit).stories
        told += [story for story in older if story.id not in ids][: limit - len(told)]
    return _dated(connection, told)


def newest_of(
    connection: sqlite3.Connection, audience: Audience, source_ids: Sequence[int], limit: int
) -> list[FeedStory]:
    """The stories of these sources that were found last, by the same rule."""
    found = story_pages.newest_of(connection, audience, source_ids, LATE * limit).stories
    dated = _dated(connection, found)
    news = [one for one in dated if one.first_seen_at - one.told.at <= RECENT]
    older = [one for one in dated if one.first_seen_at - one.told.at > RECENT]
    news.sort(key=lambda one: one.told.id, reverse=True)
    return [*news, *older][:limit]


def _dated(connection: sqlite3.Connection, told: Sequence[ListedStory]) -> list[FeedStory]:
    marks = ", ".join("?" * len(told))
    rows = connection.execute(
        f"""
        SELECT story.id, story.first_seen_at, story.updated_at, article_summary.made_at
        FROM story
        LEFT JOIN article_summary ON article_summary.story_id = story.id
        WHERE story.id IN ({marks})
        """,  # noqa: S608  # marks only
        [story.id for story in told],
    )
    times = {
        row["id"]: (row["first_seen_at"], max(row["updated_at"], row["made_at"] or ""))
        for row in rows
    }
    return [FeedStory(story, *map(from_text, times[story.id])) for story in told]


def digests_of(
    connection: sqlite3.Connection, audience: Audience, limit: int, tag: str = ""
) -> list[ShownDigest]:
    """The latest digests; of a tag those whose subscription names it, or has no other sources."""
    if not tag:
        return digest_pages.latest(connection, audience, limit)
    found = digest_pages.latest(connection, audience, limit * DIGESTS_LOOKED_THROUGH)
    known: dict[int | None, bool] = {None: False}
    kept = []
    for one in found:
        number = one.digest.subscription_id
        if number not in known:
            assert number is not None
            known[number] = _is_about(connection, number, tag)
        if known[number]:
            kept.append(one)
    return kept[:limit]


def _is_about(connection: sqlite3.Connection, subscription_id: int, tag: str) -> bool:
    row = connection.execute(
        "SELECT sources FROM subscription WHERE id = ?", (subscription_id,)
    ).fetchone()
    if f"tag:{tag}" in json.loads(row["sources"]):
        return True
    rows = connection.execute(
        """
        SELECT source.tags
        FROM subscription_source
        JOIN source ON source.id = subscription_source.source_id
        WHERE subscription_source.subscription_id = ?
        """,
        (subscription_id,),
    ).fetchall()
    return bool(rows) and all(tag in json.loads(row["tags"]) for row in rows)
