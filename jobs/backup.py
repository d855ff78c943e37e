"""Copies of the database on a schedule, with the oldest going first."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cronsim import CronSim

from bot.errors import StoreError
from bot.ports import Clock
from bot.store import overview
from bot.store.database import Database
from config.settings import BackupSettings

log = structlog.get_logger(__name__)

RETRY_AFTER = timedelta(hours=1)
_COPY = re.compile(r"threadwire-\d{8}T\d{6}Z\.db")


class BackupJob:
    """Makes a copy when the schedule says so, the first at once. A copy is whole or not there."""

    def __init__(self, database: Database, clock: Clock, settings: BackupSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._not_before: datetime | None = None

    async def run(self) -> None:
        """Make a copy if one is due. A failure is told and tried again later: the service goes on
        without.
        """
        directory, now = self._settings.directory, self._clock.now()
        if directory is None or (self._not_before is not None and now < self._not_before):
            return
        last = await self._database.read(overview.last_backup)
        if last is not None and now < next_at(self._settings.schedule, last):
            return
        target = directory / f"threadwire-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
        try:
            await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
            await self._database.backup(target)
            await self._database.write(overview.backed_up, now)
            dropped = await asyncio.to_thread(rotate, directory, self._settings.keep)
        except (StoreError, OSError) as exc:
            self._not_before = now + RETRY_AFTER
            log.error("backup failed", target=str(target), error=str(exc))
            return
        self._not_before = None
        log.info("backup made", target=str(target), dropped=dropped)


def next_at(schedule: str, last: datetime) -> datetime:
    """When the schedule comes up next after `last`, in UTC."""
    return next(CronSim(schedule, last.astimezone(UTC)))


def rotate(directory: Path, keep: int) -> int:
    """Delete all copies but the newest ones; nothing else in the folder is touched."""
    copies = sorted(path for path in directory.iterdir() if _COPY.fullmatch(path.name))
    for path in copies[:-keep]:
        path.unlink()
    return max(0, len(copies) - keep)
