"""Work behind acknowledgements: bounded, fair, and finished or told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.platforms.slack.tasks import AT_ONCE, AT_ONCE_EACH, MOST_EACH, Tasks
from tests.adapters.platforms.slack.live import furnish, live
from tests.sims.slack.live import LiveSlack


async def test_nobody_takes_all_the_places() -> None:
    tasks, go_on = Tasks(), asyncio.Event()
    running: list[str] = []

    async def work(who: str) -> None:
        running.append(who)
        await go_on.wait()

    taken = [tasks.start("slow", work("anna"), "anna") for _ in range(MOST_EACH + 20)]
    assert tasks.start("quick", work("ben"), "ben")
    for _ in range(4):
        await asyncio.sleep(0)
    assert (taken.count(True), AT_ONCE_EACH < AT_ONCE) == (MOST_EACH, True)
    assert running == ["anna"] * AT_ONCE_EACH + ["ben"]
    go_on.set()
    await tasks.idle()
    assert running.count("anna") == MOST_EACH
    assert tasks.start("again", work("anna"), "anna")
    await tasks.idle()
    assert not tasks._people


async def test_one_persons_slow_wishes_keep_no_other_waiting(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    silent: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: silent.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with live(tmp_path, sim, token=at.team.token, fetch={
        "host_gap_s": 0, "per_host": 100, "allow_networks": ["127.0.0.0/8"], "timeout_s": 3,
    }) as it:  # fmt: skip
        for number in range(AT_ONCE + 10):
            await sim.command(at.anna, at.room, "/tldr", f"http://127.0.0.1:{port}/{number}")
        await sim.command(at.boss, at.room, "/news", "help")
        async with asyncio.timeout(2):
            answer = await sim.answer(at.boss)
        it.running.cancel()
        await asyncio.wait({it.running})
    for writer in silent:
        writer.close()
    server.close()
    assert "/news" in answer.text
