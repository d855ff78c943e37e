"""Memory while polling 10,000 feeds: the peak over the process and its children together.

The limit is on PSS, in which a page shared by two processes counts once; the sum of RSS, in which
it counts in each of them, is shown beside it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench.measure import MIB
from tests.bench.origin_server import feed_urls, running_origin
from tests.bench.report import Row, render_table
from tests.bench.threadwire_run import run_once, write_settings

FEEDS = 10_000
ENTRIES = 5
LIMIT_MB = 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=FEEDS)
    options = parser.parse_args()
    with running_origin(options.feeds, ENTRIES) as origin, tempfile.TemporaryDirectory() as work:
        idle, busy = Path(work, "idle"), Path(work, "busy")
        idle.mkdir()
        busy.mkdir()
        write_settings(idle, [], subscribed=False)
        empty = run_once(idle)
        write_settings(busy, feed_urls(origin, options.feeds), subscribed=False)
        run = run_once(busy)
    if run.polled != options.feeds:
        raise RuntimeError(f"{run.polled} of {options.feeds} feeds were polled")
    goal = f"<= {LIMIT_MB} MB"
    rows = [
        Row(name="no sources, PSS", value=empty.measured.peak_pss / MIB, unit="MB"),
        Row(name="no sources, RSS", value=empty.measured.peak_rss / MIB, unit="MB"),
        Row(
            name="polling, PSS",
            value=run.measured.peak_pss / MIB,
            unit="MB",
            baseline="no sources, PSS",
            goal=goal,
        ),
        Row(
            name="polling, RSS",
            value=run.measured.peak_rss / MIB,
            unit="MB",
            baseline="no sources, RSS",
            goal=goal,
        ),
    ]
    notes = [
        f"{run.polled:,} feeds, {run.new:,} entries stored in {run.measured.wall_s:.1f} s, "
        f"{run.measured.peak_processes} processes at most"
    ]
    print(render_table("Memory while polling", rows, notes))


if __name__ == "__main__":
    main()
