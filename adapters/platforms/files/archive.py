"""A folder of Markdown files in which no file is ever seen half written.

A file is written aside in the folder where it will stand, forced to the disk, and renamed: readers
see the old file, the new one, or none. A killed run leaves at most a hidden `.tmp` file, which the
next write of the same delivery takes over, and which is otherwise cleared away after an hour.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from adapters.platforms.files.render import SHORT_KEY

LEFTOVER_AGE = timedelta(hours=1)
_SUFFIX = ".md"


class Archive:
    """Blocking file work; everything raises `OSError`. Safe to call from several threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._by_key: dict[str, str] | None = None
        self._lock = threading.Lock()

    def put(self, path: str, short_key: str, content: bytes, now: datetime) -> str:
        """Write a delivery's file, where it already stands or else at `path`; returns its path."""
        with self._lock:
            if self._by_key is None:
                self._clear_leftovers(now)
                self._by_key = self._scan()
            known = self._by_key.get(short_key)
            place = known if known and self.holds(known) else path
            self._write(place, short_key, content)
            self._by_key[short_key] = place
        return place

    def replace(self, path: str, short_key: str, content: bytes) -> bool:
        """Write a file anew; False when it is not there: what somebody removed stays removed."""
        with self._lock:
            if not self.holds(path):
                return False
            self._write(path, short_key, content)
        return True

    def look_up(self, short_key: str) -> str | None:
        """The delivery's file, as the disk has it now."""
        with self._lock:
            self._by_key = self._scan()
            return self._by_key.get(short_key)

    def holds(self, path: str) -> bool:
        return (self._directory / path).is_file()

    def _scan(self) -> dict[str, str]:
        """All deliveries by short key. Reads names only: about half a second for 100,000 files."""
        return {
            name[-SHORT_KEY - len(_SUFFIX) : -len(_SUFFIX)]: f"{folder}/{name}"
            for folder, name in self._names()
            if name.endswith(_SUFFIX) and not name.startswith(".")
        }

    def _clear_leftovers(self, now: datetime) -> None:
        for folder, name in self._names():
            if name.startswith(".") and name.endswith(".tmp"):
                leftover = self._directory / folder / name
                if leftover.stat().st_mtime < (now - LEFTOVER_AGE).timestamp():
                    leftover.unlink(missing_ok=True)

    def _names(self) -> Iterator[tuple[str, str]]:
        """Folder and name of every file in `<YYYY>/<MM>/`.

        Not with `glob`, which passes over folders that it may not read: not knowing must be an
        error here, since "surely not posted" is a promise.
        """
        if not self._directory.exists():
            return
        for year in _numbered_folders(self._directory, digits=4):
            for month in _numbered_folders(year, digits=2):
                with os.scandir(month) as files:
                    for file in files:
                        yield f"{year.name}/{month.name}", file.name

    def _write(self, path: str, short_key: str, content: bytes) -> None:
        target = self._directory / path
        _make_folder(target.parent)
        aside = target.parent / f".{short_key}.tmp"
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def _numbered_folders(folder: Path, *, digits: int) -> list[Path]:
    return sorted(
        inner
        for inner in folder.iterdir()
        if len(inner.name) == digits and inner.name.isdecimal() and inner.is_dir()
    )


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each entered in its parent for good."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk, where the system has a way to (Windows has none)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
