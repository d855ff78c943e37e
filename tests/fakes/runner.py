"""A runner that runs at once, in the test's own thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def run_at_once(work: Callable[[*Ts], T], *args: *Ts) -> T:
    """Implements `bot.ports.Runner`."""
    return work(*args)
