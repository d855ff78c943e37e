"""Housekeeping: keep the file compact and the query planner informed."""

from __future__ import annotations

from bot.store.database import Database


class MaintainJob:
    """Runs hourly; each step is short, so that nothing waits for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        await self._database.tidy()
