"""Polling: ask what is due, fetch it, and hand it to ingest. One source's trouble is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.errors import SourceError
from bot.metrics import Metrics
from bot.model import Source
from bot.ports import Clock, SourceReader
from bot.store import sources
from bot.store.database import Database
from jobs.hostqueue import HostQueue
from jobs.ingest import Ingest, IngestReport

log = structlog.get_logger(__name__)

BATCH = 1_000
LOW_WATER = 200


@dataclass(slots=True)
class PollReport:
    """What a run of polls did."""

    polled: int = 0
    unchanged: int = 0
    new: int = 0
    merged: int = 0
    edited: int = 0
    queued: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def count(self, report: IngestReport) -> None:
        self.new += report.new
        self.merged += report.merged
        self.edited += report.edited
        self.queued += report.queued


class PollJob:
    """Polls due sources, host by host in turn, as many at once as the limits allow.

    `queued` is called when a poll left something to deliver, `looked` each time that the store was
    asked what is due.
    """

    def __init__(
        self,
        database: Database,
        readers: Mapping[str, SourceReader],
        ingest: Ingest,
        clock: Clock,
        *,
        at_once: int,
        per_host: int,
        queued: Callable[[], object] = lambda: None,
        looked: Callable[[], object] = lambda: None,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._readers = readers
        self._ingest = ingest
        self._clock = clock
        self._at_once = at_once
        self._per_host = per_host
        self._queued = queued
        self._looked = looked
        self._metrics = metrics or Metrics()

    async def run_once(self) -> PollReport:
        """Poll everything that is due now, each source once."""
        report, waker = PollReport(), asyncio.Event()
        queue = HostQueue(self._per_host)
        cutoff = self._clock.now()
        async with asyncio.TaskGroup() as group:
            while True:
                under_way = await self._advance(group, queue, cutoff, report, waker)
                if not under_way and not queue:
                    return report
                await waker.wait()
                waker.clear()

    async def serve(self, waker: asyncio.Event) -> None:
        """Poll whatever gets due, until cancelled. `waker` says when to look."""
        queue = HostQueue(self._per_host)
        async with asyncio.TaskGroup() as group:
            while True:
                await waker.wait()
                waker.clear()
                await self._advance(group, queue, self._clock.now(), PollReport(), waker)

    async def _advance(
        self,
        group: asyncio.TaskGroup,
        queue: HostQueue,
        cutoff: datetime,
        report: PollReport,
        waker: asyncio.Event,
    ) -> int:
        """Start as many polls as there is room for; returns how many are under way."""
        if len(queue) < LOW_WATER:
            limit = BATCH + queue.active
            queue.look()
            for due in await self._database.read(sources.due, cutoff, limit):
                queue.add(due)
        self._looked()
        while queue.active < self._at_once and (source := queue.take()) is not None:
            group.create_task(self._poll(source, queue, report, waker))
        return queue.active

    async def _poll(
        self, source: Source, queue: HostQueue, report: PollReport, waker: asyncio.Event
    ) -> None:
        try:
            await self._poll_one(source, report)
        except Exception as exc:  # supervisor: a bug met in one source stays there
            log.exception("poll crashed", source=source.url)
            report.failed[source.url] = f"internal error: {exc!r}"
            self._metrics.polled("failed")
            await self._ingest.failed(source, SourceError(f"internal error: {exc!r}"))
        finally:
            queue.done(source)
            waker.set()

    async def _poll_one(self, source: Source, report: PollReport) -> None:
        report.polled += 1
        try:
            result = await self._readers[source.kind].poll(source)
        except SourceError as exc:
            report.failed[source.url] = str(exc)
            self._metrics.polled("put_off" if exc.unasked else "failed")
            await self._ingest.failed(source, exc)
            log.warning("poll failed", source=source.url, error=str(exc))
            return
        ingested = await self._ingest.polled(source, result)
        report.count(ingested)
        self._metrics.polled("new" if ingested.new else "unchanged")
        self._metrics.stored(new=ingested.new, merged=ingested.merged, edited=ingested.edited)
        if result.entries is None:
            report.unchanged += 1
        if ingested.queued:
            self._queued()
        log.info(
            "source polled",
            source=source.url,
            not_modified=result.entries is None,
            new=ingested.new,
            merged=ingested.merged,
            edited=ingested.edited,
            queued=ingested.queued,
        )
