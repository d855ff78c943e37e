"""The numbers that a text states, made comparable: `2.5 million`, `30 %`, `10–15%`, `three`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from bot.summarize.language import word_set

_SCALES = {
    "k": 3, "thousand": 3, "m": 6, "mio": 6, "mn": 6, "million": 6, "bn": 9, "b": 9, "mrd": 9,
    "billion": 9, "tn": 12, "trillion": 12, "hundred": 2,
}  # fmt: skip
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = (
    {word: value for value, word in enumerate(_SMALL.split())}
    | {word: 10 * tens for tens, word in enumerate(_TENS.split(), 2)}
    | {"dozen": 12, "twice": 2, "thrice": 3}
)
# "two camps", "three reasons": the writer's own count of what is told, not a fact of the source.
_TOLD = word_set(
    """camps sides views viewpoints groups opinions points kinds types ways things aspects reasons
    themes questions factions extremes topics lines positions main broad different opposing other
    of"""
)
# These too say how many, and are no numbers that could be compared.
_VAGUE = re.compile(
    r"\b(?:hundreds|thousands|millions|billions|trillions|dozens|half|quarter|double[ds]?"
    r"|tripled?|quadrupled?)\b",
    re.IGNORECASE,
)
_UNITS = {
    "percent": "%", "per cent": "%", "prozent": "%", "pct": "%", "%": "%",
    "$": "$", "usd": "$", "dollar": "$", "bucks": "$", "€": "€", "eur": "€", "euro": "€",
    "£": "£", "gbp": "£", "pound": "£", "¥": "¥", "yen": "¥",
    "second": "s", "sec": "s", "s": "s", "minute": "min", "min": "min", "hour": "h", "hr": "h",
    "h": "h", "day": "d", "week": "week", "month": "month", "year": "year", "yr": "year",
    "kb": "kb", "mb": "mb", "gb": "gb", "tb": "tb", "ms": "ms",
    "kg": "kg", "g": "g", "km": "km", "cm": "cm", "mm": "mm", "mile": "mile", "x": "x",
    "times": "x", "°c": "°c", "°f": "°f", "w": "w", "kw": "kw", "mw": "mw", "gw": "gw",
}  # fmt: skip

_DIGITS = r"\d+(?:[.,'’\u00a0\u202f]\d+)*"
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w.,)\]%-])[-−])?(?P<currency>[$€£¥]\s?)?(?<!\w)(?<![a-zA-Z]-)(?P<digits>{_DIGITS})"
    r"(?P<ordinal>st|nd|rd|th)?"
    r"(?:(?P<join>\s?|-)(?P<tail>%|°[CF]|per\scent|[^\W\d_]+))?",
    re.IGNORECASE,
)
_WORD_NUMBER = re.compile(
    rf"\b(?P<tens>{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
    rf"(?:[-\s](?P<ones>one|two|three|four|five|six|seven|eight|nine))?\b"
    r"(?:[-\s](?P<tail>%|per\scent|[^\W\d_]+))?(?:[-\s](?P<unit>[^\W\d_]+))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:[-–—]|to|and|or|bis)\s?", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number with what it may mean (`1.234` is two things) and its unit, '' for none."""

    shown: str
    values: frozenset[Decimal]
    unit: str = ""


def find_numbers(text: str) -> list[Number]:
    """All numbers of a text, those in words included. Names with digits (`GPT-4`) are none."""
    found = [*_in_digits(text), *_in_words(text)]
    numbers = [number for _, _, number in found]
    for (_, end, number), (start, _, following) in pairwise(found):
        if not number.unit and following.unit and _RANGE.fullmatch(text[end:start]):
            numbers[numbers.index(number)] = Number(number.shown, number.values, following.unit)
    return numbers


def foreign_numbers(claim: str, source: str) -> list[str]:
    """The numbers of a claim that its source does not state, with the same unit where it has one.

    Counts of the writer's own ("two camps") pass.
    """
    known = _known_numbers(source)
    vague = [word for word in _VAGUE.findall(claim) if not _stands_in(word, source)]
    return vague + [
        number.shown
        for number in find_numbers(claim)
        if not any(
            value in known and (not number.unit or number.unit in known[value])
            for value in number.values
        )
        and not _is_own_count(number)
    ]


@lru_cache(maxsize=2)  # the sentences of one summary come one after another
def _known_numbers(source: str) -> dict[Decimal, set[str]]:
    known: dict[Decimal, set[str]] = {}
    for number in find_numbers(source):
        for value in number.values:
            known.setdefault(value, set()).add(number.unit)
    return known


def _stands_in(word: str, source: str) -> bool:
    return re.search(rf"\b{word}\b", source, re.IGNORECASE) is not None


def _is_own_count(number: Number) -> bool:
    words = number.shown.lower().split()
    if words[0] not in _WORDS:
        return False
    return number.values == {Decimal(1)} or (len(words) > 1 and words[1] in _TOLD)


def _in_digits(text: str) -> Iterator[tuple[int, int, Number]]:
    for match in _NUMBER.finditer(text):
        tail = (match["tail"] or "").lower()
        joined = bool(tail) and not match["join"]
        unit, scale = _meaning(tail)
        if joined and not unit and scale is None and tail != "s":
            continue  # `4o`, `3D`: part of a name
        # only what hugs the digits or is written out is a scale: "5 m" is five metres
        scale = scale if scale is not None and (joined or len(tail) > 2) else None
        end = match.end() if unit or scale is not None else match.end("digits")
        if scale is not None:
            after = re.match(r"\s?(%|[^\W\d_]+)", text[match.end() :])
            unit = _meaning(after.group(1).lower())[0] if after else ""
        if match["currency"]:
            unit = match["currency"].strip()
        if tail == "s" and joined:
            unit = ""  # the 1990s
        values = _values(match["digits"], scale or 0, negative=bool(match["sign"]))
        yield match.start(), end, Number(text[match.start() : end].strip(), values, unit)


def _in_words(text: str) -> Iterator[tuple[int, int, Number]]:
    for match in _WORD_NUMBER.finditer(text):
        value = _WORDS[match["tens"].lower()]
        if match["ones"]:
            value += _WORDS[match["ones"].lower()]
        unit, scale = _meaning((match["tail"] or "").lower())
        if scale is not None and len(match["tail"]) > 2:
            value *= 10**scale
            unit = _meaning((match["unit"] or "").lower())[0]
        shown = " ".join(match.group().split()[:2])
        yield match.start(), match.end(), Number(shown, frozenset({Decimal(value)}), unit)


def _meaning(tail: str) -> tuple[str, int | None]:
    tail = re.sub(r"\s", " ", tail)
    for form in (tail, tail.removesuffix("s")):
        if form in _SCALES:
            return "", _SCALES[form]
        if form in _UNITS:
            return _UNITS[form], None
    return "", None


def _values(digits: str, scale: int, *, negative: bool) -> frozenset[Decimal]:
    """What the digits may mean: separators group thousands, or the last one is a decimal point."""
    readings = set()
    if _GROUPED.fullmatch(digits):
        readings.add(re.sub(r"\D", "", digits))
    parts = re.split(r"\D", digits)
    if len(parts) <= 2:
        readings.add(".".join(parts))
    elif _GROUPED.fullmatch(digits[: -len(parts[-1]) - 1]):
        readings.add("".join(parts[:-1]) + "." + parts[-1])
    if not readings:  # a version or a date: 1.2.3
        readings.add("".join(f"{part:0>4}" for part in parts))
    found = set()
    for reading in readings:
        try:
            value = Decimal(reading).scaleb(scale).normalize()
        except InvalidOperation:
            continue
        found.add(-value if negative else value)
    return frozenset(found)
