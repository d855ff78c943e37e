"""One story with all that its page shows, as far as the audience may see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from bot.model import ArticleSummary, Delivery, ThreadSummary
from bot.store import outbox, public, stories, submissions
from bot.store.public import PUBLIC_DIGEST, Audience
from bot.store.stories import Member
from bot.store.times import from_text
from bot.thread_model import Submission, SubmissionState

MOST_DIGESTS = 5


class Thread(NamedTuple):
    """A discussion of a story with what it says, where that was summarised."""

    submission: Submission
    summary: ThreadSummary | None
    made_at: datetime | None


class ToldIn(NamedTuple):
    """A digest that tells a story."""

    id: int
    kind: str
    result: str
    until: datetime


class StoryPage(NamedTuple):
    """All that a story's page shows. `hides`: it has reports that the audience may not see.

    `posts`: what was decided about posting it, of which only those with a payload were composed.
    """

    id: int
    members: tuple[Member, ...]
    states: dict[int, SubmissionState]
    summary: ArticleSummary | None
    summarized_at: datetime | None
    threads: tuple[Thread, ...]
    posts: tuple[Delivery, ...]
    digests: tuple[ToldIn, ...]
    hides: bool


def merged_into(connection: sqlite3.Connection, story_id: int) -> int | None:
    """The story that one became a part of, where it did."""
    row = connection.execute(
        "SELECT story_id FROM merged_story WHERE id = ?", (story_id,)
    ).fetchone()
    return row["story_id"] if row else None


def page(connection: sqlite3.Connection, audience: Audience, story_id: int) -> StoryPage | None:
    """A story as its page shows it; None where there is nothing that the audience may see."""
    members = public.members(connection, story_id, audience)
    if not members:
        return None
    count = connection.execute(
        "SELECT COUNT(*) AS n FROM entry WHERE story_id = ?", (story_id,)
    ).fetchone()["n"]
    hides = len(members) < count
    made = stories.summary_reason(connection, story_id)
    return StoryPage(
        id=story_id,
        members=tuple(members),
        states=submissions.states(connection, story_id),
        summary=stories.summary(connection, story_id),
        summarized_at=from_text(made[0]) if made else None,
        threads=tuple(_threads(connection, members)),
        posts=tuple(_posts(connection, audience, story_id, hides=hides)),
        digests=tuple(_told_in(connection, audience, story_id)),
        hides=hides,
    )


def _threads(connection: sqlite3.Connection, members: Iterable[Member]) -> Iterator[Thread]:
    """Where the story is discussed, most first; of a deleted submission nothing."""
    found = [submissions.of_entry(connection, member.entry_id) for member in members]
    alive = {
        one.fullname: one for one in found if one and one.state is SubmissionState.LIVE
    }  # two feeds may bring the same submission
    for one in sorted(alive.values(), key=lambda one: one.num_comments or 0, reverse=True):
        row = connection.execute(
            "SELECT result, made_at FROM thread_summary WHERE thread = ?",
            (_thread_name(one.fullname),),
        ).fetchone()
        summary = ThreadSummary.model_validate_json(row["result"]) if row else None
        yield Thread(one, summary, from_text(row["made_at"]) if row else None)


def _thread_name(fullname: str) -> str:
    """As summaries are kept: Reddit's number without its type, Hacker News' as it is."""
    number = fullname.removeprefix("t3_")
    return f"reddit:{number}" if number != fullname else f"hackernews:{number}"


def _posts(
    connection: sqlite3.Connection, audience: Audience, story_id: int, *, hides: bool
) -> list[Delivery]:
    """Everything for who may know it; else the posts that went out, unless a source that stays
    hidden may be named in them.
    """
    found = outbox.of_story(connection, story_id)
    if audience.everything:
        return found
    if hides:
        return []
    return [one for one in found if one.kind == "story" and one.state == "sent" and one.payload]


def _told_in(connection: sqlite3.Connection, audience: Audience, story_id: int) -> Iterator[ToldIn]:
    rows = connection.execute(
        f"""
        SELECT digest.id, digest.kind, digest.result, digest.until
        FROM digest_story AS told
        JOIN digest ON digest.id = told.digest_id
        WHERE told.story_id = ? AND digest.fingerprint <> '' AND {PUBLIC_DIGEST}
        ORDER BY digest.until DESC, digest.id DESC
        LIMIT ?
        """,  # noqa: S608  # our own condition
        (story_id, *audience.bound, *audience.bound, MOST_DIGESTS),
    )
    return (ToldIn(row["id"], row["kind"], row["result"], from_text(row["until"])) for row in rows)
