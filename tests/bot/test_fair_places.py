"""Nobody takes all the places."""

from __future__ import annotations

import asyncio

from bot.fair_places import FairPlaces


async def test_one_person_has_a_few_places_and_the_others_the_rest() -> None:
    places, go_on = FairPlaces(4, 2), asyncio.Event()
    inside: list[str] = []

    async def work(who: str) -> None:
        async with places.place(who):
            inside.append(who)
            await go_on.wait()

    tasks = [asyncio.create_task(work(who)) for who in ("anna",) * 5 + ("ben", "", "")]
    for _ in range(3):
        await asyncio.sleep(0)
    assert inside == ["anna", "anna", "ben", ""]
    go_on.set()
    await asyncio.gather(*tasks)
    assert sorted(inside) == ["", "", *["anna"] * 5, "ben"]
    assert not places._own


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    places = FairPlaces(1, 1)
    async with places.place("anna"):
        waiting = [asyncio.create_task(_enter(places, who)) for who in ("anna", "ben")]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
    assert not places._own
    async with places.place("ben"):
        pass


async def _enter(places: FairPlaces, who: str) -> None:
    async with places.place(who):
        raise AssertionError("there was no place")
