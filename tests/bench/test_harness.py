"""The benchmarks' own tools measure what they say."""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import fastfeedparser
import pytest

from tests.bench.__main__ import find_benchmarks, read_sections, write_page
from tests.bench.measure import MIB, Measured, Until, measured_run
from tests.bench.origin_server import feed_urls, running_origin
from tests.bench.report import Row, render_table
from tests.bench.synthetic import Newsroom, feed_xml
from tests.bench.threadwire_run import read_log, write_settings

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with running_origin(feeds=3, entries=5) as address:
        yield address


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, str | None]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", parts.path, headers=headers or {})
    response = connection.getresponse()
    answer = (response.status, response.read(), response.getheader("ETag"))
    connection.close()
    return answer


def measured(stderr: str = "", started_at: datetime = NOW) -> Measured:
    return Measured(
        started_at=started_at,
        wall_s=1.0,
        exit_code=0,
        stdout="",
        stderr=stderr,
        peak_rss=0,
        peak_pss=0,
        peak_processes=1,
    )


def test_newsroom_writes_the_same_news_for_the_same_seed() -> None:
    one, other = Newsroom(3, now=NOW), Newsroom(3, now=NOW)
    assert list(one.entries(1, 10)) == list(other.entries(1, 10))


def test_entries_are_articles_of_the_last_30_days() -> None:
    entries = list(Newsroom(3, now=NOW).entries(1, 30))
    ages = [NOW - entry.published_at for entry in entries]
    assert ages == sorted(ages)
    assert ages[-1].days in (29, 30)
    assert all(450 <= len(entry.html) <= 900 for entry in entries)


def test_some_stories_are_told_by_several_sources() -> None:
    newsroom = Newsroom(3, now=NOW)
    titles = [
        frozenset(entry.title.lower().split())
        for source in range(40)
        for entry in newsroom.entries(source, 30)
    ]
    retold = sum(
        len(one & other) >= 0.7 * max(len(one), len(other))
        for one, other in itertools.combinations(titles, 2)
    )
    assert 5 <= retold <= len(titles)


def test_feed_is_well_formed() -> None:
    feed = fastfeedparser.parse(feed_xml(4, Newsroom(3, now=NOW).entries(4, 7)))
    assert len(feed.entries) == 7
    assert feed.entries[0].link == "https://s4.example/0"


def test_origin_serves_every_feed_and_nothing_else(origin: str) -> None:
    for url in feed_urls(origin, 3):
        status, body, _ = get(url)
        assert (status, len(fastfeedparser.parse(body).entries)) == (200, 5)
    assert get(f"{origin}/f/3.xml")[0] == 404


def test_origin_answers_304_to_the_current_etag_only(origin: str) -> None:
    url = feed_urls(origin, 1)[0]
    etag = get(url)[2]
    assert etag
    assert get(url, {"If-None-Match": etag})[:2] == (304, b"")
    assert get(url, {"If-None-Match": '"old"'})[0] == 200


def test_origin_is_faster_than_any_client_here(origin: str) -> None:
    parts = urlsplit(feed_urls(origin, 1)[0])
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    started = time.perf_counter()
    for _ in range(200):
        connection.request("GET", parts.path)
        connection.getresponse().read()
    took_s = time.perf_counter() - started
    connection.close()
    assert took_s < 2


def test_measured_run_counts_the_memory_of_children(tmp_path: Path) -> None:
    child = "import time; held = bytearray(60_000_000); time.sleep(1)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    run = measured_run([sys.executable, "-c", parent], cwd=tmp_path, timeout_s=20)
    assert run.exit_code == 0
    assert run.peak_processes == 2
    assert 60 * MIB * 0.95 < run.peak_pss <= run.peak_rss
    assert 1 <= run.wall_s < 10


def test_measured_run_ends_what_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        measured_run(
            [sys.executable, "-c", "import time; time.sleep(30)"], cwd=tmp_path, timeout_s=0.3
        )


def test_measured_run_ends_once_enough_was_said(tmp_path: Path) -> None:
    chatter = (
        "import sys, time\nwhile True: print('tick', file=sys.stderr, flush=True); time.sleep(.02)"
    )
    run = measured_run(
        [sys.executable, "-c", chatter],
        cwd=tmp_path,
        timeout_s=20,
        until=Until(text=b"tick", times=5),
    )
    assert run.exit_code == -9
    assert 5 <= run.stderr.count("tick") < 200


def test_measured_run_takes_an_early_end_as_it_is(tmp_path: Path) -> None:
    run = measured_run(
        [sys.executable, "-c", "raise SystemExit(3)"],
        cwd=tmp_path,
        timeout_s=20,
        until=Until(text=b"tick", times=5),
    )
    assert run.exit_code == 3


def test_log_is_read_for_polls() -> None:
    polled = {"event": "source polled", "new": 2, "not_modified": False}
    lines = [
        polled | {"timestamp": "2026-03-04T09:30:01.5Z"},
        polled | {"timestamp": "2026-03-04T09:30:02.5Z", "new": 0, "not_modified": True},
        {"event": "poll failed", "timestamp": "2026-03-04T09:30:02Z"},
    ]
    run = read_log(
        measured("\n".join(map(json.dumps, lines)) + "\nthreadwire: a line for people\n")
    )
    assert (run.polled, run.new, run.unchanged, run.failed) == (2, 2, 1, 1)
    assert run.polls_ended_at == datetime(2026, 3, 4, 9, 30, 2, 500_000, tzinfo=UTC)


def test_settings_for_the_benchmark_load(tmp_path: Path) -> None:
    from config.load import load_settings

    write_settings(tmp_path, ["http://127.0.0.1:9/f/0.xml"], subscribed=True)
    settings = load_settings(None, {}, tmp_path)
    assert [source.url for source in settings.sources] == ["http://127.0.0.1:9/f/0.xml"]
    assert [subscription.channel for subscription in settings.subscriptions] == ["files"]


def test_table_shows_ratios_against_the_named_baseline() -> None:
    rows = [
        Row(name="old", value=50, unit="feeds/s"),
        Row(name="new", value=200, unit="feeds/s", baseline="old", goal=">= 3x"),
    ]
    table = render_table("Speed", rows, ["two rows"])
    assert "| new | 200 feeds/s | 4.00x | old | >= 3x |" in table
    assert "cores" in table
    assert table.endswith("- two rows\n")


def test_benchmarks_are_found_and_their_parts_left_out() -> None:
    found = find_benchmarks(Path(__file__).parent)
    assert found[:4] == ["poll_throughput", "growth", "memory", "startup"]
    assert not {"baseline_reader", "origin_server", "report"} & set(found)


def test_page_keeps_sections_that_did_not_run(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "benchmarks.md"
    write_page(page, {"growth": "### Growth\n\nold\n", "startup": "### Start\n\nkept\n"})
    write_page(page, {"growth": "### Growth\n\nnew\n"})
    assert read_sections(page) == {
        "growth": "### Growth\n\nnew",
        "startup": "### Start\n\nkept",
    }
