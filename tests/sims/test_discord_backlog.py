"""Many deliveries on a bad day: what a sender that retries with its nonce gets from the server."""

from __future__ import annotations

import asyncio

import aiohttp
import discord

from tests.sims.discord.client import Client, running
from tests.sims.discord.server import LocalDiscord

CHANNELS, EACH = 10, 24


async def test_nothing_is_lost_or_doubled_on_a_bad_day() -> None:
    async with LocalDiscord() as sim:
        guild = sim.add_guild("Acme")
        channels = [sim.add_channel(guild, f"news-{number}") for number in range(CHANNELS)]
        sim.limits.set("POST /channels/{channel_id}/messages", 8, 0.2)
        sim.limits.global_per_s = 300
        lost = sim.fail_next("POST", "/channels/*/messages", skip=20, times=9, reset="after")
        never = sim.fail_next("POST", "/channels/*/messages", skip=60, times=5, reset="before")
        broken = sim.fail_next("POST", "/channels/*/messages", skip=90, times=3, status=503)
        async with running(sim, Client()) as client:
            senders = [asyncio.create_task(_send_all(client, one.id)) for one in channels]
            await sim.until(lambda: lost.seen, what="a lost answer")
            sim.gateway.drop()
            await asyncio.gather(*senders)
            await client.heard("resumed")
        wanted = [str(number) for number in range(EACH)]
        assert [[one.content for one in channel.history()] for channel in channels] == (
            [wanted] * CHANNELS
        )
        assert (lost.seen, never.seen, broken.seen) == (9, 5, 3)
        assert len(sim.asked("POST", "/messages")) == (
            CHANNELS * EACH + 9 + 5 + 3 + sim.limits.answered_429
        )
        assert sim.requests_while_limited <= 2  # a stalled machine makes a word late
        sim.check()


async def _send_all(client: Client, channel_id: int) -> None:
    place = client.get_channel(channel_id)
    assert isinstance(place, discord.TextChannel)
    for number in range(EACH):
        while True:
            try:
                await place.send(str(number), nonce=f"{channel_id % 10**12}-{number}")
                break
            except (aiohttp.ClientError, discord.DiscordServerError):
                continue
