"""How good a clustering is, against labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.story_replay import Headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """B-cubed over the labelled news; wrong merges over all entries, per 1,000.

    `wrong`: entries that are not of the story which most members of their cluster are of.
    """

    precision: float
    recall: float
    wrong: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(entries: Sequence[Headline], labels: Sequence[int]) -> Score:
    """Score the cluster `labels` of entries. Noise counts where it is in a cluster with news."""
    clusters: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for entry, label in zip(entries, labels, strict=True):
        clusters[label][entry.truth] += 1
    truths = Counter(entry.truth for entry in entries)
    precision = recall = 0.0
    news = 0
    for entry, label in zip(entries, labels, strict=True):
        if entry.news:
            news += 1
            together = clusters[label][entry.truth]
            precision += together / clusters[label].total()
            recall += together / truths[entry.truth]
    wrong = sum(cluster.total() - max(cluster.values()) for cluster in clusters.values())
    return Score(
        precision=precision / news, recall=recall / news, wrong=1_000 * wrong / len(entries)
    )
