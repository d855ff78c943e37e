"""Worker processes: what goes together, and that one piece's trouble is its own."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from adapters.offload import Offload
from adapters.worker_pool import MOST_TOGETHER, SMALL_BYTES, Piece, WorkerPool, next_message


class SlammedError(Exception):
    """An error that cannot be made again from what it carries."""

    def __init__(self, door: str, room: str) -> None:
        super().__init__(f"{door} of {room}")


def doubled(number: int) -> int:
    if number == 7:
        raise ValueError("no sevens")
    if number == 13:
        raise SlammedError("the door", "room 13")
    return 2 * number


def unsendable(text: str) -> object:
    if text == "5":
        raise StopIteration
    return (lambda: text) if text == "3" else text


def die_once(mark: str, number: int, tests: int) -> int:
    """Kills the first worker process that it runs in; `tests` is this process, which has threads
    for what there is little of.
    """
    if os.getpid() == tests:
        return number
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return number
    os._exit(1)


def die(number: int) -> int:
    os._exit(number)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    opened = WorkerPool(1)
    yield opened
    await opened.close()


async def test_each_piece_gets_its_own_answer_or_error(pool: WorkerPool) -> None:
    answers = await asyncio.gather(
        *(pool.run(doubled, number) for number in range(40)), return_exceptions=True
    )
    errors = {number: answers[number] for number in (7, 13)}
    assert isinstance(errors[7], ValueError)
    assert str(errors[7]) == "no sevens"
    assert "in doubled" in str(errors[7].__cause__)  # where in the worker it was
    assert isinstance(errors[13], RuntimeError)
    assert "the door of room 13" in str(errors[13])
    assert [answers[n] for n in range(40) if n not in errors] == [
        2 * n for n in range(40) if n not in errors
    ]


async def test_an_answer_that_cannot_be_sent_is_one_piece_s_error(pool: WorkerPool) -> None:
    asked = [pool.run(unsendable, f"{number}") for number in range(12)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[3], Exception)
    assert isinstance(answers[5], RuntimeError)
    assert [answers[n] for n in range(12) if n not in (3, 5)] == [
        str(n) for n in range(12) if n not in (3, 5)
    ]


async def test_closing_waits_for_what_is_under_way_only() -> None:
    pool = WorkerPool(1)
    asked = [asyncio.create_task(pool.run(doubled, number)) for number in range(20, 220)]
    await asked[0]
    await pool.close()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[0] == 40
    assert isinstance(answers[-1], asyncio.CancelledError)
    assert all(isinstance(answer, int | asyncio.CancelledError) for answer in answers)


async def test_who_stops_waiting_takes_nobody_along(pool: WorkerPool) -> None:
    asked = [asyncio.create_task(pool.run(doubled, number)) for number in range(20, 50)]
    await asyncio.sleep(0)
    for task in asked[::2]:
        task.cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[1::2] == [2 * number for number in range(21, 50, 2)]
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])


async def test_a_process_that_dies_is_told_to_all_that_it_had(pool: WorkerPool) -> None:
    asked = [pool.run(die, 1), *(pool.run(doubled, number) for number in range(3))]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], BrokenProcessPool)
    assert all(isinstance(answer, BrokenProcessPool | int) for answer in answers)


async def test_work_is_done_once_more_when_its_process_died(tmp_path: Path) -> None:
    mark = str(tmp_path / "died")
    async with Offload(1) as offload:
        asked = (offload(die_once, mark, number, os.getpid()) for number in range(30))
        assert await asyncio.gather(*asked) == list(range(30))
    assert Path(mark).exists()


def pieces(*sizes: int) -> deque[Piece]:
    loop = asyncio.new_event_loop()
    loop.close()
    return deque(Piece(doubled, (b"x" * size,), asyncio.Future(loop=loop)) for size in sizes)


def sizes(message: list[Piece]) -> list[int]:
    return [len(piece.args[0]) for piece in message]


def test_what_waits_goes_together_up_to_a_bound() -> None:
    waiting = pieces(*range(1, MOST_TOGETHER + 3))
    assert sizes(next_message(waiting, 1)) == list(range(1, MOST_TOGETHER + 1))
    assert sizes(next_message(waiting, 1)) == [MOST_TOGETHER + 1, MOST_TOGETHER + 2]
    assert not waiting


@pytest.mark.parametrize("size", [0, SMALL_BYTES + 1])
def test_what_may_take_long_goes_alone_and_holds_up_nobody(size: int) -> None:
    waiting = pieces(10, 20, size, size, 30, SMALL_BYTES)
    messages = [sizes(next_message(waiting, 1)) for _ in range(4)]
    assert messages == [[10, 20], [size], [size], [30, SMALL_BYTES]]


def test_every_process_gets_its_share() -> None:
    waiting = pieces(1, 2, 3, 4, 5)
    assert sizes(next_message(waiting, 2)) == [1, 2, 3]
    assert sizes(next_message(waiting, 2)) == [4]
    assert sizes(next_message(waiting, 2)) == [5]
