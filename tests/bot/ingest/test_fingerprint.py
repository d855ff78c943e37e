"""The words that an entry's story is found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.fingerprint import MAX_TERMS, MAX_TITLE_CHARS, headline, story_terms


def test_words_come_once_in_order_without_little_words() -> None:
    assert story_terms("The Fed and the banks: Fed's new stress tests", "") == (
        "fed",
        "bank",
        "stress",
        "test",
    )


def test_versions_stay_whole() -> None:
    assert story_terms("GPT-4.5 by OpenAI", "") == ("gpt", "4.5", "openai")


def test_script_without_spaces_gives_pairs() -> None:
    assert story_terms("人工智能", "") == ("人工", "工智", "智能")


def test_short_title_is_helped_by_the_text() -> None:
    terms = story_terms("Hello", "Chiquita merges with Fyffes")
    assert terms == ("hello", "chiquita", "merge", "fyffe")


def test_text_is_left_alone_where_the_title_says_enough() -> None:
    assert story_terms("Chiquita merges", "with Fyffes") == ("chiquita", "merge")


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Fed lifts rates again this year - Reuters", "Fed lifts rates again this year"),
        ("Spirit and Frontier drop the merger | The Verge", "Spirit and Frontier drop the merger"),
        ("UPDATE 3-Libyan navy attacks a ship", "Libyan navy attacks a ship"),
        ("Mistral - Introducing Voxtral", "Mistral - Introducing Voxtral"),
        ("Watch the launch of the rocket - live now", "Watch the launch of the rocket - live now"),
        ("State-of-the-art for everyone", "State-of-the-art for everyone"),
    ],
)
def test_publisher_and_agency_marks_are_cut(title: str, plain: str) -> None:
    assert headline(title) == plain


def test_endless_title_is_cut() -> None:
    assert len(headline("a' " * 100_000)) <= MAX_TITLE_CHARS


@given(st.text(max_size=200), st.text(max_size=50))
def test_terms_are_few_distinct_and_without_spaces(title: str, text: str) -> None:
    terms = story_terms(title, text)
    assert len(terms) == len(set(terms)) <= MAX_TERMS
    assert " ".join(terms).split() == list(terms)
