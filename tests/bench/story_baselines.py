"""The plain methods that story clustering is measured against. All go through entries in order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import log, sqrt

from tests.bench.story_replay import Headline

Baseline = Callable[[Sequence[Headline], float], list[int]]
_WORD = re.compile(r"\w+")


def by_url(entries: Sequence[Headline], _threshold: float) -> list[int]:
    """The same canonical URL is the same story."""
    known: dict[str, int] = {}
    return [
        known.setdefault(entry.canonical_url, n) if entry.canonical_url else n
        for n, entry in enumerate(entries)
    ]


def by_jaccard(entries: Sequence[Headline], threshold: float) -> list[int]:
    """The story of the earlier title that shares the largest part of its words."""
    titles = [frozenset(_WORD.findall(entry.title.lower())) for entry in entries]
    postings: defaultdict[str, list[int]] = defaultdict(list)
    labels: list[int] = []
    for n, words in enumerate(titles):
        shared = Counter(other for word in words for other in postings[word])
        alike, nearest = max(
            ((count / (len(words | titles[o])), -o) for o, count in shared.items()), default=(0, 0)
        )
        labels.append(labels[-nearest] if alike >= threshold else n)
        for word in words:
            postings[word].append(n)
    return labels


def by_nearest(entries: Sequence[Headline], threshold: float) -> list[int]:
    """The story of the earlier title that is nearest by TF-IDF cosine."""
    postings: defaultdict[str, dict[int, float]] = defaultdict(dict)
    labels: list[int] = []
    for n, vector in enumerate(_tf_idf(entries)):
        alike, nearest = _best(vector, postings)
        labels.append(labels[nearest] if alike >= threshold else n)
        for word, weight in vector.items():
            postings[word][n] = weight
    return labels


def by_centroid(entries: Sequence[Headline], threshold: float) -> list[int]:
    """The story whose centroid is nearest by TF-IDF cosine; the centroid moves along."""
    postings: defaultdict[str, dict[int, float]] = defaultdict(dict)
    squares: defaultdict[int, float] = defaultdict(float)
    labels: list[int] = []
    for n, vector in enumerate(_tf_idf(entries)):
        alike, nearest = _best(vector, postings, squares)
        label = nearest if alike >= threshold else n
        labels.append(label)
        for word, weight in vector.items():
            before = postings[word].get(label, 0.0)
            postings[word][label] = before + weight
            squares[label] += (before + weight) ** 2 - before**2
    return labels


def _tf_idf(entries: Sequence[Headline]) -> list[dict[str, float]]:
    """Unit vectors, with document frequencies of the whole set: more than an online method has."""
    titles = [frozenset(_WORD.findall(entry.title.lower())) for entry in entries]
    found = Counter(word for words in titles for word in words)
    idf = {word: log((len(titles) + 1) / (count + 1)) + 1 for word, count in found.items()}
    vectors = []
    for words in titles:
        length = sqrt(sum(idf[word] ** 2 for word in words)) or 1.0
        vectors.append({word: idf[word] / length for word in sorted(words)})
    return vectors


def _best(
    vector: dict[str, float],
    postings: defaultdict[str, dict[int, float]],
    squares: dict[int, float] | None = None,
) -> tuple[float, int]:
    dots: defaultdict[int, float] = defaultdict(float)
    for word, weight in vector.items():
        for other, other_weight in postings[word].items():
            dots[other] += weight * other_weight
    alike = (
        (dot / sqrt(squares[other]) if squares else dot, -other) for other, dot in dots.items()
    )
    cosine, nearest = max(alike, default=(0.0, 0))
    return cosine, -nearest


# Each with the thresholds that it may choose from, with hindsight.
BASELINES: dict[str, tuple[Baseline, tuple[float, ...]]] = {
    "URL identity": (by_url, (1.0,)),
    "title-token Jaccard": (by_jaccard, (0.3, 0.4, 0.5)),
    "TF-IDF nearest": (by_nearest, (0.3, 0.35, 0.4, 0.5)),
    "online TF-IDF centroid": (by_centroid, (0.25, 0.3, 0.35, 0.4)),
}
