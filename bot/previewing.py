"""What a subscription to a source would post. Nothing is stored, nothing is sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast, get_args

from bot.commands.previews import Held, Preview, PreviewWish
from bot.digests.material import DigestKindName
from bot.errors import SourceError
from bot.model import Entry, Post, Source, Subscription

if TYPE_CHECKING:
    from bot.outside import Outside
    from bot.ports import PollResult, ResolvedSource, SourceReader
    from bot.posts.filters import Filter
    from bot.store.database import Connection
    from bot.store.spaces import Viewer
    from config.settings import Settings

PATIENCE_S = 90.0  # turns at one host are waited for
PREVIEW_POSTS = 5
LOOKED_THROUGH = 50  # stored entries of a source that a sample is chosen from


class Sample(NamedTuple):
    """How many posts to show, and of when: what is older than `since` is never posted."""

    most: int
    now: datetime
    since: datetime


async def preview(settings: Settings, wish: PreviewWish) -> Preview:
    """Read a source once and compose what a subscription would post. Nothing is stored."""
    from bot.outside import open_outside

    async with open_outside(settings) as outside:
        return await preview_with(settings, outside, wish)


async def preview_in_time(
    settings: Settings, outside: Outside, wish: PreviewWish, patience_s: float = PATIENCE_S
) -> Preview:
    """The same for somebody who waits. Raises `SourceError` too when it takes too long."""
    try:
        async with asyncio.timeout(patience_s):
            return await preview_with(settings, outside, wish)
    except TimeoutError as exc:
        raise too_slow(wish.source, patience_s) from exc


async def preview_with(settings: Settings, outside: Outside, wish: PreviewWish) -> Preview:
    """The same on what is open already. Raises `SourceError`, `ConfigError`."""
    from bot.declared import checked_source, source_of

    chosen = _chosen(settings, wish)
    declared = source_of(settings, checked_source(settings, wish.source).url)
    source = Source(id=0, url=declared.url, kind=declared.kind, fetch_url=declared.fetch_url)
    result = await outside.readers[declared.kind].poll(source)
    found = _newest_first(result.entries or (), datetime.now(UTC))
    passing, held = await asyncio.to_thread(_sifted, found, chosen)
    if wish.post == "instant":
        posts = [
            await _preview_post(outside, source.url, result.title, entry, wish.language)
            for _, entry in passing[:PREVIEW_POSTS]
        ]
    else:
        posts = await _digest_post(settings, outside, wish, chosen, result)
    return Preview(
        url=wish.source,
        feed_url=result.fetch_url,
        title=result.title,
        kind=declared.kind,
        entries=tuple(entry for _, entry in found),
        posts=tuple(posts),
        held=tuple(held),
    )


def too_slow(url: str, patience_s: float = PATIENCE_S) -> SourceError:
    return SourceError(f"{url}: could not be read within {patience_s:.0f} s; try again later")


def _chosen(settings: Settings, wish: PreviewWish) -> Filter:
    """The wish's filters, checked as in the settings file. Raises `ConfigError`."""
    from bot.declared import checked_subscription
    from jobs.enqueue import filter_of

    values: dict[str, object] = {
        "channel": "terminal",
        "sources": ["hn:front"],  # the source itself is checked beside this, in its own words
        "post": wish.post,
        "language": wish.language,
        "languages": list(wish.languages),
        "min_score": wish.min_score,
        "include": list(wish.include),
        "exclude": list(wish.exclude),
    }
    return filter_of(checked_subscription(settings, values))


def _sifted(
    found: Sequence[tuple[datetime, Entry]], chosen: Filter
) -> tuple[list[tuple[datetime, Entry]], list[Held]]:
    """(entries that would be posted, those that would not), each with the time that it is from."""
    from jobs.enqueue import Arrival, judged

    passing: list[tuple[datetime, Entry]] = []
    held: list[Held] = []
    for at, entry in found:
        arrival = Arrival(0, 0, entry.title, entry.text, entry.language, at, entry.submission)
        verdict = judged(chosen, arrival)
        if verdict.rule:
            held.append(Held(entry, *verdict))
        else:
            passing.append((at, entry))
    return passing, held


async def _digest_post(
    settings: Settings,
    outside: Outside,
    wish: PreviewWish,
    chosen: Filter,
    result: PollResult,
) -> list[Post]:
    """The digest that would be made of this now; it is kept in a database that is gone then."""
    from bot.on_demand import DigestOrder, digest_with, period_of
    from bot.outside import SystemClock
    from bot.store.database import Database

    clock = SystemClock()
    order = DigestOrder(
        kind=_digest_kind(wish.post),
        sources=(wish.source,),
        period=period_of("UTC", wish.since, "", clock.now()),
        language=wish.language,
        chosen=chosen,
    )
    read = {kind: _AlreadyRead(reader, result) for kind, reader in outside.readers.items()}
    with tempfile.TemporaryDirectory(prefix="threadwire-") as folder:
        async with Database(Path(folder) / "scratch.db") as scratch:
            made = await digest_with(
                settings, order, replace(outside, readers=read), scratch, clock
            )
    if made.kind.is_empty(made.record):
        return []
    return [made.kind.post(made.record, language=wish.language)]


def _digest_kind(post: str) -> DigestKindName:
    kind = next((one for one in get_args(DigestKindName) if one == post), None)
    assert kind is not None  # checked with the wish
    return cast("DigestKindName", kind)


class _AlreadyRead:
    """A reader with what was just read, so that no source is asked twice."""

    def __init__(self, reader: SourceReader, result: PollResult) -> None:
        self._reader = reader
        self._result = result

    async def resolve(self, url: str) -> ResolvedSource:
        return await self._reader.resolve(url)

    async def poll(self, source: Source) -> PollResult:
        return self._result


async def sample_posts(
    outside: Outside,
    url: str,
    result: PollResult,
    subscription: Subscription,
    sample: Sample,
) -> list[Post]:
    """The newest of what was just read that pass a subscription's filters, as it will post them."""
    from jobs.enqueue import filter_of

    found = _newest_first(result.entries or (), sample.now)
    timely = [(at, entry) for at, entry in found if at >= sample.since]
    passing, _ = await asyncio.to_thread(_sifted, timely, filter_of(subscription))
    return [
        await _preview_post(outside, url, result.title, entry, subscription.language)
        for _, entry in passing[: sample.most]
    ]


def stored_samples(
    connection: Connection, viewer: Viewer, subscription: Subscription, sample: Sample
) -> list[Post]:
    """The same of what was read before."""
    from bot.posts.compose import story_post
    from bot.store import entries, submissions, subscriptions
    from jobs.compose import story_view
    from jobs.enqueue import arrival_of, filter_of, opens

    chosen = filter_of(subscription)
    found = []
    for source_id in subscriptions.linked_sources(connection, subscription.id):
        newest = itertools.islice(entries.latest(connection, source_id), LOOKED_THROUGH)
        arrivals = (arrival_of(row, submissions.of_entry(connection, row.id)) for row in newest)
        passing = (one for one in arrivals if one.news_at >= sample.since and opens(chosen, one))
        found += list(itertools.islice(passing, sample.most))
    found.sort(key=lambda one: one.news_at, reverse=True)
    stories = list(dict.fromkeys(one.story_id for one in found))[: sample.most]
    return [
        story_post(
            story_view(connection, story_id, viewer=viewer),
            language=subscription.language,
            now=sample.now,
        )
        for story_id in stories
    ]


def _newest_first(found: Sequence[Entry], now: datetime) -> list[tuple[datetime, Entry]]:
    """As at a first read, with the time that each is from; entries of one time stay in the order
    of the document.
    """
    from bot.ingest.habits import SourceMemory
    from bot.ingest.novelty import date_trust, first_times

    trust = date_trust(found, (), SourceMemory(), now)
    dated = zip(first_times(found, trust), found, strict=True)
    return sorted(dated, key=lambda pair: pair[0], reverse=True)


async def _preview_post(
    outside: Outside, source_url: str, title: str, entry: Entry, language: str
) -> Post:
    from bot.ingest.links import without_addresses
    from bot.ingest.url import display_url
    from bot.ports import Article
    from bot.posts.compose import Coverage, StoryView, story_post
    from bot.summarize.article import needs_full_text

    article = Article(
        url=entry.url or "",
        title=entry.title,
        text=without_addresses(entry.text),
        site=title,
        published_at=entry.published_at,
        language=entry.language,
    )
    read: Literal["article", "feed"] = "feed"
    if entry.url and needs_full_text(article.text):
        with contextlib.suppress(SourceError):
            page = await outside.articles.read(entry.url)
            read, article = (
                ("article", page) if len(page.text) > len(article.text) else (read, article)
            )
    summary = await outside.summarizer.summarize_article(article)
    summary = summary.model_copy(update={"read": read})
    view = StoryView(
        title=entry.title,
        url=display_url(entry.url) if entry.url else None,
        coverage=(
            Coverage(
                source=title or source_url,
                source_url=source_url,
                url=entry.url,
                published_at=entry.published_at,
            ),
        ),
        summary=summary,
        image_url=entry.image_url,
        comments_url=entry.comments_url,
        score=entry.submission.score if entry.submission else None,
        num_comments=entry.submission.num_comments if entry.submission else None,
        tags=entry.tags,
    )
    return story_post(view, language=language, now=datetime.now(UTC))
