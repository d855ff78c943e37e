"""How telling a word is: the fewer stories use it, the more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log, sqrt

from bot.ingest.fingerprint import COMMON_TERMS

# As if this many stories had been read before the first one, each with words of its own: a young
# store must not find every word rare in the same degree as an old one, or common after one use.
_BACKGROUND_STORIES = 20_000
_MAX_STORIES = 60_000
_MIN_WEIGHT = 0.2
_COMMON_FACTOR = 0.6


class TermStatistics:
    """Counts in how many stories each word appears, and forgets slowly.

    It counts stories, not entries: a name that sixty reports of one story carry is as telling as
    one that a single report does. Bounded: past `_MAX_STORIES` all counts are halved, so what was
    on everybody's lips last year fades. The same calls in the same order give the same weights.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._stories = 0
        self._weighed_at = 0
        self.squares = _Squares(self._counts)
        """The squared weight of each word; worked out once and kept while it holds."""

    def add(self, terms: Iterable[str], *, new_story: bool) -> None:
        """Count words that a story did not have before."""
        counts, squares = self._counts, self.squares
        # Of a dict that has been extended, the method is faster than the brackets.
        telling, common = squares.telling.__getitem__, squares.common.__getitem__
        for term in terms:
            used = counts[term] = counts.get(term, 0) + 1
            squares[term] = (common if term in COMMON_TERMS else telling)(used)
        if new_story:
            self._stories += 1
            if self._stories > _MAX_STORIES:
                self._fade()
            if self._stories > self._weighed_at * 1.05 + 250 or self._stories < self._weighed_at:
                self._weighed_at = self._stories
                squares.weigh(self._counts, self._stories)

    def weight(self, term: str) -> float:
        """The inverse document frequency of a word, at least a little above zero."""
        return sqrt(self.squares[term])

    def share(self, term: str) -> float:
        """The share of the counted stories that use the word; low while few are counted."""
        return self._counts.get(term, 0) / (self._stories + _BACKGROUND_STORIES / 10)

    def rare(self, terms: Iterable[str], most: float) -> list[str]:
        """Those of the words that a smaller share than `most` of the counted stories use."""
        counts, stories = self._counts, self._stories + _BACKGROUND_STORIES / 10
        return [term for term in terms if counts.get(term, 0) / stories < most]

    def _fade(self) -> None:
        self._stories //= 2
        self._counts = {term: count // 2 for term, count in self._counts.items() if count > 1}


class _Squares(dict[str, float]):
    """A dict that works out what it is asked for: the fastest cache there is to look into."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.weigh(counts, 0)

    def weigh(self, counts: Mapping[str, int], stories: int) -> None:
        """Forget all weights; from now on they follow from these counts among so many stories."""
        self._counts = counts
        # Few counts are many words' own: a logarithm for each count, not for each word.
        self.telling = _SquareOfCount(stories, 1.0)
        self.common = _SquareOfCount(stories, _COMMON_FACTOR)
        self.clear()

    def __missing__(self, term: str) -> float:
        by_count = self.common if term in COMMON_TERMS else self.telling
        value = self[term] = by_count[self._counts.get(term, 1)]
        return value


class _SquareOfCount(dict[int, float]):
    """The squared weight of a word by the number of stories that use it."""

    def __init__(self, stories: int, factor: float) -> None:
        self._all = _BACKGROUND_STORIES + stories
        self._factor = factor

    def __missing__(self, used: int) -> float:
        value = max(self._factor * log(self._all / (1 + used)), _MIN_WEIGHT) ** 2
        self[used] = value
        return value
