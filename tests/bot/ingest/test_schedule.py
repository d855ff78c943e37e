from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.schedule import (
    MISSING_FOR,
    MOVED_FOR,
    MOVED_POLLS,
    PollHints,
    PollLimits,
    after_failure,
    after_permanent_redirect,
    after_success,
    next_poll_at,
    publish_gap_s,
)
from bot.model import Source, SourceState

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMITS = PollLimits(interval_s=3_600, min_interval_s=900, max_interval_s=86_400)
SOURCE = Source(id=1, url="https://a.example/feed", kind="feed", fetch_url="https://a.example/feed")


def wait_s(source: Source, hints: PollHints = PollHints(), limits: PollLimits = LIMITS) -> float:  # noqa: B008  # frozen
    return (next_poll_at(NOW, source, limits, hints, Random(7)) - NOW).total_seconds()


def test_a_source_without_a_past_is_polled_at_the_global_interval() -> None:
    assert wait_s(SOURCE) == pytest.approx(3_600, rel=0.1)


@pytest.mark.parametrize("hints", [PollHints(max_age_s=7_200), PollHints(ttl_s=7_200)])
def test_a_publisher_may_ask_for_a_longer_interval(hints: PollHints) -> None:
    assert wait_s(SOURCE, hints) == pytest.approx(7_200, rel=0.1)


def test_the_limit_caps_what_a_publisher_asks() -> None:
    limits = PollLimits(interval_s=1, min_interval_s=1, max_interval_s=2)
    assert 1 <= wait_s(SOURCE, PollHints(max_age_s=3_600, ttl_s=9_999), limits) <= 2


def test_an_interval_that_a_person_wrote_is_obeyed_to_the_second() -> None:
    hints = PollHints(max_age_s=7_200, ttl_s=7_200, skip_hours=range(24))
    assert wait_s(replace(SOURCE, interval_s=5, publish_gap_s=86_400.0), hints) == 5
    assert wait_s(replace(SOURCE, interval_s=200_000)) == 200_000


def test_retry_after_lengthens_even_a_persons_interval() -> None:
    assert wait_s(replace(SOURCE, interval_s=5), PollHints(retry_after_s=120)) == 132
    assert wait_s(SOURCE, PollHints(retry_after_s=1e9)) == pytest.approx(86_400 * 1.1)


def test_repeated_failures_back_off_to_the_limit_and_the_first_does_not() -> None:
    waits = [wait_s(replace(SOURCE, interval_s=60, failures=n)) for n in (0, 1, 2, 3, 4, 60)]
    assert waits[:2] == [60, 60]
    assert waits == sorted(waits)
    assert waits[2] == pytest.approx(120, rel=0.1)
    assert 86_400 * 0.9 <= waits[-1] <= 86_400


def test_a_busy_source_is_polled_more_often_and_a_slow_one_less() -> None:
    assert wait_s(replace(SOURCE, publish_gap_s=3_600.0)) == pytest.approx(1_800, rel=0.1)
    assert 900 <= wait_s(replace(SOURCE, publish_gap_s=60.0)) <= 990
    weekly = wait_s(replace(SOURCE, publish_gap_s=7 * 86_400.0))
    assert 6 * 3_600 < weekly < 12 * 3_600


def test_skipped_hours_are_slept_through() -> None:
    due = next_poll_at(NOW, SOURCE, LIMITS, PollHints(skip_hours=(12, 13, 14)), Random(7))
    assert due == NOW.replace(hour=15)
    assert wait_s(SOURCE, PollHints(skip_hours=range(24))) < 4_000


@given(
    st.builds(
        PollHints,
        max_age_s=st.one_of(st.none(), st.floats(0, 1e9)),
        ttl_s=st.one_of(st.none(), st.floats(0, 1e9)),
        skip_hours=st.frozensets(st.integers(0, 23)),
    ),
    st.integers(0, 10_000),
    st.one_of(st.none(), st.floats(0, 1e9)),
    st.integers(),
)
def test_without_retry_after_every_poll_comes_within_the_limits(
    hints: PollHints, failures: int, gap: float | None, seed: int
) -> None:
    source = replace(SOURCE, failures=failures, publish_gap_s=gap)
    wait = (next_poll_at(NOW, source, LIMITS, hints, Random(seed)) - NOW).total_seconds()
    assert 900 <= wait <= 86_400


def test_rhythm_is_the_usual_gap_and_a_batch_is_one_event() -> None:
    days = [NOW - timedelta(days=n, minutes=m) for n in range(8) for m in (0, 1, 2)]
    gap = publish_gap_s(days, NOW)
    assert gap == pytest.approx(86_400, rel=0.01)


def test_a_sleeping_source_slows_down_and_two_entries_are_no_rhythm() -> None:
    hourly = [NOW - timedelta(days=30, hours=n) for n in range(10)]
    assert publish_gap_s(hourly, NOW) == pytest.approx(15 * 86_400, rel=0.01)
    assert publish_gap_s(hourly[:2], NOW) is None


def test_a_gone_feed_is_polled_no_more() -> None:
    gone = after_failure(SOURCE, NOW, status=410, error="gone")
    assert gone.state is SourceState.GONE


def test_a_missing_feed_is_given_two_weeks() -> None:
    source = SOURCE
    for day in range(14):
        source = after_failure(source, NOW + timedelta(days=day), status=404, error="not found")
        assert source.state is SourceState.FAILING
    source = after_failure(source, NOW + MISSING_FOR, status=404, error="not found")
    assert source.state is SourceState.GONE


def test_another_error_or_a_good_answer_starts_the_count_anew() -> None:
    source = after_failure(SOURCE, NOW, status=404, error="not found")
    later = NOW + MISSING_FOR
    assert after_failure(source, later, status=500, error="oops").gone_count == 0
    ok = after_success(source, later)
    assert (ok.state, ok.failures, ok.gone_since) == (SourceState.ACTIVE, 0, None)


def _redirected(source: Source, targets: list[str | None], step: timedelta) -> Source:
    for n, target in enumerate(targets):
        source = after_permanent_redirect(source, target, NOW + n * step)
    return source


def test_a_permanent_redirect_is_believed_after_five_polls_over_three_days() -> None:
    new = "https://b.example/feed"
    assert _redirected(SOURCE, [new] * MOVED_POLLS, MOVED_FOR / 4).fetch_url == new
    assert _redirected(SOURCE, [new] * MOVED_POLLS, timedelta(hours=1)).fetch_url == SOURCE.url
    assert _redirected(SOURCE, [new] * (MOVED_POLLS - 1), MOVED_FOR).fetch_url == SOURCE.url


def test_a_redirect_that_changes_or_ends_is_not_believed() -> None:
    new, other = "https://b.example/feed", "https://c.example/feed"
    targets = [new, new, None, new, other, new, new]
    moved = _redirected(SOURCE, targets, timedelta(days=2))
    assert (moved.fetch_url, moved.moved_count) == (SOURCE.url, 2)
