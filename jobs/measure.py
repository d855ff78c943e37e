"""Submissions measured again while they are young, and whenever a digest is made.

So a late riser reaches those who asked for a least score, and what its author deleted goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from bot.errors import SourceError
from bot.ports import Clock, SubmissionMeter
from bot.store import submissions
from bot.store.database import Database
from bot.store.submissions import MeasureAge
from jobs.ingest import Ingest

log = structlog.get_logger(__name__)

AT_ONCE = 100  # what one request may ask for
AGES = (
    MeasureAge(age=timedelta(hours=2), pause=timedelta(minutes=15)),
    MeasureAge(age=timedelta(hours=6), pause=timedelta(minutes=30)),
    MeasureAge(age=timedelta(hours=24), pause=timedelta(hours=2)),
    MeasureAge(age=timedelta(hours=48), pause=timedelta(hours=6)),
)


class MeasureJob:
    """Asks for what is due, a hundred at a time. Without a meter there is nothing to do.

    `queued` is called when something rose and is to be delivered.
    """

    def __init__(
        self,
        database: Database,
        meter: SubmissionMeter | None,
        ingest: Ingest,
        clock: Clock,
        *,
        queued: Callable[[], object] = lambda: None,
    ) -> None:
        self._database = database
        self._meter = meter
        self._ingest = ingest
        self._clock = clock
        self._queued = queued

    async def run(self) -> int:
        """Measure what is due, one batch; returns how many submissions that were."""
        if self._meter is None:
            return 0
        due = await self._database.read(submissions.due, self._clock.now(), AGES, AT_ONCE)
        return len(due) if due and await self.measure(due) else 0

    async def measure(self, fullnames: Sequence[str]) -> bool:
        """Measure these now, whatever their age; False where their site does not answer."""
        if self._meter is None or not fullnames:
            return False
        try:
            found = await self._meter.measure(fullnames)
        except SourceError as exc:
            log.warning("measuring failed", submissions=len(fullnames), error=str(exc))
            return False
        risen = await self._ingest.measured(fullnames, found)
        if risen:
            self._queued()
        log.info("submissions measured", asked=len(fullnames), found=len(found), risen=risen)
        return True
