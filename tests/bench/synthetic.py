"""Synthetic news for benchmarks: reproducible, and shaped like the real thing where it matters.

Words follow Zipf's law, so that common words are everywhere and names are rare; one entry in eight
retells a story that other feeds carry too, in other words and another order. Clustering and the
full-text index thus meet the mixture that they meet in life.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import accumulate

VOCABULARY = 20_000
STORIES = 2_500
NEIGHBOURS = 20
RETOLD = 1 / 8
DAYS = 30
WORDS_PER_SENTENCE = 16
_CONSONANTS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "sh", "tr")
_SYLLABLES = [consonant + vowel for consonant in _CONSONANTS for vowel in "aeiou"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticEntry:
    """One entry of a source with a host of its own; `html` is a short article, not a teaser."""

    guid: str
    url: str
    title: str
    html: str
    published_at: datetime


class Newsroom:
    """Writes entries. The same seed writes the same news."""

    def __init__(self, seed: int = 7, *, chars: int = 640, now: datetime | None = None) -> None:
        self._random = random.Random(seed)
        self._now = now or datetime.now(UTC)
        self._words_per_text = max(1, round(chars / 7.5))
        self._words = self._coin_words()
        self._weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
        self._stories = [self._headline() for _ in range(STORIES)]

    def entries(self, source: int, count: int) -> Iterator[SyntheticEntry]:
        """`count` entries of one source, the newest first, spread over the last 30 days."""
        step = timedelta(days=DAYS) / count
        for number in range(count):
            age = step * (number + self._random.random())
            yield SyntheticEntry(
                guid=f"tag:s{source}.example,2026:{number}",
                url=f"https://s{source}.example/{number}",
                title=self.title(age / timedelta(days=DAYS)),
                html=self._paragraphs(),
                published_at=self._now - age,
            )

    def title(self, moment: float) -> str:
        """A headline: mostly a new one, sometimes a story that everybody tells at that moment.

        `moment` is 0 for now and 1 for the beginning; a story is told for about half a day.
        """
        if self._random.random() < RETOLD:
            place = round(moment * STORIES) + self._random.randint(-NEIGHBOURS, NEIGHBOURS)
            return self._retell(self._stories[place % STORIES])
        return _sentence(self._headline())

    def text(self, words: int) -> str:
        """Plain running text."""
        return " ".join(self._pick(words))

    def _coin_words(self) -> list[str]:
        coined: dict[str, None] = {}
        while len(coined) < VOCABULARY:
            word = "".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 2, 3, 3, 4))))
            coined[word] = None
        return list(coined)

    def _pick(self, count: int) -> list[str]:
        return self._random.choices(self._words, cum_weights=self._weights, k=count)

    def _headline(self) -> list[str]:
        return self._pick(self._random.randint(6, 12))

    def _retell(self, words: list[str]) -> str:
        told = list(words)
        told[self._random.randrange(len(told))] = self._pick(1)[0]
        if self._random.random() < 0.5:
            cut = self._random.randrange(len(told))
            told = told[cut:] + told[:cut]
        return _sentence(told)

    def _paragraphs(self) -> str:
        words = self._pick(self._words_per_text)
        sentences = [
            _sentence(words[start : start + WORDS_PER_SENTENCE]) + "."
            for start in range(0, len(words), WORDS_PER_SENTENCE)
        ]
        half = len(sentences) // 2
        first, second = " ".join(sentences[:half]), " ".join(sentences[half:])
        return f'<p>{first}</p>\n<p><a href="/more">{second}</a></p>'


def feed_xml(source: int, entries: Iterable[SyntheticEntry]) -> bytes:
    """An RSS 2.0 document with full content, as most feeds are."""
    items = "".join(map(_item, entries))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
        f"<title>Source {source}</title>\n<link>https://s{source}.example/</link>\n"
        f"<description>Benchmark source {source}</description>\n<language>en</language>\n"
        f"{items}</channel>\n</rss>\n"
    ).encode()


def _item(entry: SyntheticEntry) -> str:
    return (
        f"<item>\n<title>{escape(entry.title)}</title>\n<link>{entry.url}</link>\n"
        f'<guid isPermaLink="false">{entry.guid}</guid>\n'
        f"<pubDate>{format_datetime(entry.published_at)}</pubDate>\n"
        f"<content:encoded>{escape(entry.html)}</content:encoded>\n</item>\n"
    )


def _sentence(words: list[str]) -> str:
    return " ".join(words).capitalize()
