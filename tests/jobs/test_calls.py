"""Calls to platforms: many at once, none held up by slow ones, each failure of one kind."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from bot.errors import DeliveryError
from bot.store.database import Database
from jobs.calls import Calls
from jobs.faults import Faults
from tests.fakes.clock import FakeClock


def _calls(at_once: int, patience_s: float = 60) -> Calls:
    database = Database(Path("unused.db"))
    return Calls(Faults(database, {}, FakeClock(), random.Random(1)), at_once, patience_s)


async def test_no_more_calls_begin_than_there_are_places() -> None:
    calls, now, most = _calls(3), 0, 0

    async def call() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(calls.make(f"fake:{number}", call))
    assert most == 3


async def test_calls_that_wait_hold_up_no_others() -> None:
    calls, released = _calls(2, patience_s=0.01), asyncio.Event()

    async def done() -> str:
        return "done"

    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        for number in range(5):
            group.create_task(calls.make(f"fake:{number}", released.wait))
        assert await calls.make("fake:9", done) == "done"
        released.set()


async def test_platforms_have_places_of_their_own() -> None:
    calls, released = _calls(1), asyncio.Event()

    async def done() -> str:
        return "done"

    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        group.create_task(calls.make("one:a", released.wait))
        assert await calls.make("other:a", done) == "done"
        released.set()


async def test_a_call_without_an_answer_and_a_bug_may_have_arrived() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def bug() -> None:
        raise RuntimeError("a bug")

    for call in (never, bug):
        with pytest.raises(DeliveryError) as caught:
            await _calls(1).make("fake:a", call, limit_s=lambda: 0.01)
        assert caught.value.doubtful
