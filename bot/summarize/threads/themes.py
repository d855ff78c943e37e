"""Grouping what people say by what it is about: word vectors and average-link clustering.

The discussion's own subject is no theme: words of its title, and those that nearly everyone uses,
tell nobody's view from another's. Bounded: at most `MAX_UNITS` texts are clustered.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.summarize.words import Words

Vector = dict[str, float]

# 400 texts are 80,000 pairs; beyond, what is left is compared with the themes found.
MAX_UNITS = 400
FEWEST_USES = 2
_LEAST_LIKENESS = 0.05


def weigh_words(texts: Sequence[Words], subject: Words) -> dict[str, float]:
    """Each word's weight: rarer is heavier; none for the subject's and for those used once."""
    uses = Counter(word for words in texts for word in words)
    total = len(texts)
    return {
        word: math.log(total / count)
        for word, count in uses.items()
        if count >= FEWEST_USES and word not in subject and count < total
    }


def vector_of(words: Iterable[str], weights: dict[str, float]) -> Vector:
    """A text's words by weight, of length one; empty where it has none that count."""
    found = {word: weights[word] for word in sorted(words) if word in weights}
    return normalized(found)


def normalized(vector: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()} if length else {}


def likeness(a: Vector, b: Vector) -> float:
    """Cosine of two vectors of length one, 0 to 1."""
    if len(a) > len(b):
        a, b = b, a
    return sum(value * b[word] for word, value in a.items() if word in b)


def center_of(vectors: Iterable[Vector]) -> Vector:
    """The direction that some vectors have in common."""
    total: Counter[str] = Counter()
    for vector in vectors:
        for word, value in vector.items():
            total[word] += value  # type: ignore[assignment]  # a Counter may hold any number
    return normalized(dict(total))


def find_themes(vectors: Sequence[Vector]) -> list[list[int]]:
    """Groups of texts that speak of the same, the largest first; the lone ones are groups too.

    Average link: two groups join while their texts are alike on average.
    """
    likenesses = _pairs(vectors)
    groups = {at: [at] for at in range(len(vectors))}
    sums = likenesses
    heap = [(-value, a, b) for a, row in sums.items() for b, value in row.items() if a < b]
    heapq.heapify(heap)
    while heap:
        negative, a, b = heapq.heappop(heap)
        if -negative < _LEAST_LIKENESS:
            break
        if a not in groups or b not in groups or -negative != _average(sums, groups, a, b):
            continue
        _join(sums, groups, heap, a, b)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def _pairs(vectors: Sequence[Vector]) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {at: {} for at in range(len(vectors))}
    users: dict[str, list[int]] = {}
    for at, vector in enumerate(vectors):
        row: dict[int, float] = {}
        for word, value in vector.items():
            for other in users.setdefault(word, []):
                row[other] = row.get(other, 0.0) + value * vectors[other][word]
            users[word].append(at)
        for other, value in row.items():
            found[at][other] = found[other][at] = value
    return found


def _average(
    sums: dict[int, dict[int, float]], groups: dict[int, list[int]], a: int, b: int
) -> float:
    return sums[a].get(b, 0.0) / (len(groups[a]) * len(groups[b]))


def _join(
    sums: dict[int, dict[int, float]],
    groups: dict[int, list[int]],
    heap: list[tuple[float, int, int]],
    a: int,
    b: int,
) -> None:
    groups[a] = sorted(groups[a] + groups.pop(b))
    for other, value in sums.pop(b).items():
        del sums[other][b]
        if other != a:
            sums[a][other] = sums[other][a] = sums[a].get(other, 0.0) + value
    for other in sorted(sums[a]):
        heapq.heappush(heap, (-_average(sums, groups, a, other), min(a, other), max(a, other)))
