"""The shelf keeps what may be shared: for its person, for a while, and not too much of it."""

from __future__ import annotations

from bot.model import Post
from bot.shelf import MemoryShelf
from tests.fakes.clock import FakeClock

POST = Post(kind="notice", title="Private")


def test_only_its_person_takes_it_and_only_once() -> None:
    shelf = MemoryShelf(FakeClock())
    name = shelf.put("anna", POST)
    assert shelf.take("eve", name) is None
    assert shelf.take("anna", name) == POST
    assert shelf.take("anna", name) is None
    assert shelf.take("anna", "made up") is None


def test_it_is_gone_after_a_quarter_of_an_hour() -> None:
    clock = FakeClock()
    shelf = MemoryShelf(clock)
    name, other = shelf.put("anna", POST), shelf.put("anna", POST)
    clock.advance(minutes=14, seconds=59)
    assert shelf.take("anna", name) == POST
    clock.advance(seconds=1)
    assert shelf.take("anna", other) is None


def test_the_oldest_make_room() -> None:
    shelf = MemoryShelf(FakeClock(), most=3)
    names = [shelf.put("anna", POST) for _ in range(5)]
    assert [shelf.take("anna", name) is not None for name in names] == [False] * 2 + [True] * 3


def test_names_are_short_and_none_is_like_another() -> None:
    shelf = MemoryShelf(FakeClock())
    names = {shelf.put("anna", POST) for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) == 12 for name in names)
