"""Intake: the new entries of one document find their stories, or begin them, and are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.ingest.cluster import Incoming, StoryMatcher, Verdict, first_report
from bot.ingest.reconcile import NewEntry
from bot.model import Source, StoryCandidate
from bot.store import edits, entries, stories
from bot.store.database import Connection
from bot.store.entries import NewRow
from bot.store.stories import NewStory
from bot.store.story_index import Finder, Lookup
from jobs.enqueue import Arrival

MOST_EDITS = 20


class Intake:
    """Stores one document's new entries inside the caller's transaction.

    What begins a story waits until all are decided and is written in one go, since nothing can
    find it meanwhile: entries of one document never find each other by their words. Only one with
    the same address could, and before that is looked for, what waits is written.
    """

    def __init__(
        self, connection: Connection, source: Source, matcher: StoryMatcher, now: datetime
    ) -> None:
        self.merged = 0
        """How many joined a story that was there."""
        self._connection = connection
        self._source = source
        self._matcher = matcher
        self._now = now
        self._next_entry_id = entries.next_id(connection)
        self._next_story_id = stories.next_id(connection)
        self._stories: list[NewStory] = []
        self._rows: list[NewRow] = []
        self._addresses: set[str | None] = set()

    def take(self, news: Sequence[NewEntry]) -> list[Arrival]:
        """Store these, the oldest first; returns what was stored, in their order."""
        lookups = [self._lookup(new) for new in news]
        finder = Finder(self._connection, lookups)
        arrivals = [self._take(new, place, finder) for place, new in enumerate(news)]
        self._write()
        finder.add([arrival.entry_id for arrival in arrivals])
        return arrivals

    def _lookup(self, new: NewEntry) -> Lookup:
        probe = self._matcher.probe(new.entry.terms)
        return Lookup(probe.search, probe.weights, new.news_at, new.entry.canonical_url)

    def _take(self, new: NewEntry, place: int, finder: Finder) -> Arrival:
        entry = new.entry
        if entry.canonical_url in self._addresses:
            self._write()
        candidates = finder.candidates(place)
        verdict = self._match(new, candidates) if candidates else first_report(entry.terms)
        row = self._row(new, verdict)
        if verdict.story_id is None:
            self._begin(row)
        else:
            self._join(row, verdict)
        finder.stored(place)
        self._matcher.observe(verdict)
        return Arrival(
            entry_id=row.id,
            story_id=row.story_id,
            title=entry.title,
            text=entry.text,
            language=entry.language,
            news_at=new.news_at,
            submission=entry.submission,
        )

    def _match(self, new: NewEntry, candidates: Sequence[StoryCandidate]) -> Verdict:
        entry = new.entry
        incoming = Incoming(
            source_id=self._source.id,
            title=entry.title,
            canonical_url=entry.canonical_url,
            news_at=new.news_at,
            terms=entry.terms,
        )
        return self._matcher.match(incoming, candidates)

    def _row(self, new: NewEntry, verdict: Verdict) -> NewRow:
        entry_id, story_id = self._next_entry_id, verdict.story_id
        self._next_entry_id += 1
        if story_id is None:
            story_id = self._next_story_id
            self._next_story_id += 1
        return NewRow(
            id=entry_id,
            source_id=self._source.id,
            entry=new.entry,
            news_at=new.news_at,
            story_id=story_id,
            story_reason=verdict.reason,
            ingest_reason=new.reason,
            postable=new.postable,
        )

    def _begin(self, row: NewRow) -> None:
        """Let an entry and the story that it begins wait."""
        entry = row.entry
        self._stories.append(
            NewStory(row.story_id, entry.title, entry.url, entry.canonical_url, row.news_at)
        )
        self._rows.append(row)
        if entry.canonical_url:
            self._addresses.add(entry.canonical_url)

    def _join(self, row: NewRow, verdict: Verdict) -> None:
        """Store an entry in a story that is there: the document's next one may join it too."""
        connection, story_id = self._connection, row.story_id
        entries.insert_many(connection, [row], self._now)
        self.merged += 1
        for other_id in verdict.absorbs:
            stories.absorb(connection, story_id, other_id)
        stories.recount(connection, story_id, news_at=row.news_at, now=self._now)
        edits.story_changed(connection, story_id, MOST_EDITS)

    def _write(self) -> None:
        stories.create_many(self._connection, self._stories, self._now)
        entries.insert_many(self._connection, self._rows, self._now)
        self._stories.clear()
        self._rows.clear()
        self._addresses.clear()
