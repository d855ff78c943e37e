"""Replay real successive states of feeds: how many false posts, how many true ones missed?

Truth is worked out apart from the code under test: an entry is news when neither its id nor its
link was in any earlier state and it was published at most `max_age` before the state was taken
(the day in its link where there is one, since one publisher dates everything the same; else its
date). Baselines in the same run: ids never seen, ids not in the state before, and later than the
newest date.

    python -m tests.bench.feed_history
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.sources.document import parse_document
from bot.ingest.habits import SourceMemory
from bot.ingest.prepare import prepare
from bot.ingest.reconcile import KnownEntry, Reconciliation, reconcile
from bot.model import Entry, RawEntry

HISTORY = Path(__file__).parents[3] / "shared" / "data" / "feed-history"
MAX_AGE = timedelta(days=30)
_DAY_IN_LINK = re.compile(r"/(20\d\d)(\d\d)/(\d\d)/")


@dataclass(frozen=True)
class Snapshot:
    """One state of a feed, when it was taken, and its entries raw."""

    taken_at: datetime
    entries: tuple[RawEntry, ...]


@dataclass
class Outcome:
    """What one reader did with one feed, as sets of (snapshot, link)."""

    posted: set[tuple[int, str]] = field(default_factory=set)
    edits: int = 0
    kept: int = 0
    habits: tuple[str, ...] = ()


class MemoryStore:
    """The stored rows of one source, looked up as the real store does."""

    def __init__(self) -> None:
        self.rows: dict[int, KnownEntry] = {}

    def known(self, entries: Sequence[Entry]) -> list[KnownEntry]:
        guids = {entry.guid for entry in entries}
        links = {entry.canonical_url for entry in entries} - {None}
        hashes = {entry.content_hash for entry in entries}
        return [
            row
            for row in self.rows.values()
            if row.guid in guids or row.canonical_url in links or row.content_hash in hashes
        ]

    def apply(self, outcome: Reconciliation, now: datetime) -> None:
        for new in outcome.new:
            self._put(len(self.rows) + 1, new.entry, now)
        for edit in outcome.edited:
            self._put(edit.id, edit.entry, self.rows[edit.id].first_seen_at)

    def _put(self, row_id: int, entry: Entry, first_seen_at: datetime) -> None:
        before = self.rows.get(row_id)
        self.rows[row_id] = KnownEntry(
            id=row_id,
            guid=entry.guid,
            canonical_url=entry.canonical_url,
            title=entry.title,
            content_hash=entry.content_hash,
            published_at=before.published_at if before else entry.published_at,
            first_seen_at=first_seen_at,
        )


def feeds() -> Iterator[tuple[str, list[Snapshot]]]:
    """Each recorded feed with its states, oldest first."""
    manifest = json.loads((HISTORY / "manifest.json").read_text("utf-8"))
    for feed in manifest["feeds"]:
        yield feed["feed"], [_snapshot(state) for state in feed["snapshots"]]


def _snapshot(state: dict[str, str]) -> Snapshot:
    body = (HISTORY / state["file"]).read_bytes()
    document = parse_document(body, url="https://feeds.example/feed.xml")
    taken_at = datetime.fromisoformat(state["committed"]).astimezone(UTC)
    return Snapshot(taken_at=taken_at, entries=document.entries)


def truth(snapshots: Sequence[Snapshot], max_age: timedelta = MAX_AGE) -> set[tuple[int, str]]:
    """The (snapshot, link) pairs that are news."""
    seen: set[str] = set()
    news: set[tuple[int, str]] = set()
    for number, snapshot in enumerate(snapshots):
        for entry in snapshot.entries:
            names = {entry.guid, _link(entry)}
            if number and not names & seen:
                date = _true_date(entry)
                if date is None or date >= snapshot.taken_at - max_age:
                    news.add((number, _link(entry)))
        seen |= {name for entry in snapshot.entries for name in (entry.guid, _link(entry))}
    return news


def _true_date(entry: RawEntry) -> datetime | None:
    day = _DAY_IN_LINK.search(entry.url or "")
    if day is None:
        return entry.published_at
    return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)


def _link(entry: RawEntry | Entry) -> str:
    return (entry.url or entry.guid).rstrip("/")


def ours(snapshots: Sequence[Snapshot], max_age: timedelta = MAX_AGE) -> Outcome:
    """prepare and reconcile, as the poll job uses them."""
    store, memory, outcome = MemoryStore(), SourceMemory(), Outcome()
    for number, snapshot in enumerate(snapshots):
        entries = [prepare(raw) for raw in snapshot.entries]
        found = reconcile(entries, store.known(entries), memory, snapshot.taken_at, max_age=max_age)
        store.apply(found, snapshot.taken_at)
        memory = SourceMemory.from_json(found.memory.to_json())
        outcome.posted |= {(number, _link(new.entry)) for new in found.new if new.postable}
        outcome.kept += sum(not new.postable for new in found.new) if number else 0
        outcome.edits += len(found.edited)
    outcome.habits = memory.sentences
    return outcome


def by_new_id(snapshots: Sequence[Snapshot]) -> Outcome:
    """Whatever id was never seen is posted."""
    seen: set[str] = set()
    outcome = Outcome()
    for number, snapshot in enumerate(snapshots):
        fresh = {(number, _link(e)) for e in snapshot.entries if e.guid not in seen}
        outcome.posted |= fresh if number else set()
        seen |= {entry.guid for entry in snapshot.entries}
    return outcome


def by_last_state(snapshots: Sequence[Snapshot]) -> Outcome:
    """Whatever id was not in the state before is posted."""
    outcome = Outcome()
    for number in range(1, len(snapshots)):
        before = {entry.guid for entry in snapshots[number - 1].entries}
        outcome.posted |= {
            (number, _link(entry))
            for entry in snapshots[number].entries
            if entry.guid not in before
        }
    return outcome


def by_newest_date(snapshots: Sequence[Snapshot]) -> Outcome:
    """Whatever is dated later than everything before is posted."""
    outcome = Outcome()
    newest = max(_dates(snapshots[0]))
    for number, snapshot in enumerate(snapshots[1:], start=1):
        outcome.posted |= {
            (number, _link(entry))
            for entry in snapshot.entries
            if entry.published_at and entry.published_at > newest
        }
        newest = max(newest, *_dates(snapshot))
    return outcome


def _dates(snapshot: Snapshot) -> list[datetime]:
    return [entry.published_at for entry in snapshot.entries if entry.published_at]


READERS: dict[str, Callable[[Sequence[Snapshot]], Outcome]] = {
    "threadwire": ours,
    "id never seen": by_new_id,
    "id not in last state": by_last_state,
    "later than newest date": by_newest_date,
}


def main() -> None:
    recorded = list(feeds())
    print(f"{'reader':<24}{'feed':<32}{'new':>5}{'posted':>8}{'false':>7}{'missed':>8}{'edits':>7}")
    for name, reader in READERS.items():
        total = [0, 0, 0, 0, 0]
        for feed, snapshots in recorded:
            news, outcome = truth(snapshots), reader(snapshots)
            row = [
                len(news),
                len(outcome.posted),
                len(outcome.posted - news),
                len(news - outcome.posted),
                outcome.edits,
            ]
            total = [sum(pair) for pair in zip(total, row, strict=True)]
            _print_row(name, feed, row)
            for sentence in outcome.habits:
                print(f"{'':<24}  {sentence}")
        _print_row(name, "all", total)
        print()


def _print_row(reader: str, feed: str, row: Sequence[int]) -> None:
    print(
        f"{reader:<24}{feed:<32}"
        + "".join(f"{n:>{w}}" for n, w in zip(row, (5, 8, 7, 8, 7), strict=True))
    )


if __name__ == "__main__":
    main()
