"""Sources as the pages list them: which, in what order, how they fare, and what they bring."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

from bot.model import SourceState
from bot.store.public import PUBLIC, Audience
from bot.store.purge import DELETED
from bot.store.search import like_pattern
from bot.store.times import from_text, from_text_or_none

Sort = Literal["title", "state", "ok", "next", "interval"]
SORTS: tuple[Sort, ...] = ("title", "state", "ok", "next", "interval")
SPARK_DAYS = 30

_NAME = "LOWER(CASE WHEN source.title = '' THEN source.url ELSE source.title END)"
# In the order in which a person looks for them: what fails, then what is given up, then the rest.
_STATE = "CASE source.state WHEN 'failing' THEN 0 WHEN 'gone' THEN 1 ELSE 2 END"
_ORDER: dict[str, str] = {
    "title": _NAME,
    "state": _STATE,
    "ok": "COALESCE(source.last_ok_at, '')",
    "next": "COALESCE(source.next_poll_at, '')",
}


class SourceWish(NamedTuple):
    """Which sources are to be listed, and how. `words` stand in the title or the address."""

    state: str = ""
    tag: str = ""
    words: str = ""
    sort: Sort = "title"
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSource:
    """A source as it fares. `own_interval_s` is what a person set, `websub` how its hub stands."""

    id: int
    url: str
    feed_url: str
    site_url: str | None
    title: str
    kind: str
    tags: tuple[str, ...]
    state: SourceState
    own_interval_s: float | None
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    next_poll_at: datetime | None
    failures: int
    error: str
    habits: tuple[str, ...]
    created_at: datetime
    publish_gap_s: float | None
    websub: str
    lease_until: datetime | None
    pushed_at: datetime | None
    hub_url: str | None
    has_validators: bool
    moved_to: str | None
    moved_count: int
    gone_count: int
    is_public: bool

    @property
    def interval_s(self) -> float | None:
        """How long it waits between two polls now; None before the first and when given up."""
        if self.last_polled_at is None or self.next_poll_at is None:
            return None
        if self.state is SourceState.GONE:
            return None
        return max(0.0, (self.next_poll_at - self.last_polled_at).total_seconds())

    @property
    def failing_since(self) -> datetime | None:
        """Since when it has not answered as it should; None while it does."""
        if not self.failures:
            return None
        return self.last_ok_at or self.created_at


class SourcePage(NamedTuple):
    """A page of the list. `total` counts all that were wished for."""

    sources: list[ShownSource]
    total: int


class SourceCounts(NamedTuple):
    """What there is to choose from: sources by state, and by tag, the commonest first."""

    states: dict[str, int]
    tags: list[tuple[str, int]]


def page(
    connection: sqlite3.Connection, audience: Audience, wish: SourceWish, *, limit: int, offset: int
) -> SourcePage:
    """The sources that are wished for, from `offset` on."""
    condition, bound = _condition(audience, wish)
    total: int = connection.execute(
        f"SELECT COUNT(*) FROM source WHERE {condition}",  # noqa: S608  # our own conditions
        bound,
    ).fetchone()[0]
    ids = _ids(connection, wish, condition, bound, limit=limit, offset=offset)
    return SourcePage(_in_order(connection, ids), total)


def all_of(connection: sqlite3.Connection, audience: Audience) -> list[ShownSource]:
    """Every source that the audience may see, in the order they were added."""
    rows = connection.execute(
        f"{_SHOWN} WHERE source.state <> 'removed' AND {PUBLIC} ORDER BY source.id",
        audience.bound,
    )
    return [_shown(row) for row in rows]


def one(connection: sqlite3.Connection, audience: Audience, source_id: int) -> ShownSource | None:
    """A source, where the audience may see it."""
    row = connection.execute(
        f"{_SHOWN} WHERE source.id = ? AND source.state <> 'removed' AND {PUBLIC}",
        (source_id, *audience.bound),
    ).fetchone()
    return _shown(row) if row else None


def counts(connection: sqlite3.Connection, audience: Audience) -> SourceCounts:
    """What the audience may choose from."""
    rows = connection.execute(
        f"""
        SELECT source.state, source.tags, COUNT(*) AS n
        FROM source
        WHERE source.state <> 'removed' AND {PUBLIC}
        GROUP BY source.state, source.tags
        """,  # noqa: S608  # our own condition
        audience.bound,
    )
    states: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for row in rows:
        states[row["state"]] += row["n"]
        tags.update(dict.fromkeys(json.loads(row["tags"]), row["n"]))
    return SourceCounts(dict(states), sorted(tags.items(), key=lambda one: (-one[1], one[0])))


def _condition(audience: Audience, wish: SourceWish) -> tuple[str, tuple[object, ...]]:
    parts, bound = ["source.state <> 'removed'", PUBLIC], [*audience.bound]
    texts: list[object] = []
    if wish.state:
        parts.append("source.state = ?")
        texts.append(wish.state)
    if wish.tag:
        parts.append(r"source.tags LIKE ? ESCAPE '\'")
        texts.append(like_pattern(json.dumps(wish.tag)))
    if wish.words:
        parts.append(r"(source.title LIKE ? ESCAPE '\' OR source.url LIKE ? ESCAPE '\')")
        texts += [like_pattern(wish.words)] * 2
    return " AND ".join(parts), (*bound, *texts)


def _ids(
    connection: sqlite3.Connection,
    wish: SourceWish,
    condition: str,
    bound: Sequence[object],
    *,
    limit: int,
    offset: int,
) -> list[int]:
    if wish.sort == "interval":
        return _by_interval(connection, wish, condition, bound)[offset : offset + limit]
    down = "DESC" if wish.descending else "ASC"
    rows = connection.execute(
        f"""
        SELECT source.id
        FROM source
        WHERE {condition}
        ORDER BY {_ORDER[wish.sort]} {down}, {_NAME}, source.id
        LIMIT ? OFFSET ?
        """,  # noqa: S608  # our own conditions
        (*bound, limit, offset),
    )
    return [row["id"] for row in rows]


def _by_interval(
    connection: sqlite3.Connection, wish: SourceWish, condition: str, bound: Sequence[object]
) -> list[int]:
    """The store keeps times, not waits, and databases do not agree on how to subtract them."""
    rows = connection.execute(
        f"""
        SELECT source.id, source.last_polled_at AS polled, source.next_poll_at AS due, source.state
        FROM source
        WHERE {condition}
        """,  # noqa: S608  # our own conditions
        bound,
    )
    waits: list[tuple[float, int]] = []
    unknown: list[int] = []
    for source_id, polled, due, state in rows:
        if polled is None or due is None or state == "gone":
            unknown.append(source_id)
        else:
            waits.append(((from_text(due) - from_text(polled)).total_seconds(), source_id))
    waits.sort(reverse=wish.descending)
    return [source_id for _, source_id in waits] + unknown


def _in_order(connection: sqlite3.Connection, ids: Sequence[int]) -> list[ShownSource]:
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"{_SHOWN} WHERE source.id IN ({marks})", tuple(ids))
    found = {row["id"]: _shown(row) for row in rows}
    return [found[source_id] for source_id in ids]


def daily(
    connection: sqlite3.Connection,
    source_ids: Sequence[int],
    now: datetime,
    *,
    days: int = SPARK_DAYS,
) -> dict[int, list[int]]:
    """How many entries each source brought on each of the last days (UTC), today last.

    Read from the index of a source's times alone, so that texts cost nothing.
    """
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    found = {source_id: [0] * days for source_id in source_ids}
    marks = ", ".join("?" * len(source_ids))
    rows = connection.execute(
        f"""
        SELECT source_id, SUBSTR(news_at, 1, 10) AS day, COUNT(*) AS n
        FROM entry
        WHERE source_id IN ({marks}) AND news_at >= ?
        GROUP BY source_id, SUBSTR(news_at, 1, 10)
        """,  # noqa: S608  # question marks only
        (*source_ids, f"{first.isoformat()}T"),
    )
    for row in rows:
        place = (date.fromisoformat(row["day"]) - first).days
        if place < days:  # what a publisher dates in the future is not counted yet
            found[row["source_id"]][place] = row["n"]
    return found


class Told(NamedTuple):
    """An entry of a source with its story. `others` counts the other sources that tell it."""

    story_id: int
    title: str
    url: str | None
    author: str | None
    news_at: datetime
    others: int


def latest(
    connection: sqlite3.Connection, audience: Audience, source_id: int, limit: int
) -> list[Told]:
    """What the source told last and did not take back, the newest first."""
    rows = connection.execute(
        f"""
        SELECT told.story_id, told.title, told.url, told.author, told.news_at, (
            SELECT COUNT(DISTINCT entry.source_id)
            FROM entry
            JOIN source ON source.id = entry.source_id
            WHERE entry.story_id = told.story_id AND entry.source_id <> told.source_id AND {PUBLIC}
        ) AS others
        FROM entry AS told
        WHERE told.source_id = ? AND told.title <> ?
        ORDER BY told.news_at DESC, told.id DESC
        LIMIT ?
        """,  # noqa: S608  # our own condition
        (*audience.bound, source_id, DELETED, limit),
    )
    return [
        Told(
            row["story_id"],
            row["title"],
            row["url"],
            row["author"],
            from_text(row["news_at"]),
            row["others"],
        )
        for row in rows
    ]


def stored(connection: sqlite3.Connection, source_id: int) -> int:
    """How many of its entries are kept."""
    n: int = connection.execute(
        "SELECT COUNT(*) FROM entry WHERE source_id = ?", (source_id,)
    ).fetchone()[0]
    return n


class Listener(NamedTuple):
    """A subscription that takes from a source."""

    channel: str
    post: str
    state: str


def listeners(connection: sqlite3.Connection, source_id: int) -> list[Listener]:
    """Which channels get what the source brings: only for who has the token."""
    rows = connection.execute(
        """
        SELECT subscription.channel, subscription.post, subscription.state
        FROM subscription_source
        JOIN subscription ON subscription.id = subscription_source.subscription_id
        WHERE subscription_source.source_id = ? AND subscription.state <> 'removed'
        ORDER BY subscription.channel, subscription.post, subscription.id
        """,
        (source_id,),
    )
    return [Listener(*row) for row in rows]


_SHOWN = """
    SELECT source.id, source.url, source.fetch_url, source.site_url, source.title, source.kind,
        source.tags, source.state, source.interval_s, source.last_polled_at, source.last_ok_at,
        source.next_poll_at, source.failures, source.last_error, source.habits, source.created_at,
        source.publish_gap_s, source.hub_url, source.etag, source.last_modified, source.moved_to,
        source.moved_count, source.gone_count, source.is_public,
        websub_subscription.state AS websub, websub_subscription.lease_until,
        websub_subscription.pushed_at
    FROM source
    LEFT JOIN websub_subscription ON websub_subscription.source_id = source.id
"""


def _shown(row: sqlite3.Row) -> ShownSource:
    return ShownSource(
        id=row["id"],
        url=row["url"],
        feed_url=row["fetch_url"],
        site_url=row["site_url"],
        title=row["title"],
        kind=row["kind"],
        tags=tuple(json.loads(row["tags"])),
        state=SourceState(row["state"]),
        own_interval_s=row["interval_s"],
        last_polled_at=from_text_or_none(row["last_polled_at"]),
        last_ok_at=from_text_or_none(row["last_ok_at"]),
        next_poll_at=from_text_or_none(row["next_poll_at"]),
        failures=row["failures"],
        error=row["last_error"] or "",
        habits=tuple(json.loads(row["habits"])),
        created_at=from_text(row["created_at"]),
        publish_gap_s=row["publish_gap_s"],
        websub=row["websub"] or "",
        lease_until=from_text_or_none(row["lease_until"]),
        pushed_at=from_text_or_none(row["pushed_at"]),
        hub_url=row["hub_url"],
        has_validators=bool(row["etag"] or row["last_modified"]),
        moved_to=row["moved_to"],
        moved_count=row["moved_count"],
        gone_count=row["gone_count"],
        is_public=bool(row["is_public"]),
    )
