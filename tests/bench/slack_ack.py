"""How soon Slack hears that a command or a button has arrived, while the service is busy.

The service runs in a process of its own; a local Slack in this one sends commands and presses over
Socket Mode and notes when they are acknowledged. Once with nothing to do, and once while 2,000
feeds are polled without a pause and a conversation of 1 MB is summarised again and again. Beside it
a program of a few lines with the bare slack-bolt that does nothing but acknowledge, idle. Bolt
looks for an acknowledgement every 10 ms: that much is its own. Slack's limit is three seconds.
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
from typing import Any

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
from tests.sims.slack.live import APP_TOKEN, Ack, LiveSlack
from tests.sims.slack.world import Person, Room, Said

FEEDS = 2_000
ENTRIES = 30
CHANNELS = 100
GAP_S = 0.05
SECONDS = 40.0
GOAL_MS = 100


@dataclass
class Scene:
    """Who asks, and where."""

    sim: LiveSlack
    token: str
    places: list[tuple[Room, Person]] = field(default_factory=list)
    head: Said | None = None


@dataclass(kw_only=True)
class Measured:
    """Milliseconds to each acknowledgement."""

    commands: list[float]
    presses: list[float]
    polls: int = 0
    summaries: int = 0
    pss: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--feeds", type=int, default=FEEDS)
    parser.add_argument("--bare", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        asyncio.run(run_bare(*options.bare))
        return
    bare = asyncio.run(measure_bare(options.seconds / 4))
    with running_origin(options.feeds, ENTRIES) as origin:
        idle = asyncio.run(measure_service([], options.seconds / 4))
        urls = feed_urls(origin, options.feeds)
        busy = asyncio.run(measure_service(urls, options.seconds))
    notes = [
        f"{len(busy.commands):,} commands and {len(busy.presses):,} presses while {busy.polls:,} "
        f"polls and {busy.summaries} summaries of {THREAD_BYTES // 1000:,} kB were made; slowest "
        f"{max(busy.commands + busy.presses):.0f} ms",
        f"memory (PSS): {idle.pss / MIB:.0f} MB idle, {busy.pss / MIB:.0f} MB busy",
    ]
    print(render_table("Acknowledging on Slack", _rows(bare, idle, busy), notes))


def _rows(bare: Measured, idle: Measured, busy: Measured) -> list[Row]:
    rows = [
        Row(name=f"bare slack-bolt, p{share}", value=_at(bare.commands, share), unit="ms")
        for share in (50, 99)
    ]
    for name, measured in (("idle", idle), ("polling and summarising", busy)):
        for kind, values in (("commands", measured.commands), ("presses", measured.presses)):
            rows += [
                Row(
                    name=f"{kind}, {name}, p{share}",
                    value=_at(values, share),
                    unit="ms",
                    baseline=f"bare slack-bolt, p{share}",
                    goal=f"< {GOAL_MS} ms" if share == 99 else "",
                )
                for share in (50, 99)
            ]
    return rows


def _at(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


async def measure_bare(seconds: float) -> Measured:
    """A program that acknowledges and does nothing else."""
    async with LiveSlack() as sim:
        scene = furnish(sim)
        bare = [sim.api_base, scene.token]
        command = [sys.executable, "-m", "tests.bench.slack_ack", "--bare", *bare]
        process = subprocess.Popen(command, cwd=ROOT)
        room, person = scene.places[0]
        try:
            await sim.until(lambda: sim.sockets, 30)
            acks = await ask_for(seconds, lambda: sim.command(person, room, "/news", "help"))
        finally:
            process.kill()
            process.wait()
    return Measured(commands=acks, presses=acks)


async def run_bare(api_base: str, token: str) -> None:
    """The bare program, in its own process."""
    from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    app = AsyncApp(client=AsyncWebClient(token=token, base_url=api_base))

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/news")(acknowledge)
    await AsyncSocketModeHandler(app, APP_TOKEN).start_async()  # type: ignore[no-untyped-call]


async def measure_service(urls: list[str], seconds: float) -> Measured:
    """The service: with `urls`, while it polls them and summarises a long conversation."""
    async with LiveSlack() as sim:
        scene = furnish(sim)
        with tempfile.TemporaryDirectory() as folder:
            platform = f'[slack]\napi_base = "{sim.api_base}"\n'
            channels = [f"slack:{room.id}" for room, _ in scene.places]
            secrets = f"SLACK_BOT_TOKEN={scene.token}\nSLACK_APP_TOKEN={APP_TOKEN}\n"
            write_settings(Path(folder), platform, channels, urls, secrets)
            async with service(Path(folder)) as process:
                await sim.until(lambda: sim.sockets, 60)
                room, person = scene.places[0]
                await sim.command(person, room, "/news", "help")
                await sim.until(lambda: sim.shown, 30)
                before = polls_logged(Path(folder))
                measured = await measure(scene, seconds, summarise=bool(urls))
                measured.polls = polls_logged(Path(folder)) - before
                _, measured.pss = memory_of(process.pid)
        sim.check()
    return measured


async def measure(scene: Scene, seconds: float, *, summarise: bool) -> Measured:
    sim = scene.sim
    done: list[int] = []
    summing = asyncio.create_task(_summarise(scene, done)) if summarise else None
    rounds = iter(range(10**9))

    async def command() -> Ack:
        number = next(rounds)
        room, person = scene.places[number % len(scene.places)]
        text = ("list", "help", "status", "latest")[number % 4]
        return await sim.command(person, room, "/news", text)

    async def press() -> Ack:
        room, person = scene.places[next(rounds) % len(scene.places)]
        said = Said(ts=sim.next_ts(), user=scene.places[0][1].id, body={"text": "A post"})
        return await sim.press(person, room, "star:story:1", said)

    commands, presses = await asyncio.gather(ask_for(seconds, command), ask_for(seconds, press))
    if summing is not None:
        summing.cancel()
        await asyncio.wait({summing})
    return Measured(commands=commands, presses=presses, summaries=len(done))


async def _summarise(scene: Scene, done: list[int]) -> None:
    assert scene.head is not None
    room, person = scene.places[0]
    sim = scene.sim
    while True:
        seen = len(sim.shown)
        await sim.message_shortcut(person, room, scene.head)

        def is_there(seen: int = seen) -> bool:
            return any("Kestrel" in one.text for one in sim.shown[seen:])

        await sim.until(is_there, 120)
        done.append(seen)


async def ask_for(seconds: float, ask: Callable[[], Awaitable[Ack]]) -> list[float]:
    """Ask again and again without waiting for each other; milliseconds to each answer."""
    asked: list[asyncio.Task[Ack]] = []

    async def one() -> Ack:
        return await ask()

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked.append(asyncio.create_task(one()))
        await asyncio.sleep(GAP_S)
    return [1_000 * ack.after_s for ack in await asyncio.gather(*asked)]


def furnish(sim: LiveSlack) -> Scene:
    """A workspace with channels, and one long conversation."""
    team = sim.add_team("Lab")
    scene = Scene(sim, team.token)
    for number in range(CHANNELS):
        room = sim.add_channel(team, f"news-{number}")
        scene.places.append((room, sim.add_person(team, f"anna{number}", room)))
    room, person = scene.places[0]
    scene.head = sim.say(room, person, "Kestrel two is out: what do you make of it?")
    people = [sim.add_person(team, f"user{number}", room) for number in range(40)]
    for number in range(MESSAGES):
        text = saying(number)
        sim.say(room, people[number % len(people)], text, thread=scene.head.ts)
    return scene


if __name__ == "__main__":
    main()
