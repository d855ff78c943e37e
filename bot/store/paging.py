"""Where a long list goes on: after the last one that was shown, whatever came since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from bot.store.times import from_text, to_text


class Place(NamedTuple):
    """After the one of this time and number."""

    at: datetime
    id: int


def place_from(text: str) -> Place | None:
    """A place as `place_text` wrote it; None for anything else."""
    at, _, number = text.rpartition("~")
    row = number_from(number)
    try:
        moment = from_text(at)
        utc = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return None if row is None or utc is None else Place(utc, row)


def place_text(at: datetime, number: int) -> str:
    """A place for an address."""
    return f"{to_text(at)}~{number}"


def number_from(text: str) -> int | None:
    """The number of a row; None for anything that is none. The database knows no longer ones."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
