"""The short cuts of reading markup do what the patterns say that they stand in for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest import markup
from bot.ingest.characters import clean_characters, is_plain
from bot.ingest.fingerprint import _PUBLISHER, _PUBLISHER_SIGN
from bot.ingest.identity import _HAS_COUNTER, _may_count
from bot.ingest.markup import markup_text

LINE, PARAGRAPH, CELL = "\ufdd0\ufdd1\ufdd2"


@given(st.text(f"ab {LINE}{PARAGRAPH}{CELL}", max_size=12).map(lambda text: " ".join(text.split())))
def test_breaks_swallow_each_other_and_the_spaces_between(text: str) -> None:
    expected = re.sub(f"[ {LINE}{CELL}]*{PARAGRAPH}[ {LINE}{PARAGRAPH}{CELL}]*", "\n\n", text)
    expected = re.sub(f"[ {CELL}]*{LINE}[ {LINE}{CELL}]*", "\n", expected)
    expected = re.sub(f" *{CELL}[ {CELL}]*", " | ", expected)
    assert markup._laid_out(text) == expected.strip()


@given(st.text("<>/!-pa= \"'b", max_size=20), st.integers(0, 5))
def test_text_without_a_stray_end_is_skipped_to_the_same_tags(html: str, position: int) -> None:
    found, expected = markup._next_tag(html, position), markup._TAG.search(html, position)
    assert (found and found.span()) == (expected and expected.span())


@given(st.text(st.characters(max_codepoint=0xA0), max_size=12))
def test_plain_text_is_what_cleaning_leaves_alone(text: str) -> None:
    assert not is_plain(text) or clean_characters(text) == text


@pytest.mark.parametrize("odd", ["\x07", "\u200b", "&#8203;", "&#7;"], ids=ascii)
@pytest.mark.parametrize("html", ["<p>a{}b</p><p>c</p>", "<pre>x{}y</pre> z<p>w", "<b>a{}b</b>"])
def test_what_no_reader_sees_goes_wherever_it_stands(html: str, odd: str) -> None:
    assert markup_text(html.format(odd)) == markup_text(html.format(""))


@given(st.text("0123 commentsviw٣५k.,", max_size=16))
def test_text_without_digits_counts_nothing(text: str) -> None:
    assert _may_count(text) or _HAS_COUNTER.search(text) is None


@given(st.text("Ab |–—·»- of", max_size=16))
def test_a_publisher_stands_behind_a_sign(title: str) -> None:
    assert _PUBLISHER_SIGN.search(title) or _PUBLISHER.search(title) is None
