"""Trending terms: what more of a period's headlines have in them than the periods before had."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from bot.digests.markdown_parts import tidy_url
from bot.digests.material import Material
from bot.digests.outlook_record import Trend
from bot.ingest.fingerprint import headline
from bot.posts.safety import clean_line
from bot.summarize.language import STOP_WORDS

MAX_TRENDS = 8
LEAST_STORIES = 2
LEAST_STORIES_OF_A_WORD = 3  # one word alone is in two headlines by chance
LEAST_SURPRISE = 1.5
MAX_WORDS = 3

_TOKEN = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
_STOPPED = frozenset().union(*STOP_WORDS.values())
# Words of the trade, which every period is full of.
_COMMON = frozenset(
    _TOKEN.findall(
        """
        ai ml llm llms model models new using via paper research researchers learning machine deep
        data based open source release releases released introducing introduces announces launches
        launch best first top how why what use tool tools company tech report says show shows make
        makes get year week day today now next one two three project discussion news part update
        guide tutorial free can may need want help question thread large language small big ask
        """
    )
)


def trends(material: Material) -> tuple[Trend, ...]:
    """The terms that rose most, by how surprising their number of stories is.

    `before` counts the period just before; the surprise is taken against all background periods.
    """
    now = _counts(story.view.title for story in material.stories)
    before = [_counts(titles) for titles in material.background]
    sizes = [max(1, len(titles)) for titles in material.background]
    here = max(1, len(material.stories))
    ranked = sorted(
        (
            (surprise, term, count)
            for term, count in now.items()
            if count >= (LEAST_STORIES if " " in term else LEAST_STORIES_OF_A_WORD)
            and (surprise := _surprise(term, count, here, before, sizes)) >= LEAST_SURPRISE
        ),
        key=lambda one: (-one[0], one[1]),
    )
    kept: list[Trend] = []
    for _, term, count in ranked:
        if any(_overlapping(term, one.term) for one in kept):
            continue
        last = before[0][term] if before else 0
        kept.append(
            Trend(
                term=_shown(term, material),
                count=count,
                before=last,
                url=_search(material.archive_url, term),
            )
        )
        if len(kept) == MAX_TRENDS:
            break
    return tuple(kept)


def _counts(titles: Iterable[str]) -> Counter[str]:
    """How many titles have each term of one to three words."""
    counts: Counter[str] = Counter()
    for title in titles:
        counts.update(set(_terms(title)))
    return counts


def _terms(title: str) -> Iterable[str]:
    tokens = _TOKEN.findall(headline(clean_line(title)))
    words = [_POSSESSIVE.sub("", token).casefold() for token in tokens]
    for length in range(1, MAX_WORDS + 1):
        for start in range(len(words) - length + 1):
            gram = words[start : start + length]
            if _means_something(gram):
                yield " ".join(gram)


def _means_something(gram: Sequence[str]) -> bool:
    """Begins and ends with a word of its own, and is not all trade words or digits."""
    if any(word in _STOPPED or len(word) < 2 for word in (gram[0], gram[-1])):
        return False
    return any(word not in _COMMON and not word.isdecimal() for word in gram) and not (
        len(gram) == 1 and gram[0] in _COMMON
    )


def _surprise(
    term: str, count: int, here: int, before: Sequence[Counter[str]], sizes: Sequence[int]
) -> float:
    """How many standard deviations above what the background lets expect (square-root scale).

    Longer terms say more and win over their words where both rose alike.
    """
    total = sum(sizes)
    expected = here * (sum(one[term] for one in before) / total if total else 0.0)
    longer = 0.1 * term.count(" ")
    return 2 * (math.sqrt(count) - math.sqrt(expected)) + longer


def _overlapping(one: str, other: str) -> bool:
    return bool(set(one.split()) & set(other.casefold().split()))


def _shown(term: str, material: Material) -> str:
    """As most headlines write it."""
    pattern = re.compile(rf"(?<![^\W_]){re.escape(term)}(?![^\W_])", re.IGNORECASE)
    spellings = Counter(
        match[0]
        for story in material.stories
        for match in pattern.finditer(clean_line(story.view.title))
    )
    return spellings.most_common(1)[0][0] if spellings else term


def _search(archive_url: str, term: str) -> str | None:
    if not archive_url:
        return None
    return tidy_url(f"{archive_url.rstrip('/')}/stories?q={quote(term)}")
