"""Stories as the web pages list and show them: told by what the audience may see, no more.

A list goes on after a place (`before`), never by counting rows, so page 500 costs what page 1 does.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model import ArticleSummary, Delivery, ThreadSummary
from bot.store import outbox, stories, submissions
from bot.store.public import PUBLIC, PUBLIC_DIGEST, Audience
from bot.store.public import members as public_members
from bot.store.purge import DELETED
from bot.store.stories import Member
from bot.store.times import from_text
from bot.thread_model import Submission, SubmissionState

MOST_DIGESTS = 5


class Place(NamedTuple):
    """Where a list goes on: after this story. `at` as the database keeps times."""

    at: str
    id: int


class NamedSource(NamedTuple):
    """A source by its number and what it is called."""

    id: int
    name: str


class ListedStory(NamedTuple):
    """A story as a list shows it, told by its first report that is still there.

    `at` is its newest report, `first_at` the first one. `discussion` is where it is discussed most.
    """

    id: int
    title: str
    url: str | None
    at: datetime
    first_at: datetime
    sources: tuple[NamedSource, ...]
    tags: tuple[str, ...]
    discussion: str | None
    score: int | None
    num_comments: int | None


class StoryList(NamedTuple):
    """A page of stories; `more` is where the next one begins, None at the end."""

    stories: tuple[ListedStory, ...]
    more: Place | None


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


def place_from(text: str) -> Place | None:
    """A place as `place_text` wrote it; None for anything else."""
    at, _, number = text.rpartition("~")
    try:
        from_text(at)
        return Place(at, int(number)) if len(number) < 19 and number.isdecimal() else None
    except ValueError:
        return None


def place_text(place: Place) -> str:
    """A place for an address."""
    return f"{place.at}~{place.id}"


def newest(
    connection: sqlite3.Connection, audience: Audience, limit: int, before: Place | None = None
) -> StoryList:
    """The newest stories; those of which nothing is left but that they were deleted are not."""
    goes_on, place = _goes_on("story.news_at", "story.id", before)
    rows = connection.execute(
        f"""
        SELECT story.id, story.news_at
        FROM story
        WHERE {goes_on} AND EXISTS (
            SELECT 1
            FROM entry
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id = story.id AND entry.title <> ? AND {PUBLIC}
        )
        ORDER BY story.news_at DESC, story.id DESC
        LIMIT ?
        """,  # noqa: S608  # our own conditions
        (*place, DELETED, *audience.bound, limit + 1),
    ).fetchall()
    places = [Place(row["news_at"], row["id"]) for row in rows]
    told = listed(connection, audience, [place.id for place in places[:limit]])
    return StoryList(tuple(told), places[limit - 1] if len(places) > limit else None)


def newest_of(
    connection: sqlite3.Connection,
    audience: Audience,
    source_ids: Sequence[int],
    limit: int,
    before: Place | None = None,
) -> StoryList:
    """The newest stories that one of these sources reports, by when it did."""
    found: dict[int, Place] = {}
    reports = _reports(connection, source_ids, before, limit)
    skipped = _Seen(connection, source_ids, before)
    for place in reports:
        if place.id in found or skipped.has(place.id):
            continue
        found[place.id] = place
        if len(found) > limit:
            break
    places = list(found.values())
    told = listed(connection, audience, [place.id for place in places[:limit]])
    return StoryList(tuple(told), places[limit - 1] if len(places) > limit else None)


def _reports(
    connection: sqlite3.Connection, source_ids: Sequence[int], before: Place | None, limit: int
) -> Iterator[Place]:
    """Where these sources' reports stand in the list, the newest first, a story more than once."""
    goes_on, place = _goes_on("news_at", "story_id", before)
    cursors = [
        connection.execute(
            f"""
            SELECT news_at, story_id
            FROM entry
            WHERE source_id = ? AND {goes_on} AND title <> ?
            ORDER BY news_at DESC, story_id DESC
            """,  # noqa: S608  # our own condition
            (source_id, *place, DELETED),
        )
        for source_id in source_ids
    ]
    streams = [(Place(row["news_at"], row["story_id"]) for row in cursor) for cursor in cursors]
    return heapq.merge(*streams, reverse=True)


class _Seen:
    """Tells stories that stood further up already, by a newer report of the same sources."""

    def __init__(
        self, connection: sqlite3.Connection, source_ids: Sequence[int], before: Place | None
    ) -> None:
        self._connection = connection
        self._sources = frozenset(source_ids)
        self._before = before

    def has(self, story_id: int) -> bool:
        if self._before is None:
            return False
        rows = self._connection.execute(
            "SELECT source_id, news_at FROM entry WHERE story_id = ? AND title <> ?",
            (story_id, DELETED),
        )
        return any(
            row["source_id"] in self._sources and (row["news_at"], story_id) >= self._before
            for row in rows
        )


def _goes_on(at: str, number: str, before: Place | None) -> tuple[str, tuple[object, ...]]:
    return (f"({at}, {number}) < (?, ?)", tuple(before)) if before else ("1 = 1", ())


def listed(
    connection: sqlite3.Connection, audience: Audience, story_ids: Sequence[int]
) -> list[ListedStory]:
    """These stories in this order; those of which nothing is to be seen are left out."""
    reports: dict[int, list[sqlite3.Row]] = {story_id: [] for story_id in story_ids}
    marks = ", ".join("?" * len(reports))
    rows = connection.execute(
        f"""
        SELECT entry.story_id, entry.source_id, entry.title, entry.url, entry.news_at,
               entry.comments_url, source.title AS source_title, source.url AS source_url,
               source.tags, submission.permalink, submission.score,
               submission.num_comments
        FROM entry
        JOIN source ON source.id = entry.source_id
        LEFT JOIN submission ON submission.entry_id = entry.id
        WHERE entry.story_id IN ({marks}) AND entry.title <> ? AND {PUBLIC}
        ORDER BY entry.id
        """,  # noqa: S608  # marks and our own condition
        (*reports, DELETED, *audience.bound),
    )
    for row in rows:
        reports[row["story_id"]].append(row)
    return [_listed(story_id, found) for story_id, found in reports.items() if found]


def _listed(story_id: int, reports: Sequence[sqlite3.Row]) -> ListedStory:
    first = reports[0]
    sources = {
        row["source_id"]: NamedSource(row["source_id"], row["source_title"] or row["source_url"])
        for row in reports
    }
    discussed = [row for row in reports if row["permalink"] is not None]
    most = max(discussed, key=lambda row: row["num_comments"] or 0, default=None)
    elsewhere = next((row["comments_url"] for row in reports if row["comments_url"]), None)
    times = [row["news_at"] for row in reports]
    return ListedStory(
        id=story_id,
        title=first["title"],
        url=first["url"],
        at=from_text(max(times)),
        first_at=from_text(min(times)),
        sources=tuple(sources.values()),
        tags=tuple(dict.fromkeys(tag for row in reports for tag in json.loads(row["tags"]))),
        discussion=most["permalink"] if most else elsewhere,
        score=most["score"] if most else None,
        num_comments=most["num_comments"] if most else None,
    )


class KnownSource(NamedTuple):
    """A source that stories can be chosen by."""

    id: int
    name: str
    tags: tuple[str, ...]


def known_sources(connection: sqlite3.Connection, audience: Audience) -> list[KnownSource]:
    """The sources that the audience may see, by name; removed ones too, whose stories stay."""
    rows = connection.execute(
        f"SELECT id, url, title, tags FROM source WHERE {PUBLIC} ORDER BY id",  # noqa: S608  # ours
        audience.bound,
    )
    found = [
        KnownSource(row["id"], row["title"] or row["url"], tuple(json.loads(row["tags"])))
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def merged_into(connection: sqlite3.Connection, story_id: int) -> int | None:
    """The story that one became a part of, where it did."""
    row = connection.execute(
        "SELECT story_id FROM merged_story WHERE id = ?", (story_id,)
    ).fetchone()
    return row["story_id"] if row else None


def page(connection: sqlite3.Connection, audience: Audience, story_id: int) -> StoryPage | None:
    """A story as its page shows it; None where there is nothing that the audience may see."""
    members = public_members(connection, story_id, audience)
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
