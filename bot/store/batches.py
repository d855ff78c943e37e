"""Many values for one question: a statement takes only so many."""

from __future__ import annotations

from collections.abc import Iterable


def parts(values: list[int], size: int) -> Iterable[list[int]]:
    """The values in lists of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
