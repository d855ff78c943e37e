from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.posts.words import Counted, age_text, date_text, period_text, time_text, words_for

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ENGLISH, GERMAN = words_for("en"), words_for("de")


@pytest.mark.parametrize("tag", ["de", "de-AT", "DE_ch"])
def test_language_is_chosen_by_its_first_part(tag: str) -> None:
    assert words_for(tag) is GERMAN


def test_unknown_language_falls_back_to_english() -> None:
    assert words_for("tlh") is ENGLISH
    assert words_for("") is ENGLISH


def test_every_word_is_there_in_every_language() -> None:
    for field in fields(ENGLISH):
        for words in (ENGLISH, GERMAN):
            word = getattr(words, field.name)
            assert word.one and word.many if isinstance(word, Counted) else word
    assert len(ENGLISH.months) == len(GERMAN.months) == 12


@pytest.mark.parametrize(
    ("minutes", "english", "german"),
    [
        (-600, "just now", "gerade eben"),
        (0.5, "just now", "gerade eben"),
        (1, "1 minute ago", "vor 1 Minute"),
        (59.9, "59 minutes ago", "vor 59 Minuten"),
        (60, "1 hour ago", "vor 1 Stunde"),
        (1_439, "23 hours ago", "vor 23 Stunden"),
        (1_440, "1 day ago", "vor 1 Tag"),
        (1_440 * 6.5, "6 days ago", "vor 6 Tagen"),
        (1_440 * 7, "23 February 2026", "23. Februar 2026"),
    ],
)
def test_ages(minutes: float, english: str, german: str) -> None:
    at = NOW - timedelta(minutes=minutes)

    assert age_text(ENGLISH, at, NOW) == english
    assert age_text(GERMAN, at, NOW) == german


def test_times_are_told_in_utc() -> None:
    at = datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    assert time_text(ENGLISH, at) == "1 March 2026, 23:30 UTC"
    assert time_text(GERMAN, at) == "1. März 2026, 23:30 UTC"


def test_period_is_told_in_the_readers_zone() -> None:
    since, until = NOW - timedelta(days=1), NOW
    text = period_text(GERMAN, since, until, ZoneInfo("Europe/Berlin"), "Europe/Berlin")

    assert text == "1. März 2026, 15:30 bis 2. März 2026, 15:30 (Europe/Berlin)"


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert ENGLISH.comments(1_412) == "1,412 comments"
    assert GERMAN.comments(1_412) == "1.412 Kommentare"
    assert ENGLISH.comments(1) == "1 comment"


def test_names_with_braces_are_no_templates() -> None:
    assert ENGLISH.catchup_title(2, name="{n}{0}") == "2 more stories from {n}{0}"


def test_old_years_are_dates_too() -> None:
    assert date_text(ENGLISH, datetime(1, 1, 1, tzinfo=UTC)) == "1 January 1"
