"""What the headers of an answer mean: dates, how long it stays fresh, how long to stay away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_AGE_S = 365 * 86_400.0
MAX_RETRY_AFTER_S = 86_400.0
_MAX_VALIDATOR_CHARS = 1_024


def max_age_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the answer may be taken for current; None where the server does not say.

    `max-age` less `Age`, else `Expires` less the server's own `Date`; RFC 9111 section 4.2.1.
    `no-cache` and `no-store` are no wish for a pause, whatever stands beside them.
    """
    directives = _directives(headers["Cache-Control"]) if "Cache-Control" in headers else {}
    if "no-store" in directives or "no-cache" in directives:
        return None
    lifetime_s = _seconds(directives.get("max-age", ""))
    if lifetime_s is not None:
        age_s = _seconds(headers.get("Age", "")) or 0.0
        return min(max(lifetime_s - age_s, 0.0), MAX_AGE_S)
    expires_at = http_date(headers["Expires"]) if "Expires" in headers else None
    if expires_at is None:
        return None
    return min(max(_since(expires_at, headers, now), 0.0), MAX_AGE_S)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Retry-After in seconds, at most a day. RFC 9110 section 10.2.3."""
    value = headers.get("Retry-After", "").strip()
    wait_s = _seconds(value)
    if wait_s is None:
        until = http_date(value)
        if until is None:
            return None
        wait_s = _since(until, headers, now)
    return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)


def validator(value: str | None) -> str | None:
    """An ETag or Last-Modified that can be sent back as it came; None where it cannot.

    Servers put anything there: line noise that no header may carry, or half a page.
    """
    if not value or len(value) > _MAX_VALIDATOR_CHARS or not value.isprintable():
        return None
    return value


def http_date(value: str) -> datetime | None:
    """A date in any of HTTP's three forms, in UTC."""
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if parsed.tzinfo is None:  # "-0000", and the asctime form: both mean UTC
        return parsed.replace(tzinfo=UTC)
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        return None


def told_time(headers: Mapping[str, str]) -> datetime | None:
    """What time it is for the server. A cache in between says for how long it kept the answer."""
    sent_at = http_date(headers["Date"]) if "Date" in headers else None
    if sent_at is None:
        return None
    return sent_at + timedelta(seconds=min(_seconds(headers.get("Age", "")) or 0.0, MAX_AGE_S))


def _since(moment: datetime, headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until `moment`, by the clock of the server that wrote it where it shows one."""
    sent_at = http_date(headers["Date"]) if "Date" in headers else None
    return (moment - (sent_at or now)).total_seconds()


def _directives(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in value.split(","):
        name, _, argument = part.strip().partition("=")
        found.setdefault(name.strip().lower(), argument.strip().strip('"'))
    return found


def _seconds(value: str) -> float | None:
    text = value.strip()
    if not text.isascii() or not text.isdigit():
        return None
    return float(text[:12]) if len(text) <= 12 else MAX_AGE_S
