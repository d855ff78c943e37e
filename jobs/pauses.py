"""Retry-After outlives the process: `run --once` from cron is a new one each time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from bot.ports import Clock
from bot.store import hosts
from bot.store.database import Database


class Pausing(Protocol):
    """Who knows which hosts want a pause (`adapters.http.HttpClient`)."""

    def pause(self, place: str, wait_s: float) -> None:
        """Ask nothing of `place`, host name and port, for so long."""

    def tell_pauses(self, listener: Callable[[str, float], Awaitable[None]]) -> None:
        """Call `listener` with place and seconds whenever a host asks for a longer pause."""


async def keep_pauses(http: Pausing, database: Database, clock: Clock) -> None:
    """Hand over the pauses that earlier runs were told, and keep those that this one is told."""
    now = clock.now()
    for place, until in (await database.read(hosts.paused, now)).items():
        http.pause(place, (until - now).total_seconds())

    async def keep(place: str, wait_s: float) -> None:
        now = clock.now()
        await database.write(hosts.pause, place, now + timedelta(seconds=wait_s), now)

    http.tell_pauses(keep)
