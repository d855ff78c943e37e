"""How many feeds a second: Threadwire beside lemon24/reader and beside the bare parts.

2,000 feeds of 30 entries on loopback, fetched first and then again unchanged. Threadwire's price
holds everything: parse, clean, dedup, cluster, index, outbox. It is timed from outside, from the
start of the process to its last poll, less what a run with one source takes; reading the settings
with their 2,000 sources and starting the worker processes count. After the last poll the process
is killed, as the outbox is then complete: summarising and writing 2,000 posts is not polling.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.measure import MIB
from tests.bench.origin_server import feed_urls, running_origin
from tests.bench.phases import Phases, measure_apart
from tests.bench.report import Row, render_table
from tests.bench.threadwire_run import Run, run_once, write_settings

FEEDS = 2_000
ENTRIES = 30
STARTS = 3
DUE_AGAIN_S = 1.5  # every source has an interval of one second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=FEEDS)
    parser.add_argument("--without-reader", action="store_true", help="it takes half a minute")
    options = parser.parse_args()
    with running_origin(options.feeds, ENTRIES) as origin:
        phases, first, again, start_s = measure(origin, options.feeds)
        baselines = {
            "bare parts": measure_apart("tests.bench.baseline_bare", origin, options.feeds)
        }
        if not options.without_reader:
            reader = measure_apart("tests.bench.baseline_reader", origin, options.feeds)
            baselines = {"lemon24/reader": reader, **baselines}
    notes = [
        f"first run: {first.polled} feeds, {first.new:,} entries stored in "
        f"{phases.first_s:.2f} s, peak {_mib(first)}",
        f"second run: {again.unchanged} of {again.polled} unchanged in "
        f"{phases.unchanged_s:.2f} s, peak {_mib(again)}",
        f"start of the process to the first poll of a single source: {start_s:.2f} s, taken off",
    ]
    print(render_table("Poll throughput", _rows(phases, baselines), notes))


def measure(origin: str, feeds: int) -> tuple[Phases, Run, Run, float]:
    """Both phases of Threadwire, the runs they come from, and the seconds that starting takes."""
    urls = feed_urls(origin, feeds)
    with tempfile.TemporaryDirectory() as work:
        start_s = _start_s(Path(work, "one"), urls[0])
        busy = Path(work, "all")
        busy.mkdir()
        write_settings(busy, urls, subscribed=True)
        first = run_once(busy, polls=feeds)
        time.sleep(DUE_AGAIN_S)
        again = run_once(busy, polls=feeds)
    _check(first, again, feeds)
    phases = Phases(
        feeds=feeds,
        entries=first.new,
        first_s=_until_last_poll(first) - start_s,
        unchanged_s=_until_last_poll(again) - start_s,
    )
    if min(phases.first_s, phases.unchanged_s) <= 0:
        raise RuntimeError("the machine is too busy to measure on: polling took less than nothing")
    return phases, first, again, start_s


def _start_s(folder: Path, url: str) -> float:
    """Seconds from the start of a process to its first poll, of one source that is unchanged."""
    folder.mkdir()
    write_settings(folder, [url], subscribed=False)
    run_once(folder)
    times = []
    for _ in range(STARTS):
        time.sleep(DUE_AGAIN_S)
        times.append(_until_last_poll(run_once(folder)))
    return statistics.median(times)


def _check(first: Run, again: Run, feeds: int) -> None:
    if first.polled != feeds or first.new != feeds * ENTRIES:
        raise RuntimeError(f"stored {first.new} entries of {first.polled} feeds, not all of them")
    if again.unchanged != feeds or again.new:
        raise RuntimeError(f"only {again.unchanged} of {feeds} feeds were polled and unchanged")


def _until_last_poll(run: Run) -> float:
    assert run.polls_ended_at is not None
    return (run.polls_ended_at - run.measured.started_at).total_seconds()


def _rows(phases: Phases, baselines: dict[str, Phases]) -> list[Row]:
    goals = {"lemon24/reader": (">= 3x, aim 5x", ">= 3x, aim 10x")}
    rows = []
    for place, phase in enumerate(("first fetch", "unchanged")):
        for name, measured in baselines.items():
            rows.append(Row(name=f"{name}, {phase}", value=_rate(measured, place), unit="feeds/s"))
        for name in baselines:
            goal = goals.get(name, ("", ""))[place]
            rows.append(
                Row(
                    name=f"Threadwire, {phase}",
                    value=_rate(phases, place),
                    unit="feeds/s",
                    baseline=f"{name}, {phase}",
                    goal=goal,
                )
            )
    return rows


def _rate(phases: Phases, place: int) -> float:
    return (phases.first_rate, phases.unchanged_rate)[place]


def _mib(run: Run) -> str:
    measured = run.measured
    return (
        f"{measured.peak_pss / MIB:.0f} MB PSS ({measured.peak_rss / MIB:.0f} MB RSS) over "
        f"{measured.peak_processes} processes"
    )


if __name__ == "__main__":
    main()
