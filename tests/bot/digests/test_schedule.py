"""Schedules across changes of the clock: never twice, never skipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digests.schedule import next_run, period_name


def _runs(schedule: str, timezone: str, start: datetime, days: int) -> list[datetime]:
    runs, at = [], start
    while (at := next_run(schedule, timezone, at)) < start + timedelta(days=days):
        runs.append(at)
    return runs


@pytest.mark.parametrize(
    ("schedule", "timezone", "start"),
    [
        ("30 1 * * *", "America/New_York", datetime(2026, 10, 30, 12, tzinfo=UTC)),
        ("30 2 * * *", "America/New_York", datetime(2026, 3, 6, 12, tzinfo=UTC)),
        ("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 23, 12, tzinfo=UTC)),
        ("15 2 * * *", "Europe/Berlin", datetime(2026, 3, 27, 12, tzinfo=UTC)),
        ("0 0 * * *", "America/Sao_Paulo", datetime(2026, 2, 14, 12, tzinfo=UTC)),
    ],
)
def test_a_daily_digest_comes_once_a_day_when_the_clock_changes(
    schedule: str, timezone: str, start: datetime
) -> None:
    runs = _runs(schedule, timezone, start, days=5)
    dates = [period_name(run, timezone)[:10] for run in runs]
    assert len(dates) == len(set(dates)) == 5


@pytest.mark.parametrize("number", ["0", "7", "sun"])
def test_sunday_has_three_names(number: str) -> None:
    run = next_run(f"0 9 * * {number}", "UTC", datetime(2026, 11, 21, tzinfo=UTC))
    assert run == datetime(2026, 11, 22, 9, tzinfo=UTC)


@given(
    after=st.integers(0, 3 * 365 * 86_400).map(
        lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    timezone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    schedule=st.sampled_from(["30 1 * * *", "30 2 * * *", "*/20 1-3 * * *", "0 9 * * mon"]),
)
def test_the_next_run_is_later(after: datetime, timezone: str, schedule: str) -> None:
    assert next_run(schedule, timezone, after) > after
