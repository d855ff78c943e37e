"""Grouping what people say by what it is about.

Each text is a vector of its words and of the grounds they argue from; words that occur together in
the thread lend each other some weight, so that two people need not choose the same word. Then
average-link clustering. The discussion's own subject is no theme: words of its title count little.
Measured by `python -m tests.bench points_of_view`. Bounded: at most `MAX_UNITS` texts.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from bot.summarize.threads.grounds import FILLER, ground_of
from bot.summarize.words import matter_words

Vector = dict[str, float]

# 400 texts are 80,000 pairs; what is left over is compared with the themes found.
MAX_UNITS = 400
FEWEST_USES = 2
# A view that is worth telling is held by more than this part of the texts, in its own words.
_LEAST_USED = 0.008
STEM_CHARS = 5
# Groups left when joining ends: `_GROUPS` times the root of the number of texts, in a small
# thread one for every `_SMALLEST` texts.
_GROUPS = 1.55
_SMALLEST = 4
_FILLER, _SUBJECT, _GROUND = 0.3, 0.3, 1.0
_RARITY = 0.7
_LENT = 2.5
# Of a text's own and lent words, the heaviest: the rest costs time and changes nothing.
_HEAVIEST = 60
# Below this average likeness a group is a mixture, not a view.
LEAST_LIKENESS = 0.4


def theme_words(text: str, subject: Vector | None = None) -> Vector:
    """A text's stems and grounds with how much each may say; the subject's say little."""
    found: Vector = {}
    about = subject or {}
    for word in matter_words(text.replace("\u2019", "'")):
        stem = word[:STEM_CHARS]
        worth = (_FILLER if word in FILLER else 1.0) * (_SUBJECT if stem in about else 1.0)
        found[stem] = max(found.get(stem, 0.0), worth)
        if word not in FILLER:
            for ground in ground_of(word):
                found[ground] = _GROUND * (_SUBJECT if ground in about else 1.0)
    return found


def plain_vectors(texts: Sequence[Vector]) -> list[Vector]:
    """Vectors of length one, the rarer words heavier; empty where no word is used twice."""
    uses = Counter(word for words in texts for word in words)
    total = len(texts)
    weights = {
        word: math.log(total / count) ** _RARITY
        for word, count in uses.items()
        if max(FEWEST_USES, _LEAST_USED * total) <= count < total
    }
    return [
        normalized({word: worth * weights[word] for word, worth in one.items() if word in weights})
        for one in texts
    ]


def make_vectors(plain: Sequence[Vector]) -> list[Vector]:
    """Vectors in which words that occur together have lent each other weight."""
    lent = _lending(plain)
    return [_with_lent(vector, lent) for vector in plain]


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
    total: defaultdict[str, float] = defaultdict(float)
    for vector in vectors:
        for word, value in vector.items():
            total[word] += value
    return normalized(total)


def find_themes(
    vectors: Sequence[Vector], *, least: float = LEAST_LIKENESS, fewest: int | None = None
) -> list[list[int]]:
    """Groups of texts that speak of the same, the largest first; the lone ones are groups too.

    Average link: the two groups whose texts are most alike on average join, until `fewest` are left
    (by default about `_GROUPS * sqrt(n)`) or no two are alike by at least `least`.
    """
    sums = _pairs(vectors)
    groups = {at: [at] for at in range(len(vectors))}
    heap = [(-value, a, b) for a, row in sums.items() for b, value in row.items() if a < b]
    heapq.heapify(heap)
    usual = round(min(_GROUPS * math.sqrt(len(vectors)), len(vectors) / _SMALLEST))
    wanted = max(2, usual) if fewest is None else fewest
    while heap and len(groups) > wanted:
        negative, a, b = heapq.heappop(heap)
        if -negative < least:
            break
        if a in groups and b in groups and -negative == _average(sums, groups, a, b):
            _join(sums, groups, heap, a, b)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def _lending(vectors: Sequence[Vector]) -> dict[str, Vector]:
    """How much each word occurs with each other one, 0 to 1: the cosine of their uses."""
    together: dict[str, Vector] = {}
    for vector in vectors:
        for word, value in vector.items():
            row = together.setdefault(word, {})
            for other, its in vector.items():
                row[other] = row.get(other, 0.0) + value * its
    lengths = {word: math.sqrt(row[word]) for word, row in together.items()}
    return {
        word: {
            other: value / (lengths[word] * lengths[other])
            for other, value in row.items()
            if other != word
        }
        for word, row in together.items()
    }


def _with_lent(vector: Vector, lent: dict[str, Vector]) -> Vector:
    found = dict(vector)
    for word, value in vector.items():
        for other, share in lent[word].items():
            found[other] = found.get(other, 0.0) + _LENT * share * value
    heaviest = heapq.nsmallest(_HEAVIEST, found.items(), key=lambda pair: (-pair[1], pair[0]))
    return normalized(dict(heaviest))


def _pairs(vectors: Sequence[Vector]) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {at: {} for at in range(len(vectors))}
    users: dict[str, list[tuple[int, float]]] = {}
    for at, vector in enumerate(vectors):
        row = [0.0] * at
        for word, value in vector.items():
            before = users.setdefault(word, [])
            for other, its in before:
                row[other] += value * its
            before.append((at, value))
        for other, alike in enumerate(row):
            if alike:
                found[at][other] = found[other][at] = alike
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
