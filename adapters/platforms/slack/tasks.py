"""What goes on after an acknowledgement: tasks that are counted, bounded and waited for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from bot.fair_places import FairPlaces

log = structlog.get_logger(__name__)

AT_ONCE = 50  # that work at the same time; more wait, acknowledged
MOST = 2_000  # that wait; more are refused, or a flood would fill the memory
AT_ONCE_EACH = 5  # for one person: nobody keeps the others waiting
MOST_EACH = 50
TELL_WITHIN_S = 1.5
WORK_WITHIN_S = 30 * 60.0  # nobody waits for longer


class Tasks:
    """Runs work beside Slack's requests. `stop` lets what runs finish for a while."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[None], Callable[[], Awaitable[None]] | None] = {}
        self._places = FairPlaces(AT_ONCE, AT_ONCE_EACH)
        self._people: Counter[str] = Counter()
        self.is_stopping = False

    def start(self, name: str, work: Coroutine[Any, Any, None], who: str = "") -> bool:
        """Start `work` for a person. False where there is too much to do already, for them or for
        all. Raises nothing.
        """
        if len(self._running) >= MOST or (who and self._people[who] >= MOST_EACH):
            work.close()
            log.error("too much to do", work=name, person=who)
            return False
        self._people[who] += 1
        task = asyncio.create_task(self._supervised(name, work, who))
        self._running[task] = None
        task.add_done_callback(lambda done: self._ended(done, who))
        return True

    def _ended(self, task: asyncio.Task[None], who: str) -> None:
        self._running.pop(task, None)
        self._people[who] -= 1
        if not self._people[who]:
            del self._people[who]

    def tell_when_broken_off(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Who waits for the work that runs now is told where it cannot be finished."""
        task = asyncio.current_task()
        if task in self._running:
            self._running[task] = tell

    async def idle(self) -> None:
        """Returns when nothing runs any more."""
        while self._running:
            await asyncio.wait(list(self._running))

    async def stop(self, within_s: float) -> None:
        """Take no more; let what runs finish; tell those whose answer will not come."""
        self.is_stopping = True
        if self._running:
            await asyncio.wait(list(self._running), timeout=within_s)
        left = dict(self._running)
        for task in left:
            task.cancel()
        told = [asyncio.ensure_future(tell()) for tell in left.values() if tell is not None]
        if told:
            _, late = await asyncio.wait(told, timeout=TELL_WITHIN_S)
            for task in late:
                task.cancel()

    async def _supervised(self, name: str, work: Coroutine[Any, Any, None], who: str) -> None:
        try:
            async with self._places.place(who), asyncio.timeout(WORK_WITHIN_S):
                await work
        except TimeoutError:
            log.warning("work took too long", work=name)
        except Exception:  # supervisor: one broken answer is one broken answer
            log.exception("work crashed", work=name)
        finally:
            work.close()
