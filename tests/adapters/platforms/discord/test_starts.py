"""The day's gateway starts, counted beyond restarts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.starts import FREE_STARTS, STARTS_PER_DAY, StartLog, wait_s

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_a_few_starts_wait_for_nothing() -> None:
    log = StartLog({})
    for _ in range(FREE_STARTS):
        assert wait_s(log, NOW) == 0
        log = log.with_start(NOW)


def test_restarts_without_end_stay_below_the_limit_of_any_day() -> None:
    log, at = StartLog({}), NOW
    made: list[datetime] = []
    while at < NOW + timedelta(days=3):
        wait = wait_s(log, at)
        if wait > 0:
            at += timedelta(seconds=wait + 1)
            continue
        log = StartLog.load(log.with_start(at).dump())
        made.append(at)
        at += timedelta(seconds=2)  # what a supervisor takes to start us again
    day = timedelta(days=1)
    busiest = max(sum(1 for other in made if at <= other < at + day) for at in made[::20])
    assert busiest < STARTS_PER_DAY
    assert len(made) > FREE_STARTS * 2  # and it does not lock itself out either


def test_starts_of_yesterday_are_forgotten() -> None:
    log = StartLog({})
    for _ in range(900):
        log = log.with_start(NOW)
    assert wait_s(log, NOW) > 800
    assert wait_s(log, NOW + timedelta(hours=26)) == 0


def test_what_discord_counted_elsewhere_counts() -> None:
    log = StartLog({}).with_start(NOW)
    assert wait_s(log, NOW, used_elsewhere=990) > 8_000


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"hours": 3}', '{"last_at": "?"}'])
def test_a_damaged_log_is_an_empty_one(text: str) -> None:
    assert StartLog.load(text).count(NOW) == 0


@given(st.lists(st.integers(0, 200_000), max_size=60))
def test_a_log_comes_back_as_it_was_stored(offsets: list[int]) -> None:
    log = StartLog({})
    for offset in sorted(offsets):
        log = log.with_start(NOW + timedelta(seconds=offset))
    again = StartLog.load(log.dump())
    assert again == log
    later = NOW + timedelta(seconds=200_000)
    assert again.count(later) >= sum(1 for o in offsets if o > 200_000 - 86_400)
