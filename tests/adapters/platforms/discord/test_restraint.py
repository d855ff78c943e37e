"""The limits that hold for the whole bot."""

from __future__ import annotations

import asyncio

import discord
import pytest
from discord.http import Route

from adapters.platforms.discord.restraint import MOST_INVALID
from tests.adapters.platforms.discord.sending import STORY, Desk, desk
from tests.sims.discord import permissions as p

CHANNELS = 30


async def _post_everywhere(at: Desk, each: int) -> None:
    channels = [at.add(f"news-{number}") for number in range(CHANNELS)]

    async def fill(place: str) -> None:
        for number in range(each):
            await at.platform.send(place, STORY, f"{place}:{number}")

    await asyncio.gather(*(fill(str(channel.id)) for channel in channels))
    assert all(len(channel.history()) == each for channel in channels)


async def test_the_global_limit_is_met_once_and_then_kept() -> None:
    async with desk() as at:
        at.sim.limits.global_per_s = 50
        await _post_everywhere(at, 3)
        assert at.sim.limits.answered_429 <= CHANNELS  # what was on its way when it was met
        assert at.sim.limits.requests_while_limited == 0


async def test_nothing_is_held_back_before_a_global_limit_is_met() -> None:
    async with desk() as at:
        await _post_everywhere(at, 3)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await _post_everywhere(at, 3)
        assert loop.time() - started < 2 * CHANNELS * 4 / 45  # at the pace it would take 2.7 s


async def test_a_call_given_up_in_a_global_pause_does_not_stop_everything_for_good() -> None:
    """discord.py closes its lock at a global 429, and only that request would open it again."""
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.limits.pause("*", 0.5, scope="global")
        http = at.platform.session.client.http
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await http.request(Route("GET", "/users/@me"))
        async with asyncio.timeout(10):
            await at.platform.send(at.place, STORY, "k1")


async def test_a_global_limit_that_lasts_stops_all_requests_until_its_end() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.limits.pause("*", 400.0, scope="global")
        error = await at.refused()
        assert (error.doubtful, error.permanent) == (False, False)
        asked = len(at.sim.requests)
        again = await at.refused(key="k2", channel=at.add("other"))
        assert (again.retry_after_s or 0) > 300
        assert len(at.sim.requests) == asked


async def test_once_cloudflare_turns_us_away_nothing_is_asked() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.fail_next("POST", "/channels/*/messages", status=429, html=True)
        error = await at.refused()
        assert (error.doubtful, error.permanent, error.fault) == (False, False, None)
        asked = len(at.sim.requests)
        again = await at.refused(key="k2", channel=at.add("other"))
        assert (again.retry_after_s or 0) > 500
        assert "turns our requests away" in str(again)
        assert len(at.sim.requests) == asked


async def test_cloudflare_in_discords_words_is_a_pause_for_all_channels() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.fail_next("POST", "/channels/*/messages", code=40333)
        assert (await at.refused()).retry_after_s == 900.0
        asked = len(at.sim.requests)
        assert ((await at.refused(key="k2")).retry_after_s or 0) > 800
        assert len(at.sim.requests) == asked


async def test_refusals_are_counted_as_discord_counts_them() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        route = "POST /channels/{channel_id}/messages"
        at.sim.limits.pause(route, 0.05, major=at.place, scope="shared")
        await at.platform.send(at.place, STORY, "k1")
        assert at.platform.session.invalid.count() == 0
        at.sim.limits.pause(route, 0.05, major=at.place)
        await at.platform.send(at.place, STORY, "k2")
        at.sim.forbid_bot(at.channel, p.SEND_MESSAGES)
        await at.refused(key="k3")
        assert at.platform.session.invalid.count() == at.sim.limits.invalid_requests == 2


async def test_long_before_a_ban_nothing_is_asked() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.fail_next("POST", "/channels/*/messages", times=10_000, code=50007)
        for number in range(MOST_INVALID + 20):
            await at.refused(key=f"k{number}")
        assert at.sim.limits.invalid_requests == MOST_INVALID
        error = await at.refused()
        assert (error.permanent, error.doubtful, error.retry_after_s) == (False, False, 120.0)


async def test_the_library_keeps_its_lock_where_we_open_it() -> None:
    """`DiscordSession` opens a private lock of discord.py; another version may name it anew."""
    async with desk() as at:
        await at.platform.session.log_in()
        lock = at.platform.session.client.http._global_over
        assert isinstance(lock, asyncio.Event)
        assert lock.is_set()
        assert discord.__version__.startswith("2.7.")
