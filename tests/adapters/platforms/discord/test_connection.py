"""The gateway kept, lost and found again; what is heard on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import discord
import pytest

from adapters.platforms.discord.gateway import Link
from bot.store import subscriptions
from bot.store.subscriptions import DeclaredSubscription
from tests.adapters.platforms.discord.live import Live, furnish, live
from tests.sims.discord import gateway as gw
from tests.sims.discord import permissions
from tests.sims.discord.server import LocalDiscord

REACTIONS = 1 << 10  # GUILD_MESSAGE_REACTIONS


async def linked(running: Live, link: Link) -> None:
    """Returns when the connection stands so."""
    async with asyncio.timeout(5):
        while running.connection.link is not link:
            await asyncio.sleep(0.01)


async def works(running: Live) -> None:
    """A command is answered."""
    place = furnish(running.sim)
    asked = await running.sim.command(place.guild, place.channel, place.member, "news help")
    await asked.answer()


async def test_it_listens_registers_commands_and_says_how_many_sources(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    async with live(tmp_path, sim) as running:
        await sim.until(lambda: sim.gateway.presences, what="a presence")
        assert sim.gateway.presences[0]["activities"][0]["name"] == "0 sources"
        assert sim.gateway.identifies[0]["intents"] == gw.GUILDS | REACTIONS
        assert running.connection.link is Link.READY
        await works(running)


async def test_commands_are_registered_again_only_when_they_changed(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    for _ in range(2):
        async with live(tmp_path, sim) as running:
            await works(running)
    assert sim.command_syncs == 1


@pytest.mark.parametrize("how", ["drop", "cut", "ask_to_reconnect"])
async def test_a_dropped_session_is_resumed_without_loss(
    tmp_path: Path, sim: LocalDiscord, how: str
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        getattr(sim.gateway, how)()
        missed = await sim.command(place.guild, place.channel, place.member, "news help")
        await missed.answer()
        assert len(sim.gateway.identifies) == 1
        assert len(sim.gateway.resumes) == 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_replaced(
    tmp_path: Path, sim: LocalDiscord, resumable: bool
) -> None:
    async with live(tmp_path, sim) as running:
        sim.gateway.invalidate(resumable=resumable)
        await sim.until(lambda: len(sim.gateway.identifies) + len(sim.gateway.resumes) == 2)
        await sim.ready()
        assert len(sim.gateway.identifies) == (1 if resumable else 2)
        await works(running)


async def test_a_close_code_that_ends_the_session_begins_another(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    async with live(tmp_path, sim) as running:
        sim.gateway.forget_sessions()
        sim.gateway.drop(1000)
        await sim.until(lambda: len(sim.gateway.identifies) == 2, what="another session")
        await sim.ready()
        await works(running)


async def test_an_outage_is_outlived(tmp_path: Path, sim: LocalDiscord) -> None:
    async with live(tmp_path, sim) as running:
        await sim.go_down()
        await linked(running, Link.LOST)
        await sim.come_back()
        await sim.ready()
        await works(running)


async def test_discord_may_be_away_at_the_start(tmp_path: Path, sim: LocalDiscord) -> None:
    sim.fail_next("GET", "/users/@me", times=2, status=503)
    sim.fail_next("GET", "/gateway/bot", times=1, status=503)
    async with live(tmp_path, sim) as running:
        await works(running)


async def test_a_connection_that_answers_no_heartbeats_is_replaced(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    sim.gateway.heartbeat_interval_s = 0.1
    async with live(tmp_path, sim) as running:
        sim.gateway.silent = True
        await sim.until(lambda: not sim.gateway.connected, what="the end of it")
        sim.gateway.silent = False
        await sim.ready()
        await works(running)


async def test_message_contents_are_asked_for_where_the_portal_has_them(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    sim.portal_intents = gw.MESSAGE_CONTENT
    async with live(tmp_path, sim) as running:
        assert sim.gateway.identifies[0]["intents"] & gw.MESSAGE_CONTENT
        assert await running.note("chats") == ""


async def test_refused_contents_cost_nothing_but_the_chats(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    async with live(tmp_path, sim, read_chats=True) as running:
        first, second = sim.gateway.identifies
        assert first["intents"] & gw.MESSAGE_CONTENT
        assert not second["intents"] & gw.MESSAGE_CONTENT
        await running.noted("chats", "Message Content Intent")
        await works(running)


async def test_contents_turned_on_later_are_noticed(tmp_path: Path, sim: LocalDiscord) -> None:
    async with live(tmp_path, sim) as running:
        await running.noted("chats", "Message Content Intent")
        sim.portal_intents = gw.MESSAGE_CONTENT
        running.connection.look()
        await sim.until(lambda: len(sim.gateway.identifies) == 2, what="another session")
        assert sim.gateway.identifies[1]["intents"] & gw.MESSAGE_CONTENT
        await sim.ready()
        await works(running)


async def test_a_refused_token_is_not_tried_again(tmp_path: Path, sim: LocalDiscord) -> None:
    async with live(tmp_path, sim) as running:
        sim.revoke_token()
        await linked(running, Link.ACCESS)
        asked = len(sim.requests)
        await asyncio.sleep(0.2)
        assert len(sim.gateway.identifies) + len(sim.gateway.resumes) <= 2
        assert len(sim.requests) <= asked + 1
        await running.noted("link", '"link": "access"')
        assert not running.running.done()


async def test_a_wrong_token_at_the_start_ends_nothing_else(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    sim.token_revoked = True
    async with live(tmp_path, sim, ready=False) as running:
        await linked(running, Link.ACCESS)
        assert not running.running.done()
        assert not sim.gateway.identifies


async def test_refused_requests_are_noted_for_doctor(tmp_path: Path, sim: LocalDiscord) -> None:
    async with live(tmp_path, sim) as running:
        place = furnish(sim)
        sim.forbid_bot(place.channel, permissions.SEND_MESSAGES)
        for _ in range(3):
            with pytest.raises(discord.Forbidden):
                await running.session.client.http.send_typing(place.channel.id)
        running.connection.look()
        await running.noted("refused", '"count": 3')


async def test_every_start_is_counted_beyond_restarts(tmp_path: Path, sim: LocalDiscord) -> None:
    counted = []
    for _ in range(3):
        async with live(tmp_path, sim) as running:
            stored = json.loads(await running.note("starts"))
            counted.append(sum(stored["hours"].values()))
    assert counted == [1, 2, 3]


async def test_no_start_is_made_where_discord_leaves_none(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    sim.gateway.starts_left = 0
    async with live(tmp_path, sim, ready=False) as running:
        await linked(running, Link.LOST)
        await asyncio.sleep(0.1)
        assert not sim.gateway.identifies


@pytest.mark.parametrize("shards", [3])
async def test_it_runs_as_many_shards_as_discord_wants(
    tmp_path: Path, sim: LocalDiscord, shards: int
) -> None:
    sim.gateway.shards = shards
    async with live(tmp_path, sim) as running:
        await sim.ready(shards)
        assert {tuple(one["shard"]) for one in sim.gateway.identifies} == {
            (number, shards) for number in range(shards)
        }
        for name in ("One", "Two", "Three", "Four"):
            place = furnish(sim, name)
            asked = await sim.command(place.guild, place.channel, place.member, "news help")
            await asked.answer()
        assert running.connection.link is Link.READY


async def subscribed(running: Live, channel: str) -> None:
    declared = DeclaredSubscription(channel=channel, sources=("tag:x",))
    await running.chat.database.write(
        subscriptions.declare, declared, origin="file", now=running.chat.clock.now()
    )


async def test_channels_of_the_settings_file_find_their_server(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        await subscribed(running, f"discord:{place.channel.id}")
        sim.set_role(sim.bot_role(place.guild), permissions.MINIMAL_BOT | permissions.ATTACH_FILES)
        await told(running, f"discord:{place.channel.id}")
        [one] = await running.chat.database.read(subscriptions.listed)
        assert one.space == f"discord:{place.guild.id}"


async def told(running: Live, channel: str) -> None:
    async with asyncio.timeout(5):
        while channel not in running.channels.told:
            await asyncio.sleep(0.02)


async def test_a_permission_given_back_is_told_to_the_outbox(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    sim.forbid_bot(place.channel, permissions.SEND_MESSAGES)
    async with live(tmp_path, sim) as running:
        running.channels.told.clear()
        sim.allow_bot(place.channel)
        await told(running, f"discord:{place.channel.id}")


async def test_a_thread_that_is_opened_again_is_told(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    thread = sim.add_thread(place.channel, "weekly", owner=place.member)
    sim.archive(thread)
    async with live(tmp_path, sim) as running:
        sim.unarchive(thread)
        await told(running, f"discord:{thread.id}")


async def test_a_server_that_takes_us_back_is_told(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        await subscribed(running, f"discord:{place.channel.id}")
        sim.kick_bot(place.guild)
        sim.invite_bot(place.guild)
        await told(running, f"discord:{place.channel.id}")


@pytest.mark.slow
async def test_a_restless_gateway_loses_nothing(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    bad_days: list[Callable[[], None]] = [
        sim.gateway.drop,
        sim.gateway.cut,
        sim.gateway.ask_to_reconnect,
        partial(sim.gateway.invalidate, resumable=True),
    ]
    async with live(tmp_path, sim) as running:
        for number in range(40):
            bad_days[number % len(bad_days)]()
            asked = await sim.command(place.guild, place.channel, place.member, "news help")
            await asked.answer(timeout_s=10)
        assert len(sim.gateway.identifies) == 1
        assert not running.running.done()


async def test_a_stop_ends_the_session_so_that_the_bot_is_seen_to_leave(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    async with live(tmp_path, sim):
        pass
    await sim.until(lambda: sim.gateway.closed_with, what="the end")
    assert sim.gateway.closed_with == [1000]
    assert not sim.gateway.sessions


async def test_more_shards_are_run_when_discord_asks_for_them(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    async with live(tmp_path, sim) as running:
        sim.gateway.shards = 2
        sim.gateway.forget_sessions()
        sim.gateway.drop(4011)
        await sim.ready(2)
        assert {tuple(one["shard"]) for one in sim.gateway.identifies[1:]} == {(0, 2), (1, 2)}
        await works(running)


async def test_what_only_another_release_can_mend_is_tried_no_more(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    async with live(tmp_path, sim) as running:
        sim.gateway.drop(4013)
        await linked(running, Link.REFUSED)
        await running.noted("link", "upgrade Threadwire")
        assert len(sim.gateway.identifies) == 1
        assert not running.running.done()
