"""A discussion is summarised even while the model is away: then without one."""

from __future__ import annotations

import structlog

from bot.errors import ModelError
from bot.model import ThreadSummary
from bot.ports import ThreadSummarizer
from bot.thread_model import Thread

MODEL_AWAY = "the language model was not available"

log = structlog.get_logger(__name__)


class ThreadSummarizerWithFallback:
    """Asks `primary`, and `fallback` where that fails. Implements `ThreadSummarizer`."""

    def __init__(self, primary: ThreadSummarizer, fallback: ThreadSummarizer) -> None:
        self._primary = primary
        self._fallback = fallback

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        """Never raises `ModelError` where `fallback` never does; `method` says who wrote it."""
        try:
            return await self._primary.summarize_thread(thread, channel=channel)
        except ModelError as exc:
            log.warning("model gave way to the extract", thread=thread.id, reason=str(exc))
        summary = await self._fallback.summarize_thread(thread, channel=channel)
        return summary.model_copy(update={"notes": (*summary.notes, MODEL_AWAY)})
