"""Mood of comments against labels by people: macro-F1 over positive, neutral and negative.

    python -m tests.bench emotion

GoEmotions' comments with one sentiment (`tests.bench.train_emotion` says which). Each half is
judged by coefficients trained on the other one, so no row has seen what it is judged on; the
file that ships is trained in the same way on both halves (so it knows these very comments). The
kinds of words and the settings of the training were chosen with both halves on view.
`counted words` is the lexicon alone: more words of the good kinds than of the bad, or the reverse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bot.summarize.threads.emotion import LABELS, classify_text, emotion_features
from tests.bench.train_emotion import Labelled, load_comments, train

GOOD = ("thanks", "praise", "approval", "love", "joy", "laughter", "hope", "care", "assent")
BAD = ("anger", "annoyance", "disgust", "sadness", "fear", "letdown", "dissent", "shame")

Judge = Callable[[str], str]


def always(label: str) -> Judge:
    return lambda text: label


def count_words(text: str) -> str:
    found: Counter[str] = Counter()
    for name, value in emotion_features(text).items():
        kind, turned = name.removeprefix("k:").rstrip("!"), name.endswith("!")
        if name.startswith("k:") and kind in (*GOOD, *BAD):
            found["good" if (kind in GOOD) != turned else "bad"] += int(value)
    if found["good"] == found["bad"]:
        return "neutral"
    return "positive" if found["good"] > found["bad"] else "negative"


def trained(comments: Sequence[Labelled]) -> Judge:
    weights = train(comments)
    return lambda text: classify_text(text, weights)


def trained_words(comments: Sequence[Labelled]) -> Judge:
    """The same model without the lexicon: what words and pairs of words teach by themselves."""
    weights = {
        name: row
        for name, row in train(comments, lexicon=False).items()
        if not name.startswith(("k:", "s:"))
    }
    return lambda text: classify_text(text, weights)


def macro_f1(comments: Sequence[Labelled], judge: Judge) -> float:
    judged = [(comment.mood, LABELS.index(judge(comment.text))) for comment in comments]
    scores = []
    for mood in range(len(LABELS)):
        right = sum(wanted == given == mood for wanted, given in judged)
        named = sum((wanted == mood) + (given == mood) for wanted, given in judged)
        scores.append(2 * right / named if named else 0.0)
    return sum(scores) / len(scores)


def main() -> None:
    comments = load_comments()
    halves = (comments[::2], comments[1::2])
    print(f"{len(comments)} comments, macro-F1 on each half")
    print(f"{'':44}{'even':>8}{'odd':>8}{'mean':>8}")
    rows: dict[str, tuple[Judge, Judge]] = {
        "always positive": (always("positive"), always("positive")),
        "counted words": (count_words, count_words),
        "words alone, trained on the other half": (
            trained_words(halves[1]),
            trained_words(halves[0]),
        ),
        "ours, trained on the other half": (trained(halves[1]), trained(halves[0])),
    }
    for name, judges in rows.items():
        even, odd = (macro_f1(half, judge) for half, judge in zip(halves, judges, strict=True))
        print(f"{name:44}{even:8.3f}{odd:8.3f}{(even + odd) / 2:8.3f}")


if __name__ == "__main__":
    main()
