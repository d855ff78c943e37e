"""Times as the database keeps them: UTC text of one width, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=1_024)  # one poll's entries share their moment, and their dates with each other
def to_text(at: datetime) -> str:
    """`2026-11-21T09:00:00.000Z`. `at` must be aware."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    # Twice as fast as `isoformat`; every entry has three of them.
    day, second = (at.year, at.month, at.day), (at.hour, at.minute, at.second)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (*day, *second, at.microsecond // 1_000)  # noqa: UP031


def to_text_or_none(at: datetime | None) -> str | None:
    return None if at is None else to_text(at)


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)


def from_text_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
