"""What runs when, all of it.

APScheduler says when; our own tasks do what. A job only sets the event that its worker waits for,
so a missed, doubled or late tick loses nothing: what is due is a question to the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Tick(NamedTuple):
    """A worker's name and how often it looks whether something is due."""

    worker: str
    every_s: float


TICKS = (
    Tick("poll", 1.0),
    Tick("index", 2.0),
    Tick("summarize", 2.0),
    Tick("deliver", 1.0),
    Tick("digest", 5.0),
    Tick("measure", 60.0),
    Tick("maintain", 1_800.0),
    Tick("backup", 60.0),
    Tick("websub", 10.0),
)


class Scheduler:
    """Wakes workers. `waker(name)` is the event that the worker of that name waits for.

    `ticked` hears each time that a job ran.
    """

    def __init__(self, *, ticked: Callable[[str], object] = lambda worker: None) -> None:
        self._ticked = ticked
        self._events = {tick.worker: asyncio.Event() for tick in TICKS}
        # Without these a loop that stalls for a second skips runs in silence.
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def waker(self, worker: str) -> asyncio.Event:
        return self._events[worker]

    def start(self) -> None:
        for tick in TICKS:
            self._events[tick.worker].set()
            self._scheduler.add_job(
                self._tick, "interval", (tick.worker,), seconds=tick.every_s, id=tick.worker
            )
        self._scheduler.start()

    async def _tick(self, worker: str) -> None:
        # A coroutine runs on the loop; a plain function would be handed to a thread, from which an
        # asyncio event must not be set.
        self._events[worker].set()
        self._ticked(worker)

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
