"""Housekeeping: let go of what has had its time, keep the file compact and the planner informed."""

from __future__ import annotations

from bot.ports import Clock
from bot.store import model_use
from bot.store.database import Database


class MaintainJob:
    """Runs hourly; each step is short, so that nothing waits for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        await self._database.write(model_use.forget_expired, self._clock.now())
        await self._database.tidy()
