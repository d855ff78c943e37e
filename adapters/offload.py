"""CPU work beside the event loop: in threads while there is little of it, in processes when more.

A worker process costs a third of a second and 40 MB, which three small feeds are not worth; a
thread holds the interpreter's lock, which a megabyte of XML must not do. So small work runs in
threads until enough of it is waiting, and large work waits for a process.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple

from adapters.worker_pool import SMALL_BYTES, WorkerPool

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

BUSY = 12  # pieces of work under way at once that make worker processes worth their start


class Offload:
    """Runs module-level functions off the loop. Open with `async with`.

    `processes` 0 keeps everything in threads.
    """

    def __init__(self, processes: int | None = None, preload: tuple[str, ...] = ()) -> None:
        self._processes = _default_processes() if processes is None else processes
        self._preload = preload
        self._pool: WorkerPool | None = None
        self._under_way = 0

    async def __aenter__(self) -> Self:
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="offload")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._pool is not None:
            await self._pool.close()

    async def __call__(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run `work(*args)`; both must be picklable. Raises what it raises.

        A worker process that dies takes its pool along; the work is then done once more in a
        fresh one, and a second death is the caller's error.
        """
        self._under_way += 1
        try:
            if not self._wants_process(args):
                return await self._loop().run_in_executor(self._threads, work, *args)
            pool = self._started()
            try:
                done: T = await pool.run(work, *args)
            except BrokenProcessPool:
                if self._pool is pool:  # else somebody else has met this and begun a fresh one
                    self._pool = None
                done = await self._started().run(work, *args)
            return done
        finally:
            self._under_way -= 1

    def _wants_process(self, args: tuple[object, ...]) -> bool:
        if self._processes == 0:
            return False
        if self._pool is not None or self._under_way >= BUSY:
            return True
        return any(isinstance(arg, bytes | str) and len(arg) > SMALL_BYTES for arg in args)

    def _started(self) -> WorkerPool:
        if self._pool is None:
            self._pool = WorkerPool(self._processes, self._preload)
        return self._pool

    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()


def _default_processes() -> int:
    """One core is this process's own: fetching and storing keep it busy."""
    return max(1, min(4, (os.cpu_count() or 1) - 1))
