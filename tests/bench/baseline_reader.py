"""Baseline: lemon24/reader, `update_feeds` on a fresh file, as its documentation says to use it.

It parses, compares and stores on threads; its search index is not updated, which is in its favour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import feedparser_sgmllib
from reader import Reader, make_reader

from tests.bench.origin_server import feed_urls, running_origin
from tests.bench.phases import Phases, measure_apart, print_phases
from tests.bench.report import Row, render_table

# reader carries its own copy of feedparser, which looks for this module under its old name.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)

# Tried on two cores with 300 feeds: 1, 2, 4 and 8 workers read 58 feeds/s alike, and one is the
# best when nothing is new (799 a second against 635 to 730).
WORKERS = 1


def measure(origin: str, feeds: int, workers: int = WORKERS) -> Phases:
    """Both phases with everything set up beforehand."""
    with tempfile.TemporaryDirectory() as folder:
        reader = make_reader(str(Path(folder) / "reader.sqlite"))
        for url in feed_urls(origin, feeds):
            reader.add_feed(url)
        first_s = _timed_update(reader, workers)
        unchanged_s = _timed_update(reader, workers)
        entries = reader.get_entry_counts().total or 0
        reader.close()
    return Phases(feeds=feeds, entries=entries, first_s=first_s, unchanged_s=unchanged_s)


def _timed_update(reader: Reader, workers: int) -> float:
    started = time.perf_counter()
    reader.update_feeds(workers=workers, scheduled=False)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origin", help="measure against this one and print JSON")
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=WORKERS)
    options = parser.parse_args()
    if options.origin:
        print_phases(measure(options.origin, options.feeds, options.workers))
        return
    with running_origin(options.feeds, 30) as origin:
        phases = measure_apart(__spec__.name, origin, options.feeds)
    rows = [
        Row(name="reader, first fetch", value=phases.first_rate, unit="feeds/s"),
        Row(name="reader, unchanged", value=phases.unchanged_rate, unit="feeds/s"),
    ]
    print(render_table("lemon24/reader", rows))


if __name__ == "__main__":
    main()
