"""The gateway as the real discord.py client meets it: sessions, losses, refusals, events."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from backports import zstd

from tests.sims.discord import gateway as gw
from tests.sims.discord import permissions as p
from tests.sims.discord.client import Client, aimed_at, running
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Guild, Kind


@pytest.fixture
async def sim() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as sim:
        sim.checks_itself = True
        yield sim
        sim.check()


@pytest.fixture
def channel(sim: LocalDiscord) -> Channel:
    return sim.add_channel(sim.add_guild("Acme"), "news")


async def test_frames_are_compressed_as_the_library_asks(
    sim: LocalDiscord, channel: Channel
) -> None:
    async with running(sim, Client()):
        assert {line.compress for line in sim.gateway.lines} == {
            discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE
        }


@pytest.mark.parametrize("form", ["plain", "zlib-stream", "zstd-stream"])
async def test_each_form_of_compression_can_be_read(sim: LocalDiscord, form: str) -> None:
    unpack = {
        "zlib-stream": zlib.decompressobj().decompress,
        "zstd-stream": zstd.ZstdDecompressor().decompress,
    }
    query = {} if form == "plain" else {"compress": form}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(sim.gateway_url, params=query) as socket,
    ):
        for op in (10, 11):
            frame = await socket.receive()
            text = unpack[form](frame.data) if form in unpack else frame.data
            assert b'"op":%d' % op in (text if isinstance(text, bytes) else text.encode())
            await socket.send_json({"op": 1, "d": None})


@pytest.mark.parametrize("loss", ["drop", "cut", "ask_to_reconnect"])
async def test_a_session_is_resumed_without_loss(
    sim: LocalDiscord, channel: Channel, loss: str
) -> None:
    async with running(sim, Client()) as client:
        sim.rename(channel, "before")
        await client.heard("guild_channel_update")
        sim.gateway.refusing = True
        getattr(sim.gateway, loss)()
        await sim.until(lambda: not sim.gateway.connected, what="the loss")
        sim.rename(channel, "meanwhile")
        sim.gateway.refusing = False
        await client.heard("resumed")
        await client.heard("guild_channel_update", 2)
        sim.rename(channel, "after")
        await client.heard("guild_channel_update", 3)
    renamed = [before.name for before, _ in client.of("guild_channel_update")]
    assert renamed == ["news", "before", "meanwhile"]
    assert len(sim.gateway.identifies) == 1
    assert [one["seq"] for one in sim.gateway.resumes] == [3]


async def test_an_invalid_session_is_begun_anew(sim: LocalDiscord, channel: Channel) -> None:
    async with running(sim, Client()) as client:
        sim.gateway.invalidate()
        await client.heard("shard_ready", 2)
        sim.gateway.invalidate(resumable=True)
        await client.heard("resumed")
    assert len(sim.gateway.identifies) == 2


async def test_a_forgotten_session_cannot_be_resumed(sim: LocalDiscord, channel: Channel) -> None:
    async with running(sim, Client()) as client:
        sim.gateway.session_ttl_s = 0
        sim.gateway.drop()
        await client.heard("shard_ready", 2)
    assert (len(sim.gateway.resumes), len(sim.gateway.identifies)) == (1, 2)


async def test_a_full_outage_ends(sim: LocalDiscord, channel: Channel) -> None:
    async with running(sim, Client()) as client:
        await sim.go_down()
        await client.heard("disconnect")
        sim.rename(channel, "meanwhile")
        await sim.come_back()
        # The library resumes only at once; after an attempt that failed it identifies anew.
        await client.heard("shard_ready", 2)
        assert client.guilds[0].text_channels[0].name == "meanwhile"


async def test_silence_is_noticed_and_resumed(sim: LocalDiscord, channel: Channel) -> None:
    async with running(sim, Client(heartbeat_timeout=0.3)) as client:
        sim.gateway.silent = True
        sim.rename(channel, "unheard")
        await client.heard("disconnect")
        assert client.of("guild_channel_update") == []
        sim.gateway.silent = False
        await client.heard("guild_channel_update")
    assert len(client.of("guild_channel_update")) == 1


async def test_who_sends_no_heartbeat_is_hung_up_on(sim: LocalDiscord) -> None:
    sim.gateway.heartbeat_interval_s = sim.gateway.hung_up_after_s = 0.05
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(sim.gateway_url) as socket,
    ):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert socket.close_code == 4009


async def test_a_heartbeat_can_be_asked_for(sim: LocalDiscord, channel: Channel) -> None:
    async with running(sim, Client()):
        sim.gateway.ask_for_heartbeat()
        await sim.until(lambda: sim.gateway.heartbeats == 2, what="a second heartbeat")


async def test_too_many_servers_need_more_shards(sim: LocalDiscord, channel: Channel) -> None:
    sim.gateway.most_guilds_per_shard = 0
    async with aimed_at(sim):
        with pytest.raises(discord.ConnectionClosed) as closed:
            await Client().start(sim.token)
    assert closed.value.code == 4011


async def test_who_identifies_too_soon_begins_again(sim: LocalDiscord, channel: Channel) -> None:
    sim.gateway.identify_gap_s = 0.1
    async with running(sim, Client()) as client:
        sim.gateway.invalidate()
        await client.heard("shard_ready", 2)
    assert len(sim.gateway.identifies) > 2


async def test_heartbeats_are_acknowledged(sim: LocalDiscord, channel: Channel) -> None:
    sim.gateway.heartbeat_interval_s = 0.05
    async with running(sim, Client()) as client:
        await sim.until(lambda: sim.gateway.heartbeats >= 3, what="heartbeats")
        assert 0 < client.latency < 10


async def test_an_intent_that_is_switched_off_in_the_portal_is_refused(sim: LocalDiscord) -> None:
    intents = discord.Intents(guilds=True, message_content=True)
    async with aimed_at(sim):
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await Client(intents=intents).start(sim.token)
        sim.portal_intents = gw.MESSAGE_CONTENT
    async with running(sim, Client(intents=intents)) as client:
        assert client.application_flags.gateway_message_content_limited


async def test_a_wrong_token_is_refused(sim: LocalDiscord) -> None:
    client = Client()
    async with aimed_at(sim), client:
        with pytest.raises(discord.LoginFailure):
            await client.start("wrong")
    assert sim.limits.invalid_requests == 1


async def test_a_revoked_token_ends_the_connection(sim: LocalDiscord, channel: Channel) -> None:
    client = Client()
    async with aimed_at(sim):
        running_client = asyncio.create_task(client.start(sim.token))
        await client.heard("ready")
        sim.revoke_token()
        with pytest.raises(discord.ConnectionClosed) as closed:
            await running_client
    assert closed.value.code == 4004


async def test_when_all_starts_are_used_up_the_token_is_reset(sim: LocalDiscord) -> None:
    sim.gateway.starts_left = 1
    async with running(sim, Client()) as client:
        assert (await client.fetch_session_start_limits()).remaining == 0
        sim.gateway.invalidate()
        await client.heard("disconnect", 2)
    assert sim.token_revoked


async def test_shards_hear_of_their_own_guilds(sim: LocalDiscord) -> None:
    sim.gateway.shards = 2
    guilds: list[Guild] = []
    while {(one.id >> 22) % 2 for one in guilds} != {0, 1}:
        guilds.append(sim.add_guild(f"guild {len(guilds)}"))
        await asyncio.sleep(0.001)  # ids carry milliseconds, and shards are told apart by them
    async with running(sim, Client()) as client:
        assert {one.id for one in client.guilds} == {one.id for one in guilds}
        assert len(sim.gateway.connected) == 2
        sim.kick_bot(guilds[0])
        await client.heard("guild_remove")
    for session in sim.gateway.sessions.values():
        ids = [int(one["d"]["id"]) for one in session.sent if one["t"] == "GUILD_CREATE"]
        assert {(one >> 22) % 2 for one in ids} == {session.shard[0]}


async def test_changes_reach_the_cache(sim: LocalDiscord) -> None:
    guild = sim.add_guild("Acme")
    forum = sim.add_channel(guild, "forum", Kind.FORUM, "ai", "chips")
    async with running(sim, Client()) as client:
        known = client.get_guild(guild.id)
        assert known is not None
        seen = known.get_channel(forum.id)
        assert isinstance(seen, discord.ForumChannel)
        assert [tag.name for tag in seen.available_tags] == ["ai", "chips"]
        thread = sim.add_thread(forum, "a post")
        await client.heard("thread_create")
        assert known.get_thread(thread.id) is not None
        sim.forbid_bot(forum, p.SEND_MESSAGES)
        await client.heard("guild_channel_update")
        assert not seen.permissions_for(known.me).send_messages
        role = sim.bot_role(guild)
        sim.set_role(role, p.ADMINISTRATOR)
        await client.heard("guild_role_update")
        assert seen.permissions_for(known.me).send_messages
        sim.archive(thread)
        await client.heard("thread_update")
        sim.delete_channel(forum)
        await client.heard("guild_channel_delete")
        assert known.get_channel(forum.id) is None
        sim.set_available(guild, False)
        await client.heard("guild_unavailable")
        sim.set_available(guild, True)
        await client.heard("guild_available", 2)
        sim.kick_bot(guild)
        await client.heard("guild_remove")
        sim.invite_bot(guild)
        await client.heard("guild_join")


async def test_threads_come_with_the_sight_of_their_channel(
    sim: LocalDiscord, channel: Channel
) -> None:
    sim.forbid_bot(channel, p.VIEW_CHANNEL)
    thread = sim.add_thread(channel, "hidden")
    async with running(sim, Client()) as client:
        assert client.guilds[0].get_thread(thread.id) is None
        sim.allow_bot(channel)
        await client.heard("thread_join")
        assert client.guilds[0].get_thread(thread.id) is not None


async def test_events_need_their_intents(sim: LocalDiscord, channel: Channel) -> None:
    assert channel.guild is not None
    ann = sim.add_member(channel.guild, "ann")
    sim.portal_intents = gw.MESSAGE_CONTENT
    listening = Client(intents=discord.Intents(guilds=True, guild_messages=True))
    async with running(sim, Client()) as deaf, running(sim, listening):
        message = sim.say(channel, ann, f"hello <@{sim.bot.id}>")
        sim.say(channel, ann, "words for people")
        sim.react(message, ann)
        await listening.heard("message", 2)
        sim.rename(channel, "told last")
        await deaf.heard("guild_channel_update")
    assert [args[0].content for args in listening.of("message")] == [f"hello <@{sim.bot.id}>", ""]
    assert deaf.of("message") == []
    assert deaf.of("raw_reaction_add") == listening.of("raw_reaction_add") == []


async def test_presence_is_noted(sim: LocalDiscord, channel: Channel) -> None:
    async with running(sim, Client()) as client:
        await client.change_presence(activity=discord.CustomActivity("12 sources"))
        await sim.until(lambda: sim.gateway.presences, what="a presence")
    assert sim.gateway.presences[0]["activities"][0]["state"] == "12 sources"


async def test_too_many_events_close_the_connection(sim: LocalDiscord) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(sim.gateway_url) as socket,
    ):
        for _ in range(121):
            await socket.send_json({"op": 1, "d": None})
        await sim.until(lambda: sim.gateway.closed_with, what="the end")
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert socket.close_code == 4008
