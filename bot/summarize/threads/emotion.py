"""The mood of comments: positive, neutral or negative, by a small linear model.

It sees kinds of words, of which a negation before them makes others, and words and pairs of words.

`emotion.json` holds its coefficients, `tests/bench/train_emotion.py` makes them and names the data.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from bot.model import Emotion
from bot.summarize.threads.emotion_words import BRIGHT_SIGNS, DARK_SIGNS, KINDS, NEGATIONS

LABELS = ("positive", "neutral", "negative")
MAX_CHARS = 2_000
# A single word says less than its kind.
_WORD_VALUE = 0.25
# How many words behind a negation it still turns.
_REACH = 3
_PREFIX_CHARS = 3
_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|[?!]+|\.{2,}|[:;]-?[()dp]|\d+|[^\w\s.,]", re.I)
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
# From this share on a mood predominates; a second one from the other share on is worth a word.
_PREDOMINANT, _MIX, _ALONE = 0.5, 0.25, 0.85
_UNTURNED = ("negation", "question", "self", "address", "others", "want")


class _Lexicon(NamedTuple):
    words: dict[str, frozenset[str]]
    beginnings: dict[str, tuple[tuple[str, str], ...]]


def classify_texts(texts: Iterable[str]) -> Emotion:
    """Counts of the moods of some comments behind one label."""
    counts = Counter(classify_text(text) for text in texts)
    positive, neutral, negative = (counts[label] for label in LABELS)
    return Emotion(
        label=label_counts(positive, neutral, negative),
        positive=positive,
        neutral=neutral,
        negative=negative,
    )


def classify_text(text: str, weights: Mapping[str, Sequence[float]] | None = None) -> str:
    """One of `LABELS`, by the stored coefficients or others. What we cannot read is neutral."""
    features = emotion_features(text)
    if weights is None:
        weights = _coefficients()
    if not any(name in weights for name in features if not name.startswith("p:")):
        return "neutral"
    scores = [0.0, 0.0, 0.0]
    for name, value in (*features.items(), ("bias", 1.0)):
        for at, weight in enumerate(weights.get(name, ())):
            scores[at] += weight * value
    return LABELS[max(range(3), key=lambda at: (scores[at], at == 1))]


def label_counts(positive: int, neutral: int, negative: int) -> str:
    """The words for some counts: 'Predominantly positive, with a mix of neutral'."""
    ranked = sorted(
        (("Positive", positive), ("Neutral", neutral), ("Negative", negative)),
        key=lambda pair: -pair[1],
    )
    total = positive + neutral + negative
    (first, most), (second, next_most), _ = ranked
    if total == 0:
        return "Neutral"
    if most >= _ALONE * total:
        return first
    mixed = [name for name, count in ranked[1:] if count >= _MIX * total]
    if most == next_most or most < _PREDOMINANT * total:
        return f"{first}, with a mix of {' and '.join(mixed) if mixed else second}"
    tail = f", with a mix of {' and '.join(mixed)}" if mixed else ""
    return f"Predominantly {first}{tail}"


def emotion_features(text: str) -> dict[str, float]:
    """What the model sees of a text: kinds of words, turned ones apart, and how it is written."""
    sample = text[:MAX_CHARS].replace("\u2019", "'")
    tokens = _TOKEN.findall(sample.lower())
    found: Counter[str] = Counter()
    turned = 0
    for token in tokens:
        found.update(_kind_features(token, turned=turned > 0))
        turned = _REACH if token in NEGATIONS else max(0, turned - 1)
    features = {name: min(3.0, count) for name, count in found.items()}
    features |= dict.fromkeys(_word_features(tokens), _WORD_VALUE)
    features["p:?"] = 0.5 * ("?" in sample)
    features["p:!"] = 0.5 * ("!" in sample)
    features["p:capitals"] = 0.5 * min(3, len(_CAPITALS.findall(sample)))
    features["p:length"] = math.log1p(len(tokens)) / 6
    return {name: float(value) for name, value in features.items() if value}


def _word_features(tokens: list[str]) -> Iterable[str]:
    for before, token in pairwise(("^", *tokens, "$")):
        yield f"w:{token}"
        yield f"w:{before} {token}"


def _kind_features(token: str, *, turned: bool) -> Iterable[str]:
    for kind in _kinds_of(token):
        yield f"k:{kind}!" if turned and kind not in _UNTURNED else f"k:{kind}"
    if token in BRIGHT_SIGNS:
        yield "s:bright"
    if token in DARK_SIGNS:
        yield "s:dark"


@lru_cache(maxsize=10_000)
def _kinds_of(token: str) -> tuple[str, ...]:
    lexicon = _lexicon()
    kinds = set(lexicon.words.get(token, ()))
    for beginning, kind in lexicon.beginnings.get(token[:_PREFIX_CHARS], ()):
        if token.startswith(beginning):
            kinds.add(kind)
    return tuple(sorted(kinds))


@cache
def _lexicon() -> _Lexicon:
    words: dict[str, set[str]] = {}
    beginnings: dict[str, list[tuple[str, str]]] = {}
    for kind, listed in KINDS.items():
        for word in listed.split():
            if word.endswith("*"):
                start = word[:-1]
                beginnings.setdefault(start[:_PREFIX_CHARS], []).append((start, kind))
            else:
                words.setdefault(word, set()).add(kind)
    return _Lexicon(
        {word: frozenset(kinds) for word, kinds in words.items()},
        {start: tuple(pairs) for start, pairs in beginnings.items()},
    )


@cache
def _coefficients() -> dict[str, tuple[float, ...]]:
    stored = files("bot.summarize.threads").joinpath("emotion.json").read_text(encoding="utf-8")
    return {name: tuple(row) for name, row in json.loads(stored)["coefficients"].items()}
