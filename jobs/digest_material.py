"""What a digest is made of, as the store has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from bot.digests.material import DigestKindName, DigestStory, PastPrediction, Period, Star
from bot.ingest.links import addresses_in, without_addresses
from bot.posts.filters import Filter, FilterSubject
from bot.store import (
    digests,
    period_stories,
    predictions,
    public,
    sources,
    space_stories,
    stories,
)
from bot.store.database import Connection
from bot.store.predictions import PredictionRow
from bot.store.spaces import Viewer
from bot.thread_model import Submission
from jobs.compose import story_view
from jobs.discussions import Discussion

# How long before a digest's period a submission may date that rose only now.
RISING = timedelta(hours=48)
BACKGROUND_PERIODS = 4
MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWish:
    """A digest to be made. `scope` is whose digest it is: sources, language and zone in one key.

    `by` says what puts a story into the period: when we first saw it, so that nothing is lost
    between two scheduled digests; or when it was news, for any period of the past.
    """

    kind: DigestKindName
    name: str
    scope: str
    sources: tuple[str, ...]
    source_ids: tuple[int, ...]
    period: Period
    language: str
    chosen: Filter
    by: Literal["seen", "news"]
    subscription_id: int | None = None
    subject: str | None = None
    is_public: bool = True
    viewer: Viewer | None = None


class Candidate(NamedTuple):
    """A story that a digest may tell. `is_late`: its own period's digest is past."""

    story_id: int
    is_late: bool


def source_names(
    connection: Connection, names: Sequence[str], source_ids: Sequence[int]
) -> list[str]:
    """Subreddits and tags by their own names, single feeds by their titles."""
    if _are_names(names):
        return list(names)
    return [sources.title_of(connection, one) for one in source_ids]


def _are_names(names: Sequence[str]) -> bool:
    return all(name.startswith(("r/", "tag:")) for name in names)


def names_secret(connection: Connection, wish: DigestWish) -> bool:
    """Whether the digest is called after a source whose address is its subscriber's secret."""
    return not _are_names(wish.sources) and has_secret(connection, wish)


def has_secret(connection: Connection, wish: DigestWish) -> bool:
    """Whether one of its sources has an address that is its subscriber's secret."""
    return public.any_secret(connection, wish.source_ids)


def digest_name(names: Sequence[str]) -> str:
    """What a digest of these sources is called: a subreddit by its name, several one by one."""
    bare = [name.removeprefix("r/").removeprefix("tag:") for name in names]
    if len(bare) <= MOST_NAMED:
        return ", ".join(bare)
    return f"{', '.join(bare[:MOST_NAMED])} and {len(bare) - MOST_NAMED} more"


def candidates(connection: Connection, wish: DigestWish) -> list[Candidate]:
    """The period's stories that pass the filter, and those that may have risen since the last."""
    find = period_stories.in_period if wish.by == "seen" else period_stories.news_in
    since, until = wish.period.since, wish.period.until
    timely = find(connection, wish.source_ids, since_at=since, until_at=until)
    told = digests.told_before(connection, wish.scope, wish.kind, since)
    late: list[int] = []
    if told:
        late = period_stories.news_in(
            connection, wish.source_ids, since_at=since - RISING, until_at=since
        )
    return [
        Candidate(story_id, is_late=story_id not in timely)
        for story_id in dict.fromkeys((*timely, *late))
        if story_id not in told and _passes(connection, story_id, wish.chosen)
    ]


def _passes(connection: Connection, story_id: int, chosen: Filter) -> bool:
    """Whether one of the story's entries passes; its score is judged after it was measured."""
    return any(
        chosen.verdict(
            FilterSubject(
                title=one.title,
                text=without_addresses(one.text),
                language=one.language,
                score=None,
            )
        ).passes
        for one in stories.members(connection, story_id)
    )


def story_of(
    connection: Connection,
    story_id: int,
    submission: Submission | None,
    *,
    discussion: Discussion | None,
    is_moving: bool,
    viewer: Viewer | None = None,
) -> DigestStory:
    """A stored story with its discussion, as `viewer` may see it."""
    view = story_view(connection, story_id, viewer=viewer)
    members = space_stories.members(connection, story_id, viewer)
    texts = [(view.summary.text, view.summary.url)] if view.summary else []
    texts += [(without_addresses(one.text), one.url) for one in members]
    text, text_url = max(texts, key=lambda each: len(each[0]))
    linked = [url for one in members for url in addresses_in(one.text)]
    linked += view.summary.links if view.summary else ()
    news_at = min(one.published_at or one.first_seen_at for one in members)
    return DigestStory(
        view=view,
        text=text,
        text_url=text_url,
        news_at=news_at,
        submission=submission,
        thread=discussion.thread if discussion else None,
        summary=discussion.summary if discussion else None,
        is_moving=is_moving,
        links=tuple(dict.fromkeys(linked)),
        content=" ".join(one.content_hash for one in members),
        stars=tuple(
            Star(by=star.name, at=star.at, comment=star.remark)
            for star in space_stories.stars_of(connection, story_id, viewer)
        ),
    )


def importance(submission: Submission | None, sources: int) -> tuple[int, int, int]:
    """What to look at first where not all can be: starred ones aside, score, size, coverage."""
    if submission is None:
        return (0, 0, sources)
    return (submission.score or 0, submission.num_comments or 0, sources)


def background(connection: Connection, wish: DigestWish) -> tuple[Sequence[str], ...]:
    """Titles of the periods before, the newest first, each as long as this one."""
    length = wish.period.until - wish.period.since
    ends = [wish.period.since - number * length for number in range(BACKGROUND_PERIODS)]
    return tuple(
        period_stories.titles_in(connection, wish.source_ids, since_at=end - length, until_at=end)
        for end in ends
    )


def ledger(connection: Connection, scope: str, before: datetime) -> tuple[PastPrediction, ...]:
    """The forecasts that earlier digests of this scope told."""
    rows = predictions.made_before(connection, scope, before)
    return tuple(PastPrediction(**row._asdict()) for row in rows)


def remember(connection: Connection, scope: str, forecasts: Iterable[PastPrediction]) -> None:
    """Enter what a digest foretold."""
    predictions.keep(
        connection,
        scope,
        [
            PredictionRow(
                event_key=one.event_key,
                event=one.event,
                year=one.year,
                confidence=one.confidence,
                reason=one.reason,
                made_at=one.made_at,
                made_by=one.made_by,
                by_model=one.by_model,
                url=one.url,
                quote=one.quote,
            )
            for one in forecasts
        ],
    )
