"""Threadwire as a person runs it: a settings file, and `threadwire run --once` as a process."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.bench.measure import Measured, Until, measured_run
from tests.bench.origin_server import ROOT

THREADWIRE = (sys.executable, "-m", "bot")
_SETTINGS = """
[database]
path = "bench.db"

[fetch]
allow_networks = ["127.0.0.0/8"]
concurrency = 100
per_host = 100
host_gap_s = 0

[poll]
interval = "1s"
min_interval = "1s"
max_interval = "1s"
first_posts = 1

[log]
level = "info"
format = "json"

[archive]
directory = "posts"

[web]
listen = ""
"""
_SUBSCRIPTION = """
[[subscriptions]]
channel = "files"
sources = ["tag:bench"]
post = "instant"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One `run --once`: the process, and what its log says about the polls."""

    measured: Measured
    polled: int
    new: int
    unchanged: int
    failed: int
    polls_ended_at: datetime | None


def write_settings(folder: Path, urls: Sequence[str], *, subscribed: bool) -> None:
    """`threadwire.toml` with these sources, and one channel that gets them all."""
    sources = "".join(
        f'\n[[sources]]\nurl = "{url}"\ninterval = "1s"\ntags = ["bench"]\n' for url in urls
    )
    subscription = _SUBSCRIPTION if subscribed and urls else ""
    (folder / "threadwire.toml").write_text(_SETTINGS + sources + subscription, encoding="utf-8")


def run_once(folder: Path, *, timeout_s: float = 170, polls: int | None = None) -> Run:
    """Run it in `folder`; with `polls`, until that many sources were polled.

    Raises `RuntimeError` when it fails: a figure without work is none.
    """
    measured = measured_run(
        [*THREADWIRE, "run", "--once"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        timeout_s=timeout_s,
        until=None if polls is None else Until(text=b'"source polled"', times=polls),
    )
    stopped = polls is not None and measured.exit_code == -signal.SIGKILL
    if measured.exit_code != 0 and not stopped:
        raise RuntimeError(f"threadwire run --once: {measured.stderr[-2_000:]}")
    return read_log(measured)


def read_log(measured: Measured) -> Run:
    """Count the polls in the run's log."""
    lines = [json.loads(line) for line in measured.stderr.splitlines() if line.startswith("{")]
    polls = [line for line in lines if line["event"] == "source polled"]
    ends = [datetime.fromisoformat(line["timestamp"]) for line in polls]
    return Run(
        measured=measured,
        polled=len(polls),
        new=sum(line["new"] for line in polls),
        unchanged=sum(line["not_modified"] for line in polls),
        failed=sum(line["event"] == "poll failed" for line in lines),
        polls_ended_at=max(ends, default=None),
    )
