"""When to poll a source again, and what to make of "moved" and "gone".

Manners and thresholds: rachelbythebay's feed reader rules, RSS 2.0 (`ttl`, `skipHours`), RFC 9110
section 10.2.3 (Retry-After), RFC 9111 section 5.2.2.1 (max-age).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt
from random import Random
from statistics import median

from bot.model import Source, SourceState

JITTER = 0.10
POLLS_PER_GAP = 2
RHYTHM_LEAST = 4
RHYTHM_LATEST = 20
BATCH = timedelta(minutes=10)
BACKOFF_FACTOR = 2.0
RETRY_AFTER_MAX_S = 86_400.0
MOVED_POLLS = 5
MOVED_FOR = timedelta(days=3)
MISSING_FOR = timedelta(days=14)
MISSING_POLLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLimits:
    """`[poll]` in seconds. `interval_s` is where hints and rhythm start from."""

    interval_s: float = 3_600.0
    min_interval_s: float = 900.0
    max_interval_s: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHints:
    """What the publisher said at this poll, in seconds; `skip_hours` are hours 0-23 UTC."""

    max_age_s: float | None = None
    ttl_s: float | None = None
    retry_after_s: float | None = None
    skip_hours: Collection[int] = ()


def next_poll_at(
    now: datetime, source: Source, limits: PollLimits, hints: PollHints, rng: Random
) -> datetime:
    """When to poll `source` again, after the poll whose outcome it already carries.

    A person's own `interval_s` is obeyed to the second; only failures (`source.failures`) and
    Retry-After lengthen it. Else the longest of the global interval adapted to the source's rhythm
    (`source.publish_gap_s`), `max-age` and `ttl`, between the limits; spread by up to 10 %, never
    beyond `max_interval_s`; and not in an hour that the publisher asked to skip. Retry-After, which
    a host may mean seriously, is kept up to 24 h whatever the limits say; and a tenth longer, since
    its other sources are asked when the pause ends: one that is refused again must not be first.
    """
    is_free = source.interval_s is None
    wait_s = _adapted(source, limits, hints) if source.interval_s is None else source.interval_s
    longest_s = max(limits.max_interval_s, wait_s)
    if source.failures > 1:  # one failure is nothing: the next poll comes as usual
        wait_s = min(wait_s * BACKOFF_FACTOR ** min(source.failures - 1, 30), longest_s)
    if is_free or source.failures > 1:
        spread_s = wait_s * rng.uniform(1 - JITTER, 1 + JITTER)
        wait_s = min(max(spread_s, min(limits.min_interval_s, wait_s)), longest_s)
    if is_free:
        wait_s = _outside_skipped(now, wait_s, hints.skip_hours, longest_s)
    asked_s = min(max(hints.retry_after_s or 0.0, 0.0), RETRY_AFTER_MAX_S)
    return now + timedelta(seconds=max(wait_s, asked_s * (1 + JITTER)))


def _adapted(source: Source, limits: PollLimits, hints: PollHints) -> float:
    own_s = limits.interval_s
    if source.publish_gap_s is not None:
        own_s = source.publish_gap_s / POLLS_PER_GAP
        if own_s > limits.interval_s:
            # A weekly feed is not worth 84 polls a week, nor its news a wait of three days.
            own_s = sqrt(own_s * limits.interval_s)
    wait_s = max(_clamped(own_s, limits), hints.max_age_s or 0.0, hints.ttl_s or 0.0)
    return _clamped(wait_s, limits)


def _clamped(wait_s: float, limits: PollLimits) -> float:
    return min(max(wait_s, limits.min_interval_s), limits.max_interval_s)


def _outside_skipped(
    now: datetime, wait_s: float, skip_hours: Collection[int], longest_s: float
) -> float:
    """The wait made longer until it ends in an hour that is not skipped, if one comes in time."""
    due = now + timedelta(seconds=wait_s)
    if due.hour not in skip_hours:
        return wait_s
    next_hour = due.replace(minute=0, second=0, microsecond=0)
    for _ in range(24):
        next_hour += timedelta(hours=1)
        if next_hour.hour not in skip_hours:
            return min((next_hour - now).total_seconds(), longest_s)
    return wait_s  # all 24 hours skipped: that cannot be meant


def publish_gap_s(news_times: Sequence[datetime], now: datetime) -> float | None:
    """The source's rhythm: the median gap in seconds between its latest news.

    The silence since the newest counts as a gap once it is longer than the median, so that a source
    that fell asleep is asked less often. None where there is too little to tell.
    """
    times = _batches(news_times)[-RHYTHM_LATEST:]
    if len(times) < RHYTHM_LEAST:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    silence = (now - times[-1]).total_seconds()
    return max(median(gaps), silence / POLLS_PER_GAP, 0.0)


def _batches(news_times: Sequence[datetime]) -> list[datetime]:
    """The times with those left out that follow another within `BATCH`: one issue, many entries."""
    kept: list[datetime] = []
    for time in sorted(news_times):
        if not kept or time - kept[-1] >= BATCH:
            kept.append(time)
    return kept


def after_success(source: Source, now: datetime) -> Source:
    """The source after a poll that brought 200 or 304: whatever ailed it is over."""
    return replace(
        source,
        state=SourceState.ACTIVE,
        last_polled_at=now,
        last_ok_at=now,
        failures=0,
        last_error=None,
        gone_count=0,
        gone_since=None,
    )


def after_failure(source: Source, now: datetime, *, status: int | None, error: str) -> Source:
    """The source after a failed poll. 410, and 404 for two weeks, end it (`after_gone`)."""
    failed = replace(
        source,
        state=SourceState.FAILING,
        last_polled_at=now,
        failures=source.failures + 1,
        last_error=error,
    )
    return after_gone(failed, now, status=status)


def after_gone(source: Source, now: datetime, *, status: int | None) -> Source:
    """Count 404 and 410 answers; a source that is gone for good is polled no more.

    410 is the publisher's own word and counts at once (`sources add` revives). 404 may be an
    accident: it takes `MISSING_POLLS` in a row over `MISSING_FOR`.
    """
    if status not in (404, 410):
        return replace(source, gone_count=0, gone_since=None)
    since = source.gone_since or now
    count = source.gone_count + 1
    is_gone = status == 410 or (count >= MISSING_POLLS and now - since >= MISSING_FOR)
    return replace(
        source,
        gone_count=count,
        gone_since=since,
        state=SourceState.GONE if is_gone else source.state,
    )


def after_permanent_redirect(source: Source, moved_to: str | None, now: datetime) -> Source:
    """Follow a 301 or 308 now, believe it later.

    `fetch_url` moves after the same answer at `MOVED_POLLS` polls in a row over `MOVED_FOR`: hotel
    networks and broken releases redirect permanently, too. The validators stay: they came from the
    new address all along. `moved_to` None: this poll ended without a purely permanent redirect.
    """
    if moved_to is None or moved_to == source.fetch_url:
        if (source.moved_to, source.moved_count, source.moved_since) == (None, 0, None):
            return source
        return replace(source, moved_to=None, moved_count=0, moved_since=None)
    if moved_to != source.moved_to or source.moved_since is None:
        return replace(source, moved_to=moved_to, moved_count=1, moved_since=now)
    count = source.moved_count + 1
    if count < MOVED_POLLS or now - source.moved_since < MOVED_FOR:
        return replace(source, moved_count=count)
    return replace(source, fetch_url=moved_to, moved_to=None, moved_count=0, moved_since=None)
