"""Run a command and watch it: wall time, processor time, and memory with all its children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SAMPLE_S = 0.1
MEMORY_SAMPLE_S = 0.3  # a look holds up who is looked at; the baselines are not watched
PROC = Path("/proc")
MIB = 1024 * 1024


Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """The end of what is measured: `text` was written to stderr `times` times."""

    text: bytes
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a run took. Peaks are of the sum over all its processes, in bytes.

    RSS counts a page that two processes share twice; PSS shares it out between them and is what
    the machine really gave away.
    """

    started_at: datetime
    wall_s: float
    exit_code: int
    stdout: str
    stderr: str
    peak_rss: int
    peak_pss: int
    peak_processes: int


def measured_run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 180,
    until: Until | None = None,
) -> Measured:
    """Run to the end, or until it said something often enough; then it is killed with its children.

    Raises `subprocess.TimeoutExpired`. Output goes through files, since a full pipe would stop the
    command that is measured.
    """
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        started_at, started = datetime.now(UTC), time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        with _MemoryWatch(process.pid) as memory:
            try:
                _wait(process, timeout_s, stderr.fileno(), until)
            finally:
                _end(process)
        wall_s = time.perf_counter() - started
        stdout.seek(0)
        stderr.seek(0)
        return Measured(
            started_at=started_at,
            wall_s=wall_s,
            exit_code=process.returncode,
            stdout=stdout.read(),
            stderr=stderr.read(),
            peak_rss=memory.peak_rss,
            peak_pss=memory.peak_pss,
            peak_processes=memory.peak_processes,
        )


def _wait(process: Process, timeout_s: float, stderr: int, until: Until | None) -> None:
    if until is None:
        process.wait(timeout_s)
        return
    said = read_to = 0
    give_up_at = time.monotonic() + timeout_s
    while said < until.times:
        if time.monotonic() > give_up_at:
            raise subprocess.TimeoutExpired(process.args, timeout_s)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SAMPLE_S)
        fresh = os.pread(stderr, os.fstat(stderr).st_size - read_to, read_to)
        whole = fresh[: fresh.rfind(b"\n") + 1]
        read_to += len(whole)
        said += whole.count(until.text)
        if process.returncode is not None:
            return


def _end(process: Process) -> None:
    """Kill what is left of the process and of its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _MemoryWatch:
    """Samples the memory of a process and its descendants while its `with` block lasts."""

    def __init__(self, pid: int) -> None:
        self.peak_rss = 0
        self.peak_pss = 0
        self.peak_processes = 0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(MEMORY_SAMPLE_S):
            pids = process_tree(self._pid)
            sums = [_memory(pid) for pid in pids]
            self.peak_rss = max(self.peak_rss, sum(rss for rss, _ in sums))
            self.peak_pss = max(self.peak_pss, sum(pss for _, pss in sums))
            self.peak_processes = max(self.peak_processes, len(pids))


def memory_of(pid: int) -> tuple[list[int], int]:
    """A process with its descendants, and what they take together now (PSS, bytes)."""
    pids = process_tree(pid)
    return pids, sum(_memory(one)[1] for one in pids)


def process_tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        for task in _listdir(PROC / str(current) / "task"):
            with contextlib.suppress(OSError):
                queue += map(int, (task / "children").read_text().split())
    return found


def _listdir(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return []


def _memory(pid: int) -> tuple[int, int]:
    """(RSS, PSS) in bytes; nothing for a process that has just ended."""
    fields = {"Rss": 0, "Pss": 0}
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in fields:
                fields[name] = int(rest.split()[0]) * 1024
    return fields["Rss"], fields["Pss"]
