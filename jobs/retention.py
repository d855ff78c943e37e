"""Letting go of what has had its time, and of the oldest where there is too much."""

from __future__ import annotations

from datetime import timedelta

from bot.ports import Clock
from bot.store import model_use, purge, thread_summaries
from bot.store.database import Database
from config.settings import RetentionSettings

AT_ONCE = 200
MB = 1_000_000
EVERY_KIND = "%"
LEAST_KEPT = timedelta(days=2)  # however small the limit: what is news is not let go of


class Retention:
    """Holds the limits of `[retention]`. Each step is short, so that nothing waits for it."""

    def __init__(self, database: Database, clock: Clock, settings: RetentionSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def run(self) -> int:
        """Let go of everything that is due; returns how many entries lost their text."""
        now, write = self._clock.now(), self._database.write
        keep = self._settings
        summaries_before = now - timedelta(seconds=keep.summaries)
        await write(thread_summaries.forget_older, EVERY_KIND, summaries_before)
        await write(model_use.forget_answers_older, now - timedelta(seconds=keep.model_cache))
        if keep.model_cache_mb:
            await write(model_use.shrink_answers, keep.model_cache_mb * MB)
        total, before = 0, now - timedelta(seconds=keep.entries)
        while dropped := await write(purge.forget_old_texts, before, AT_ONCE):
            total += dropped
        return total + await self._shrink()

    async def _shrink(self) -> int:
        """Let the oldest texts go until the database is within its size."""
        total, most = 0, self._settings.database_mb * MB
        before = self._clock.now() - LEAST_KEPT
        while most and await self._database.read(purge.used_bytes) > most:
            dropped = await self._database.write(purge.forget_old_texts, before, AT_ONCE)
            if not dropped:
                break
            total += dropped
        return total
