"""What a subscription to a source would post. Nothing is stored, nothing is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.commands.previews import Preview
from bot.errors import SourceError
from bot.model import Entry, Post, Source

if TYPE_CHECKING:
    from config.settings import Settings

PREVIEW_POSTS = 5


async def preview(settings: Settings, name: str) -> Preview:
    """Read a source once and compose what a subscription would post. Nothing is stored."""
    from bot.app import open_outside
    from bot.declared import checked_source, source_of

    declared = source_of(settings, checked_source(settings, name).url)
    async with open_outside(settings) as outside:
        reader = outside.readers[declared.kind]
        source = Source(id=0, url=declared.url, kind=declared.kind, fetch_url=declared.fetch_url)
        result = await reader.poll(source)
        found = _newest_first(result.entries or ())
        posts = [
            await _preview_post(outside, source, result.title, entry)
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


def _newest_first(found: Sequence[Entry]) -> list[Entry]:
    """As at a first read; entries of one time stay in the order of the document."""
    from bot.ingest.habits import SourceMemory
    from bot.ingest.novelty import date_trust, first_times

    trust = date_trust(found, (), SourceMemory(), datetime.now(UTC))
    dated = zip(first_times(found, trust), found, strict=True)
    return [entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True)]


async def _preview_post(outside: Any, source: Source, title: str, entry: Any) -> Post:
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
    read = "feed"
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
                source=title or source.url,
                source_url=source.url,
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
    return story_post(view, language="en", now=datetime.now(UTC))
