"""Where lists go on, and what is no such place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.store.paging import number_from, place_from, place_text

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "x~1",
        "2026-03-04~1",
        "2026-03-04T12:00:00Z~-1",
        "2026-03-04T12:00:00Z~²",
        "9999-12-31T23:59:59-23:00~1",
        f"2026-03-04T12:00:00Z~{'9' * 400}",
    ],
)
def test_a_made_up_place_is_none(text: str) -> None:
    assert place_from(text) is None


def test_a_place_survives_its_address() -> None:
    place = place_from(place_text(AT, 3))
    assert place is not None
    assert tuple(place) == (AT, 3)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", "٣", "9" * 19])
def test_only_numbers_of_rows_are_numbers(text: str) -> None:
    assert number_from(text) is None
    assert number_from("9" * 18) == 10**18 - 1
