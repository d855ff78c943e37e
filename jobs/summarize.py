"""Summaries for the stories that channels wait for, written before they are delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.errors import ModelError, SourceError, StoreError
from bot.ingest.links import without_addresses
from bot.model import ArticleSummary
from bot.ports import Article, ArticleReader, ArticleSummarizer, Clock
from bot.store import entries, purge, stories, submissions
from bot.store.database import Connection, Database
from bot.store.stories import Member
from bot.summarize.article import needs_full_text

log = structlog.get_logger(__name__)

AT_ONCE = 8
BATCH = 64
WHOLE_ARTICLE = "the whole article"


class SummarizeJob:
    """Summarises each story once. A page that cannot be read never holds the story back.

    `written` is called when a summary is in the store.
    """

    def __init__(
        self,
        database: Database,
        articles: ArticleReader,
        summarizer: ArticleSummarizer,
        fallback: ArticleSummarizer,
        clock: Clock,
        *,
        written: Callable[[], object] = lambda: None,
    ) -> None:
        self._database = database
        self._articles = articles
        self._summarizer = summarizer
        self._fallback = fallback
        self._clock = clock
        self._written = written
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> int:
        """Summarise what is waiting, one batch; returns how many stories that were."""
        waiting = await self._database.read(stories.unsummarized, BATCH)
        await self.summarize(waiting)
        return len(waiting)

    async def summarize(self, story_ids: Sequence[int]) -> None:
        """Summarise these stories, unless they have been."""
        async with asyncio.TaskGroup() as group:
            for story_id in story_ids:
                group.create_task(self._summarize(story_id))

    async def _summarize(self, story_id: int) -> None:
        async with self._places:
            if await self._database.read(stories.summary, story_id) is not None:
                return
            members = await self._database.read(stories.members, story_id)
            if not members:  # it was found to be the same as another, which is told instead
                return
            lead = lead_member(members)
            try:
                article, reason = await self._article(lead)
                summary = await self._summary(article)
                if reason != WHOLE_ARTICLE:
                    summary = summary.model_copy(update={"read": "feed"})
            except StoreError:
                raise
            except Exception as exc:  # supervisor: one odd page must not hold back all news
                log.exception("summary crashed", story=story_id)
                summary, reason = _nothing(lead), f"internal error: {exc!r}"
            kept = await self._database.write(
                _keep, story_id, lead, summary, reason, self._clock.now()
            )
            if not kept:
                return
            self._written()
            log.info("story summarised", story=story_id, method=summary.method, read=reason)

    async def _article(self, lead: Member) -> tuple[Article, str]:
        """The article to summarise: the page where the feed gives a teaser only."""
        published = article_of(lead)
        if lead.url is None or not needs_full_text(published.text):
            return published, "the feed's own text"
        submission = await self._database.read(submissions.of_entry, lead.entry_id)
        if submission is not None and submission.permalink == lead.url:
            return published, "the feed's own text, since the page is its discussion"
        if await self._database.read(entries.shares_address, lead.entry_id):
            return published, "the feed's own text, since the page holds other entries too"
        try:
            page = await self._articles.read(lead.url)
        except SourceError as exc:
            return published, f"the feed's own text, since the page could not be read: {exc}"
        if len(page.text) <= len(published.text):
            return published, "the feed's own text, since the page has no more"
        return page, WHOLE_ARTICLE

    async def _summary(self, article: Article) -> ArticleSummary:
        try:
            return await self._summarizer.summarize_article(article)
        except ModelError as exc:
            log.warning("model failed", error=str(exc))
            return await self._fallback.summarize_article(article)


def _keep(
    connection: Connection,
    story_id: int,
    lead: Member,
    summary: ArticleSummary,
    reason: str,
    now: datetime,
) -> bool:
    """Store a summary; False where its words were deleted, or joined another story, meanwhile."""
    known = entries.by_id(connection, lead.entry_id)
    if known.story_id != story_id or known.title == purge.DELETED != lead.title:
        return False
    stories.keep_summary(
        connection, story_id, summary, content_hash=lead.content_hash, reason=reason, now=now
    )
    return True


def _nothing(lead: Member) -> ArticleSummary:
    """No summary: the post goes out with its headline alone."""
    return ArticleSummary(
        title=lead.title,
        url=lead.url,
        site=lead.source_title,
        published_at=lead.published_at,
        summary="",
        points=(),
        text=without_addresses(lead.text),
        method="extractive",
        model=None,
        read="feed",
    )


def lead_member(members: list[Member]) -> Member:
    """The entry that a story is summarised from: the first one that says anything."""
    return next((member for member in members if member.text), members[0])


def article_of(member: Member) -> Article:
    """A member's own words as an article, without the addresses that stand behind its links."""
    return Article(
        url=member.url or "",
        title=member.title,
        text=without_addresses(member.text),
        site=member.source_title,
        author=member.author,
        published_at=member.published_at,
        image_url=member.image_url,
        language=member.language,
    )
