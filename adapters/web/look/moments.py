"""Moments as chat clients write them, for a reader of English in UTC: whose zone it will be there,
the server cannot know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from markupsafe import Markup

from adapters.web.look.markup import tag

_LATEST = 253_402_300_799  # the last second of the year 9999
_MINUTE, _HOUR, _DAY, _MONTH, _YEAR = 60, 3_600, 86_400, 2_629_800, 31_557_600
# (up to, length of one, one, many): how clients that follow moment.js round
_STEPS = (
    (45, 1, "a few seconds", "a few seconds"),
    (45 * _MINUTE, _MINUTE, "a minute", "{} minutes"),
    (22 * _HOUR, _HOUR, "an hour", "{} hours"),
    (26 * _DAY, _DAY, "a day", "{} days"),
    (320 * _DAY, _MONTH, "a month", "{} months"),
    (float("inf"), _YEAR, "a year", "{} years"),
)
_HALF_YEAR = 183 * _DAY
_TOKEN = re.compile(r"\{(\w+)\}")


def moment_of(seconds: str | int) -> datetime | None:
    """The moment of a Unix time; None for one that no calendar has."""
    unix = int(seconds)
    return datetime.fromtimestamp(unix, UTC) if 0 <= unix <= _LATEST else None


def relative(at: datetime, now: datetime) -> str:
    """`3 hours ago`, `in a day`."""
    gap = (at - now).total_seconds()
    size = abs(gap)
    _, unit, one, many = next(step for step in _STEPS if size < step[0])
    count = max(1, round(size / unit))
    words = one if count == 1 else many.format(count)
    return f"in {words}" if gap > 0 else f"{words} ago"


def marked(at: datetime, words: str, class_: str) -> Markup:
    """Words for a moment, with the moment itself for machines and on hover."""
    exact = at.strftime("%Y-%m-%d %H:%M UTC")
    return tag("time", words, class_=class_, datetime=at.isoformat(), title=exact)


def clock_time(at: datetime) -> str:
    """`2:05 PM`"""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def discord_time(at: datetime, style: str, now: datetime) -> str:
    """A timestamp `<t:…:style>` as Discord writes it."""
    writers: dict[str, Callable[[], str]] = {
        "t": lambda: clock_time(at),
        "T": lambda: f"{at.hour % 12 or 12}:{at:%M:%S} {'AM' if at.hour < 12 else 'PM'}",
        "d": lambda: f"{at:%m/%d/%Y}",
        "D": lambda: f"{at:%B} {at.day}, {at.year}",
        "F": lambda: f"{at:%A}, {at:%B} {at.day}, {at.year} {clock_time(at)}",
        "R": lambda: relative(at, now),
    }
    full = f"{at:%B} {at.day}, {at.year} {clock_time(at)}"
    return writers[style]() if style in writers else full


def discord_day(at: datetime, now: datetime) -> str:
    """A message's or an embed's own time: `Today at 2:05 PM`."""
    days = (now.date() - at.date()).days
    if days in (0, 1):
        return f"{'Today' if days == 0 else 'Yesterday'} at {clock_time(at)}"
    return f"{at.month}/{at.day}/{at:%y}, {clock_time(at)}"


def slack_date(template: str, at: datetime, now: datetime) -> str:
    """A `<!date^…>` template, filled as Slack fills it; a token that it does not know stays.

    The first letter becomes a capital one: of words like `yesterday`, Slack makes a sentence.
    """
    filled = _TOKEN.sub(lambda found: _slack_token(found[1], at, now) or found[0], template)
    return filled[:1].upper() + filled[1:]


def _slack_token(name: str, at: datetime, now: datetime) -> str:
    if name.endswith("_pretty") and (near := _near_day(at, now)):
        return near
    year = "" if abs((at - now).total_seconds()) < _HALF_YEAR else f", {at.year}"
    ordinal = f"{at.day}{_ordinal(at.day)}"
    return {
        "date_num": f"{at:%Y-%m-%d}",
        "date": f"{at:%B} {ordinal}{year}",
        "date_short": f"{at:%b} {at.day}, {at.year}",
        "date_long": f"{at:%A}, {at:%B} {ordinal}, {at.year}",
        "time": clock_time(at),
        "time_secs": f"{at.hour % 12 or 12}:{at:%M:%S} {'AM' if at.hour < 12 else 'PM'}",
        "ago": relative(at, now),
    }.get(name.removesuffix("_pretty"), "")


def _near_day(at: datetime, now: datetime) -> str:
    return {0: "today", 1: "yesterday", -1: "tomorrow"}.get((now.date() - at.date()).days, "")


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
