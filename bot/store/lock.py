"""The lock that makes one process the only one to run on a database."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bot.errors import StoreError


@contextlib.contextmanager
def lock(path: Path, message: str) -> Iterator[None]:
    """Hold a file lock; the system frees it when the process ends, however it ends."""
    try:
        lock_file = path.open("w")
    except OSError as exc:
        raise StoreError(f"cannot write {path}: {exc.strerror}") from exc
    with lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise StoreError(message) from exc
        lock_file.write(f"{os.getpid()}\n")
        lock_file.flush()
        yield
