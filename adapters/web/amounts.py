"""Numbers with their units, as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

_SPANS = (("d", 86_400), ("h", 3_600), ("min", 60))
_SIZES = ("bytes", "kB", "MB", "GB", "TB")


def span(seconds: float) -> str:
    """How long: `45 s`, `12 min`, `1.5 h`, `3 d`."""
    for unit, length in _SPANS:
        if seconds >= length:
            amount = seconds / length
            return (
                f"{amount:.1f}".removesuffix(".0") + f" {unit}"
                if amount < 10
                else (f"{amount:.0f} {unit}")
            )
    return f"{max(seconds, 0):.0f} s"


def coming(at: datetime, now: datetime) -> str:
    """When: `in 12 min`, `now` for what is due."""
    seconds = (at - now).total_seconds()
    return f"in {span(seconds)}" if seconds >= 1 else "now"


def size(count: float) -> str:
    """`312 bytes`, `4.2 MB`, in powers of a thousand."""
    unit = 0
    while count >= 1_000 and unit < len(_SIZES) - 1:
        count, unit = count / 1_000, unit + 1
    return (
        f"{count:.0f} {_SIZES[unit]}"
        if unit == 0 or count >= 100
        else (f"{count:.1f} {_SIZES[unit]}")
    )


def dollars(amount: float) -> str:
    """`$1.20`; what is less than ten cents with the digits that it has: `$0.0034`."""
    return f"${amount:,.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.4f}"


def iso(at: datetime) -> str:
    """A moment for the attribute of a `<time>`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
