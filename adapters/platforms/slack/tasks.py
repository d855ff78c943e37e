"""What goes on after an acknowledgement: tasks that are counted, bounded and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

AT_ONCE = 50  # that work at the same time; more wait, acknowledged
MOST = 2_000  # that wait; more are refused, or a flood would fill the memory
WORK_WITHIN_S = 30 * 60.0  # nobody waits for longer


class Tasks:
    """Runs work beside Slack's requests. `stop` lets what runs finish for a while."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[None], Callable[[], Awaitable[None]] | None] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self.is_stopping = False

    def start(
        self,
        name: str,
        work: Coroutine[Any, Any, None],
        *,
        given_up: Callable[[], Awaitable[None]] | None = None,
    ) -> bool:
        """Start `work`, which raises nothing that matters. `given_up` is called where it had to be
        broken off. False where there is too much to do already. Raises nothing.
        """
        if len(self._running) >= MOST:
            work.close()
            log.error("too much to do", work=name)
            return False
        task = asyncio.create_task(self._supervised(name, work))
        self._running[task] = given_up
        task.add_done_callback(lambda done: self._running.pop(done, None))
        return True

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
        told = [given_up() for given_up in left.values() if given_up is not None]
        await asyncio.gather(*told, return_exceptions=True)

    async def _supervised(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._places, asyncio.timeout(WORK_WITHIN_S):
                await work
        except TimeoutError:
            log.warning("work took too long", work=name)
        except Exception:  # supervisor: one broken answer is one broken answer
            log.exception("work crashed", work=name)
        finally:
            work.close()
