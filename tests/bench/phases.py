"""The two phases in which every poller is timed: the first fetch, and a run with nothing new."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 170


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Seconds for each phase over `feeds` feeds; `entries`: how many the store held afterwards."""

    feeds: int
    entries: int
    first_s: float
    unchanged_s: float

    @property
    def first_rate(self) -> float:
        return self.feeds / self.first_s

    @property
    def unchanged_rate(self) -> float:
        return self.feeds / self.unchanged_s


def measure_apart(module: str, origin: str, feeds: int) -> Phases:
    """Run a baseline in a process of its own, so that no two of them share caches or memory."""
    done = subprocess.run(
        [sys.executable, "-m", module, "--origin", origin, "--feeds", str(feeds)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_S,
    )
    return Phases(**json.loads(done.stdout.splitlines()[-1]))


def print_phases(phases: Phases) -> None:
    """The child's side of `measure_apart`."""
    print(json.dumps(asdict(phases)))
