"""JSON out of what models write around it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.models.json_text import UnreadableAnswerError, objects_in, read_answer

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
json_objects = st.dictionaries(st.text(max_size=8), json_values, max_size=5)
talk = st.text(st.characters(exclude_characters="{<", codec="utf-8"), max_size=80)


class Point(BaseModel):
    x: int
    y: int


@given(json_objects, talk, talk, st.booleans())
def test_an_object_is_found_whatever_is_said_around_it(
    value: dict[str, object], before: str, after: str, is_fenced: bool
) -> None:
    text = json.dumps(value, ensure_ascii=is_fenced)
    around = f"```json\n{text}\n```" if is_fenced else text
    assert list(objects_in(f"{before}{around}{after}")) == [value]


@given(st.text(st.sampled_from('{}[]":,ab1 \\\n<think>'), max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    for found in objects_in(text):
        assert isinstance(found, dict)


@pytest.mark.parametrize(
    "text",
    [
        '{"x": 1, "y": 2}',
        '\ufeff {"x": 1, "y": 2} ',
        '<think>{"x": 9, "y": 9}</think>{"x": 1, "y": 2}',
        'For example {"x": "a"}; the answer: {"x": 1, "y": 2}. Or {"x": 3, "y": 4}',
        '{"broken": {"x": 1, "y": 2}',
    ],
    ids=["alone", "mark", "thoughts", "several", "broken-around"],
)
def test_the_first_object_of_the_right_shape_is_the_answer(text: str) -> None:
    assert read_answer(text, Point) == Point(x=1, y=2)


@pytest.mark.parametrize(
    ("text", "faults", "is_json"),
    [
        ("no", "- it is not a JSON object", False),
        ('{"x": NaN, "y": 1}', "- it is not a JSON object", False),
        ('{"x": 1', "- it is not a JSON object", False),
        ('{"x": "one"}', "- x: Input should be a valid integer", True),
    ],
    ids=["prose", "nan", "cut", "shape"],
)
def test_faults_name_the_place_and_not_the_value(text: str, faults: str, is_json: bool) -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        read_answer(text, Point)
    assert caught.value.faults.startswith(faults)
    assert caught.value.is_json is is_json
    assert "one" not in caught.value.faults


@pytest.mark.parametrize(
    "text", ["{" * 500_000, '{"a":' * 100_000, '{"a":[' * 50_000, '{"a" ' * 200_000]
)
def test_hostile_text_costs_little(text: str) -> None:
    started = time.process_time()
    assert list(objects_in(text)) == []
    assert time.process_time() - started < 1
