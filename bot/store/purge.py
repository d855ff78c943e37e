"""Taking out what people deleted, and what may not be kept for long.

Reddit asks that deleted content goes wherever it was stored, and recommends that nothing of a
person's words or name is kept for more than 48 hours. Ids, scores, hashes and our own words stay.
"""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import datetime

from bot.store import (
    digests,
    platform_notes,
    predictions,
    search,
    story_index,
    thread_summaries,
)
from bot.store.times import from_text, to_text

DELETED = "[deleted]"
_DONE = ("service", "texts_let_go_until")  # the note that says which entry was the last
_SLUG = re.compile(r"(/comments/[a-z0-9]+/)[^/?#]+/?")
_REDDIT = r"submission.fullname LIKE 't3\_%' ESCAPE '\'"


def entry(connection: sqlite3.Connection, entry_id: int, now: datetime) -> None:
    """Forget an entry's words, title and author wherever they stand; posts of it are to be edited.

    What was said of its discussion goes too, with the quotes in it.
    Its permalink loses the part that is made of the title.
    """
    row = connection.execute("SELECT * FROM entry WHERE id = ?", (entry_id,)).fetchone()
    story_index.remove(connection, entry_id, from_text(row["news_at"]), row["terms"].split())
    old = (row["title"], row["text"])
    search.reindex(connection, entry_id, old=old, new=(DELETED, ""))
    connection.execute(
        """
        UPDATE entry
        SET title = ?, text = '', author = NULL, image_url = NULL, tags = '[]', terms = '',
            language = NULL, postable = 0, url = ?, canonical_url = ?, comments_url = ?
        WHERE id = ?
        """,
        (
            DELETED,
            _unnamed(row["url"]),
            _unnamed(row["canonical_url"]),
            _unnamed(row["comments_url"]),
            entry_id,
        ),
    )
    connection.execute("DELETE FROM entry_revision WHERE entry_id = ?", (entry_id,))
    _submission(connection, entry_id)
    _story(connection, row["story_id"], row["title"], now)
    _deliveries(connection, row["story_id"])
    digests.outdate(connection, row["story_id"])


def _submission(connection: sqlite3.Connection, entry_id: int) -> None:
    row = connection.execute(
        "SELECT fullname, permalink FROM submission WHERE entry_id = ?", (entry_id,)
    ).fetchone()
    if row is not None:
        number = row["fullname"].removeprefix("t3_")
        thread_summaries.forget(connection, f"reddit:{number}")
        predictions.forget(connection, f"/comments/{number}/")
        connection.execute(
            "UPDATE submission SET author = NULL, flair = NULL, permalink = ? WHERE entry_id = ?",
            (_unnamed(row["permalink"]), entry_id),
        )


def _story(connection: sqlite3.Connection, story_id: int, title: str, now: datetime) -> None:
    """Tell the story in another member's words, if it has one."""
    connection.execute("DELETE FROM article_summary WHERE story_id = ?", (story_id,))
    other = connection.execute(
        "SELECT title, url, canonical_url FROM entry WHERE story_id = ? ORDER BY title = ?, id",
        (story_id, DELETED),
    ).fetchone()
    connection.execute(
        """
        UPDATE story
        SET title = CASE WHEN title = ? THEN ? ELSE title END,
            url = ?, canonical_url = ?, updated_at = ?
        WHERE id = ?
        """,
        (title, other["title"], other["url"], other["canonical_url"], to_text(now), story_id),
    )


def _deliveries(connection: sqlite3.Connection, story_id: int) -> None:
    """Posts of the story are written anew; what nobody else tells is posted no more."""
    if is_deleted(connection, story_id):
        # What was tried may have been posted: its doubt is settled first (`jobs.outgoing`).
        connection.execute(
            """
            UPDATE delivery
            SET state = 'skipped', rule = 'deleted', reason = 'it was deleted where it was posted'
            WHERE story_id = ? AND state IN ('pending', 'retry') AND NOT EXISTS (
                SELECT 1 FROM delivery_attempt
                WHERE delivery_attempt.delivery_id = delivery.id
                  AND delivery_attempt.outcome = 'claimed'
            )
            """,
            (story_id,),
        )
    # A digest is made anew by its own job; here only what is composed from the store.
    connection.execute(
        """
        UPDATE delivery
        SET payload = CASE WHEN state = 'sending' THEN payload END,
            edit_due = CASE WHEN state IN ('pending', 'retry', 'sending', 'sent') THEN 1 ELSE 0 END
        WHERE kind <> 'digest'
          AND (story_id = ?
               OR id IN (SELECT delivery_id FROM delivery_item WHERE story_id = ?))
        """,
        (story_id, story_id),
    )


def is_deleted(connection: sqlite3.Connection, story_id: int) -> bool:
    """Whether every report of a story was deleted where it was posted."""
    left = connection.execute(
        "SELECT 1 FROM entry WHERE story_id = ? AND title <> ? LIMIT 1", (story_id, DELETED)
    ).fetchone()
    return left is None


def forget_texts(connection: sqlite3.Connection, before: datetime, limit: int) -> int:
    """Drop bodies and author names of Reddit's entries first seen before then.

    Returns how many entries lost theirs, at most `limit`.
    """
    rows = connection.execute(
        f"""
        SELECT entry.id, entry.story_id, entry.title, entry.text
        FROM submission
        JOIN entry ON entry.id = submission.entry_id
        WHERE {_REDDIT} AND entry.first_seen_at < ?
          AND (entry.text <> '' OR entry.author IS NOT NULL OR submission.author IS NOT NULL)
        ORDER BY entry.id
        LIMIT ?
        """,  # noqa: S608  # our own condition
        (to_text(before), limit),
    ).fetchall()
    for row in rows:
        _forget_text(connection, row)
    return len(rows)


def forget_old_texts(connection: sqlite3.Connection, before: datetime, limit: int) -> int:
    """Drop texts and author names of entries first seen before then, the oldest first.

    Entries are numbered as they are first seen, and a note says how far we have come: each is
    looked at once. Returns how many lost theirs, at most `limit`.
    """
    done = int(platform_notes.get(connection, *_DONE) or 0)
    rows = connection.execute(
        """
        SELECT id, story_id, title, text, first_seen_at
        FROM entry
        WHERE id > ?
        ORDER BY id
        LIMIT ?
        """,
        (done, limit),
    ).fetchall()
    old = [row for row in rows if row["first_seen_at"] < to_text(before)]
    for row in old:
        _forget_text(connection, row)
        _forget_article(connection, row["story_id"])
    if old:
        platform_notes.put(connection, *_DONE, str(old[-1]["id"]))
    return len(old)


def used_bytes(connection: sqlite3.Connection) -> int:
    """How much of the file is in use: what was let go of is filled again before it grows."""
    pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return (pages - free) * size


def _forget_article(connection: sqlite3.Connection, story_id: int) -> None:
    """A summary keeps its own words, not the article that it was made from."""
    row = connection.execute(
        "SELECT result FROM article_summary WHERE story_id = ?", (story_id,)
    ).fetchone()
    if row is not None and (result := json.loads(row["result"])).get("text"):
        connection.execute(
            "UPDATE article_summary SET result = ? WHERE story_id = ?",
            (json.dumps(result | {"text": ""}, ensure_ascii=False), story_id),
        )


def _forget_text(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    _forget_source_text(connection, row["story_id"], row["id"])
    old, new = (row["title"], row["text"]), (row["title"], "")
    search.reindex(connection, row["id"], old=old, new=new)
    connection.execute("UPDATE entry SET text = '', author = NULL WHERE id = ?", (row["id"],))
    connection.execute("UPDATE submission SET author = NULL WHERE entry_id = ?", (row["id"],))
    connection.execute("DELETE FROM entry_revision WHERE entry_id = ?", (row["id"],))


def _forget_source_text(connection: sqlite3.Connection, story_id: int, entry_id: int) -> None:
    """A summary keeps its own words, not the whole text that it was made from.

    That is the story's first text, if no page was read. As it was then, and without the addresses
    behind its links: it can't be told by being equal to the entry's.
    """
    kept = connection.execute(
        "SELECT result FROM article_summary WHERE story_id = ?", (story_id,)
    ).fetchone()
    first = connection.execute(
        "SELECT MIN(id) AS id FROM entry WHERE story_id = ? AND text <> ''", (story_id,)
    ).fetchone()
    if kept is None or first["id"] != entry_id:
        return
    result = json.loads(kept["result"])
    if result.get("read") == "feed" and result.get("text"):
        connection.execute(
            "UPDATE article_summary SET result = ? WHERE story_id = ?",
            (json.dumps(result | {"text": ""}, ensure_ascii=False), story_id),
        )


def _unnamed(url: str | None) -> str | None:
    return None if url is None else _SLUG.sub(r"\1", url)
