"""A quotation stands word for word or does not pass; what is shown is the source's own."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.summarize.quotes import MAX_QUOTE, find_quote

SOURCE = (
    "I’ve never seen “peer review” this broken — it's *really* not fair.\n\n"
    "About 10–15% of reviewers can't reproduce 1.5 GB models! See [the list](https://a.example/b_c)."
)
VOCABULARY = "models are not never fair 15 1.5 GPUs don't we cannot trust it reviewers"
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), min_size=4, max_size=25)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        (
            "it's really not fair",
            "I’ve never seen “peer review” this broken — it's *really* not fair.",
        ),
        ("I've never seen \"peer review\"  this\nbroken - it's really not fair.", "*really* not"),
        ("About 10-15% of reviewers can’t reproduce", "About 10–15% of reviewers can't"),
        (
            '"About 10–15% of reviewers…"',
            "About 10–15% of reviewers can't reproduce 1.5 GB models!",
        ),
        ("See the list.", "See [the list](https://a.example/b_c)."),
    ],
)
def test_shapes_of_quotes_dashes_space_and_emphasis_make_no_difference(
    quote: str, found: str
) -> None:
    assert found in (find_quote(quote, SOURCE) or "")


@pytest.mark.parametrize(
    "quote",
    [
        "it's really fair",  # the negation is gone
        "it's really not Fair",
        "0–15% of reviewers can't",  # begins inside a number
        "10–15% of reviewers can",  # ends inside a word
        "About 10–15 of reviewers",
        "About 10–16% of reviewers can't",
        "5 GB models! See",
        "reviewers can reproduce 1.5 GB models",
        "About 10–15% … 1.5 GB models",
        "See [the list](https://evil.example/b_c).",
        "of",
        "",
        "…",
        "!!! ???",
    ],
)
def test_what_is_not_there_word_for_word_does_not_pass(quote: str) -> None:
    assert find_quote(quote, SOURCE) is None


def test_half_a_sentence_is_shown_whole() -> None:
    said = "Sure. I don't think that this method is any good at all. Bye."
    assert find_quote("this method is any good", said) == (
        "I don't think that this method is any good at all."
    )


def test_a_whole_comment_may_be_quoted_however_short() -> None:
    assert find_quote("Not fair!", "Not fair!") == "Not fair!"
    assert find_quote("fair", "Not at all fair in my book and so on, " * 20) is None


@given(WORDS, st.data())
def test_a_mutated_quote_never_passes(words: list[str], data: st.DataObject) -> None:
    source = " ".join(words)
    start = data.draw(st.integers(0, len(words) - 3))
    quoted = words[start : start + data.draw(st.integers(3, len(words) - start))]
    at = data.draw(st.integers(0, len(quoted) - 1))
    change = data.draw(st.sampled_from(["drop", "swap", "add", "letter"]))
    mutated = list(quoted)
    if change == "drop":
        del mutated[at]
    elif change == "swap":
        mutated[at] = data.draw(st.sampled_from(["always", "16", "2.5", "do", "cannot"]))
    elif change == "add":
        mutated.insert(at, "not")
    else:
        mutated[at] = mutated[at] + "x"
    text = " ".join(mutated)
    assume(f" {text} " not in f" {source} ")
    assert find_quote(text, source) is None


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="*_~\\&"), min_size=20, max_size=200),
    st.data(),
)
def test_white_space_and_curly_quotes_change_nothing(text: str, data: st.DataObject) -> None:
    source = f"{text} we “can't” trust the – reviewers {text}"
    space = data.draw(st.sampled_from([" ", "  ", "\n", "\t", "\u00a0"]))
    quote = 'we "can’t" trust the - reviewers'.replace(" ", space)
    found = find_quote(quote, source)
    assert found is not None
    assert found in source
    assert "trust the – reviewers" in found


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_is_shown_stands_in_the_source(quote: str, source: str) -> None:
    found = find_quote(quote, source)
    assert found is None or found in source


def test_long_sentences_are_not_widened() -> None:
    source = "and so on " * 60 + "we cannot trust the reviewers " + "and so on " * 60
    found = find_quote("we cannot trust the reviewers", source)
    assert found == "we cannot trust the reviewers"
    assert len(found) <= MAX_QUOTE
