"""Stories as the web pages list them: told by what the audience may see, no more.

A list goes on after a place (`before`), never by counting rows, so page 500 costs what page 1 does.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.store import paging
from bot.store.public import PUBLIC, Audience
from bot.store.purge import DELETED
from bot.store.search import like_pattern
from bot.store.times import from_text, to_text

MOST_LOOKED_AT = 20_000
_LAST = "9"  # later than any time


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


def place_from(text: str) -> Place | None:
    """A place as `place_text` wrote it; None for anything else."""
    place = paging.place_from(text)
    return None if place is None else Place(to_text(place.at), place.id)


def place_text(place: Place) -> str:
    """A place for an address."""
    return f"{place.at}~{place.id}"


def newest(
    connection: sqlite3.Connection,
    audience: Audience,
    limit: int,
    before: Place | None = None,
    *,
    most_looked_at: int = MOST_LOOKED_AT,
) -> StoryList:
    """The newest stories; those of which nothing is left but that they were deleted are not.

    Where next to nothing may be seen, the page ends early and the next one goes on from there.
    """
    goes_on, place = _goes_on("story.news_at", "story.id", before)
    last = connection.execute(
        f"""
        SELECT news_at, id FROM story
        WHERE {goes_on}
        ORDER BY news_at DESC, id DESC
        LIMIT 1 OFFSET ?
        """,  # noqa: S608  # our own condition
        (*place, most_looked_at - 1),
    ).fetchone()
    ends, end = ("(story.news_at, story.id) >= (?, ?)", tuple(last)) if last else ("1 = 1", ())
    rows = connection.execute(
        f"""
        SELECT story.news_at, story.id
        FROM story
        WHERE {goes_on} AND {ends} AND EXISTS (
            SELECT 1
            FROM entry
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id = story.id AND entry.title <> ? AND {PUBLIC}
        )
        ORDER BY story.news_at DESC, story.id DESC
        LIMIT ?
        """,  # noqa: S608  # our own conditions
        (*place, *end, DELETED, *audience.bound, limit + 1),
    ).fetchall()
    told = listed(connection, audience, [row["id"] for row in rows[:limit]])
    more = rows[limit - 1] if len(rows) > limit else last
    return StoryList(tuple(told), Place(*more) if more else None)


def newest_of(
    connection: sqlite3.Connection,
    audience: Audience,
    source_ids: Sequence[int],
    limit: int,
    before: Place | None = None,
) -> StoryList:
    """The newest stories that one of these sources reports, by when it did."""
    found: dict[int, Place] = {}
    reports = _reports(connection, source_ids, before)
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
    connection: sqlite3.Connection, source_ids: Sequence[int], before: Place | None
) -> Iterator[Place]:
    """Where these sources' reports stand in the list, the newest first, a story more than once.

    A source's reports are asked for when the list has come to its newest one: of two thousand
    sources a page needs a few.
    """
    waiting = sorted(_newest_reports(connection, source_ids, before))
    opened = list[tuple[Place, int, Iterator[Place]]]()
    while waiting or opened:
        while waiting and (not opened or waiting[-1].at >= opened[-1][0].at):
            source_id = waiting.pop().id
            _go_on(opened, source_id, _reports_of(connection, source_id, before))
        if opened:
            place, source_id, stream = opened.pop()
            yield place
            _go_on(opened, source_id, stream)


def _go_on(
    opened: list[tuple[Place, int, Iterator[Place]]], source_id: int, stream: Iterator[Place]
) -> None:
    """Put a source's reports back in line by the next one, the newest of all last."""
    place = next(stream, None)
    if place is not None:
        insort(opened, (place, source_id, stream))


def _newest_reports(
    connection: sqlite3.Connection, source_ids: Sequence[int], before: Place | None
) -> Iterator[Place]:
    """How new each source's reports can be: `id` is the source's here."""
    for start in range(0, len(source_ids), 500):
        part = source_ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"""
            SELECT source.id, (
                SELECT MAX(news_at) FROM entry WHERE source_id = source.id AND news_at <= ?
            ) AS newest
            FROM source
            WHERE source.id IN ({marks})
            """,  # noqa: S608  # marks only
            (before.at if before else _LAST, *part),
        )
        yield from (Place(row["newest"], row["id"]) for row in rows if row["newest"] is not None)


def _reports_of(
    connection: sqlite3.Connection, source_id: int, before: Place | None
) -> Iterator[Place]:
    goes_on, place = _goes_on("news_at", "story_id", before)
    rows = connection.execute(
        f"""
        SELECT news_at, story_id
        FROM entry
        WHERE source_id = ? AND {goes_on} AND title <> ?
        ORDER BY news_at DESC, story_id DESC
        """,  # noqa: S608  # our own condition
        (source_id, *place, DELETED),
    )
    return (Place(row["news_at"], row["story_id"]) for row in rows)


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


def tags(connection: sqlite3.Connection, audience: Audience) -> list[str]:
    """Every tag of a source that the audience may see, in the order of the alphabet."""
    rows = connection.execute(
        f"SELECT DISTINCT tags FROM source WHERE tags <> '[]' AND {PUBLIC}",  # noqa: S608  # ours
        audience.bound,
    )
    return sorted({tag for row in rows for tag in json.loads(row["tags"])}, key=str.casefold)


def sources_tagged(connection: sqlite3.Connection, audience: Audience, tag: str) -> list[int]:
    """The sources with a tag, as far as the audience may see them; removed ones too."""
    rows = connection.execute(
        rf"""
        SELECT id, tags FROM source
        WHERE tags <> '[]' AND tags LIKE ? ESCAPE '\' AND {PUBLIC}
        ORDER BY id
        """,  # noqa: S608  # our own condition
        (like_pattern(json.dumps(tag)), *audience.bound),
    )
    return [row["id"] for row in rows if tag in json.loads(row["tags"])]


def sources_named(
    connection: sqlite3.Connection, audience: Audience, *, most: int
) -> list[NamedSource]:
    """The sources that the audience may see, by name; none where they are more than `most`."""
    rows = connection.execute(
        f"SELECT id, url, title FROM source WHERE {PUBLIC} ORDER BY id LIMIT ?",  # noqa: S608  # ours
        (*audience.bound, most + 1),
    ).fetchall()
    if len(rows) > most:
        return []
    found = [NamedSource(row["id"], row["title"] or row["url"]) for row in rows]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def source(
    connection: sqlite3.Connection, audience: Audience, source_id: int
) -> NamedSource | None:
    """A source, where the audience may see it."""
    row = connection.execute(
        f"SELECT id, url, title FROM source WHERE id = ? AND {PUBLIC}",  # noqa: S608  # ours
        (source_id, *audience.bound),
    ).fetchone()
    return NamedSource(row["id"], row["title"] or row["url"]) if row else None
