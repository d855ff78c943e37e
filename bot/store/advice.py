"""What to do about SQLite's errors."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bot.errors import StoreError


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as one line that says what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a broken rule of ours is a bug, not the file's fault
    except sqlite3.DatabaseError as exc:
        raise StoreError(f"{path}: {_advice(str(exc))}") from exc


_ADVICE = {
    "database is locked": "another program holds the database: try again when it is done",
    "database or disk is full": "the disk is full: make room, nothing was lost",
    "file is not a database": "this file is not a Threadwire database: check database.path",
    "malformed": "the database is damaged: run `threadwire db check` and restore a backup",
    "unable to open": "cannot open the database: check that the folder exists and is writable",
    "readonly": "the database cannot be written: check the file's permissions",
}


def _advice(message: str) -> str:
    return next((advice for part, advice in _ADVICE.items() if part in message), message)
