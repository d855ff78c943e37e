"""Moving what was committed from the write-ahead log into the file, beside the writer.

SQLite does it by itself inside a commit, once the log is long: 30 MB are then read and written
while all else waits (measured: a tenth of the writer's time under load). Where much is written it
is done earlier and in a thread of its own, which neither holds up the writer nor needs the
interpreter. SQLite's own way stays as it is and takes over where this does not keep up.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time

CHANGES = 20_000  # rows, index rows among them: some 2,000 pages
EMPTIED_WITHIN_S = 10.0
_PASSES = 3  # a commit in the meantime is moved by the next pass; then the log begins anew


class Checkpoints:
    """A thread that checkpoints when the writer says that it changed enough."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection` is this thread's alone from now on, which closes it."""
        self._connection = connection
        self._due = threading.Event()
        self._is_over = False
        self._changes = 0
        self._thread = threading.Thread(target=self._serve, name="store-checkpoint", daemon=True)
        self._thread.start()

    def committed(self, changes: int) -> None:
        """Called after each commit with the rows that its connection has changed in all."""
        if changes - self._changes >= CHANGES:
            self._changes = changes
            self._due.set()

    def close(self) -> None:
        """End the thread; blocks until a checkpoint under way is done."""
        self._is_over = True
        self._due.set()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._is_over:  # looked at after clearing: `close` cannot be missed
                break
            # A full disk or a lock: the writer meets it too, and tells.
            with contextlib.suppress(sqlite3.Error):
                _move(self._connection)
        self._connection.close()


def empty_log(connection: sqlite3.Connection) -> None:
    """Move all that is in the log, and cut it off. While another checkpoint is under way SQLite
    refuses at once: what was deleted for good would then stay in the log.
    """
    until = time.monotonic() + EMPTIED_WITHIN_S
    while _is_refused(connection) and time.monotonic() < until:
        time.sleep(0.02)


def _is_refused(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def _move(connection: sqlite3.Connection) -> None:
    for _ in range(_PASSES):
        _, in_log, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if moved == in_log:
            return
