"""Stories: pieces of news and the entries that report them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model import ArticleSummary, Story, StoryEntry
from bot.store.batches import parts
from bot.store.search import like_pattern, search_query
from bot.store.times import from_text, from_text_or_none, to_text


class NewStory(NamedTuple):
    """A story of one entry, on its way into the store under an id from `next_id`."""

    id: int
    title: str
    url: str | None
    canonical_url: str | None
    news_at: datetime


def next_id(connection: sqlite3.Connection) -> int:
    """The id that the next new story gets; hold the transaction until it is used.

    Never one that a merged story had: links to it were posted.
    """
    found: int = connection.execute(
        """
        SELECT COALESCE(MAX(id), 0) + 1
        FROM (SELECT MAX(id) AS id FROM story UNION ALL SELECT MAX(id) FROM merged_story) AS given
        """
    ).fetchone()[0]
    return found


def create_many(connection: sqlite3.Connection, new: Iterable[NewStory], now: datetime) -> None:
    """Store new stories."""
    seen_at = to_text(now)
    connection.executemany(
        """
        INSERT INTO story (id, title, url, canonical_url, first_seen_at, news_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
            (id_, title, url, canonical_url, seen_at, to_text(news_at), seen_at)
            for id_, title, url, canonical_url, news_at in new
        ],
    )


def recount(
    connection: sqlite3.Connection, story_id: int, *, news_at: datetime, now: datetime
) -> None:
    """Bring a story's counts and its latest news up to date after an entry joined."""
    connection.execute(
        """
        UPDATE story
        SET entry_count = (SELECT COUNT(*) FROM entry WHERE story_id = story.id),
            source_count = (SELECT COUNT(DISTINCT source_id) FROM entry WHERE story_id = story.id),
            news_at = CASE WHEN news_at < ? THEN ? ELSE news_at END,
            updated_at = ?
        WHERE id = ?
        """,
        (to_text(news_at), to_text(news_at), to_text(now), story_id),
    )


def retitle(
    connection: sqlite3.Connection, entry_id: int, *, title: str, now: datetime
) -> int | None:
    """Give a story its first entry's new title; returns the story when that changed it."""
    row = connection.execute(
        """
        SELECT story.id, story.title
        FROM story
        JOIN entry ON entry.story_id = story.id
        WHERE entry.id = ?
          AND entry.id = (SELECT MIN(id) FROM entry WHERE story_id = story.id)
        """,
        (entry_id,),
    ).fetchone()
    if row is None or row["title"] == title:
        return None
    connection.execute(
        "UPDATE story SET title = ?, updated_at = ? WHERE id = ?",
        (title, to_text(now), row["id"]),
    )
    story_id: int = row["id"]
    return story_id


def absorb(connection: sqlite3.Connection, story_id: int, other_id: int) -> None:
    """Make two stories one: they began apart and turned out to be the same news.

    What was posted of the other stays posted and counts as this story's; what still waits to be
    posted, of either, gives way where the other one is, or will be, told in the same channel.
    """
    connection.execute(
        """
        UPDATE entry
        SET story_id = ?, story_reason = story_reason || '; its story was found to be the same'
        WHERE story_id = ?
        """,
        (story_id, other_id),
    )
    for waiting_id, told_id in ((other_id, story_id), (story_id, other_id)):
        connection.execute(
            """
            UPDATE delivery
            SET state = 'skipped', rule = 'channel',
                reason = 'the story turned out to be one that is told in this channel'
            WHERE story_id = ? AND state = 'pending' AND EXISTS (
                SELECT 1 FROM delivery AS told
                WHERE told.story_id = ? AND told.channel = delivery.channel
                  AND (told.state <> 'skipped' OR told.rule = 'catchup')
            )
            """,
            (waiting_id, told_id),
        )
    connection.execute("UPDATE delivery SET story_id = ? WHERE story_id = ?", (story_id, other_id))
    connection.execute(
        """
        INSERT INTO delivery_item (delivery_id, story_id)
        SELECT delivery_id, CAST(? AS INTEGER) FROM delivery_item WHERE story_id = ?
        ON CONFLICT (delivery_id, story_id) DO NOTHING
        """,
        (story_id, other_id),
    )
    connection.execute("DELETE FROM delivery_item WHERE story_id = ?", (other_id,))
    connection.execute(
        """
        INSERT INTO digest_story (digest_id, story_id)
        SELECT digest_id, CAST(? AS INTEGER) FROM digest_story WHERE story_id = ?
        ON CONFLICT (digest_id, story_id) DO NOTHING
        """,
        (story_id, other_id),
    )
    connection.execute(
        """
        INSERT INTO star (story_id, person, name, place, remark, at)
        SELECT CAST(? AS INTEGER), person, name, place, remark, at FROM star WHERE story_id = ?
        ON CONFLICT (story_id, person) DO NOTHING
        """,
        (story_id, other_id),
    )
    _leave_track(connection, story_id, other_id)
    connection.execute("DELETE FROM story WHERE id = ?", (other_id,))


def _leave_track(connection: sqlite3.Connection, story_id: int, other_id: int) -> None:
    """Links to the story that goes, and to those that it took in before, lead on to this one."""
    connection.execute(
        "UPDATE merged_story SET story_id = ? WHERE story_id = ?", (story_id, other_id)
    )
    connection.execute(
        """
        INSERT INTO merged_story (id, story_id) VALUES (?, ?)
        ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id
        """,
        (other_id, story_id),
    )


class Member(NamedTuple):
    """An entry of a story as posts show it."""

    entry_id: int
    source_url: str
    source_title: str
    site_url: str | None
    guid: str
    url: str | None
    canonical_url: str | None
    title: str
    text: str
    author: str | None
    published_at: datetime | None
    first_seen_at: datetime
    image_url: str | None
    comments_url: str | None
    tags: str
    language: str | None
    content_hash: str
    reason: str


def members(
    connection: sqlite3.Connection,
    story_id: int,
    condition: str = "1 = 1",
    bound: Sequence[object] = (),
) -> list[Member]:
    """The story's entries, the earliest seen first; those that meet a condition of ours on `entry`
    and `source`.
    """
    rows = connection.execute(
        f"""
        SELECT entry.*, source.url AS source_url, source.title AS source_title, source.site_url
        FROM entry
        JOIN source ON source.id = entry.source_id
        WHERE entry.story_id = ? AND {condition}
        ORDER BY entry.id
        """,  # noqa: S608  # our own condition
        (story_id, *bound),
    )
    return [_member(row) for row in rows]


def _member(row: sqlite3.Row) -> Member:
    return Member(
        entry_id=row["id"],
        source_url=row["source_url"],
        source_title=row["source_title"],
        site_url=row["site_url"],
        guid=row["guid"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        title=row["title"],
        text=row["text"],
        author=row["author"],
        published_at=from_text_or_none(row["published_at"]),
        first_seen_at=from_text(row["first_seen_at"]),
        image_url=row["image_url"],
        comments_url=row["comments_url"],
        tags=row["tags"],
        language=row["language"],
        content_hash=row["content_hash"],
        reason=row["story_reason"],
    )


def by_id(connection: sqlite3.Connection, story_id: int) -> Story | None:
    found = _with_entries(
        connection, connection.execute("SELECT * FROM story WHERE id = ?", (story_id,)).fetchall()
    )
    return found[0] if found else None


def since(connection: sqlite3.Connection, at: datetime) -> list[Story]:
    """Stories that were news, or got new coverage, since then; the newest first."""
    rows = connection.execute(
        """
        SELECT * FROM story
        WHERE news_at >= ? OR updated_at >= ?
        ORDER BY news_at DESC, id DESC
        """,
        (to_text(at), to_text(at)),
    ).fetchall()
    return _with_entries(connection, rows)


def search(connection: sqlite3.Connection, query: str, at: datetime) -> list[Story]:
    """Stories since then with an entry that has all words of `query`; the newest first."""
    wanted = search_query(query)
    if wanted is None:
        return []
    together = r"""
              AND (entry.title LIKE ? ESCAPE '\' OR entry.text LIKE ? ESCAPE '\')
    """ * len(wanted.together)
    patterns = [pattern for text in wanted.together for pattern in [like_pattern(text)] * 2]
    rows = connection.execute(
        f"""
        SELECT * FROM story
        WHERE (news_at >= ? OR updated_at >= ?)
          AND id IN (
            SELECT entry.story_id
            FROM entry_search
            JOIN entry ON entry.id = entry_search.rowid
            WHERE entry_search MATCH ? {together}
          )
        ORDER BY news_at DESC, id DESC
        """,  # noqa: S608  # our own condition, repeated
        (to_text(at), to_text(at), wanted.match, *patterns),
    ).fetchall()
    return _with_entries(connection, rows)


def _with_entries(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[Story]:
    entries: dict[int, list[StoryEntry]] = {row["id"]: [] for row in rows}
    for part in parts(list(entries), 500):
        marks = ", ".join("?" * len(part))
        for row in connection.execute(
            f"""
            SELECT entry.id, entry.story_id, source.url AS source, entry.guid, entry.url,
                   entry.title, entry.published_at, entry.first_seen_at, entry.story_reason
            FROM entry
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id IN ({marks})
            ORDER BY entry.id
            """,  # noqa: S608  # only question marks are put in
            part,
        ):
            entries[row["story_id"]].append(_story_entry(row))
    return [
        Story(
            id=row["id"],
            title=row["title"],
            url=row["url"],
            first_seen_at=from_text(row["first_seen_at"]),
            updated_at=from_text(row["updated_at"]),
            entries=tuple(entries[row["id"]]),
        )
        for row in rows
    ]


def _story_entry(row: sqlite3.Row) -> StoryEntry:
    return StoryEntry(
        id=row["id"],
        source=row["source"],
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        published_at=from_text_or_none(row["published_at"]),
        first_seen_at=from_text(row["first_seen_at"]),
        reason=row["story_reason"],
    )


def unsummarized(connection: sqlite3.Connection, limit: int) -> list[int]:
    """Stories that a channel waits for, or for their edit, and that have no summary (any more)."""
    rows = connection.execute(
        """
        SELECT waiting.story_id
        FROM (
            SELECT id, story_id FROM delivery
            WHERE state IN ('pending', 'sending', 'retry') AND state <> 'sending'
              AND payload IS NULL
            UNION ALL
            SELECT id, story_id FROM delivery WHERE edit_due = 1 AND state = 'sent'
        ) AS waiting
        WHERE waiting.story_id IS NOT NULL
          AND NOT EXISTS (
            SELECT 1 FROM article_summary WHERE article_summary.story_id = waiting.story_id
          )
        GROUP BY waiting.story_id
        ORDER BY MIN(waiting.id)
        LIMIT ?
        """,
        (limit,),
    )
    return [row["story_id"] for row in rows]


def is_summarized(connection: sqlite3.Connection, story_id: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM article_summary WHERE story_id = ?", (story_id,)
    ).fetchone()
    return row is not None


def summary(connection: sqlite3.Connection, story_id: int) -> ArticleSummary | None:
    row = connection.execute(
        "SELECT result FROM article_summary WHERE story_id = ?", (story_id,)
    ).fetchone()
    return ArticleSummary.model_validate_json(row["result"]) if row else None


def summary_reason(connection: sqlite3.Connection, story_id: int) -> tuple[str, str] | None:
    """How the story's summary came about: (when, how)."""
    row = connection.execute(
        "SELECT made_at, method, reason FROM article_summary WHERE story_id = ?", (story_id,)
    ).fetchone()
    return (row["made_at"], f"{row['method']}: {row['reason']}") if row else None


def keep_summary(
    connection: sqlite3.Connection,
    story_id: int,
    result: ArticleSummary,
    *,
    content_hash: str,
    reason: str,
    now: datetime,
) -> None:
    connection.execute(
        """
        INSERT INTO article_summary
            (story_id, content_hash, method, model, reason, result, made_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (story_id) DO UPDATE
        SET content_hash = excluded.content_hash, method = excluded.method,
            model = excluded.model, reason = excluded.reason, result = excluded.result,
            made_at = excluded.made_at
        """,
        (
            story_id,
            content_hash,
            result.method,
            result.model,
            reason,
            result.model_dump_json(),
            to_text(now),
        ),
    )
