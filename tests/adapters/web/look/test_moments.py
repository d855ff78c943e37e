from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.web.look.moments import discord_day, discord_time, moment_of, relative, slack_date

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=44), "a few seconds ago"),
        (timedelta(seconds=80), "a minute ago"),
        (timedelta(minutes=44), "44 minutes ago"),
        (timedelta(minutes=46), "an hour ago"),
        (timedelta(hours=3, minutes=12), "3 hours ago"),
        (timedelta(hours=23), "a day ago"),
        (timedelta(days=25), "25 days ago"),
        (timedelta(days=27), "a month ago"),
        (timedelta(days=200), "7 months ago"),
        (timedelta(days=400), "a year ago"),
        (timedelta(days=4_000), "11 years ago"),
        (timedelta(hours=-3), "in 3 hours"),
        (timedelta(days=-40), "in a month"),
    ],
    ids=str,
)
def test_a_moment_is_told_by_its_age(gap: timedelta, words: str) -> None:
    assert relative(NOW - gap, NOW) == words


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("t", "9:05 AM"),
        ("T", "9:05:07 AM"),
        ("d", "03/02/2026"),
        ("D", "March 2, 2026"),
        ("f", "March 2, 2026 9:05 AM"),
        ("F", "Monday, March 2, 2026 9:05 AM"),
        ("R", "5 hours ago"),
    ],
)
def test_discord_has_seven_ways_to_write_a_moment(style: str, words: str) -> None:
    assert discord_time(datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC), style, NOW) == words


def test_a_message_of_today_says_so() -> None:
    assert discord_day(NOW, NOW) == "Today at 2:30 PM"
    assert discord_day(NOW - timedelta(days=1), NOW) == "Yesterday at 2:30 PM"
    assert discord_day(NOW - timedelta(days=8), NOW) == "2/22/26, 2:30 PM"


@pytest.mark.parametrize(
    ("template", "at", "words"),
    [
        ("{date_short_pretty} {time}", NOW, "Today 2:30 PM"),
        ("{date_pretty}", NOW - timedelta(days=1), "Yesterday"),
        ("From {date_pretty}", NOW + timedelta(days=1), "From tomorrow"),
        ("{date_short_pretty}", NOW - timedelta(days=8), "Feb 22, 2026"),
        ("{date}", NOW - timedelta(days=8), "February 22nd"),
        ("{date}", NOW - timedelta(days=399), "January 27th, 2025"),
        ("{date_long}", datetime(2026, 3, 11, tzinfo=UTC), "Wednesday, March 11th, 2026"),
        ("{date_num} {time_secs}", NOW, "2026-03-02 2:30:00 PM"),
        ("on {nothing} {ago}", NOW - timedelta(hours=2), "On {nothing} 2 hours ago"),
    ],
)
def test_slack_fills_a_template_with_a_date(template: str, at: datetime, words: str) -> None:
    assert slack_date(template, at, NOW) == words


@pytest.mark.parametrize("seconds", ["-5", "99999999999999999", "253402300800"])
def test_a_moment_that_no_calendar_has_is_none(seconds: str) -> None:
    assert moment_of(seconds) is None


def test_the_last_moment_of_the_calendar_is_one() -> None:
    assert moment_of("253402300799") == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
