"""What discussion sites know of entries: scores, comment counts and states, measured again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from bot.store.times import from_text, to_text
from bot.thread_model import Submission, SubmissionState, Trait


def put(connection: sqlite3.Connection, entry_id: int, submission: Submission) -> None:
    """Store an entry's submission, as it was measured last."""
    connection.execute(
        """
        INSERT INTO submission
            (entry_id, fullname, permalink, place, link_url, author, flair, score, num_comments,
             traits, state, measured_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry_id) DO UPDATE
        SET permalink = excluded.permalink, place = excluded.place, link_url = excluded.link_url,
            author = excluded.author, flair = excluded.flair,
            score = COALESCE(excluded.score, submission.score),
            num_comments = COALESCE(excluded.num_comments, submission.num_comments),
            traits = excluded.traits, state = excluded.state, measured_at = excluded.measured_at
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


def remeasure(connection: sqlite3.Connection, measured: Iterable[Submission]) -> list[int]:
    """Bring known submissions up to date; returns the entries whose submission was known."""
    entry_ids: list[int] = []
    for submission in measured:
        rows = connection.execute(
            "SELECT entry_id FROM submission WHERE fullname = ?", (submission.fullname,)
        ).fetchall()
        for row in rows:
            put(connection, row["entry_id"], submission)
            entry_ids.append(row["entry_id"])
    return entry_ids


def of_stories(connection: sqlite3.Connection, story_ids: Sequence[int]) -> dict[int, Submission]:
    """By story, the submission through which it is discussed most, where it is at all."""
    found: dict[int, Submission] = {}
    for start in range(0, len(story_ids), 500):
        part = story_ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"""
            SELECT submission.*, entry.story_id
            FROM submission
            JOIN entry ON entry.id = submission.entry_id
            WHERE entry.story_id IN ({marks})
            ORDER BY COALESCE(submission.num_comments, 0), submission.entry_id DESC
            """,  # noqa: S608  # only question marks are put in
            part,
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
