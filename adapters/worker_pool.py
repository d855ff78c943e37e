"""Worker processes for documents: what waits meanwhile is handed over together.

Handing one piece to a process and taking its result back costs the loop's process a third of a
millisecond, half of what else a poll costs there. So what comes while every process has enough to
do goes in one message. Nothing waits for company: it waits for a process.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import multiprocessing
import os
import pickle
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from typing import Any, NamedTuple

BEHIND = 5  # niceness: documents can wait, people who typed a command cannot
SMALL_BYTES = 64_000  # what is larger takes long enough for others to notice
# The first of a message waits for its last: together goes only what is known to be small.
MOST_TOGETHER = 8
_AHEAD = 2  # messages per process, so that none waits for its next one


@dataclass(eq=False, slots=True)
class Piece:
    """Work that waits for a process, and who waits for it."""

    work: Callable[..., Any]
    args: tuple[Any, ...]
    future: asyncio.Future[Any]

    @property
    def is_small(self) -> bool:
        """Whether it is a short text or document; of anything else nobody knows."""
        sizes = [len(arg) for arg in self.args if isinstance(arg, bytes | str)]
        return len(sizes) == len(self.args) and 0 < sum(sizes) <= SMALL_BYTES


_Work = list[tuple[Callable[..., Any], tuple[Any, ...]]]


class _Outcome(NamedTuple):
    """What came of a piece; `error` None where it is `value`. `traceback` is the worker's."""

    value: Any
    error: BaseException | None
    traceback: str = ""


class WorkerTraceback(Exception):  # noqa: N818  # no error itself: the cause of one
    """Where in the worker an error was raised, for the log."""


class WorkerPool:
    """Runs module-level functions in processes; functions, arguments and results are picklable."""

    def __init__(self, processes: int, preload: tuple[str, ...] = ()) -> None:
        self._processes = processes
        self._pool = ProcessPoolExecutor(
            processes,
            mp_context=_context(processes, preload),
            initializer=_begin,
            initargs=(preload,),
        )
        self._is_closed = False
        self._waiting: deque[Piece] = deque()
        self._messages: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run `work(*args)`. Raises what it raises, `BrokenProcessPool` when its process died."""
        piece = Piece(work, args, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        self._hand_over()
        return await piece.future

    async def close(self) -> None:
        """End the processes; returns when what they are at is done. What waits is cancelled."""
        self._is_closed = True
        while self._waiting:
            self._waiting.popleft().future.cancel()
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)

    def _hand_over(self) -> None:
        while (
            self._waiting and not self._is_closed and len(self._messages) < _AHEAD * self._processes
        ):
            pieces = next_message(self._waiting, self._processes)
            message = asyncio.create_task(self._run_together(pieces))
            self._messages.add(message)
            message.add_done_callback(self._done)

    def _done(self, message: asyncio.Task[None]) -> None:
        self._messages.discard(message)
        self._hand_over()

    async def _run_together(self, pieces: Sequence[Piece]) -> None:
        pieces = [piece for piece in pieces if not piece.future.done()]  # who waited was cancelled
        if not pieces:
            return
        try:
            outcomes = await self._submitted([(piece.work, piece.args) for piece in pieces])
        except BaseException as exc:  # noqa: BLE001  # handed to those who wait
            is_over = self._is_closed or isinstance(exc, BrokenProcessPool | asyncio.CancelledError)
            if len(pieces) > 1 and not is_over:
                for piece in pieces:  # one of them has a result that cannot be sent
                    await self._run_together([piece])
                return
            # What came too late to a closed pool was cancelled; that is no error of its own.
            error = asyncio.CancelledError() if self._is_closed else exc
            outcomes = [_Outcome(None, error)] * len(pieces)
        for piece, outcome in zip(pieces, outcomes, strict=True):
            _settle(piece.future, outcome)

    async def _submitted(self, work: _Work) -> Any:
        """Hand over to a worker process. As long as that may start one, which takes up to a second,
        it is done beside the loop.
        """
        if len(self._pool._processes) < self._processes:
            future = await asyncio.to_thread(lambda: self._pool.submit(_run_each, work))
            return await asyncio.wrap_future(future)
        return await asyncio.get_running_loop().run_in_executor(self._pool, _run_each, work)


def _settle(future: asyncio.Future[Any], outcome: _Outcome) -> None:
    if future.done():
        return
    if outcome.error is None:
        future.set_result(outcome.value)
    elif isinstance(outcome.error, asyncio.CancelledError):
        future.cancel()
    else:
        if outcome.traceback:
            outcome.error.__cause__ = WorkerTraceback(outcome.traceback)
        future.set_exception(outcome.error)


def next_message(waiting: deque[Piece], processes: int) -> list[Piece]:
    """Take the oldest that wait, as many as go together: small ones, a share for each process."""
    most = min(MOST_TOGETHER, -(-len(waiting) // processes))
    pieces = [waiting.popleft()]
    while pieces[0].is_small and waiting and waiting[0].is_small and len(pieces) < most:
        pieces.append(waiting.popleft())
    return pieces


def _run_each(work: _Work) -> list[_Outcome]:
    """In the worker: one piece after the other; what one raises is its own."""
    return [_outcome(each, args) for each, args in work]


def _outcome(work: Callable[..., Any], args: tuple[Any, ...]) -> _Outcome:
    try:
        return _Outcome(work(*args), None)
    except Exception as exc:  # noqa: BLE001  # raised again where it is waited for
        error = exc if _is_sendable(exc) else RuntimeError(repr(exc))
        return _Outcome(None, error, f"\n{traceback.format_exc()}")


def _is_sendable(error: Exception) -> bool:
    """Whether an error gets through to the other side; one that does not takes along the rest."""
    if isinstance(error, StopIteration):
        return False  # no future takes it
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # made just here
    except Exception:  # noqa: BLE001  # classes do what they like there
        return False
    return True


def _context(processes: int, preload: tuple[str, ...]) -> BaseContext:
    """Several processes share what a server has imported, which forks them; a single one does not
    need that server's 40 MB.
    """
    if processes == 1:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


def _begin(preload: tuple[str, ...]) -> None:
    """What was imported stays, and documents are trees without cycles: collect less often."""
    for name in preload:
        importlib.import_module(name)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    os.nice(BEHIND)
    _end_with_parent()


def _end_with_parent() -> None:
    """A killed parent leaves no worker behind: the pool's own pipes would keep it waiting."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()
