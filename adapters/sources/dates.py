"""Dates as feeds write them, to UTC. What cannot be read is None: never today, never a guess.

RFC 822 and 2822 with their many deviations, the ISO 8601 family (W3CDTF, RFC 3339), `asctime`,
month-first English, month names of a dozen languages, and Chinese, Japanese and Korean notation.
A date without a zone is taken as UTC. Numeric dates whose day and month could be exchanged
("03/04/2024") are not read unless the weekday tells which, since a wrong date is worse than none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_MAX_LENGTH = 100  # nothing that is a date is longer; keeps hostile text away from the patterns
_EARLIEST_YEAR = 1900  # 0001-01-01 is what several languages print for "no date"

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar januari janvier janv enero ene gennaio gen janeiro styczeń sty "
            "января янв leden ledna jänner jän ocak oca ιαν ιανουαρίου",
            "feb february februar februari février févr fév fevrier febrero febbraio fevereiro fev "
            "luty lutego lut февраля фев únor února şubat şub φεβ φεβρουαρίου",
            "mar march märz mär mrz maart mrt mars marzo março marco marzec marca "
            "марта мар březen března mart μαρ μάρ μαρτίου",
            "apr april avril avr abril abr aprile kwiecień kwietnia kwi апреля апр "
            "duben dubna nisan nis απρ απριλίου",
            "may mai mei mayo maggio mag maio maj мая май květen května mayıs μαι μαϊ μάι μαΐου",
            "jun june juni juin junio giugno giu junho czerwiec czerwca cze июня июн "
            "červen června haziran haz ιουν ιούν ιουνίου",
            "jul july juli juillet juil julio luglio lug julho lipiec lipca lip июля июл "
            "červenec července temmuz tem ιουλ ιούλ ιουλίου",
            "aug august août aout augustus agosto ago sierpień sierpnia sie augusti августа авг "
            "srpen srpna ağustos ağu αυγ αύγ αυγούστου",
            "sep sept september septembre septiembre settembre set setembro wrzesień września wrz "
            "сентября сен сент září eylül eyl σεπ σεπτεμβρίου",
            "oct october oktober okt octobre octubre ottobre ott outubro out październik "
            "października paź октября окт říjen října ekim eki οκτ οκτωβρίου",
            "nov november novembre noviembre novembro listopad listopada lis ноября ноя "
            "listopadu kasım kas νοε νοεμβρίου",
            "dec december dezember dez décembre déc decembre diciembre dic dicembre dezembro "
            "grudzień grudnia gru декабря дек prosinec prosince aralık ara δεκ δεκεμβρίου",
        ),
        start=1,
    )
    for name in names.split()
}

_WEEKDAYS = {name: i for i, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}

# Hours from UTC. Names that several regions share (CST, IST) keep their RFC 822 or most used sense.
_ZONES = {
    name: hours
    for hours, names in (
        (0.0, "z ut utc gmt wet"),
        (1.0, "bst cet mez west"),
        (2.0, "cest mesz eet sast"),
        (3.0, "eest msk trt"),
        (3.5, "irst"),
        (4.0, "gst msd"),
        (5.0, "pkt"),
        (5.5, "ist"),
        (7.0, "ict wib"),
        (8.0, "hkt sgt awst pht"),
        (9.0, "jst kst"),
        (9.5, "acst"),
        (10.0, "aest"),
        (10.5, "acdt"),
        (11.0, "aedt"),
        (12.0, "nzst"),
        (13.0, "nzdt"),
        (-2.5, "ndt"),
        (-3.0, "brt art adt"),
        (-3.5, "nst"),
        (-4.0, "edt ast"),
        (-5.0, "est cdt"),
        (-6.0, "cst mdt"),
        (-7.0, "mst pdt"),
        (-8.0, "pst akdt"),
        (-9.0, "akst"),
        (-10.0, "hst"),
    )
    for name in names.split()
}

_TIME = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2})(?:[.,]\d+)?)?"
_AMPM = r"(?:\s*(?P<ampm>[ap])\.?m\b\.?)?"
_AFTER = r"[\s,T@-]*(?:(?:at|um|à|a las)\s+)?"
_REST = rf"(?:{_AFTER}{_TIME}{_AMPM})?(?P<zone>.*)"

_WEEKDAY = r"(?:[^\W\d_]{2,14}\.?[,.\s]\s*)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?\.?"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>\d{4}|\d{2,3})"
_OF = r"(?:[\s.,/-]*(?:de\s+|of\s+)?)"

_PATTERNS = tuple(
    re.compile(pattern + _REST, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}{_OF}{_MONTH}{_OF}{_YEAR}(?!\d)",  # RFC 822: Fri, 14 Aug 2026
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+(?P<year>\d{{4}})(?!\d)",  # Aug 14, 2026
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",  # 2026/8/14
        r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]",
    )
)
# What nearly all of RSS writes, letter by letter (RFC 2822 section 3.3): worth a way of its own.
_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) "
    r"(?:(GMT|UTC)|([+-])([01]\d|2[0-3])([0-5]\d))",
    re.ASCII,
)
_ASCTIME = re.compile(
    rf"[^\W\d_]{{2,14}},?\s+{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_TIME}\s*(?P<zone>[^\d]*?)\s*"
    r"(?P<year>\d{4})\s*$",
    re.IGNORECASE,
)
_NUMERIC = re.compile(
    rf"(?P<first>\d{{1,2}})[/.-](?P<middle>\d{{1,2}})[/.-](?P<year>\d{{4}}){_REST}"
)
_PARTIAL = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?$")
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?)?(?P<zone>\D.*|)$"
)
_ORDINAL = re.compile(rf"(?P<year>\d{{4}})-(?P<ordinal>\d{{3}})(?!\d){_REST}")
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?P<millis>\d{3})?$")
_OFFSET = re.compile(r"(?:gmt|utc|ut|z)?\s*([+-\u2212])\s*(\d{1,2}):?(\d{2})?(?!\d)", re.IGNORECASE)
_ZONE_NAME = re.compile(r"[^\w]*([A-Za-z]{1,5})\b")
_LEADING_WEEKDAY = re.compile(r"([^\W\d_]{2,14})\.?,\s*(?=\d{1,2}/|\d{4}-)")


@lru_cache(maxsize=4096)  # one document repeats its dates, and a poll repeats the last one's
def parse_date(text: str) -> datetime | None:
    """The moment that `text` names, in UTC, or None where it names none that can be told."""
    if len(text) > _MAX_LENGTH:
        return None
    found = _from_mail(text) or _from_iso(text) or _from_patterns(" ".join(text.split()))
    return found if found is not None and found.year >= _EARLIEST_YEAR else None


def _from_mail(text: str) -> datetime | None:
    found = _MAIL.fullmatch(text)
    month = _MONTHS.get(found[2].lower()) if found else None
    if found is None or month is None:
        return None
    day, _, year, hour, minute, second, is_utc, sign, hours, minutes = found.groups()
    try:
        moment = datetime(
            int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
        if is_utc or (hours, minutes) == ("00", "00"):
            return moment
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return moment - offset if sign == "+" else moment + offset
    except (ValueError, OverflowError):
        return None


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _utc(moment)


def _utc(moment: datetime) -> datetime | None:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _from_patterns(text: str) -> datetime | None:
    weekday = _LEADING_WEEKDAY.match(text)
    text = text[weekday.end() :] if weekday else text
    for pattern in (*_PATTERNS, _ASCTIME, _ORDINAL, _NUMERIC, _COMPACT, _PARTIAL):
        found = pattern.match(text)
        moment = _moment(_ordered(found.groupdict(), weekday)) if found else None
        if moment is not None:
            return moment
    epoch = _EPOCH.match(text)
    return datetime.fromtimestamp(int(epoch["seconds"]), UTC) if epoch else None


def _moment(parts: dict[str, str | None]) -> datetime | None:
    year = _year(parts["year"] or "")
    month_day = _month_and_day(parts, year)
    if month_day is None:
        return None
    hour, minute, second = _clock(parts)
    try:
        start = datetime(year, *month_day, tzinfo=timezone(_offset(parts.get("zone") or "")))
        if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second > 0):
            return None
        # 24:00 is the next midnight, and a leap second the next minute's first.
        return (start + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _ordered(parts: dict[str, str | None], weekday: re.Match[str] | None) -> dict[str, str | None]:
    """Day and month of a numeric date, where a day above 12 or the weekday before it tells."""
    if not parts.get("first"):
        return parts
    first, middle, year = (int(parts[part] or 0) for part in ("first", "middle", "year"))
    fits = [
        (day, month)
        for day, month in dict.fromkeys(((first, middle), (middle, first)))
        if _is_day(year, month, day, weekday[1] if weekday else "")
    ]
    day, month = fits[0] if len(fits) == 1 else (0, 0)
    return {**parts, "day": str(day), "month": str(month)}


def _is_day(year: int, month: int, day: int, weekday: str) -> bool:
    try:
        date = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return not weekday or _WEEKDAYS.get(weekday[:3].lower(), -1) == date.weekday()


def _year(digits: str) -> int:
    """RFC 2822 section 4.3: two digits below 50 mean 20xx; two or three others count from 1900."""
    year = int(digits)
    if len(digits) == 2 and year < 50:
        return 2000 + year
    return year if len(digits) == 4 else 1900 + year


def _month_and_day(parts: dict[str, str | None], year: int) -> tuple[int, int] | None:
    if parts.get("ordinal"):
        day_of_year = int(parts["ordinal"] or 0)
        if not 1 <= day_of_year <= 366:
            return None
        date = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day_of_year - 1)
        return (date.month, date.day) if date.year == year else None
    name = (parts.get("month") or "1").lower()
    month = int(name) if name.isdigit() else _MONTHS.get(name, 0)
    return month, int(parts.get("day") or 1)


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int]:
    hour, minute, second = (int(parts.get(part) or 0) for part in ("hour", "minute", "second"))
    half = (parts.get("ampm") or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, second


def _offset(zone: str) -> timedelta:
    """Offset of a zone; UTC where it is missing or unknown (RFC 2822 section 4.3)."""
    numeric = _OFFSET.search(zone)
    if numeric:
        offset = timedelta(hours=int(numeric[2]), minutes=int(numeric[3] or 0))
        return offset if numeric[1] == "+" else -offset
    named = _ZONE_NAME.match(zone)
    return timedelta(hours=_ZONES.get(named[1].lower(), 0.0)) if named else timedelta()
