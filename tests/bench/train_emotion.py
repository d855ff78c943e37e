"""Trains the coefficients of `bot/summarize/threads/emotion.json`.

    python -m tests.bench.train_emotion          # writes the file
    python -m tests.bench emotion                # what such training reaches on comments not seen

Data: GoEmotions (Demszky et al. 2020, Google Research), Apache-2.0: the 2,500 Reddit comments of
`../shared/data/eval/goemotions.jsonl`, of them those whose sentiment is one of positive, neutral
and negative alone. Method: multinomial logistic regression with L2, classes weighted by the square
root of their rarity, Nesterov's gradient descent with a fixed number of steps: deterministic.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bot.summarize.threads.emotion import LABELS, emotion_features
from tests.shared_data import SHARED

DATA = SHARED / "data" / "eval" / "goemotions.jsonl"
TARGET = Path(__file__).parents[2] / "bot" / "summarize" / "threads" / "emotion.json"
L2 = 0.0015
STEPS = 200
FEWEST = 4  # a feature seen in fewer comments teaches nothing


class Labelled(NamedTuple):
    """A comment and its mood, an index into `LABELS`."""

    text: str
    mood: int


def load_comments() -> list[Labelled]:
    """The comments whose mood is beyond doubt: one label, and none of them 'ambiguous'."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(row["text"], LABELS.index(row["sentiment"][0]))
        for row in rows
        if len(row["sentiment"]) == 1 and row["sentiment"][0] in LABELS
    ]


def train(comments: Sequence[Labelled], *, lexicon: bool = True) -> dict[str, list[float]]:
    """Coefficients by feature, one for each label; without the lexicon's where so wanted."""
    left_out = () if lexicon else ("k:", "s:")
    seen = [
        {name: value for name, value in features.items() if not name.startswith(left_out)}
        for features in ({**emotion_features(one.text), "bias": 1.0} for one in comments)
    ]
    counts = Counter(name for features in seen for name in features)
    names = sorted(name for name, count in counts.items() if count >= FEWEST)
    place = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(seen), len(names)))
    for row, features in enumerate(seen):
        for name, value in features.items():
            if name in place:
                matrix[row, place[name]] = value
    moods = np.array([comment.mood for comment in comments])
    weights = _fit(matrix, moods)
    return {name: [round(float(one), 4) for one in weights[place[name]]] for name in names}


def _fit(matrix: Any, moods: Any) -> Any:
    rows, columns = matrix.shape
    wanted = np.eye(len(LABELS))[moods]
    rarity = (rows / (len(LABELS) * np.bincount(moods, minlength=len(LABELS)))) ** 0.5
    step = 1 / (0.375 * np.linalg.norm(matrix, 2) ** 2 / rows + L2)
    weights = ahead = np.zeros((columns, len(LABELS)))
    momentum = 1.0
    for _ in range(STEPS):
        scores = matrix @ ahead
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        slope = matrix.T @ ((chances - wanted) * rarity[moods][:, None]) / rows + L2 * ahead
        moved = ahead - step * slope
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = moved + (momentum - 1) / following * (moved - weights)
        weights, momentum = moved, following
    return weights


def write_coefficients() -> None:
    """Train on all comments and store what was learnt where the package reads it."""
    comments = load_comments()
    stored = {
        "about": "Multinomial logistic regression over kinds of words, words and pairs of words.",
        "labels": list(LABELS),
        "made_by": "python -m tests.bench.train_emotion",
        "data": "GoEmotions (Demszky et al. 2020, Google Research), "
        f"{len(comments)} Reddit comments with one mood",
        "licence": "Apache-2.0",
        "coefficients": train(comments),
    }
    text = json.dumps(stored, ensure_ascii=False)
    # one feature a line: a retraining shows what changed
    TARGET.write_text(text.replace('], "', '],\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_coefficients()
