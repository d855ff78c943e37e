"""Schedules in words, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.schedules import EXAMPLES, cron_of, words_of


@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("daily 9:00", "0 9 * * *"),
        ("Every day at 18:30", "30 18 * * *"),
        ("daily", "0 9 * * *"),
        ("weekdays 8:30", "30 8 * * 1-5"),
        ("weekends 10", "0 10 * * 0,6"),
        ("mondays 9am", "0 9 * * 1"),
        ("monday, thursday 9 pm", "0 21 * * 1,4"),
        ("every Friday at 16:00", "0 16 * * 5"),
        ("sunday 12am", "0 0 * * 0"),
        ("weekly", "0 9 * * 1"),
        ("weekly wed 7:15", "15 7 * * 3"),
        ("monthly 9:00", "0 9 1 * *"),
        ("monthly on the 15th at 8", "0 8 15 * *"),
        ("hourly", "0 * * * *"),
        ("daily noon", "0 12 * * *"),
        ("täglich 9:00", "0 9 * * *"),
        ("jeden Tag um 9 Uhr", "0 9 * * *"),
        ("werktags 8:30", "30 8 * * 1-5"),
        ("montags und donnerstags 9.15", "15 9 * * 1,4"),
        ("monatlich am 3. um 7", "0 7 3 * *"),
        ("stündlich", "0 * * * *"),
    ],
)
def test_words_become_cron(words: str, cron: str) -> None:
    assert cron_of(words) == cron


@pytest.mark.parametrize(
    "text",
    ["", "whenever", "daily 25:00", "daily 9:75", "daily 13pm", "monthly 40th", "9:00", "0 9 * * *",
     "daily 9:00 sharp", "mondays sometimes", "r/MachineLearning"],
)  # fmt: skip
def test_what_is_no_schedule_in_words_is_left_alone(text: str) -> None:
    assert cron_of(text) is None


_DAYS = st.one_of(
    st.sampled_from(["*", "1-5", "0,6"]),
    st.sets(st.integers(0, 6), min_size=1, max_size=6).map(
        lambda days: ",".join(map(str, sorted(days)))
    ),
)


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), days=_DAYS)
def test_what_is_told_is_read_back_as_the_same(hour: int, minute: int, days: str) -> None:
    cron = f"{minute} {hour} * * {days}"
    for language in ("en", "de"):
        assert cron_of(words_of(cron, language)) == cron


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), day=st.integers(1, 31))
def test_a_day_of_the_month_too(hour: int, minute: int, day: int) -> None:
    cron = f"{minute} {hour} {day} * *"
    assert cron_of(words_of(cron, "de")) == cron


@pytest.mark.parametrize("cron", EXAMPLES)
def test_examples_have_words(cron: str) -> None:
    assert "cron" not in words_of(cron, "en")


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 9 1 * 1", "0 9 * 3 *", "0 9 l * *", "x"])
def test_other_cron_is_told_as_it_is(cron: str) -> None:
    assert cron in words_of(cron, "en")


@given(st.text(max_size=60))
def test_no_text_upsets_it(text: str) -> None:
    found = cron_of(text)
    assert found is None or len(found.split()) == 5
