"""Ingest: what a poll brought becomes entries, stories and outbox rows, in one transaction.

The validators (ETag) that vouch for a document are stored with its entries or not at all: a process
killed here asks for the document again and loses nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.errors import SourceError
from bot.ingest import reconcile as dedup
from bot.ingest import schedule
from bot.ingest.cluster import Settings as MatcherSettings
from bot.ingest.cluster import StoryMatcher
from bot.model import Entry, Source
from bot.ports import Clock, PollResult
from bot.store import (
    edits,
    entries,
    search,
    sources,
    stories,
    story_index,
    submissions,
)
from bot.store.database import Connection, Database
from bot.store.sources import FailureRecord, PollRecord
from bot.thread_model import Submission
from config.settings import Settings
from jobs.enqueue import Enqueuer
from jobs.growth import note_growth
from jobs.intake import MOST_EDITS, Intake

log = structlog.get_logger(__name__)

WARM_ENTRIES = 20_000
RHYTHM_ENTRIES = 20
INDEX_AT_ONCE = 2_000


@dataclass(slots=True)
class IngestReport:
    """What one poll changed. `queued` counts new outbox rows to be sent."""

    new: int = 0
    merged: int = 0
    edited: int = 0
    queued: int = 0
    told: tuple[str, ...] = field(default=())


class Ingest:
    """Stores polls. Its word statistics, once warm, live on the store's writer thread alone."""

    def __init__(
        self, database: Database, settings: Settings, clock: Clock, rng: random.Random
    ) -> None:
        self._database = database
        self._poll = settings.poll
        self._limits = schedule.PollLimits(
            interval_s=settings.poll.interval,
            # Who writes a short interval means it, also without writing a lower limit.
            min_interval_s=min(settings.poll.min_interval, settings.poll.interval),
            max_interval_s=settings.poll.max_interval,
        )
        window = timedelta(seconds=settings.stories.window)
        self._matcher = StoryMatcher(MatcherSettings(window=window))
        self._enqueuer = Enqueuer(
            first_posts=settings.poll.first_posts,
            max_posts=settings.poll.max_posts,
            max_age=timedelta(seconds=settings.poll.max_age),
        )
        self._clock = clock
        self._rng = rng
        self._unindexed = 0
        self._warming = asyncio.Lock()
        self._is_warm = False

    async def warm_up(self) -> None:
        """Learn the words of the newest stored entries, once; the first new document waits for it.

        A round in which nothing changed, the most frequent one, does without.
        """
        async with self._warming:
            if not self._is_warm:
                rows = await self._database.read(story_index.recent_terms, WARM_ENTRIES)
                await asyncio.to_thread(self._matcher.warm, rows)
                self._is_warm = True

    async def start_waiting(self) -> int:
        """Choose the first posts of subscriptions whose sources were polled before."""
        return await self._database.write(self._enqueuer.start_waiting, self._clock.now())

    async def polled(self, source: Source, result: PollResult) -> IngestReport:
        """Store what a poll brought."""
        if result.entries is not None:
            await self.warm_up()
        report = await self._database.write_lightly(self._store, source, result, self._clock.now())
        self._unindexed += report.new
        if self._unindexed >= INDEX_AT_ONCE:
            await self.index()
        for habit in report.told:
            log.warning("source has a habit", source=source.url, habit=habit)
        return report

    async def index(self) -> int:
        """Let new entries be found by search; returns how many were indexed."""
        self._unindexed = 0
        return await self._database.write_lightly(search.index_some, INDEX_AT_ONCE)

    async def failed(self, source: Source, error: SourceError) -> None:
        """Store that a poll failed, and when to try again."""
        await self._database.write(self._store_failure, source, error, self._clock.now())

    def _store(
        self, connection: Connection, source: Source, result: PollResult, now: datetime
    ) -> IngestReport:
        report = IngestReport()
        memory: dedup.SourceMemory | None = None
        if result.entries is not None:
            memory = self._store_entries(connection, source, result.entries, now, report)
        if result.measured:
            report.queued += self._store_measured(connection, (), result.measured, now)
        self._record(connection, source, result, memory, now)
        return report

    def _store_entries(
        self,
        connection: Connection,
        source: Source,
        found: Sequence[Entry],
        now: datetime,
        report: IngestReport,
    ) -> dedup.SourceMemory:
        """Store a document's entries; returns what is remembered of the source."""
        rows = entries.known(connection, source.id, found)
        outcome = dedup.reconcile(
            found,
            [dedup.KnownEntry(**row._asdict()) for row in rows],
            dedup.SourceMemory.from_json(sources.memory(connection, source.id)),
            now,
            max_age=timedelta(seconds=self._poll.max_age),
        )
        for edit in outcome.edited:
            self._store_edit(connection, edit, now)
        intake = Intake(connection, source, self._matcher, now)
        news = sorted(outcome.new, key=lambda new: new.news_at)
        arrivals = [
            arrival
            for arrival, new in zip(intake.take(news), news, strict=True)
            if new.postable and (new.entry.title or new.entry.text)
        ]
        report.new, report.merged, report.edited = len(news), intake.merged, len(outcome.edited)
        report.told = outcome.told
        measured = submissions.keep(connection, source.id, found)
        report.queued = self._enqueuer.arrived(connection, source, arrivals, now)
        report.queued += self._enqueuer.risen(connection, measured, now)
        note_growth(connection, measured, now)
        return outcome.memory

    async def measured(self, asked: Sequence[str], found: Sequence[Submission]) -> int:
        """Store submissions that were measured again; returns how many rows are to be sent."""
        return await self._database.write(self._store_measured, asked, found, self._clock.now())

    def _store_measured(
        self,
        connection: Connection,
        asked: Sequence[str],
        found: Sequence[Submission],
        now: datetime,
    ) -> int:
        """Late risers are offered again, text that was deleted goes."""
        known = submissions.remeasure(connection, found, now)
        answered = {submission.fullname for submission in found}
        submissions.touch(connection, [one for one in asked if one not in answered], now)
        note_growth(connection, known, now)
        return self._enqueuer.risen(connection, known, now)

    def _store_edit(self, connection: Connection, edit: dedup.Edit, now: datetime) -> None:
        """Bring an entry up to date; posts change only where the headline did."""
        entries.revise(connection, edit.id, edit.entry, edit.reason, now)
        story_id = stories.retitle(connection, edit.id, title=edit.entry.title, now=now)
        if story_id is not None:
            edits.story_changed(connection, story_id, MOST_EDITS)

    def _record(
        self,
        connection: Connection,
        source: Source,
        result: PollResult,
        memory: dedup.SourceMemory | None,
        now: datetime,
    ) -> None:
        """Store what the poll says about the source itself, and when to ask again."""
        gap_s = source.publish_gap_s
        if memory is not None:
            times = entries.news_times(connection, source.id, RHYTHM_ENTRIES)
            gap_s = schedule.publish_gap_s(times, now)
        polled = replace(
            schedule.after_success(source, now),
            fetch_url=result.fetch_url,
            etag=result.etag,
            last_modified=result.last_modified,
            publish_gap_s=gap_s,
        )
        polled = schedule.after_permanent_redirect(polled, result.moved_to, now)
        hints = schedule.PollHints(
            max_age_s=result.max_age_s, ttl_s=result.ttl_s, skip_hours=result.skip_hours
        )
        record = PollRecord(
            polled_at=now,
            next_poll_at=schedule.next_poll_at(now, polled, self._limits, hints, self._rng),
            fetch_url=polled.fetch_url,
            etag=polled.etag,
            last_modified=polled.last_modified,
            body_hash=result.body_hash or source.body_hash,
            moved_to=polled.moved_to,
            moved_count=polled.moved_count,
            moved_since=polled.moved_since,
            title=result.title or None,
            site_url=result.site_url,
            hub_url=result.hub_url,
            self_url=result.self_url,
            publish_gap_s=gap_s,
            memory=None if memory is None else memory.to_json(),
            habits=None if memory is None else memory.sentences,
            last_error=result.warning,
        )
        sources.record_poll(connection, source.id, record)

    def _store_failure(
        self, connection: Connection, source: Source, error: SourceError, now: datetime
    ) -> None:
        if error.unasked:  # it is asked when the pause is over, as if its turn came then
            pause_s = min(error.retry_after_s or 0.0, schedule.RETRY_AFTER_MAX_S)
            sources.put_off(connection, source.id, now + timedelta(seconds=pause_s))
            return
        failed = schedule.after_failure(source, now, status=error.status, error=str(error))
        hints = schedule.PollHints(retry_after_s=error.retry_after_s)
        record = FailureRecord(
            polled_at=now,
            next_poll_at=schedule.next_poll_at(now, failed, self._limits, hints, self._rng),
            state=failed.state,
            failures=failed.failures,
            error=str(error),
            gone_count=failed.gone_count,
            gone_since=failed.gone_since,
        )
        sources.record_failure(connection, source.id, record)
