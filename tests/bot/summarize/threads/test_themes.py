"""Texts that speak of the same come together, others stay apart."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.summarize.threads.themes import (
    MAX_UNITS,
    find_themes,
    likeness,
    make_vectors,
    plain_vectors,
    theme_words,
)


def themes_of(texts: list[str], subject: str = "") -> list[list[int]]:
    about = theme_words(subject)
    return find_themes(make_vectors(plain_vectors([theme_words(text, about) for text in texts])))


def test_one_ground_in_other_words_is_one_theme() -> None:
    price, speed = "It is far too expensive for us.", "Nobody here can afford that."
    vectors = [theme_words(price), theme_words(speed)]
    assert set(vectors[0]) & set(vectors[1])


def test_unlike_texts_are_no_theme() -> None:
    texts = [
        "Apples grow on trees in autumn.",
        "The compiler rejects my lambda.",
        "Trains to Vienna leave at noon.",
        "She painted the fence yellow.",
    ]
    assert all(len(theme) == 1 for theme in themes_of(texts))


def test_title_words_make_no_theme_alone() -> None:
    words = theme_words("The robot punishes me", theme_words("A robot that punishes"))
    assert words["robot"] < theme_words("The robot punishes me")["robot"]


@settings(max_examples=40)
@given(st.lists(st.text("abcde ", max_size=40), max_size=20))
def test_every_text_is_in_one_theme(texts: list[str]) -> None:
    themes = themes_of(texts)
    assert sorted(at for theme in themes for at in theme) == list(range(len(texts)))
    assert themes == themes_of(texts)


def test_likeness_is_a_share() -> None:
    vectors = plain_vectors([theme_words(t) for t in ("red car", "red bus", "blue bus", "sea")])
    assert likeness(vectors[0], vectors[0]) > 0.999
    assert 0 < likeness(vectors[0], vectors[1]) < 1
    assert vectors[3] == {}


def test_as_many_texts_as_are_clustered_take_little_time() -> None:
    texts = [f"word{at % 37} thing{at % 23} other{at % 11} more{at}" for at in range(MAX_UNITS)]
    started = time.process_time()
    themes_of(texts)
    assert time.process_time() - started < 5
