"""What a subscription to a source would post. Nothing is stored, nothing is sent."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from bot.commands.previews import Preview
from bot.errors import SourceError
from bot.model import Entry, Post, Source, Subscription

if TYPE_CHECKING:
    from bot.outside import Outside
    from bot.ports import PollResult
    from bot.store.database import Connection
    from bot.store.spaces import Viewer
    from config.settings import Settings

PREVIEW_POSTS = 5
LOOKED_THROUGH = 50  # stored entries of a source that a sample is chosen from


class Sample(NamedTuple):
    """How many posts to show, and of when: what is older than `since` is never posted."""

    most: int
    now: datetime
    since: datetime


async def preview(settings: Settings, name: str) -> Preview:
    """Read a source once and compose what a subscription would post. Nothing is stored."""
    from bot.outside import open_outside

    async with open_outside(settings) as outside:
        return await preview_with(settings, outside, name)


async def preview_with(
    settings: Settings, outside: Outside, name: str, *, language: str = "en"
) -> Preview:
    """The same on what is open already. Raises `SourceError`, `ConfigError`."""
    from bot.declared import checked_source, source_of

    declared = source_of(settings, checked_source(settings, name).url)
    source = Source(id=0, url=declared.url, kind=declared.kind, fetch_url=declared.fetch_url)
    result = await outside.readers[declared.kind].poll(source)
    found = [entry for _, entry in _newest_first(result.entries or (), datetime.now(UTC))]
    posts = [
        await _preview_post(outside, source.url, result.title, entry, language)
        for entry in found[:PREVIEW_POSTS]
    ]
    return Preview(
        url=name,
        feed_url=result.fetch_url,
        title=result.title,
        kind=declared.kind,
        entries=tuple(found),
        posts=tuple(posts),
    )


async def sample_posts(
    outside: Outside,
    url: str,
    result: PollResult,
    subscription: Subscription,
    sample: Sample,
) -> list[Post]:
    """The newest of what was just read that pass a subscription's filters, as it will post them."""
    from jobs.enqueue import Arrival, filter_of, opens

    chosen = filter_of(subscription)
    passing = [
        entry
        for at, entry in _newest_first(result.entries or (), sample.now)
        if at >= sample.since
        and opens(
            chosen,
            Arrival(0, 0, entry.title, entry.text, entry.language, at, entry.submission),
        )
    ]
    return [
        await _preview_post(outside, url, result.title, entry, subscription.language)
        for entry in passing[: sample.most]
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
