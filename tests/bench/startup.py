"""How long a person waits: `threadwire --help`, and `run` until it says that it is ready."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.origin_server import ROOT
from tests.bench.report import Row, render_table
from tests.bench.threadwire_run import THREADWIRE, write_settings

TIMES = 5
READY_WITHIN_S = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_settings(folder, [], subscribed=False)
        python = median(lambda: call(folder, sys.executable, "-c", "pass"))
        usage = median(lambda: call(folder, *THREADWIRE, "--help"))
        ready_s, stop_s = zip(*(ready(folder) for _ in range(TIMES)), strict=True)
    rows = [
        Row(name="python -c pass", value=python, unit="s"),
        Row(
            name="threadwire --help",
            value=usage,
            unit="s",
            baseline="python -c pass",
            goal="< 0.4 s",
        ),
        Row(
            name="run: ready",
            value=statistics.median(ready_s),
            unit="s",
            baseline="python -c pass",
            goal="< 2 s",
        ),
        Row(
            name="run: stopped after SIGTERM",
            value=statistics.median(stop_s),
            unit="s",
            baseline="python -c pass",
            goal="< 10 s",
        ),
    ]
    print(render_table("Start", rows, [f"medians of {TIMES}"]))


def median(action: Callable[[], float]) -> float:
    """The median of some runs; the first one, which fills the disk cache, is not counted."""
    action()
    return statistics.median(action() for _ in range(TIMES))


def call(folder: Path, *command: str) -> float:
    """Seconds that a command takes. Raises when it fails."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=_environment(), check=True, capture_output=True)
    return time.perf_counter() - started


def ready(folder: Path) -> tuple[float, float]:
    """Seconds until the service says `ready`, and from SIGTERM to its end."""
    started = time.perf_counter()
    with subprocess.Popen(
        [*THREADWIRE, "run"], cwd=folder, env=_environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _wait_for_ready(process)
            ready_s = time.perf_counter() - started
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=READY_WITHIN_S)
        except BaseException:
            process.kill()
            raise
    return ready_s, time.perf_counter() - started - ready_s


def _wait_for_ready(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("{") and json.loads(line)["event"] == "ready":
            return
    raise RuntimeError(f"threadwire run ended before it was ready: {''.join(said)[-2_000:]}")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    main()
