"""What headers mean, also where they are nonsense."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.headers import http_date, max_age_s, retry_after_s, validator

NOW = datetime(2015, 10, 21, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Cache-Control": "max-age=60"}, 60.0),
        ({"Cache-Control": 'Public, Max-Age="60"'}, 60.0),
        ({"Cache-Control": "max-age=60", "Expires": "Wed, 21 Oct 2015 09:28:00 GMT"}, 60.0),
        ({"Cache-Control": "max-age=60", "Age": "90"}, 0.0),
        ({"Cache-Control": "max-age=60", "Age": "old"}, 60.0),
        ({"Cache-Control": "max-age=99999999999999999999"}, 365 * 86_400.0),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=60, no-cache"}, None),
        ({"Cache-Control": "no-cache", "Expires": "Wed, 21 Oct 2015 09:28:00 GMT"}, None),
        ({"Expires": "Wed, 21 Oct 2015 07:29:00 GMT"}, 60.0),
        ({"Expires": "Wed Oct 21 07:29:00 2015"}, 60.0),
        ({"Expires": "Wednesday, 21-Oct-15 07:29:00 GMT"}, 60.0),
        ({"Expires": "Wed, 21 Oct 2015 07:00:00 GMT"}, 0.0),
        ({"Expires": "0"}, None),
        ({}, None),
    ],
)
def test_freshness(headers: dict[str, str], expected: float | None) -> None:
    assert max_age_s(headers, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        (" 7 ", 7.0),
        ("86401", 86_400.0),
        ("9" * 5_000, 86_400.0),
        ("٣", None),
        ("1.5", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Wed, 21 Oct 2015 07:00:00 GMT", 0.0),
    ],
)
def test_retry_after(value: str, expected: float | None) -> None:
    assert retry_after_s({"Retry-After": value}, NOW) == expected


@given(st.text(max_size=40))
def test_nonsense_is_no_date_and_no_crash(text: str) -> None:
    found = http_date(text)
    assert found is None or found.tzinfo is UTC
    assert (retry_after_s({"Retry-After": text}, NOW) or 0.0) >= 0.0
    assert (max_age_s({"Cache-Control": f"max-age={text}", "Expires": text}, NOW) or 0.0) >= 0.0


@pytest.mark.parametrize("text", ['"v1"', 'W/"v 1"', "no quotes", '"späte"'])
def test_a_validator_is_kept_verbatim(text: str) -> None:
    assert validator(text) == text


@pytest.mark.parametrize("text", [None, "", "a\nb", "a\x00", "\udce4", "x" * 1_025])
def test_what_no_header_can_carry_is_no_validator(text: str | None) -> None:
    assert validator(text) is None
