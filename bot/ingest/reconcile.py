"""One polled document against what is stored: what is new, edited or seen, and why.

Pure: values in, values out. The caller stores the outcome in one transaction with the document's
validators. Rows are never forgotten, so an entry that vanished and comes back is only seen again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.ingest.habits import Habit, SourceMemory, learned
from bot.ingest.identity import KnownEntry, Pair, comparable, distinct_entries, match, same_title
from bot.ingest.novelty import (
    BACKFILL,
    NEWS,
    OLD,
    DateTrust,
    Judgement,
    Standing,
    date_trust,
    dates_are_now,
    judge,
)
from bot.model import Entry

__all__ = [
    "Edit",
    "KnownEntry",
    "NewEntry",
    "Reconciliation",
    "SourceMemory",
    "Standing",
    "reconcile",
]

_CHURN_SHARE = 0.8
_CHURN_LEAST = 2
_BACKFILL_TOLD = 10


class NewEntry(NamedTuple):
    """An entry to store. `entry.guid` is free within the source (it may differ from the feed's)."""

    entry: Entry
    news_at: datetime
    standing: Standing
    reason: str

    @property
    def postable(self) -> bool:
        return self.standing is NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A stored entry that changed: store `entry` over row `id`, record the reason, post nothing.

    `entry.guid` is the one to store. `guid_changed`: it is another one than the row's.
    """

    id: int
    entry: Entry
    reason: str
    guid_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What one poll means. `seen` are rows that stood in the document unchanged.

    `told` are sentences on habits learned at this poll; `memory.sentences` has all of them.
    """

    new: tuple[NewEntry, ...]
    edited: tuple[Edit, ...]
    seen: tuple[int, ...]
    memory: SourceMemory
    told: tuple[str, ...]


def reconcile(
    entries: Sequence[Entry],
    known: Sequence[KnownEntry],
    memory: SourceMemory,
    now: datetime,
    *,
    max_age: timedelta,
) -> Reconciliation:
    """Decide on each entry of one document.

    `known` holds at least all rows of the source whose guid, canonical URL or content hash equals
    one in the document. `new` keeps the document's order.
    """
    listed, is_shared = distinct_entries(entries)
    found = match(listed, known, memory.habits)
    trust = date_trust(listed, found.pairs, memory, now)
    judged = judge(found.fresh, trust, memory, max_age)
    backfilled = _backfilled(judged)
    held = {row.guid for row in known}
    changes = [_Change.of(pair, held) for pair in found.pairs]
    edits = [change.edit(memory.habits) for change in changes]
    signs = {
        **_churn(changes),
        **_date_signs(listed, found.pairs, trust),
        **({Habit.GUIDS_SHARED: True} if is_shared else {}),
        **({Habit.BACKFILLS: True} if backfilled >= _BACKFILL_TOLD else {}),
    }
    after = _remembered(memory, judged, listed, trust)
    after, told = learned(after, signs, _notes(backfilled, now))
    return Reconciliation(
        new=tuple(_new(entry, verdict) for entry, verdict in zip(found.fresh, judged, strict=True)),
        edited=tuple(edit for edit in edits if edit),
        seen=tuple(
            pair.row.id for pair, edit in zip(found.pairs, edits, strict=True) if edit is None
        ),
        memory=after,
        told=told,
    )


def _new(entry: Entry, verdict: Judgement) -> NewEntry:
    return NewEntry(
        entry=entry, news_at=verdict.news_at, standing=verdict.standing, reason=verdict.reason
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """How an entry differs from its row. A date is no difference: publishers touch them."""

    pair: Pair
    guid: bool
    guid_is_free: bool
    link: bool
    title: bool
    text: bool

    @classmethod
    def of(cls, pair: Pair, held: set[str]) -> _Change:
        entry, row = pair.entry, pair.row
        is_edited = entry.content_hash != row.content_hash
        is_retitled = is_edited and comparable(entry.title) != comparable(row.title)
        return cls(
            pair=pair,
            guid=entry.guid != row.guid,
            guid_is_free=entry.guid not in held,
            link=entry.canonical_url != row.canonical_url,
            title=is_retitled,
            text=is_edited and not is_retitled,
        )

    def edit(self, habits: frozenset[Habit]) -> Edit | None:
        """What to store; None where nothing changed that counts for this source."""
        is_new_guid = self.guid and self.guid_is_free and Habit.GUIDS_CHANGE not in habits
        reasons = [
            *(["id changed"] if is_new_guid else []),
            *(["link changed"] if self.link and Habit.LINKS_CHANGE not in habits else []),
            *(["title changed"] if self.title and not self._is_churned_title(habits) else []),
            *(["text changed"] if self.text and Habit.TEXTS_CHANGE not in habits else []),
        ]
        if not reasons:
            return None
        entry = self.pair.entry
        return Edit(
            id=self.pair.row.id,
            entry=entry if is_new_guid else entry._replace(guid=self.pair.row.guid),
            reason=f"{', '.join(reasons)} ({self.pair.reason})",
            guid_changed=is_new_guid,
        )

    def _is_churned_title(self, habits: frozenset[Habit]) -> bool:
        if Habit.TITLES_CHANGE not in habits:
            return False
        return same_title(self.pair.entry.title, self.pair.row.title)


def _churn(changes: Sequence[_Change]) -> Mapping[Habit, bool]:
    if len(changes) < _CHURN_LEAST:
        return {}
    least = _CHURN_SHARE * len(changes)
    return {
        Habit.GUIDS_CHANGE: sum(change.guid for change in changes) >= least,
        Habit.LINKS_CHANGE: sum(change.link for change in changes) >= least,
        Habit.TITLES_CHANGE: sum(change.title for change in changes) >= least,
        Habit.TEXTS_CHANGE: sum(change.text for change in changes) >= least,
    }


def _date_signs(
    entries: Sequence[Entry], pairs: Sequence[Pair], trust: DateTrust
) -> Mapping[Habit, bool]:
    ahead = [entry.published_at > trust.latest for entry in entries if entry.published_at]
    signs: dict[Habit, bool] = {}
    if ahead:
        signs[Habit.DATES_FUTURE] = 2 * sum(ahead) >= len(ahead)
        signs[Habit.DATES_ALIKE] = trust.alike is not None
    is_now = dates_are_now(pairs, trust.now)
    if is_now is not None:
        signs[Habit.DATES_NOW] = is_now
    return signs


def _backfilled(judged: Sequence[Judgement]) -> int:
    return sum([each.standing is BACKFILL or each.standing is OLD for each in judged])


def _notes(backfilled: int, now: datetime) -> Mapping[Habit, str]:
    text = f"{backfilled} old entries appeared at once ({now:%Y-%m-%d}); kept, not posted"
    return {Habit.BACKFILLS: text}


def _remembered(
    memory: SourceMemory, judged: Sequence[Judgement], entries: Sequence[Entry], trust: DateTrust
) -> SourceMemory:
    news = sum([each.standing is NEWS for each in judged])
    dates = [trust.believed(entry.published_at) for entry in entries]
    return replace(
        memory,
        polls=memory.polls + 1,
        entries=memory.entries + len(judged),
        news=memory.news + news,
        most_at_once=max(memory.most_at_once, news),
        first_poll_at=memory.first_poll_at or trust.now,
        last_poll_at=trust.now,
        newest_at=max(filter(None, (memory.newest_at, *dates)), default=None),
    )
