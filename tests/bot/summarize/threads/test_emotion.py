"""The mood of comments and the words for it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summarize.threads.emotion import LABELS, classify_text, classify_texts, label_counts


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I love this, thank you so much for the great work!", "positive"),
        ("This is awful. I hate it, what a disgusting waste of time.", "negative"),
        ("The meeting is at the second house on the left.", "neutral"),
        ("ありがとう", "neutral"),
        ("", "neutral"),
    ],
    ids=["praise", "disgust", "statement", "unknown language", "nothing"],
)
def test_mood_of_a_comment(text: str, mood: str) -> None:
    assert classify_text(text) == mood


def test_negation_turns_a_word() -> None:
    assert classify_text("This is good.") == "positive"
    assert classify_text("This is not good.") != "positive"


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ((9, 1, 0), "Positive"),
        ((9, 6, 2), "Predominantly Positive, with a mix of Neutral"),
        ((6, 2, 2), "Predominantly Positive"),
        ((4, 3, 3), "Positive, with a mix of Neutral and Negative"),
        ((0, 3, 3), "Neutral, with a mix of Negative"),
        ((0, 0, 5), "Negative"),
        ((0, 0, 0), "Neutral"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_label_speaks_the_samples_words(counts: tuple[int, int, int], label: str) -> None:
    assert label_counts(*counts) == label


@given(st.lists(st.text(max_size=60), max_size=12))
def test_every_comment_is_counted_once(texts: list[str]) -> None:
    emotion = classify_texts(texts)
    assert emotion.positive + emotion.neutral + emotion.negative == len(texts)


def test_coefficients_name_their_data_and_licence() -> None:
    stored = json.loads(files("bot.summarize.threads").joinpath("emotion.json").read_text())
    assert stored["licence"] == "Apache-2.0"
    assert "GoEmotions" in stored["data"]
    assert stored["made_by"] == "python -m tests.bench.train_emotion"
    assert all(len(row) == len(LABELS) for row in stored["coefficients"].values())
