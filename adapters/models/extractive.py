"""The summariser that is always there: offline, deterministic, without a model."""

from __future__ import annotations

from bot.model import ArticleSummary, ThreadSummary
from bot.ports import Article, Runner
from bot.summarize.article import summarize
from bot.thread_model import Thread


class ExtractiveSummarizer:
    """Chooses sentences of what it reads.

    Implements `bot.ports.ArticleSummarizer` and `bot.ports.ThreadSummarizer`.
    """

    def __init__(self, run: Runner) -> None:
        self._run = run

    async def summarize_article(self, article: Article) -> ArticleSummary:
        """Never raises: an article that says nothing has an empty summary."""
        return await self._run(summarize, article)

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        """Never raises: a discussion that says nothing has no points. It costs no budget."""
        return await self._run(_summarize_thread, thread)


def _summarize_thread(thread: Thread) -> ThreadSummary:
    # Its lists of words and the model of moods are read when the first discussion comes.
    from bot.summarize.threads.extractive import summarize_thread

    return summarize_thread(thread)
