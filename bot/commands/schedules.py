"""Schedules in words: `daily 9:00`, `weekdays 8:30`, `mondays 9am`, `monatlich 9 Uhr`.

People write words, the store keeps cron. What is not words is handed on as it is, to be checked as
cron.
"""

from __future__ import annotations

import re

from bot.commands.kit import Said
from bot.commands.words import primary, said, tell

EXAMPLES = (
    "0 9 * * *",
    "0 18 * * *",
    "30 8 * * 1-5",
    "0 9 * * 1",
    "0 16 * * 5",
    "0 9 * * 0,6",
    "0 9 1 * *",
    "0 * * * *",
)
_DAYS_EN = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAYS_DE = ("sonntags", "montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags")
_DAY_NAMES = (
    ("sun", "so", "sonn"),
    ("mon", "mo"),
    ("tue", "tues", "di", "diens"),
    ("wed", "wednes", "mi", "mittwoch"),
    ("thu", "thur", "thurs", "do", "donners"),
    ("fri", "fr", "frei"),
    ("sat", "satur", "sa", "sams", "sonnabend"),
)
_DAY_ENDINGS = ("", "s", "day", "days", "tag", "tags")
_DAYS = {
    stem + ending: number
    for number, stems in enumerate(_DAY_NAMES)
    for stem in stems
    for ending in _DAY_ENDINGS
}
# (day of month, day of week) of each word
_RHYTHMS = {
    **dict.fromkeys(("daily", "day", "täglich", "taeglich", "tag"), ("*", "*")),
    **dict.fromkeys(("weekdays", "weekday", "workdays", "werktags", "wochentags"), ("*", "1-5")),
    **dict.fromkeys(("weekends", "weekend", "wochenende", "wochenends"), ("*", "0,6")),
    **dict.fromkeys(("weekly", "week", "wöchentlich", "woechentlich", "woche"), ("*", "1")),
    **dict.fromkeys(("monthly", "month", "monatlich", "monat"), ("1", "*")),
}
_HOURLY = ("hourly", "hour", "stündlich", "stuendlich", "stunde")
_FILLERS = frozenset(
    [
        "every",
        "each",
        "on",
        "at",
        "the",
        "and",
        "um",
        "uhr",
        "jeden",
        "jede",
        "jedes",
        "jeweils",
        "am",
        "und",
        "o'clock",
        "of",
    ]
)
_NAMED_TIMES = {"noon": (12, 0), "midnight": (0, 0), "mittag": (12, 0), "mitternacht": (0, 0)}
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(am|pm)?")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)")
_DEFAULT_TIME = (9, 0)


def cron_of(text: str) -> str | None:
    """The cron schedule that the words mean; None where they are no such words."""
    words = _words(text)
    if not words:
        return None
    if words[0] in _HOURLY and len(words) == 1:
        return "0 * * * *"
    rhythm, rest = _rhythm(words)
    if rhythm is None:
        return None
    at = _time(rest)
    if at is None:
        return None
    hour, minute = at
    return f"{minute} {hour} {rhythm[0]} * {rhythm[1]}"


def _words(text: str) -> list[str]:
    spaced = re.sub(r"[,;]", " ", text.lower()[:100])
    joined = re.sub(r"(\d)\s+(am|pm)\b", r"\1\2", spaced)
    return [word for word in joined.split() if word not in _FILLERS]


def _rhythm(words: list[str]) -> tuple[tuple[str, str] | None, list[str]]:
    """(day of month, day of week) that the words begin with, and what is left of them."""
    if words[0] in _RHYTHMS:
        rhythm, rest = _RHYTHMS[words[0]], words[1:]
        if rhythm[0] == "1" and rest and (found := _DAY_OF_MONTH.fullmatch(rest[0])):
            day = int(found[1])
            return ((str(day), "*"), rest[1:]) if 1 <= day <= 31 else (None, rest)
        if words[0] in ("weekly", "week", "wöchentlich", "woechentlich", "woche"):
            days, after = _days(rest)
            return (("*", days), after) if days else (rhythm, rest)
        return rhythm, rest
    days, rest = _days(words)
    return (("*", days), rest) if days else (None, words)


def _days(words: list[str]) -> tuple[str, list[str]]:
    """The named days as cron has them, and the words after them."""
    found: set[int] = set()
    for place, word in enumerate(words):
        if word not in _DAYS:
            return _listed(found), words[place:]
        found.add(_DAYS[word])
    return _listed(found), []


def _listed(days: set[int]) -> str:
    return ",".join(str(day) for day in sorted(days))


def _time(words: list[str]) -> tuple[int, int] | None:
    """(hour, minute); nine o'clock where nothing is said. None for what is no time."""
    if not words:
        return _DEFAULT_TIME
    if len(words) > 1:
        return None
    if words[0] in _NAMED_TIMES:
        return _NAMED_TIMES[words[0]]
    found = _TIME.fullmatch(words[0])
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None


_DAILY = said("daily at {time}", "täglich um {time}")
_WEEKDAYS = said("weekdays at {time}", "werktags um {time}")
_WEEKENDS = said("weekends at {time}", "am Wochenende um {time}")
_ON_DAYS = said("{days} at {time}", "{days} um {time}")
_MONTHLY = said("monthly on day {day} at {time}", "monatlich am {day}. um {time}")
_HOURLY_TEXT = said("hourly", "stündlich")
_AS_CRON = said("at {cron} (cron)", "nach {cron} (cron)")


def words_of(cron: str, language: str) -> str:
    """A cron schedule in words, where it has simple ones."""
    fields = cron.split()
    if cron == "0 * * * *":
        return tell(_HOURLY_TEXT, language)
    if len(fields) != 5 or not (fields[0].isdecimal() and fields[1].isdecimal()):
        return tell(_AS_CRON, language, cron=cron)
    minute, hour, day, month, weekday = fields
    time = f"{int(hour)}:{int(minute):02}"
    if month != "*" or (day != "*" and (weekday != "*" or not day.isdecimal())):
        return tell(_AS_CRON, language, cron=cron)
    if day != "*":
        return tell(_MONTHLY, language, day=int(day), time=time)
    text, days = _weekday_text(weekday, language)
    return tell(text, language, time=time, days=days, cron=cron)


def _weekday_text(weekday: str, language: str) -> tuple[Said, str]:
    simple = {"*": _DAILY, "1-5": _WEEKDAYS, "mon-fri": _WEEKDAYS, "0,6": _WEEKENDS}
    if weekday in simple:
        return simple[weekday], ""
    named = [_DAYS.get(part, int(part) % 7 if part.isdecimal() else None)
             for part in weekday.split(",")]  # fmt: skip
    if None in named:
        return _AS_CRON, ""
    if primary(language) == "de":
        return _ON_DAYS, ", ".join(_DAYS_DE[day] for day in named if day is not None)
    return _ON_DAYS, ", ".join(f"{_DAYS_EN[day]}s" for day in named if day is not None)
