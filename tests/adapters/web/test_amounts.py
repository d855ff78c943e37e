"""Numbers with their units."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.web import amounts

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (90, "1.5 min"),
        (720, "12 min"),
        (5_400, "1.5 h"),
        (86_400, "1 d"),
        (86_400 * 400, "400 d"),
    ],
)
def test_a_span_has_one_unit(seconds: float, told: str) -> None:
    assert amounts.span(seconds) == told


def test_what_is_due_is_due_now() -> None:
    assert amounts.coming(NOW - timedelta(hours=1), NOW) == "now"
    assert amounts.coming(NOW + timedelta(minutes=12), NOW) == "in 12 min"


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (4_200_000, "4.2 MB"),
        (312_000, "312 kB"),
        (9e15, "9000 TB"),
    ],
)
def test_a_size_is_in_powers_of_a_thousand(count: float, told: str) -> None:
    assert amounts.size(count) == told


@pytest.mark.parametrize(
    ("amount", "told"), [(0, "$0.00"), (0.0034, "$0.0034"), (1.5, "$1.50"), (1234, "$1,234.00")]
)
def test_small_sums_show_their_digits(amount: float, told: str) -> None:
    assert amounts.dollars(amount) == told
