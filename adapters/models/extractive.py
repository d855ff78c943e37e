"""The summariser that is always there: offline, deterministic, without a model."""

from __future__ import annotations

from bot.model import ArticleSummary
from bot.ports import Article, Runner
from bot.summarize.article import summarize


class ExtractiveSummarizer:
    """Chooses sentences of the article. Implements `bot.ports.ArticleSummarizer`."""

    def __init__(self, run: Runner) -> None:
        self._run = run

    async def summarize_article(self, article: Article) -> ArticleSummary:
        """Never raises: an article that says nothing has an empty summary."""
        return await self._run(summarize, article)
