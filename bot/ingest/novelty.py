"""Whether an entry that was never seen before is news, and since when.

A date is believed unless the source's ways speak against it. Not news is what stood there at the
first poll, what is dated too long ago, and a flood of entries dated before what was already known
(a backfill: the publisher put the archive into the feed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.ingest.habits import Habit, SourceMemory
from bot.ingest.identity import Pair
from bot.model import Entry

EXISTING = "was there when the source was first read"

# Sites that went online earlier cannot date a feed; 1970 and year 1 are software's zero.
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_MAX_AHEAD = timedelta(hours=24)
# Publishers date by day and approve late: this much behind the newest is no archive.
_LATE = timedelta(days=3)
# How many at once are still news though nothing dates them, or though they are dated late.
_UNDATED_AT_ONCE = 20
_LATE_AT_ONCE = 10
_ALIKE_SHARE = 0.8
_ALIKE_LEAST = 4
_ALIKE_AGE = timedelta(days=2)
_NOW_SHARE = 0.8
_NOW_LEAST = 2
_NOW_WITHIN = timedelta(hours=2)


class Standing(StrEnum):
    """What a new entry is to its source's readers. Only `NEWS` is posted."""

    NEWS = "news"
    EXISTING = "existing"  # stood there when the source was first read
    OLD = "old"  # dated earlier than max_age
    BACKFILL = "backfill"  # came in a flood of old entries


# Looked up once, not for each entry.
NEWS, OLD, BACKFILL = Standing.NEWS, Standing.OLD, Standing.BACKFILL


class Judgement(NamedTuple):
    """`news_at` orders the news: the entry's own date where it is believed, else first seen."""

    standing: Standing
    news_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTrust:
    """How far this document's dates are to be believed."""

    now: datetime
    latest: datetime
    """Later than this is no clock's skew."""
    always_now: bool
    alike: datetime | None

    def is_ahead(self, published_at: datetime | None) -> bool:
        """Whether the date lies further ahead than a clock may be wrong."""
        return published_at is not None and published_at > self.latest

    def believed(self, published_at: datetime | None) -> datetime | None:
        """The date, not later than now; None where there is no believable one."""
        if published_at is None or self.always_now or published_at < _EARLIEST:
            return None
        if published_at == self.alike or self.is_ahead(published_at):
            return None
        return min(published_at, self.now)


def date_trust(
    entries: Sequence[Entry], pairs: Sequence[Pair], memory: SourceMemory, now: datetime
) -> DateTrust:
    """Look how the document dates entries that are known already."""
    return DateTrust(
        now=now,
        latest=now + _MAX_AHEAD,
        always_now=Habit.DATES_NOW in memory.habits or dates_are_now(pairs, now) is True,
        alike=_alike(entries, pairs, memory, now),
    )


def dates_are_now(pairs: Iterable[Pair], now: datetime) -> bool | None:
    """Whether known entries are dated anew, each to about now; None where nothing tells."""
    dates = [
        (pair.entry.published_at, pair.row.published_at)
        for pair in pairs
        if pair.entry.published_at and pair.row.published_at
    ]
    if len(dates) < _NOW_LEAST:
        return None
    redated = sum(here > stored and abs(now - here) < _NOW_WITHIN for here, stored in dates)
    return redated >= _NOW_SHARE * len(dates)


def _alike(
    entries: Sequence[Entry], pairs: Sequence[Pair], memory: SourceMemory, now: datetime
) -> datetime | None:
    """The one date that the known entries carry, though they came at different times."""
    look_at = entries
    if memory.polls and Habit.DATES_ALIKE not in memory.habits:
        look_at = [pair.entry for pair in pairs]
    dates = Counter(entry.published_at for entry in look_at if entry.published_at)
    if not dates:
        return None
    date, count = dates.most_common(1)[0]
    is_alike = count >= _ALIKE_LEAST and count >= _ALIKE_SHARE * len(look_at)
    return date if is_alike and date < now - _ALIKE_AGE else None


def judge(
    fresh: Sequence[Entry], trust: DateTrust, memory: SourceMemory, max_age: timedelta
) -> list[Judgement]:
    """One judgement per never-seen entry, in their order."""
    now = trust.now
    if memory.polls == 0:
        return [
            Judgement(standing=Standing.EXISTING, news_at=at, reason=EXISTING)
            for at in first_times(fresh, trust)
        ]
    dates = [trust.believed(entry.published_at) for entry in fresh]
    floods = _floods(dates, memory, now)
    return [_judgement(date, now, max_age, memory, floods) for date in dates]


def first_times(found: Sequence[Entry], trust: DateTrust) -> list[datetime]:
    """Where in time the entries of a first read stand, in their order.

    One without a believable date is from now; but one dated far ahead stands behind all that are
    dated: a pinned notice for 2040 is not the newest, and when it is from nobody knows.
    """
    dates = [trust.believed(entry.published_at) for entry in found]
    oldest = min((date for date in dates if date is not None), default=None)
    last = trust.now if oldest is None else oldest - timedelta(seconds=1)
    return [
        date or (last if trust.is_ahead(entry.published_at) else trust.now)
        for entry, date in zip(found, dates, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Floods:
    """Which kinds of entry came in numbers that are no news."""

    undated: bool
    late: bool
    late_before: datetime


def _floods(dates: Sequence[datetime | None], memory: SourceMemory, now: datetime) -> _Floods:
    known_until = memory.newest_at or memory.first_poll_at or now
    late_before = known_until - _LATE
    undated = sum(date is None for date in dates)
    late = sum(date is not None and date < late_before for date in dates)
    late_at_once = _LATE_AT_ONCE if memory.entries else 0
    return _Floods(
        undated=undated > _usual(memory, now, _UNDATED_AT_ONCE),
        late=late > _usual(memory, now, late_at_once),
        late_before=late_before,
    )


def _usual(memory: SourceMemory, now: datetime, least: int) -> float:
    """How many new entries at once this source may bring without being doubted."""
    usual = max(least, 2 * memory.most_at_once)
    if memory.first_poll_at and memory.last_poll_at and memory.last_poll_at > memory.first_poll_at:
        observed = memory.last_poll_at - memory.first_poll_at
        return max(usual, 3 * memory.news * ((now - memory.last_poll_at) / observed))
    return usual


def _judgement(
    date: datetime | None, now: datetime, max_age: timedelta, memory: SourceMemory, floods: _Floods
) -> Judgement:
    standing, reason = NEWS, "first seen"
    if date is None:
        if floods.undated:
            standing, reason = BACKFILL, "one of too many undated entries at once"
    elif date < now - max_age:
        standing, reason = OLD, f"dated {date:%Y-%m-%d}, earlier than max_age allows"
    elif floods.late and date < floods.late_before:
        standing, reason = BACKFILL, f"dated {date:%Y-%m-%d}, one of many old entries"
    if standing is BACKFILL and memory.entries == 0:
        standing = Standing.EXISTING
    return Judgement(standing=standing, news_at=date or now, reason=reason)
