"""The service as a process of its own, with a local Discord before it and local feeds behind it."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from bot.store import platform_notes
from bot.store.database import Database
from tests.sims.discord import permissions
from tests.sims.discord.server import LocalDiscord
from tests.sims.origin import Origin
from tests.system.feeds import rss
from tests.system.service import SETTINGS, logging_service, run

pytestmark = pytest.mark.slow

CRANES = ("c1", "Fourteen cranes stopped at the port of Veldt")
TRIAL = ("t1", "Hospitals publish the results of a triage trial")


def configure(folder: Path, sim: LocalDiscord) -> None:
    settings = SETTINGS.replace("first_posts = 0", "first_posts = 1")
    discord = f'\n[discord]\napi_base = "{sim.api_base}"\n'
    (folder / "threadwire.toml").write_text(settings + discord, encoding="utf-8")
    (folder / ".env").write_text(f"DISCORD_TOKEN={sim.token}\n", encoding="utf-8")


def subscribe(folder: Path, source: str, *channels: str) -> None:
    """What a settings file subscribes."""
    wishes = [
        f'\n[[subscriptions]]\nchannel = "{channel}"\nsources = ["{source}"]\n'
        for channel in channels
    ]
    with (folder / "threadwire.toml").open("a", encoding="utf-8") as file:
        file.write("".join(wishes))


async def test_from_subscribe_to_a_pressed_button_to_the_end(tmp_path: Path) -> None:
    async with LocalDiscord() as sim, Origin() as origin:
        guild = sim.add_guild("Lab")
        channel = sim.add_channel(guild, "news")
        mod = sim.add_member(guild, "mod", permissions=permissions.MANAGE_CHANNELS)
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim)
        async with logging_service(tmp_path) as (process, lines):
            await sim.ready(timeout_s=30)
            await sim.until(lambda: sim.commands[None], 30, "the commands")
            source = {"source": origin.url("/feed")}
            asked = await sim.command(guild, channel, mod, "news subscribe", source)
            await asked.reads(CRANES[1], timeout_s=20)
            await sim.until(channel.history, 20, "the first post")
            [post] = channel.history()
            assert CRANES[1] in post.text
            assert not post.pings
            why = await sim.press(post, "why:", mod, locale="de")
            assert (await why.answer(timeout_s=20)).ephemeral
            origin.serve("/feed", body=rss([TRIAL, CRANES], site=origin.url("/site")))
            await sim.until(lambda: len(channel.history()) == 2, 20, "the second post")
            sim.gateway.drop()
            asked = await sim.command(guild, channel, mod, "news list")
            assert "/site" in (await asked.answer(timeout_s=20)).text  # what the source is called
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0
            assert len(sim.gateway.identifies) == 1
            assert not [line for line in lines if '"error"' in line or "Traceback" in line]
        told = (await run(tmp_path, "doctor")).stdout
        assert "discord: connection: " in told
        assert "requests refused" not in told
        sim.check()


async def test_a_wrong_token_stops_discord_and_nothing_else(tmp_path: Path) -> None:
    async with LocalDiscord() as sim, Origin() as origin:
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim)
        subscribe(tmp_path, origin.url("/feed"), "files")
        sim.token_revoked = True
        async with logging_service(tmp_path) as (process, lines):
            async with asyncio.timeout(30):
                while not list((tmp_path / "posts").rglob("*.md")):
                    await asyncio.sleep(0.05)
            assert process.returncode is None
            assert any("does not accept" in line for line in lines)
            assert len(sim.requests) <= 3
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0


async def test_one_round_posts_over_rest_alone(tmp_path: Path) -> None:
    async with LocalDiscord() as sim, Origin() as origin:
        channel = sim.add_channel(sim.add_guild("Lab"), "news")
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim)
        subscribe(tmp_path, origin.url("/feed"), f"discord:{channel.id}")
        for _ in range(2):
            outcome = await run(tmp_path, "run", "--once")
            assert (outcome.status, outcome.complaints) == (0, [])
        [post] = channel.history()
        assert CRANES[1] in post.text
        assert not sim.gateway.identifies
        assert not sim.asked("GET", "/gateway/bot")
        sim.check()


async def test_doctor_looks_into_every_channel_that_is_posted_to(tmp_path: Path) -> None:
    async with LocalDiscord() as sim, Origin() as origin:
        guild = sim.add_guild("Lab", bot_permissions=permissions.MINIMAL_BOT)
        fine, mute = sim.add_channel(guild, "fine"), sim.add_channel(guild, "mute")
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim)
        subscribe(tmp_path, origin.url("/feed"), f"discord:{fine.id}", f"discord:{mute.id}")
        assert (await run(tmp_path, "doctor")).status == 0
        sim.forbid_bot(mute, permissions.SEND_MESSAGES)
        outcome = await run(tmp_path, "doctor")
        assert outcome.status == 1
        assert f"discord:{mute.id}: the bot lacks Send Messages" in outcome.stdout
        assert f"discord:{fine.id}: may be posted to" in outcome.stdout
        assert not any(channel.history() for channel in (fine, mute))
        noted = json.dumps({"count": 400, "at": "2026-11-21T10:00:00+00:00"})
        async with Database(tmp_path / "data" / "threadwire.db", exclusive=True) as database:
            await database.write(platform_notes.put, "discord", "refused", noted)
        assert "400 requests refused" in (await run(tmp_path, "doctor")).stdout
        sim.revoke_token()
        assert "does not accept DISCORD_TOKEN" in (await run(tmp_path, "doctor")).stdout
        assert sim.token not in outcome.stdout + outcome.stderr


async def test_init_prints_where_to_invite_the_bot(tmp_path: Path) -> None:
    outcome = await run(tmp_path, "init")
    assert "https://discord.com/oauth2/authorize?" in outcome.stdout
    assert "permissions=309237730304" in outcome.stdout
