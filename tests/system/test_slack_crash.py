"""SIGKILL at any moment while Slack has a bad day: no story is lost, none is posted twice."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.sims.origin import Origin
from tests.sims.slack.live import APP_TOKEN, LiveSlack
from tests.sims.slack.world import Room
from tests.system.service import SETTINGS, run, start, until_logged
from tests.system.test_crash import Press

KILLS = 8
CHANNELS = 5


def configure(folder: Path, sim: LiveSlack, rooms: list[Room], urls: list[str]) -> None:
    rows = "".join(f'\n[[sources]]\nurl = "{url}"\ntags = ["all"]\n' for url in urls)
    wishes = "".join(
        f'\n[[subscriptions]]\nchannel = "slack:{room.id}"\nsources = ["tag:all"]\n'
        for room in rooms
    )
    slack = f'\n[slack]\napi_base = "{sim.api_base}"\n'
    settings = SETTINGS.replace('directory = "posts"', 'directory = ""')
    (folder / "threadwire.toml").write_text(settings + slack + rows + wishes, encoding="utf-8")
    token = rooms[0].team.token
    (folder / ".env").write_text(
        f"SLACK_BOT_TOKEN={token}\nSLACK_APP_TOKEN={APP_TOKEN}\n", encoding="utf-8"
    )


def plan_a_bad_day(sim: LiveSlack, rng: random.Random) -> None:
    """Of the next posts some are slow, some lose their answer, some never arrive."""
    for skip in range(0, 400, 4):
        fault: dict[str, Any] = rng.choice([
            {"slow_s": rng.uniform(0.1, 1.0)},
            {"reset": "after"},
            {"reset": "before"},
            {"status": 503},
            {"status": 429, "retry_after": 1},
        ])  # fmt: skip
        sim.fail_next("chat.postMessage", skip=skip + rng.randrange(4), **fault)


def told_in(room: Room, titles: list[str]) -> Counter[str]:
    texts = [json.dumps(said.body["blocks"], ensure_ascii=False) for said in room.messages]
    return Counter(title for text in texts for title in titles if title in text)


@pytest.mark.slow
async def test_killed_at_any_moment_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(1)
    async with Origin() as origin, LiveSlack() as sim:
        team = sim.add_team("Acme")
        rooms = [sim.add_channel(team, f"news-{number}") for number in range(CHANNELS)]
        press = Press(origin, rng)
        configure(tmp_path, sim, rooms, press.urls)
        assert (await run(tmp_path, "run", "--once")).status == 0
        plan_a_bad_day(sim, rng)
        for number in range(KILLS):
            if number < KILLS - 3:
                press.grow()
            process = await start(tmp_path, "run")
            await until_logged(process, "ready")
            await asyncio.sleep(rng.uniform(0.5, 6.0))
            process.kill()
            await process.communicate()
        process = await start(tmp_path, "run")
        reading = asyncio.create_task(process.communicate())
        expected = Counter(press.titles())
        async with asyncio.timeout(240):
            while any(told_in(room, press.titles()).keys() != expected.keys() for room in rooms):
                await asyncio.sleep(1)
        await asyncio.sleep(5)  # what would come twice comes now
        process.terminate()
        await reading
        assert [told_in(room, press.titles()) for room in rooms] == [expected] * CHANNELS
        counts = (await run(tmp_path, "deliveries", "--json")).json["counts"]
        told = sum(expected.values()) * CHANNELS
        assert {state: count for state, count in counts.items() if count} == {"sent": told}
        sim.check()
