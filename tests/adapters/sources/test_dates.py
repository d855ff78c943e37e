"""Dates: what is read, what is refused, and that nothing is ever filled in."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.dates import _from_mail, _from_patterns, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri, 14 Aug 2026 10:20:30 +0000", "2026-08-14T10:20:30"),
        ("Fri, 14 Aug 2026 10:20:30 GMT", "2026-08-14T10:20:30"),
        ("14 Aug 2026 10:20 EST", "2026-08-14T15:20:00"),
        ("Fri, 14 Aug 26 10:20:30 PDT", "2026-08-14T17:20:30"),
        ("Sun, 06 Nov 94 08:49:37 GMT", "1994-11-06T08:49:37"),
        ("Friday, 14-Aug-26 10:20:30 GMT", "2026-08-14T10:20:30"),
        ("Fri,14 Aug 2026 10:20:30 +0200", "2026-08-14T08:20:30"),
        ("Fri, 14 Aug 2026 10:20:30", "2026-08-14T10:20:30"),
        ("Fri, 14 Aug 2026", "2026-08-14T00:00:00"),
        ("Fri, 14 Aug 2026 8:05 pm CEST", "2026-08-14T18:05:00"),
        ("Fri, 14 Aug 2026 12:05 am UTC", "2026-08-14T00:05:00"),
        ("Fri, 14 Aug 2026 10:20:30 GMT+02:00", "2026-08-14T08:20:30"),
        ("Fri, 14 Aug 2026 10:20:30 America/New_York", "2026-08-14T10:20:30"),
        ("Fri Aug 14 10:20:30 2026", "2026-08-14T10:20:30"),
        ("Fri Aug 14 10:20:30 PST 2026", "2026-08-14T18:20:30"),
        ("August 14, 2026 10:20 AM", "2026-08-14T10:20:00"),
        ("Aug 14th, 2026", "2026-08-14T00:00:00"),
        ("2026-08-14T10:20:30Z", "2026-08-14T10:20:30"),
        ("2026-08-14T10:20:30.123456789+02:00", "2026-08-14T08:20:30.123456"),
        ("2026-08-14 10:20:30 +0000 UTC", "2026-08-14T10:20:30"),
        ("2026-08-14T10:20:30 -0330", "2026-08-14T13:50:30"),
        ("2026-08-14", "2026-08-14T00:00:00"),
        ("2026-08", "2026-08-01T00:00:00"),
        ("2026", "2026-01-01T00:00:00"),
        ("20260814T102030Z", "2026-08-14T10:20:30"),
        ("2026-226", "2026-08-14T00:00:00"),
        ("2026/08/14 10:20:30", "2026-08-14T10:20:30"),
        ("2026-08-14T24:00:00Z", "2026-08-15T00:00:00"),
        ("Fri, 14 Aug 2026 23:59:60 GMT", "2026-08-15T00:00:00"),
        ("14/08/2026 10:20", "2026-08-14T10:20:00"),
        ("Fri, 05/03/2019 - 15:21", "2019-05-03T15:21:00"),
        ("mer, 16 nov 2022 00:38:15 +0100", "2022-11-15T23:38:15"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T22:42:40"),
        ("Fr, 14. März 2025 10:00:00 +0100", "2025-03-14T09:00:00"),
        ("5 de março de 2024", "2024-03-05T00:00:00"),
        ("14 августа 2026", "2026-08-14T00:00:00"),
        ("2026年8月14日 10:20", "2026-08-14T10:20:00"),
        ("2026년 8월 14일", "2026-08-14T00:00:00"),
        ("1700000000", "2023-11-14T22:13:20"),
        ("1700000000123", "2023-11-14T22:13:20"),
        ("\n  Fri, 14 Aug 2026 10:20:30 GMT\t", "2026-08-14T10:20:30"),
    ],
)
def test_date_is_read_as_utc(text: str, expected: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "not a date",
        "yesterday",
        "15 minutes ago",
        "10:20:30",
        "Fri",
        "Fri, 32 Aug 2026 10:20:30 GMT",
        "Sun, 29 Feb 2023 10:00:00 GMT",
        "2023-02-29",
        "2026-13-01T00:00:00Z",
        "2026-08-14T25:00:00Z",
        "Fri, 14 Xyz 2026 10:20:30 GMT",
        "03/04/2024",
        "Mon, 03/04/2021",
        "0001-01-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "9999-12-31T23:59:59-12:00",
        "2026-08-14T10:20:30+99:00",
        "1" * 200,
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(max_size=120))
def test_any_text_gives_utc_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2049, 12, 31)))  # noqa: DTZ001 naive on purpose
def test_every_moment_survives_its_usual_spellings(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    spellings = (
        moment.isoformat(),
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        moment.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        moment.strftime("%d %b %y %H:%M:%S +0000"),
        moment.strftime("%A, %B %d, %Y %I:%M:%S %p"),
        moment.strftime("%a %b %d %H:%M:%S %Y"),
    )
    assert [parse_date(text) for text in spellings] == [moment] * len(spellings)


@given(
    st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2049, 12, 31)),  # noqa: DTZ001 naive on purpose
    st.integers(min_value=-23, max_value=23),
)
def test_offset_is_taken_off(moment: datetime, hours: int) -> None:
    moment = moment.replace(microsecond=0)
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02d}00"
    written = moment.strftime("%a, %d %b %Y %H:%M:%S ") + zone
    found = parse_date(written)
    assert found is not None
    assert (moment.replace(tzinfo=UTC) - found).total_seconds() == hours * 3600


@given(
    st.sampled_from(("", "Fri, ", "Mon, ")),
    st.integers(0, 32),
    st.sampled_from(("Jan", "Feb", "Mai", "Sep", "Foo")),
    st.sampled_from(("1994", "2024", "2026", "9999", "0001")),
    st.tuples(st.integers(0, 24), st.integers(0, 61), st.integers(0, 61)),
    st.sampled_from(("GMT", "UTC", "+0000", "-0000", "+0530", "-0800", "+2359", "-2400", "+0099")),
)
def test_the_short_way_reads_what_the_long_one_reads(
    weekday: str, day: int, month: str, year: str, clock: tuple[int, int, int], zone: str
) -> None:
    text = f"{weekday}{day} {month} {year} {clock[0]:02}:{clock[1]:02}:{clock[2]:02} {zone}"
    found = _from_mail(text)
    assert found is None or found == _from_patterns(text)
