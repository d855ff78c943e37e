"""One SQLite file: one thread that writes, a few that read, one run at a time.

Steps are plain functions that take a connection first. `write` runs a step inside a transaction on
the writer's thread. Steps that wait at the same moment share one commit, so that 2,000 polls do not
cost 2,000 syncs. Nothing waits for company: what fewer commits save is lost again in waiting
(measured: a quarter of the throughput). When one step fails, all are undone and run again each by
itself, so that it takes nothing else with it. A savepoint for each would do that too, but it makes
the full-text index write a segment of its own every time (measured: a third of the throughput).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from bot.errors import StoreError
from bot.store import model_use
from bot.store.advice import translated
from bot.store.checkpoints import Checkpoints, empty_log
from bot.store.lock import lock

P = ParamSpec("P")
T = TypeVar("T")

Connection = sqlite3.Connection  # what steps take, for those who compose them from outside

READERS = 2
STEPS_PER_COMMIT = 64
CACHE_KIB = 32_000
CHECK_WITHIN_S = 3.0

Step = Callable[Concatenate[sqlite3.Connection, P], T]


@dataclass(slots=True)
class _Job:
    run: Callable[[sqlite3.Connection], object]
    future: asyncio.Future[Any]
    is_durable: bool
    result: object = None
    error: BaseException | None = None


class Database:
    """The store's file. Open with `async with`; `exclusive` makes this the one running instance.

    `meanwhile` is called on the loop's thread while the file is looked through for damage.
    """

    def __init__(
        self,
        path: Path,
        *,
        exclusive: bool = False,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self.path = path
        self._exclusive = exclusive
        self._meanwhile = meanwhile
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._is_durable = True  # as `connect` opens it
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._stack = contextlib.ExitStack()
        try:
            looking = self._loop.run_in_executor(None, self._look)
            try:
                self._meanwhile()
            finally:
                await looking
            self._checkpoints = Checkpoints(await asyncio.to_thread(self._open))
        except BaseException:
            self._stack.close()
            raise
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writer = threading.Thread(target=self._write_loop, name="store-write", daemon=True)
        self._writer.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        self._pool.shutdown(wait=True)
        for connection in self._readers:
            connection.close()
        self._stack.close()

    async def write(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `step` in a transaction on the writer's thread; returns after the commit.

        The step may run a second time after its changes were undone, so it must do nothing that
        a rollback does not undo. Raises what the step raised, or `StoreError`.
        """
        result: T = await self._queued(lambda conn: step(conn, *args, **kwargs), is_durable=True)
        return result

    async def write_lightly(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write`, but it does not wait for the disk.

        A kill takes nothing back. A power failure may, never half of it, and never while keeping
        what was written after it: for what is simply done again then, such as a poll together with
        the validators that vouch for it.
        """
        result: T = await self._queued(lambda conn: step(conn, *args, **kwargs), is_durable=False)
        return result

    async def _queued(
        self, run: Callable[[sqlite3.Connection], object], *, is_durable: bool
    ) -> Any:
        job = _Job(run, self._loop.create_future(), is_durable)
        self._jobs.put(job)
        return await job.future

    async def read(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `step` on a connection that cannot write."""
        return await self._loop.run_in_executor(
            self._pool, lambda: self._read(step, *args, **kwargs)
        )

    async def caught_up(self) -> None:
        """Returns when all that was handed to `write` so far is committed, and so can be read.

        Steps wait for the writer with the time at which they were handed in: who reads "all until
        now" asks for the time first, then waits here, then reads.
        """
        await self.write(_nothing)

    async def tidy(self) -> None:
        """Refresh the planner's statistics and shrink the write-ahead log."""
        await self.write(_optimize)
        await asyncio.to_thread(_empty_log, self.path)

    async def backup(self, target: Path) -> None:
        """Copy the live database to `target`, page by page, while it is in use."""
        await asyncio.to_thread(_backup, self.path, target)

    def _look(self) -> None:
        """Make sure that the file is ours and sound. Imports nothing: `meanwhile` does."""
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a folder: database.path must name a file")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(f"cannot make the folder {self.path.parent}: {exc.strerror}") from exc
        if self._exclusive:
            self._stack.enter_context(
                lock(
                    self.path.with_name(self.path.name + ".lock"),
                    f"{self.path} is in use by another running Threadwire: stop that one first",
                )
            )
            with translated(self.path):
                _refuse_damaged(self.path)

    def _open(self) -> sqlite3.Connection:
        """Open the writer's connection; returns one for the checkpoints."""
        with translated(self.path):
            migrate(self.path)
            self._connection = connect(self.path)
            return connect(self.path)

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch, is_last = self._waiting_with(job)
            self._commit(batch)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_answer, batch)
            self._checkpoints.committed(self._connection.total_changes)
            if is_last:
                break
        self._checkpoints.close()
        self._connection.close()

    def _waiting_with(self, job: _Job) -> tuple[list[_Job], bool]:
        """The job and those behind it, and whether they are the last ever."""
        batch = [job]
        with contextlib.suppress(queue.Empty):
            while len(batch) < STEPS_PER_COMMIT:
                if (more := self._jobs.get_nowait()) is None:
                    return batch, True
                batch.append(more)
        return batch, False

    def _commit(self, batch: list[_Job]) -> None:
        """One transaction for all, or else one for each: a job's own error stays its own."""
        if self._run(batch) is not None and len(batch) > 1:
            for job in batch:
                self._run([job])

    def _run(self, batch: list[_Job]) -> BaseException | None:
        """Run these in one transaction; returns what undid it, which is a single job's own."""
        error: BaseException | None = None
        try:
            with translated(self.path):
                self._sync(is_durable=any(job.is_durable for job in batch))
                self._connection.execute("BEGIN IMMEDIATE")
                for job in batch:
                    job.result = job.run(self._connection)
                self._connection.execute("COMMIT")
        except BaseException as exc:  # noqa: BLE001  # handed to whoever waits for this step
            error = exc
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        if len(batch) == 1:
            batch[0].error = error
        return error

    def _sync(self, *, is_durable: bool) -> None:
        """Whether the next commit reaches the disk before it counts (in WAL mode; a later one that
        does takes along all before it).
        """
        if is_durable is not self._is_durable:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
            self._is_durable = is_durable

    def _read(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        with translated(self.path):
            if connection is None:
                connection = connect(self.path, query_only=True)
                self._local.connection = connection
                self._readers.append(connection)
            return step(connection, *args, **kwargs)


def connect(path: Path, *, query_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; transactions are begun and ended by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in (
        "busy_timeout = 5000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "secure_delete = ON",  # what is deleted for good must not stand in free pages
        f"cache_size = -{CACHE_KIB}",
        "wal_autocheckpoint = 8000",  # pages: fewer, larger ones cost half the writes
        "journal_size_limit = 67108864",
        f"query_only = {int(query_only)}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def migrate(path: Path) -> None:
    """Bring the schema up to date. Safe when several processes start at once."""
    from sqlite_utils import Database as UtilsDatabase

    from bot.store.migrations import migrations

    lock_path = path.with_name(path.name + ".migrate.lock")
    with lock_path.open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        connection = connect(path)
        try:
            migrations.apply(UtilsDatabase(connection))
        finally:
            connection.close()


def check(path: Path) -> list[str]:
    """What SQLite finds damaged, one line each; empty when the file is sound."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            rows += [
                f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}"
                for row in connection.execute("PRAGMA foreign_key_check")
            ]
        finally:
            connection.close()
    except sqlite3.DatabaseError as exc:
        return [str(exc)]
    return [row for row in rows if row != "ok"]


def _refuse_damaged(path: Path) -> None:
    """Look for damage before anything is written on top of it; raises `StoreError`.

    No longer than `CHECK_WITHIN_S`: a service that has much to tell must not start late for it.
    """
    if not path.exists():
        return
    until = time.monotonic() + CHECK_WITHIN_S
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as exc:
        if "interrupted" not in str(exc):
            raise
        return
    finally:
        connection.close()
    if found != "ok":
        told = " ".join(str(found).split())[:200]
        raise StoreError(
            f"{path} is damaged ({told}): restore a backup, see docs/ops/backup.md; "
            "`threadwire db check` tells more"
        )


def _answer(batch: list[_Job]) -> None:
    for job in batch:
        if job.future.done():  # the caller was cancelled; the step stands all the same
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def _nothing(connection: sqlite3.Connection) -> None:
    """A step whose turn is all that matters."""


def _optimize(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA optimize")


def _empty_log(path: Path) -> None:
    with contextlib.closing(connect(path)) as connection:
        empty_log(connection)


def _forget_private(copy: sqlite3.Connection) -> None:
    """A copy is kept for longer than what was said in private conversations may be."""
    tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
    if "model_answer" in tables:
        copy.execute("PRAGMA secure_delete = ON")
        model_use.forget_private(copy)
        copy.commit()


def _backup(source: Path, target: Path) -> None:
    if target.is_dir():
        raise StoreError(f"{target} is a folder: name the file to write")
    partial = target.with_name(f".{target.name}.part")
    with translated(target):
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        origin, copy = sqlite3.connect(source), sqlite3.connect(partial)
        try:
            # In one step: between steps any write makes it begin anew, which may go on for ever.
            # Who writes meanwhile is not held up, the log only grows.
            origin.backup(copy)
            _forget_private(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # a copy is one file
        finally:
            copy.close()
            origin.close()
        damage = check(partial)
        if damage:
            raise StoreError(f"{target} was not written: the copy is damaged ({damage[0]})")
    partial.replace(target)
