"""An article is summarised even while the model is away: then without one."""

from __future__ import annotations

import structlog

from bot.errors import ModelError
from bot.model import ArticleSummary
from bot.ports import Article, ArticleSummarizer

log = structlog.get_logger(__name__)


class ArticleSummarizerWithFallback:
    """Asks `primary`, and `fallback` where that fails. Implements `ArticleSummarizer`."""

    def __init__(self, primary: ArticleSummarizer, fallback: ArticleSummarizer) -> None:
        self._primary = primary
        self._fallback = fallback

    async def summarize_article(self, article: Article) -> ArticleSummary:
        """Never raises `ModelError` where `fallback` never does; `method` says who wrote it."""
        try:
            return await self._primary.summarize_article(article)
        except ModelError as exc:
            log.warning("model gave way to the extract", url=article.url, reason=str(exc))
        return await self._fallback.summarize_article(article)
