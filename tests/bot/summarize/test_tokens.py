"""The token estimate: how it grows, and what real texts come to."""

from __future__ import annotations

import time

from hypothesis import example, given
from hypothesis import strategies as st

from bot.summarize.tokens import estimate_tokens
from tests.shared_data import SHARED, needs_shared

texts = st.text(max_size=200) | st.text(alphabet="aB 1\n.é中😀д", max_size=60)


@given(texts, texts)
@example("ABC", "d")
@example(" ", "a")
@example("a ", " b")
def test_adding_text_never_lowers_the_estimate(text: str, more: str) -> None:
    assert estimate_tokens(text) <= estimate_tokens(text + more)
    assert estimate_tokens(text) <= estimate_tokens(more + text)


@given(texts, texts)
@example(" A", "bc")
def test_the_whole_is_never_more_than_its_parts(one: str, other: str) -> None:
    assert estimate_tokens(one + other) <= estimate_tokens(one) + estimate_tokens(other)


@given(texts)
def test_no_text_has_more_tokens_than_bytes(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    assert estimate_tokens(text) <= size
    assert (estimate_tokens(text) == 0) == (text == "")


# What the 100k vocabulary makes of these, from the OpenAI cookbook ("How to count tokens with
# tiktoken").
COUNTED = {
    "tiktoken is great!": 6,
    "antidisestablishmentarianism": 6,
    "2 + 2 = 4": 7,
    "お誕生日おめでとう": 9,
}


def test_known_counts_are_met() -> None:
    estimates = {text: estimate_tokens(text) for text in COUNTED}
    assert sum(estimates.values()) >= sum(COUNTED.values())
    for text, count in COUNTED.items():
        assert count - 1 <= estimates[text] <= 1.5 * count, text


@needs_shared
def test_english_discussions_come_to_fewer_than_four_characters_a_token() -> None:
    for file in sorted((SHARED / "data" / "threads").glob("*.exact.txt")):
        text = file.read_text("utf-8", "replace")
        assert 3.0 < len(text) / estimate_tokens(text) < 4.0, file.name


def test_a_megabyte_is_counted_in_no_time() -> None:
    text = "A comment of the usual kind, with words of different lengths. " * 17_000
    started = time.process_time()
    estimate_tokens(text)
    assert time.process_time() - started < 0.5
