"""Two headlines that name different versions, issues or periods of one thing are different news.

'Opus 4.5' and 'Opus 4.6', 'GPT-4o' and 'GPT-5', 'Article 3' and 'Article 4', 'July 2024 update' and
'September 2024 update' share all of their telling words; only the number sets them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.ingest.fingerprint import MAX_TITLE_CHARS

# A name and the number right behind it. Sums of money, shares and counts of things are no names'
# numbers: reports of one story differ in them.
_NUMBERED = re.compile(
    r"(?<![$€£¥\w.,])([^\W\d_][\w'’]*)(?:\s*[-–#]\s*|\s+(?:v|version|vol|no\.?)\s*|\s)"
    r"v?(\d+(?:\.\d+)*[a-z]?)(?![\w%,]|\.\d)"
    r"(?!\s*(?:%|percent|per\b|million|billion|trillion|bn|m\b|k\b|x\b|years?|months?|weeks?|days?"
    r"|hours?|minutes?|things|ways|people|times|new|more|other|dead|cents?|euros?|dollars?))",
    re.IGNORECASE,
)
_BARE_VERSION = re.compile(r"(?<![\w.$€£¥])v?(\d+\.\d+(?:\.\d+)+|v\d+(?:\.\d+)*)(?![\w%])", re.I)
# o1 and o3, H100 and H200, Q1 and Q4, S4 and S5: letters with a number grown to them.
_GROWN = re.compile(r"(?<![\w$€£¥])([a-z]{1,6})(\d{1,4}(?:\.\d+)?[a-z]?)(?!\w|\.\d)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_MONTH = re.compile(
    r"\b(january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
# A number behind one of these is a count or a date, not which one of a series.
_COUNTERS = """
    a about above after age aged all almost and another any are around as at before below best by
    down every first for from get has have he her here his in into is it its just last least major
    more most my nearly next of off on only or our out over past rpt s since some than the their
    these this to top u under until up update us was were with wrapup your
"""
_NO_NAMES = frozenset(_COUNTERS.split())
_VERSION = ""  # the name of a version that stands alone


@dataclass(frozen=True, slots=True)
class Editions:
    """What a headline says about which one it means: name to numbers, and months."""

    numbers: dict[str, frozenset[str]]
    months: frozenset[str]
    words: frozenset[str]


def edition_conflict(one: str, other: str) -> str | None:
    """Why two titles cannot be the same news, in a few words, or None. Symmetric but for order."""
    mine, theirs = editions(one), editions(other)
    shared = mine.numbers.keys() & theirs.numbers.keys()
    if shared:
        # One common number is enough: 'iOS 7.1 for iPhone 4' and 'iOS 7.1 for iPhone 5'.
        if all(mine.numbers[name].isdisjoint(theirs.numbers[name]) for name in shared):
            name = min(shared)
            return _differs("version", mine.numbers[name], theirs.numbers[name])
    elif mine.numbers and theirs.numbers and _other_product(mine, theirs):
        return _differs("product", mine.numbers.keys(), theirs.numbers.keys())
    if mine.months and theirs.months and mine.months.isdisjoint(theirs.months):
        return _differs("month", mine.months, theirs.months)
    return None


@lru_cache(maxsize=1 << 13)
def editions(title: str) -> Editions:
    """Read the numbers that belong to names, and the months, out of a title."""
    title = title[:MAX_TITLE_CHARS]
    numbers: dict[str, set[str]] = {}
    if _DIGIT.search(title):
        for name, number in _NUMBERED.findall(title):
            if name.casefold() not in _NO_NAMES and not _YEAR.match(number):
                numbers.setdefault(_plain(name), set()).add(number.casefold())
        for name, number in _GROWN.findall(title):
            if not (name.casefold() == "v" or _YEAR.match(number)):
                numbers.setdefault(_plain(name), set()).add(number.casefold())
        for number in _BARE_VERSION.findall(title):
            numbers.setdefault(_VERSION, set()).add(number.casefold().removeprefix("v"))
    return Editions(
        numbers={name: frozenset(found) for name, found in numbers.items()},
        months=frozenset(month.casefold() for month in _MONTH.findall(title)),
        words=frozenset(_plain(word) for word in re.findall(r"[^\W_]+", title)),
    )


def _other_product(mine: Editions, theirs: Editions) -> bool:
    """'Opus 4.6' and 'Haiku 4.5', 'Sonnet 5' and 'Opus 5'; not 'iOS 7.1' and 'Apple 7.1 update'."""
    if mine.numbers.keys() & theirs.words or theirs.numbers.keys() & mine.words:
        return False
    my_numbers = frozenset().union(*mine.numbers.values())
    their_numbers = frozenset().union(*theirs.numbers.values())
    if my_numbers & their_numbers:
        return True
    return any("." in n for n in my_numbers) and any("." in n for n in their_numbers)


def _plain(name: str) -> str:
    return re.sub(r"['’]s$", "", name.casefold())


def _differs(what: str, mine: Iterable[str], theirs: Iterable[str]) -> str:
    one = ", ".join(sorted(mine)) or "a bare number"
    other = ", ".join(sorted(theirs)) or "a bare number"
    return f"{what} differs ({one} against {other})"
