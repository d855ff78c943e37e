"""What discussion sites know of entries: scores, comment counts and states, measured again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model import Entry
from bot.store import purge
from bot.store.spaces import SEEN, Viewer
from bot.store.times import from_text, to_text
from bot.thread_model import Submission, SubmissionState, Trait


def put(connection: sqlite3.Connection, entry_id: int, submission: Submission) -> None:
    """Store an entry's submission, as it was measured last.

    What knows no scores (a feed) knows less of the rest too: then only the address is new. What
    was deleted or removed once stays so: its words are gone here.
    """
    connection.execute(
        """
        INSERT INTO submission
            (entry_id, fullname, permalink, place, link_url, author, flair, score, num_comments,
             traits, state, measured_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry_id) DO UPDATE
        SET permalink = excluded.permalink, place = excluded.place, link_url = excluded.link_url,
            author = excluded.author,
            flair = CASE WHEN excluded.num_comments IS NULL
                    THEN submission.flair ELSE excluded.flair END,
            score = COALESCE(excluded.score, submission.score),
            num_comments = COALESCE(excluded.num_comments, submission.num_comments),
            traits = CASE WHEN excluded.num_comments IS NULL
                     THEN submission.traits ELSE excluded.traits END,
            state = excluded.state,
            measured_at = CASE WHEN excluded.num_comments IS NULL
                          THEN submission.measured_at ELSE excluded.measured_at END
        WHERE submission.state = 'live'
        """,
        (
            entry_id,
            submission.fullname,
            submission.permalink,
            submission.place,
            submission.link_url,
            submission.author,
            submission.flair,
            submission.score,
            submission.num_comments,
            json.dumps([trait.value for trait in submission.traits]),
            submission.state.value,
            to_text(submission.measured_at),
        ),
    )


def keep(connection: sqlite3.Connection, source_id: int, entries: Iterable[Entry]) -> list[int]:
    """Store what a poll says of its entries' submissions; returns the entries that have one."""
    found: list[int] = []
    for entry in entries:
        if entry.submission is None:
            continue
        row = connection.execute(
            "SELECT id FROM entry WHERE source_id = ? AND guid = ?", (source_id, entry.guid)
        ).fetchone()
        if row is not None:
            put(connection, row["id"], entry.submission)
            found.append(row["id"])
    return found


def of_entry(connection: sqlite3.Connection, entry_id: int) -> Submission | None:
    row = connection.execute("SELECT * FROM submission WHERE entry_id = ?", (entry_id,)).fetchone()
    return _submission(row) if row else None


def is_gone(connection: sqlite3.Connection, fullname: str) -> bool:
    """Whether it was deleted or removed where it was posted, as far as is known here."""
    row = connection.execute(
        "SELECT 1 FROM submission WHERE fullname = ? AND state <> 'live' LIMIT 1", (fullname,)
    ).fetchone()
    return row is not None


class MeasureAge(NamedTuple):
    """Submissions younger than `age` are measured again after `pause`."""

    age: timedelta
    pause: timedelta


def due(
    connection: sqlite3.Connection, now: datetime, ages: Sequence[MeasureAge], limit: int
) -> list[str]:
    """Fullnames of Reddit's young submissions that were not measured for a while.

    The longest unmeasured first. `ages`: the youngest first.
    """
    found: dict[str, None] = {}
    until = now
    for age, pause in ages:
        rows = connection.execute(
            r"""
            SELECT submission.fullname
            FROM submission
            JOIN entry ON entry.id = submission.entry_id
            WHERE submission.fullname LIKE 't3\_%' ESCAPE '\' AND submission.state = 'live'
              AND entry.news_at <= ? AND entry.news_at > ? AND submission.measured_at <= ?
            ORDER BY submission.measured_at
            LIMIT ?
            """,
            (to_text(until), to_text(now - age), to_text(now - pause), limit - len(found)),
        )
        found.update(dict.fromkeys(row["fullname"] for row in rows))
        until = now - age
    return list(found)


def touch(connection: sqlite3.Connection, fullnames: Iterable[str], now: datetime) -> None:
    """These were asked for, and their site knows them no more: not asked for again soon."""
    connection.executemany(
        "UPDATE submission SET measured_at = ? WHERE fullname = ?",
        [(to_text(now), fullname) for fullname in fullnames],
    )


def remeasure(
    connection: sqlite3.Connection, measured: Iterable[Submission], now: datetime
) -> list[int]:
    """Bring known submissions up to date; returns the entries whose submission was known.

    The words of those that were deleted or removed since go from the store. `now` is when they go:
    who asks what changed since must not miss it for having been measured a while ago.
    """
    entry_ids: list[int] = []
    for submission in measured:
        rows = connection.execute(
            "SELECT entry_id, state FROM submission WHERE fullname = ?", (submission.fullname,)
        ).fetchall()
        for row in rows:
            put(connection, row["entry_id"], submission)
            entry_ids.append(row["entry_id"])
            if row["state"] == SubmissionState.LIVE and submission.state != SubmissionState.LIVE:
                purge.entry(connection, row["entry_id"], now)
    return entry_ids


def states(connection: sqlite3.Connection, story_id: int) -> dict[int, SubmissionState]:
    """What became of a story's submissions, by their entries."""
    rows = connection.execute(
        """
        SELECT submission.entry_id, submission.state
        FROM submission
        JOIN entry ON entry.id = submission.entry_id
        WHERE entry.story_id = ?
        """,
        (story_id,),
    )
    return {row["entry_id"]: SubmissionState(row["state"]) for row in rows}


def of_stories(
    connection: sqlite3.Connection, story_ids: Sequence[int], viewer: Viewer | None = None
) -> dict[int, Submission]:
    """By story, the submission through which it is discussed most, where it is at all.

    `viewer`: who will read it, and is shown those of their own sources only.
    """
    seen, bound = (f"AND {SEEN}", viewer.bound) if viewer else ("", ())
    found: dict[int, Submission] = {}
    for start in range(0, len(story_ids), 500):
        part = story_ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"""
            SELECT submission.*, entry.story_id
            FROM submission
            JOIN entry ON entry.id = submission.entry_id
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id IN ({marks}) {seen}
            ORDER BY COALESCE(submission.num_comments, 0), submission.entry_id DESC
            """,  # noqa: S608  # question marks and a condition of ours
            (*part, *bound),
        )
        found.update((row["story_id"], _submission(row)) for row in rows)
    return found


def _submission(row: sqlite3.Row) -> Submission:
    return Submission(
        fullname=row["fullname"],
        permalink=row["permalink"],
        place=row["place"],
        link_url=row["link_url"],
        author=row["author"],
        flair=row["flair"],
        score=row["score"],
        num_comments=row["num_comments"],
        traits=tuple(Trait(name) for name in json.loads(row["traits"])),
        state=SubmissionState(row["state"]),
        measured_at=from_text(row["measured_at"]),
    )
