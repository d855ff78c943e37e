"""Charts are well-formed, drawn to scale, and told in words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from adapters.web.charts import LEAST_SEEN, SPARK_HEIGHT, SPLIT_GAP, bars, sparkline, split

HOSTILE = '"><script>alert(1)</script>&amp;<b onload=x>\u202etxet'


def drawn(markup: Markup) -> ET.Element:
    return ET.fromstring(markup)


def heights(markup: Markup) -> list[float]:
    return [float(rect.attrib["height"]) for rect in drawn(markup).iter("rect")]


def test_sparkline_columns_are_as_high_as_their_values() -> None:
    found = heights(sparkline([10, 5, 0, 10], label="items"))
    assert found == [SPARK_HEIGHT - 1, (SPARK_HEIGHT - 1) / 2, SPARK_HEIGHT - 1]


def test_sparkline_of_a_small_value_differs_from_none() -> None:
    assert heights(sparkline([10_000, 1], label="items"))[1] == LEAST_SEEN


@pytest.mark.parametrize("values", [[], [0], [0, 0, 0]], ids=["empty", "one", "zeros"])
def test_sparkline_of_nothing_is_a_base_line(values: list[int]) -> None:
    picture = drawn(sparkline(values, label="no items"))
    assert heights(sparkline(values, label="no items")) == []
    assert picture.find("path") is not None
    assert float(picture.attrib["width"]) > 0


@given(st.lists(st.integers(-5, 10**12), max_size=90))
def test_sparkline_stays_inside_its_frame(values: list[int]) -> None:
    picture = drawn(sparkline(values, label="x"))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for rect in picture.iter("rect"):
        x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + w <= width
        assert y >= 0
        assert y + h <= height + 0.01


@pytest.mark.parametrize(
    "markup",
    [
        sparkline([1, 2], label=HOSTILE),
        bars([(0.5, HOSTILE)])[0],
        split([("positive", 1)], label=HOSTILE),
    ],
    ids=["sparkline", "bars", "split"],
)
def test_labels_are_told_and_escaped(markup: Markup) -> None:
    picture = drawn(markup)
    assert picture.attrib["aria-label"] == HOSTILE
    assert picture.attrib["role"] == "img"
    assert "<script" not in markup
    assert "style=" not in markup


@pytest.mark.parametrize(
    ("share", "width"),
    [(0.0, 0), (0.314, 31.4), (1.0, 100), (1.7, 100), (-3.0, 0)],
    ids=["none", "some", "all", "above", "below"],
)
def test_bars_are_as_long_as_their_share(share: float, width: float) -> None:
    part = drawn(bars([(share, "x")])[0]).findall("rect")[1]
    assert float(part.attrib["width"]) == pytest.approx(width)


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3))
def test_split_parts_fill_the_bar_in_proportion(counts: list[int]) -> None:
    names = ("positive", "neutral", "negative")
    picture = drawn(split(list(zip(names, counts, strict=True)), label="mood"))
    found = picture.findall("rect")
    shown = [count for count in counts if count]
    assert [one.attrib["class"] for one in found] == (
        [name for name, count in zip(names, counts, strict=True) if count] or ["whole"]
    )
    widths = [float(one.attrib["width"]) for one in found]
    total = float(picture.attrib["width"])
    assert sum(widths) + SPLIT_GAP * (len(found) - 1) == pytest.approx(total, abs=0.1)
    for width, count in zip(widths, shown, strict=False):
        assert width == pytest.approx(sum(widths) * count / sum(shown), abs=0.1)
