"""A channel that was deleted: whose it is then, and what it is called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.store import faults, places
from tests.adapters.platforms.discord.live import Live, Place, furnish, live
from tests.adapters.platforms.discord.test_interactions import feed_url
from tests.sims.discord.interactions import Interaction
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel


async def subscribe(running: Live, place: Place, channel: Channel) -> Interaction:
    source = {"source": feed_url(running)}
    asked = await running.sim.command(place.guild, channel, place.mod, "news subscribe", source)
    await asked.reads("Alpha news")
    return asked


async def gone(running: Live) -> None:
    """Returns when the outbox knows of a channel that is gone."""
    async with asyncio.timeout(5):
        while not await running.chat.database.read(faults.listed):
            await running.chat.deliver.run()
            await asyncio.sleep(0.02)


def a_channel(sim: LocalDiscord, place: Place) -> Channel:
    return sim.add_channel(place.guild, "launches")


def a_thread(sim: LocalDiscord, place: Place) -> Channel:
    return sim.add_thread(place.channel, "launches", owner=place.mod)


@pytest.mark.parametrize("kind", [a_channel, a_thread])
async def test_before_any_post_failed_it_is_shown_by_name_and_can_be_unsubscribed(
    tmp_path: Path, sim: LocalDiscord, kind: Callable[[LocalDiscord, Place], Channel]
) -> None:
    place = furnish(sim)
    other = kind(sim, place)
    async with live(tmp_path, sim, outbox=True) as running:
        await subscribe(running, place, other)
        sim.delete_channel(other)
        await gone(running)
        asks = (place.guild, place.channel, place.mod)
        for name in ("news status", "news list"):
            shown = await (await sim.command(*asks, name)).reads("no longer exists")
            assert "deleted channel #launches" in shown.text
            assert str(other.id) not in shown.text
        asked = await sim.command(*asks, "news unsubscribe", {"subscription": "1"})
        await asked.reads("Unsubscribed")
        assert not [one for one in await running.chat.subscriptions() if "removed" not in one]


async def test_who_manages_nothing_there_does_not_come_by_it(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    other = a_channel(sim, place)
    async with live(tmp_path, sim, outbox=True) as running:
        await subscribe(running, place, other)
        sim.delete_channel(other)
        await gone(running)
        asked = await sim.command(place.guild, place.channel, place.member, "news list")
        assert "launches" not in (await asked.answer()).text


async def test_one_deleted_while_nobody_listened_is_found_out_at_the_start(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    other = a_channel(sim, place)
    async with live(tmp_path, sim, outbox=True) as running:
        await subscribe(running, place, other)
    sim.delete_channel(other)
    async with live(tmp_path, sim, outbox=True) as running:
        await gone(running)
        asked = await sim.command(place.guild, place.channel, place.mod, "news status", locale="de")
        assert "gelöschter Kanal #launches" in (await asked.answer()).text


async def test_a_thread_that_is_only_archived_is_not_taken_for_gone(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    thread = a_thread(sim, place)
    async with live(tmp_path, sim) as running:
        await subscribe(running, place, thread)
    sim.archive(thread)
    async with live(tmp_path, sim) as running:
        async with asyncio.timeout(5):
            while f"discord:{thread.id}" not in running.channels.told:
                await asyncio.sleep(0.02)
        assert running.channels.lost == []


async def test_a_new_name_is_noted(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        await subscribe(running, place, place.channel)
        sim.rename(place.channel, "world")
        async with asyncio.timeout(5):
            channel = f"discord:{place.channel.id}"
            while await running.chat.database.read(places.name_of, channel) != "#world":
                await asyncio.sleep(0.02)
