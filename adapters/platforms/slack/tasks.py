"""What goes on after an acknowledgement: tasks that are counted, bounded and waited for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

AT_ONCE = 50  # that work at the same time; more wait, acknowledged
MOST = 2_000  # that wait; more are refused, or a flood would fill the memory
AT_ONCE_EACH = 5  # for one person: nobody keeps the others waiting
MOST_EACH = 50
TELL_WITHIN_S = 1.5
WORK_WITHIN_S = 30 * 60.0  # nobody waits for longer


class _Share:
    """What one person has under way."""

    __slots__ = ("places", "tasks")

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(AT_ONCE_EACH)
        self.tasks = 0


class Tasks:
    """Runs work beside Slack's requests. `stop` lets what runs finish for a while."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[None], Callable[[], Awaitable[None]] | None] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._people: dict[str, _Share] = {}
        self.is_stopping = False

    def start(self, name: str, work: Coroutine[Any, Any, None], who: str = "") -> bool:
        """Start `work` for a person. False where there is too much to do already, for them or for
        all. Raises nothing.
        """
        share = self._people.get(who) or _Share()
        if len(self._running) >= MOST or (who and share.tasks >= MOST_EACH):
            work.close()
            log.error("too much to do", work=name, person=who)
            return False
        share.tasks += 1
        self._people[who] = share
        task = asyncio.create_task(self._supervised(name, work, share if who else None))
        self._running[task] = None
        task.add_done_callback(lambda done: self._ended(done, who))
        return True

    def _ended(self, task: asyncio.Task[None], who: str) -> None:
        self._running.pop(task, None)
        self._people[who].tasks -= 1
        if not self._people[who].tasks:
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

    async def _supervised(
        self, name: str, work: Coroutine[Any, Any, None], share: _Share | None
    ) -> None:
        own = contextlib.nullcontext() if share is None else share.places
        try:
            async with own, self._places, asyncio.timeout(WORK_WITHIN_S):
                await work
        except TimeoutError:
            log.warning("work took too long", work=name)
        except Exception:  # supervisor: one broken answer is one broken answer
            log.exception("work crashed", work=name)
        finally:
            work.close()
