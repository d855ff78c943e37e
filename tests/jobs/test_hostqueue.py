"""The line of sources: hosts take turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Source
from jobs.hostqueue import HostQueue


def _source(number: int, host: str) -> Source:
    url = f"https://{host}/{number}.xml"
    return Source(id=number, url=url, kind="feed", fetch_url=url)


def test_a_host_with_many_feeds_does_not_hold_up_another() -> None:
    queue = HostQueue(per_host=1)
    for number in range(100):
        queue.add(_source(number, "big.example"))
    queue.add(_source(100, "small.example"))
    taken = [queue.take(), queue.take()]
    assert [source.id for source in taken if source] == [0, 100]
    assert queue.take() is None


def test_a_source_in_line_or_at_work_is_not_added_again() -> None:
    queue = HostQueue(per_host=2)
    source = _source(1, "a.example")
    queue.add(source)
    queue.add(source)
    assert len(queue) == 1
    assert queue.take() is source
    queue.add(source)
    assert not queue
    queue.done(source)
    queue.look()
    queue.add(source)
    assert len(queue) == 1


def test_an_answer_from_before_a_poll_ended_does_not_bring_its_source_back() -> None:
    queue = HostQueue(per_host=1)
    source = _source(1, "a.example")
    queue.add(source)
    queue.take()
    queue.look()
    queue.done(source)
    queue.add(source)
    assert not queue


@given(
    hosts=st.lists(st.sampled_from("abcde"), max_size=60),
    per_host=st.integers(1, 3),
    at_once=st.integers(1, 8),
)
def test_every_source_is_handed_out_once_within_the_limits(
    hosts: list[str], per_host: int, at_once: int
) -> None:
    queue = HostQueue(per_host)
    for number, host in enumerate(hosts):
        queue.add(_source(number, host))
    handed: list[int] = []
    active: list[Source] = []
    while queue or active:
        while len(active) < at_once and (source := queue.take()) is not None:
            active.append(source)
            handed.append(source.id)
        by_host = [source.url.split("/")[2] for source in active]
        assert all(by_host.count(host) <= per_host for host in by_host)
        assert queue.active == len(active)
        queue.done(active.pop(0))
    assert sorted(handed) == list(range(len(hosts)))
