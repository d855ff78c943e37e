"""The plot has every forecast in its place, on axes that can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from adapters.web.plot import (
    BOTTOM,
    HEIGHT,
    LEFT,
    MOST_DATES,
    MOST_YEARS,
    RIGHT,
    TOP,
    WIDTH,
    Dot,
    Step,
    date_ticks,
    scatter,
    year_step,
    year_ticks,
)

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>'


def dot(days: float, year: int, *, is_ours: bool = False, text: str = "x") -> Dot:
    url = None if is_ours else f"https://example.org/{days}"
    return Dot(NOW + timedelta(days=days), year, text, url, is_ours)


def drawn(dots: list[Dot], line: list[Step] | None = None) -> ET.Element:
    return ET.fromstring(plot(dots, line))


def plot(dots: list[Dot], line: list[Step] | None = None) -> Markup:
    return scatter(dots, line or [], title="When", about="What", name="all")


def places(picture: ET.Element) -> list[tuple[float, float]]:
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in picture.iter("circle")]


def test_later_is_further_right_and_a_later_year_higher() -> None:
    (x1, y1), (x2, y2) = places(drawn([dot(0, 2030), dot(90, 2040)]))
    assert x1 < x2
    assert y1 > y2


def test_source_marks_lead_to_their_source_and_say_what_they_are() -> None:
    link = next(drawn([dot(1, 2030, text="AGI by 2030, says Ada")]).iter("a"))
    assert link.attrib["href"] == "https://example.org/1"
    assert link.findtext("title") == "AGI by 2030, says Ada"


def test_our_own_marks_are_another_shape_without_a_link() -> None:
    picture = drawn([dot(1, 2030), dot(2, 2031, is_ours=True)])
    assert [one.attrib["class"] for one in picture.iter("circle")] == ["said"]
    assert len(list(picture.iter("a"))) == 1
    assert len([one for one in picture.iter("path") if one.attrib["class"] == "own"]) == 1


def test_marks_in_one_place_do_not_hide_each_other() -> None:
    found = places(drawn([dot(0, 2030)] * 5 + [dot(40, 2030)]))
    assert len(set(found)) == 6


def test_median_runs_in_steps_to_the_right_edge() -> None:
    line = [Step(NOW, 2030), Step(NOW + timedelta(days=10), 2031.5)]
    picture = drawn([dot(0, 2030), dot(20, 2033)], line)
    path = next(one.attrib["d"] for one in picture.iter("path") if one.get("class") == "median")
    assert path.count("H") == 2
    assert path.count("V") == 1
    assert path.endswith(f"H{WIDTH - RIGHT}")


def test_nothing_to_show_is_no_plot() -> None:
    assert plot([]) == ""


def test_words_are_escaped() -> None:
    markup = scatter(
        [Dot(NOW, 2030, HOSTILE, 'https://x.example/"><script>', False)],
        [],
        title=HOSTILE,
        about=HOSTILE,
        name="all",
    )
    assert "<script" not in markup
    assert "style=" not in markup
    assert next(ET.fromstring(markup).iter("a")).attrib["aria-label"] == HOSTILE


@given(
    st.lists(
        st.tuples(st.floats(0, 4_000), st.integers(2025, 2126), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_every_mark_lies_inside_the_frame(given_dots: list[tuple[float, int, bool]]) -> None:
    picture = drawn([dot(days, year, is_ours=ours) for days, year, ours in given_dots])
    assert len(list(picture.iter("circle"))) == sum(not ours for *_, ours in given_dots)
    for x, y in places(picture):
        assert LEFT <= x <= WIDTH - RIGHT
        assert TOP <= y <= HEIGHT - BOTTOM


@given(st.integers(2020, 2100), st.integers(0, 150))
def test_year_ticks_are_few_and_round(low: int, span: int) -> None:
    step = year_step(low, low + span)
    ticks = year_ticks(low - 0.6, low + span + 0.6, step)
    assert len(ticks) <= MOST_YEARS + 1
    assert all(int(tick.value) % step == 0 for tick in ticks)
    if span >= step:
        assert ticks


@given(st.floats(0, 9_000), st.floats(6, 12_000))
def test_date_ticks_are_few_in_order_and_in_range(start: float, days: float) -> None:
    first = (NOW + timedelta(days=start)).timestamp()
    last = first + days * 86_400
    ticks = date_ticks(first, last)
    values = [tick.value for tick in ticks]
    assert 1 <= len(ticks) <= MOST_DATES
    assert values == sorted(set(values))
    assert first <= values[0]
    assert values[-1] <= last


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        (8, ["5 Mar", "7 Mar", "9 Mar", "11 Mar"]),
        (120, ["Apr 2026", "May 2026", "Jun 2026", "Jul 2026"]),
        (1_500, ["2027", "2028", "2029", "2030"]),
    ],
    ids=["days", "months", "years"],
)
def test_date_ticks_name_days_months_or_years(days: int, texts: list[str]) -> None:
    first = NOW.timestamp()
    assert [tick.text for tick in date_ticks(first, first + days * 86_400)] == texts
