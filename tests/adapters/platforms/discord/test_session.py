"""One account's login, and what the library writes into logs."""

from __future__ import annotations

import asyncio
import logging

import discord
import pytest

from adapters.platforms.discord.session import DiscordSession
from bot.errors import ChannelFault
from tests.adapters.platforms.discord.sending import STORY, desk
from tests.sims.discord.server import LocalDiscord


async def test_nothing_is_asked_before_it_is_needed_and_the_login_once() -> None:
    async with desk() as at:
        assert not at.sim.requests
        await asyncio.gather(*(at.platform.session.log_in() for _ in range(5)))
        assert len(at.sim.asked("GET", "/users/@me")) == 1
        assert at.platform.session.our_id == at.sim.bot.id


async def test_a_login_that_failed_can_be_made_again() -> None:
    async with LocalDiscord() as sim:
        session = DiscordSession(sim.token, sim.api_base)
        sim.fail_next("GET", "/users/@me", status=503)
        with pytest.raises(discord.DiscordServerError):
            await session.log_in()
        await session.log_in()
        assert session.our_id == sim.bot.id
        await session.close()


async def test_a_refused_token_is_asked_about_again_after_a_while_and_works_on() -> None:
    async with LocalDiscord() as sim:
        session = DiscordSession(sim.token, sim.api_base, ask_again_s=0.05)
        await session.log_in()
        http = session.client.http
        sim.revoke_token()
        with pytest.raises(discord.HTTPException):
            await http.request(discord.http.Route("GET", "/users/@me"))
        asked = len(sim.requests)
        with pytest.raises(discord.LoginFailure):
            await session.log_in()
        assert len(sim.requests) == asked
        sim.restore_token()
        async with asyncio.timeout(5):
            while True:
                try:
                    await session.log_in()
                except discord.LoginFailure:
                    await asyncio.sleep(0.01)
                else:
                    break
        assert len(sim.asked("GET", "/users/@me")) == 3
        await session.close()


async def test_a_token_of_an_interaction_that_ran_out_is_not_ours() -> None:
    """Its 401 is about that token; ours is as good as before."""
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        route = discord.http.Route(
            "PATCH",
            "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
            webhook_id=at.sim.bot.id,
            webhook_token="gone",
        )
        with pytest.raises(discord.HTTPException):
            await at.platform.session.client.http.request(route, json={"content": "late"})
        await at.platform.send(at.place, STORY, "k1")


async def test_a_token_revoked_between_posts_stops_all_requests() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.revoke_token()
        assert (await at.refused(key="k1")).fault is ChannelFault.ACCESS
        asked = len(at.sim.requests)
        for number in range(5):
            assert (await at.refused(key=f"k{number}")).fault is ChannelFault.ACCESS
        assert len(at.sim.requests) == asked


async def test_tokens_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """discord.py's debug log holds tokens of interactions and the gateway's own."""
    logging.getLogger("discord").setLevel(logging.DEBUG)
    async with desk() as at:
        with caplog.at_level(logging.DEBUG):
            await at.platform.send(at.place, STORY, "k0")
            at.sim.revoke_token()
            await at.refused(key="k1")
        assert at.sim.token not in caplog.text
    assert logging.getLogger("discord.http").getEffectiveLevel() == logging.INFO
