"""How soon Discord hears that a command has arrived, while the service is as busy as it gets.

The service runs in a process of its own with 100 servers and 1,000 subscriptions; a local Discord
here process sends commands, and options while they are typed, and notes when their callbacks come.
Once with nothing to do, and once while 2,000 feeds are polled without a pause and a conversation of
1 MB is summarised again and again. Beside it a program of a few lines with the bare discord.py that
does nothing but acknowledge, idle. Discord's own limit is three seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.bench.busy_service import (
    MESSAGES,
    THREAD_BYTES,
    polls_logged,
    saying,
    service,
    write_settings,
)
from tests.bench.measure import MIB, memory_of
from tests.bench.origin_server import ROOT, feed_urls, running_origin
from tests.bench.report import Row, render_table
from tests.sims.discord import gateway as gw
from tests.sims.discord import permissions
from tests.sims.discord.interactions import Interaction
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Guild, User

FEEDS = 2_000
ENTRIES = 30
GUILDS = 100
CHANNELS = 10  # of each, each with a subscription
GAP_S = 0.05
SECONDS = 40.0
GOAL_MS = 100
TOKEN = "sim.bot.token"  # the local Discord's


@dataclass
class Scene:
    """Who asks, and where."""

    sim: LocalDiscord
    places: list[tuple[Guild, Channel, User]] = field(default_factory=list)
    thread: Channel | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--feeds", type=int, default=FEEDS)
    parser.add_argument("--bare", metavar="API_BASE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        asyncio.run(run_bare(options.bare))
        return
    bare = asyncio.run(measure_bare(options.seconds / 4))
    with running_origin(options.feeds, ENTRIES) as origin:
        small = asyncio.run(measure_service([], 1.0, guilds=1, channels=1))
        idle = asyncio.run(measure_service([], options.seconds / 4))
        urls = feed_urls(origin, options.feeds)
        busy = asyncio.run(measure_service(urls, options.seconds))
    rows = [*_rows(bare, idle, busy), *_memory(small, idle)]
    print(render_table("Acknowledging on Discord", rows, _notes(idle, busy)))


@dataclass(kw_only=True)
class Measured:
    """Milliseconds to each callback, by kind of interaction."""

    acks: list[float]
    suggestions: list[float]
    polls: int = 0
    summaries: int = 0
    pss: int = 0
    processes: int = 1


def _rows(bare: Measured, idle: Measured, busy: Measured) -> list[Row]:
    rows = [
        Row(name="bare discord.py, p50", value=_at(bare.acks, 50), unit="ms"),
        Row(name="bare discord.py, p99", value=_at(bare.acks, 99), unit="ms"),
    ]
    for name, measured in (("idle", idle), ("polling and summarising", busy)):
        goal = f"< {GOAL_MS} ms"
        for share in (50, 99):
            against = f"bare discord.py, p{share}"
            value = _at(measured.acks, share)
            rows.append(
                Row(
                    name=f"Threadwire {name}, p{share}",
                    value=value,
                    unit="ms",
                    baseline=against,
                    goal=goal if share == 99 else "",
                )
            )
        rows.append(
            Row(
                name=f"suggestions, {name}, p99",
                value=_at(measured.suggestions, 99),
                unit="ms",
                goal=goal,
            )
        )
    return rows


def _memory(small: Measured, idle: Measured) -> list[Row]:
    one = "memory (PSS), one server, one subscription"
    many = f"memory (PSS), {GUILDS} servers, {GUILDS * CHANNELS:,} subscriptions"
    return [
        Row(name=one, value=small.pss / MIB, unit="MB"),
        Row(name=many, value=idle.pss / MIB, unit="MB", baseline=one),
    ]


def _notes(idle: Measured, busy: Measured) -> list[str]:
    return [
        f"{len(busy.acks):,} commands and presses, {len(busy.suggestions):,} suggestions while "
        f"{busy.polls:,} polls and {busy.summaries} summaries of {THREAD_BYTES // 1000:,} kB were "
        f"made; slowest {max(busy.acks):.0f} ms",
        f"memory: no sources polled, {idle.processes} process",
    ]


def _at(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


async def measure_bare(seconds: float) -> Measured:
    """A program that acknowledges and does nothing else."""
    async with LocalDiscord(token=TOKEN) as sim:
        scene = furnish(sim)
        command = [sys.executable, "-m", "tests.bench.discord_ack", "--bare", sim.api_base]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            await sim.ready(timeout_s=30)
            sim.commands[None] = [
                {"id": "1", "name": "ping", "type": 1, "description": "x", "options": []}
            ]
            acks = await ask_for(seconds, lambda: sim.command(*scene.places[0], "ping"))
        finally:
            process.kill()
            process.wait()
    return Measured(acks=acks, suggestions=[0.0])


async def run_bare(api_base: str) -> None:
    """The bare program, in its own process."""
    Route.BASE = api_base
    base = yarl.URL(api_base)
    DiscordWebSocket.DEFAULT_GATEWAY = base.origin().with_scheme("ws") / "gateway"
    client = discord.Client(intents=discord.Intents(guilds=True))

    async def on_interaction(interaction: discord.Interaction[discord.Client]) -> None:
        await interaction.response.defer(ephemeral=True)

    client.event(on_interaction)
    await client.start(TOKEN)


async def measure_service(
    urls: list[str], seconds: float, *, guilds: int = GUILDS, channels: int = CHANNELS
) -> Measured:
    """The service: with `urls`, while it polls them and summarises a long conversation."""
    async with LocalDiscord(token=TOKEN) as sim:
        scene = furnish(sim, guilds, channels)
        with tempfile.TemporaryDirectory() as folder:
            platform = f'[discord]\nchat_threads = true\napi_base = "{sim.api_base}"\n'
            rooms = [f"discord:{channel.id}" for _, channel, _ in scene.places]
            secrets = f"DISCORD_TOKEN={TOKEN}\n"
            write_settings(Path(folder), platform, rooms, urls, secrets)
            async with service(Path(folder)) as process:
                await sim.ready(timeout_s=60)
                await sim.until(lambda: sim.commands[None], 60, "the commands")
                await (await sim.command(*scene.places[0], "news help")).answer(timeout_s=30)
                before = polls_logged(Path(folder))
                measured = await measure(scene, seconds, summarise=bool(urls))
                measured.polls = polls_logged(Path(folder)) - before
                pids, measured.pss = memory_of(process.pid)
                measured.processes = len(pids)
        sim.check()
    return measured


async def measure(scene: Scene, seconds: float, *, summarise: bool) -> Measured:
    sim = scene.sim
    counted: list[Interaction] = []
    summing = asyncio.create_task(_summarise(scene, counted)) if summarise else None
    rounds = iter(range(10**9))

    async def ask() -> Interaction:
        number = next(rounds)
        place = scene.places[number % len(scene.places)]
        name = ("news list", "news help", "news status", "news latest")[number % 4]
        values = {"source": "tag:bench"} if name == "news latest" else {}
        return await sim.command(*place, name, values)

    async def suggest() -> Interaction:
        place = scene.places[next(rounds) % len(scene.places)]
        return await sim.autocomplete(*place, "news latest", "source", "12")

    acks, suggestions = await asyncio.gather(ask_for(seconds, ask), ask_for(seconds, suggest))
    if summing is not None:
        summing.cancel()
        await asyncio.wait({summing})
    acks += [one.ack_ms for one in counted if one.acked_at is not None]
    return Measured(acks=acks, suggestions=suggestions, summaries=len(counted))


async def _summarise(scene: Scene, counted: list[Interaction]) -> None:
    assert scene.thread is not None
    guild, _, user = scene.places[0]
    while True:
        asked = await scene.sim.command(guild, scene.thread, user, "tldr")
        await asked.reads("Kestrel", timeout_s=120)
        counted.append(asked)


async def ask_for(seconds: float, ask: Callable[[], Awaitable[Interaction]]) -> list[float]:
    """Ask again and again, and return how long each acknowledgement took."""
    asked = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked.append(await ask())
        await asyncio.sleep(GAP_S)
    for one in asked:
        await one.acked(timeout_s=10)
    return [one.ack_ms for one in asked]


def furnish(sim: LocalDiscord, guilds: int = GUILDS, channels: int = CHANNELS) -> Scene:
    """Servers with channels, and one long conversation."""
    sim.portal_intents = gw.MESSAGE_CONTENT
    scene = Scene(sim)
    for number in range(guilds):
        guild = sim.add_guild(f"server {number}")
        user = sim.add_member(guild, f"mod{number}", permissions=permissions.MANAGE_CHANNELS)
        for name in range(channels):
            scene.places.append((guild, sim.add_channel(guild, f"news-{name}"), user))
    guild, channel, user = scene.places[0]
    scene.thread = sim.add_thread(channel, "Kestrel", owner=user)
    people = [sim.add_member(guild, f"user{number}") for number in range(40)]
    for number in range(MESSAGES):
        sim.say(scene.thread, people[number % len(people)], saying(number))
    return scene


if __name__ == "__main__":
    main()
