"""Housekeeping: keep the file compact, the planner informed, and nothing longer than its time."""

from __future__ import annotations

from datetime import timedelta

from bot.ports import Clock
from bot.store import model_use, purge, thread_summaries
from bot.store.database import Database
from config.settings import RetentionSettings
from jobs.retention import Retention

AT_ONCE = 500
ON_DISCUSSIONS = ("thread_part", "thread_merge")  # purposes of requests to models


class MaintainJob:
    """Runs every half hour; each step is short, so that nothing waits for it.

    `keep_text_s`: how long bodies and author names from Reddit are kept.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        keep_text_s: float,
        retention: RetentionSettings | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._keep_text = timedelta(seconds=keep_text_s)
        self._retention = Retention(database, clock, retention or RetentionSettings())

    async def run(self) -> None:
        await self._database.write(model_use.forget_expired, self._clock.now())
        await self.forget()
        await self._retention.run()
        await self._database.tidy()

    async def forget(self) -> int:
        """Drop texts that are older than may be kept; returns how many entries lost theirs.

        What was said in discussions, quotes and names, is in their summaries and in the answers
        that models gave on them.
        """
        total = 0
        before = self._clock.now() - self._keep_text
        await self._database.write(thread_summaries.forget_older, "reddit", before)
        await self._database.write(model_use.forget_answers, ON_DISCUSSIONS, before)
        while dropped := await self._database.write(purge.forget_texts, before, AT_ONCE):
            total += dropped
        return total
