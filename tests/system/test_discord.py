"""The service as a process of its own, with a local Discord before it and local feeds behind it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sims.discord import permissions
from tests.sims.discord.server import LocalDiscord
from tests.sims.origin import Origin
from tests.system.feeds import rss
from tests.system.service import SETTINGS, start

pytestmark = pytest.mark.slow

CRANES = ("c1", "Fourteen cranes stopped at the port of Veldt")
TRIAL = ("t1", "Hospitals publish the results of a triage trial")


def configure(folder: Path, sim: LocalDiscord) -> None:
    settings = SETTINGS.replace("first_posts = 0", "first_posts = 1")
    discord = f'\n[discord]\napi_base = "{sim.api_base}"\n'
    (folder / "threadwire.toml").write_text(settings + discord, encoding="utf-8")
    (folder / ".env").write_text(f"DISCORD_TOKEN={sim.token}\n", encoding="utf-8")


@contextlib.asynccontextmanager
async def service(folder: Path) -> AsyncIterator[tuple[Process, list[str]]]:
    """`threadwire run`, and what it logs."""
    process = await start(folder, "run")
    lines: list[str] = []
    reading = asyncio.create_task(_read(process, lines))
    try:
        yield process, lines
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(process: Process, lines: list[str]) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        lines.append(line.decode())


async def test_from_subscribe_to_a_pressed_button_to_the_end(tmp_path: Path) -> None:
    async with LocalDiscord() as sim, Origin() as origin:
        guild = sim.add_guild("Lab")
        channel = sim.add_channel(guild, "news")
        mod = sim.add_member(guild, "mod", permissions=permissions.MANAGE_CHANNELS)
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim)
        async with service(tmp_path) as (process, lines):
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
            assert "/feed" in (await asked.answer(timeout_s=20)).text
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0
            assert len(sim.gateway.identifies) == 1
            assert not [line for line in lines if '"error"' in line or "Traceback" in line]
        sim.check()


async def test_a_wrong_token_stops_discord_and_nothing_else(tmp_path: Path) -> None:
    async with LocalDiscord() as sim, Origin() as origin:
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim)
        wish = f"""
[[subscriptions]]
channel = "files"
sources = ["{origin.url("/feed")}"]
"""
        with (tmp_path / "threadwire.toml").open("a") as file:
            file.write(wish)
        sim.token_revoked = True
        async with service(tmp_path) as (process, lines):
            async with asyncio.timeout(30):
                while not list((tmp_path / "posts").rglob("*.md")):
                    await asyncio.sleep(0.05)
            assert process.returncode is None
            assert any("does not accept" in line for line in lines)
            assert len(sim.requests) <= 3
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0
