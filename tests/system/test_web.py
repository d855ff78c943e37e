"""The pages of the real process: what was polled and digested is there to be read."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import aiohttp

from tests.bot.commands.desk import feed
from tests.sims.origin import Origin
from tests.system import service
from tests.system.test_health import free_port, health

TITLES = ("A planner for small boats", "Tide tables renewed", "Harbour opens")


async def get(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path, headers={"Accept": "text/html"}) as answer:
        return answer.status, await answer.text()


async def test_what_was_polled_and_digested_can_be_read(tmp_path: Path) -> None:
    port = free_port()
    head = service.SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{port}"')
    async with Origin() as origin:
        origin.serve("/feed", body=feed(*TITLES))
        service.write_settings(tmp_path, [origin.url("/feed")], head=head)
        assert (await service.run(tmp_path, "run", "--once")).status == 0
        made = await service.run(
            tmp_path, "digest", "roundup", "--source", "tag:all", "--since", "3650d",
            "--until", "2026-11-22", "--format", "json",
        )  # fmt: skip
        assert made.status == 0, made.stderr
        process = await service.start(tmp_path, "run")
        try:
            await health(port, until='"ok"', within_s=20)
            base = f"http://127.0.0.1:{port}"
            async with aiohttp.ClientSession(base_url=base) as session:
                await read_all(session)
        finally:
            process.terminate()
            await asyncio.wait_for(process.communicate(), 10)


async def read_all(session: aiohttp.ClientSession) -> None:
    status, home = await get(session, "/")
    assert status == 200
    link = re.search(r'href="(/digests/\d+)"', home)
    assert link is not None
    status, page = await get(session, link[1])
    assert status == 200
    assert "Tide tables renewed" in page
    status, markdown = await get(session, f"{link[1]}.md")
    assert markdown.startswith("---\n")
    status, facts = await get(session, f"{link[1]}.json")
    assert json.loads(facts)["kind"] == "roundup"
