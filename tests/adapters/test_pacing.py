"""Whose turn it is: per host, over all, and after a host has asked for a pause."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio

from adapters.http import HttpClient
from adapters.pacing import HostBlockedError, Pacer, PaceRule, Visit
from bot.errors import SourceError
from bot.ports import FetchRequest
from tests.adapters.http_kit import error_of, open_client
from tests.sims.origin import Origin

GAP_S = 0.05


class FakeClock:
    """Monotonic seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest_asyncio.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as server:
        server.serve("/feed", body=b"<rss/>")
        yield server


async def _fetch_many(http: HttpClient, urls: list[str]) -> None:
    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(http.fetch(FetchRequest(url=url)))


async def test_starts_at_one_host_keep_their_gap(origin: Origin) -> None:
    async with open_client(host_gap_s=GAP_S, per_host=3) as http:
        await _fetch_many(http, [origin.url("/feed")] * 5)
    times = [seen.at_s for seen in origin.requests]
    assert all(later - earlier > GAP_S * 0.8 for earlier, later in pairwise(times))


async def test_no_more_than_per_host_run_at_once(origin: Origin) -> None:
    origin.serve("/feed", body=b"<rss/>", delay_s=0.02)
    async with open_client(per_host=3) as http:
        await _fetch_many(http, [origin.url("/feed")] * 12)
    assert origin.most_at_once == 3


async def test_first_come_first_served(origin: Origin) -> None:
    targets = [f"/feed?{number}" for number in range(20)]
    async with open_client(per_host=1) as http:
        await _fetch_many(http, [origin.url(target) for target in targets])
    assert [seen.target for seen in origin.requests] == targets


async def test_a_host_is_one_in_all_its_spellings(origin: Origin) -> None:
    origin.serve("/feed", body=b"<rss/>", delay_s=0.02)
    async with open_client(per_host=1) as http:
        hosts = ["127.0.0.1", "127.1", "0x7f.0.0.1", "127.0.0.1."]
        await _fetch_many(http, [origin.url("/feed", host=host) for host in hosts])
    assert origin.most_at_once == 1


async def test_who_waits_for_a_host_holds_up_no_other(origin: Origin) -> None:
    stuck = asyncio.Event()
    origin.serve("/feed", body=b"<rss/>", hold=stuck)
    async with Origin() as other, open_client(per_host=1, concurrency=2) as http:
        other.serve("/feed", body=b"<rss/>")
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(http.fetch(FetchRequest(url=origin.url("/feed"))))
            async with asyncio.timeout(5):
                for _ in range(3):
                    await http.fetch(FetchRequest(url=other.url("/feed")))
            assert origin.count("/feed") == 1
            stuck.set()


async def test_no_more_than_concurrency_run_at_once() -> None:
    async with Origin() as one, Origin() as two, open_client(concurrency=1) as http:
        for origin in (one, two):
            origin.serve("/feed", body=b"<rss/>", delay_s=0.03)
        await _fetch_many(http, [one.url("/feed"), two.url("/feed")] * 3)
    times = sorted(seen.at_s for seen in (*one.requests, *two.requests))
    assert all(later - earlier > 0.02 for earlier, later in pairwise(times))


async def test_time_in_the_queue_is_not_the_hosts_fault(origin: Origin) -> None:
    origin.serve("/feed", body=b"<rss/>", delay_s=0.1)
    async with open_client(per_host=1, timeout_s=0.25) as http:
        await _fetch_many(http, [origin.url("/feed")] * 5)
    assert origin.count("/feed") == 5


async def test_a_redirect_at_one_host_keeps_the_gap_but_not_the_others_waiting(
    origin: Origin,
) -> None:
    origin.redirect("/old", "/feed?moved")
    async with open_client(per_host=1, host_gap_s=GAP_S) as http:
        await _fetch_many(http, [origin.url("/old"), origin.url("/feed?2")])
    assert [seen.target for seen in origin.requests] == ["/old", "/feed?moved", "/feed?2"]
    times = [seen.at_s for seen in origin.requests]
    assert all(later - earlier > GAP_S * 0.8 for earlier, later in pairwise(times))


async def test_a_second_attempt_keeps_the_gap(origin: Origin) -> None:
    origin.serve_once("/feed", reset="head")
    async with open_client(host_gap_s=0.1) as http:
        await http.fetch(FetchRequest(url=origin.url("/feed")))
    first, second = origin.requests
    assert second.at_s - first.at_s > 0.08


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_pause_counts_for_the_whole_host(origin: Origin, status: int) -> None:
    origin.serve("/busy", status=status, headers={"Retry-After": "120"})
    async with open_client() as http:
        await error_of(http, origin.url("/busy"))
        error = await error_of(http, origin.url("/feed?secret"))
    assert str(error).startswith("127.0.0.1 asked for a pause of another 1")
    assert error.status == 429
    assert error.retry_after_s is not None
    assert 110 < error.retry_after_s <= 120
    assert origin.count("/feed") == 0


async def test_a_long_pause_sends_the_whole_queue_away(origin: Origin) -> None:
    origin.serve("/busy", status=429, headers={"Retry-After": "60"})
    async with open_client(per_host=1) as http:
        urls = [origin.url("/busy"), *[origin.url("/feed")] * 20]
        errors = await asyncio.gather(*(_caught(http, url) for url in urls))
    assert all(error is not None and error.status == 429 for error in errors)
    assert len(origin.requests) == 1


async def test_a_short_pause_is_waited_for(origin: Origin) -> None:
    origin.serve_once("/feed", status=429, headers={"Retry-After": "1"})
    async with open_client() as http:
        await error_of(http, origin.url("/feed"))
        await http.fetch(FetchRequest(url=origin.url("/feed")))
    first, second = origin.requests
    assert second.at_s - first.at_s > 0.9


async def test_a_pause_of_one_host_is_no_other_hosts(origin: Origin) -> None:
    origin.serve("/busy", status=429, headers={"Retry-After": "60"})
    async with Origin() as other, open_client() as http:
        other.serve("/feed", body=b"<rss/>")
        await error_of(http, origin.url("/busy"))
        assert (await http.fetch(FetchRequest(url=other.url("/feed")))).status == 200


async def test_another_status_with_retry_after_blocks_nobody(origin: Origin) -> None:
    origin.serve("/odd", status=404, headers={"Retry-After": "60"})
    async with open_client() as http:
        await error_of(http, origin.url("/odd"))
        assert (await http.fetch(FetchRequest(url=origin.url("/feed")))).status == 200


async def test_idle_hosts_are_forgotten_and_busy_ones_kept() -> None:
    clock = FakeClock()
    pacer = Pacer(concurrency=10, per_host=1, host_gap_s=2.0, monotonic=clock)
    pacer.block("busy.example:443", 9_000.0)
    for number in range(5_000):
        clock.now_s += 1.0
        visit = pacer.visit()
        async with visit.turn(f"{number}.example:443"):
            pass
        visit.leave()
    assert len(pacer) <= 512
    with pytest.raises(HostBlockedError):
        await pacer.visit().turn("busy.example:443").__aenter__()


async def test_arxiv_is_one_host_at_any_speed() -> None:
    clock = FakeClock()
    pacer = Pacer(concurrency=10, per_host=8, host_gap_s=0.0, monotonic=clock)
    visits = {name: pacer.visit() for name in ("export.arxiv.org:443", "rss.arxiv.org:80")}
    (one, visit), (two, later) = visits.items()
    async with visit.turn(one):
        pass
    visit.leave()
    clock.now_s += 2.9
    waiting = asyncio.ensure_future(later.turn(two).__aenter__())
    await _idle()
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    later.leave()
    clock.now_s += 0.2
    async with pacer.visit().turn("arxiv.org:443"):
        assert len(pacer) == 1


async def test_a_domain_that_only_ends_alike_is_another() -> None:
    rule = PaceRule(domain="arxiv.org", per_host=1, host_gap_s=3.0)
    pacer = Pacer(concurrency=10, per_host=8, host_gap_s=0.0, rules=[rule])
    for place in ("notarxiv.org:443", "arxiv.org.example:443", "arxiv.org:443"):
        async with pacer.visit().turn(place):
            pass
    assert len(pacer) == 3


async def test_who_gives_up_waiting_leaves_no_trace() -> None:
    pacer = Pacer(concurrency=1, per_host=1, host_gap_s=0.0)
    holder = pacer.visit()
    async with holder.turn("example.org:443"):
        waiters = [pacer.visit() for _ in range(5)]
        tasks = [asyncio.ensure_future(_stay(visit)) for visit in waiters]
        await _idle()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert holder.is_alone
    holder.leave()
    async with asyncio.timeout(1):
        await _stay(pacer.visit())


async def _stay(visit: Visit) -> None:
    try:
        async with visit.turn("example.org:443"):
            pass
    finally:
        visit.leave()


async def _idle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def _caught(http: HttpClient, url: str) -> SourceError | None:
    try:
        await http.fetch(FetchRequest(url=url))
    except SourceError as error:
        return error
    return None
