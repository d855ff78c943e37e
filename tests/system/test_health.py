"""The service as a process: it says how it is from the start, and stops when it is told to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.system import service

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_settings(folder: Path, port: int, more: str = "") -> None:
    dead = free_port()
    head = service.SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{port}"') + more
    service.write_settings(folder, [f"http://127.0.0.1:{dead}/feed"], head=head)


async def health(port: int, *, until: str, within_s: float) -> tuple[int, dict[str, Any]]:
    """What `/healthz` says once its text holds `until`."""
    async with asyncio.timeout(within_s), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    text, status = await answer.text(), answer.status
                    if until in text:
                        return status, await answer.json()
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def test_health_is_told_with_a_source_and_a_platform_down(tmp_path: Path) -> None:
    port = free_port()
    dead = free_port()
    discord = f'\n[discord]\nenabled = true\napi_base = "http://127.0.0.1:{dead}/api"\n'
    write_settings(tmp_path, port, discord)
    (tmp_path / ".env").write_text("DISCORD_TOKEN=abc.def.ghi\n", "utf-8")
    began = time.monotonic()
    process = await service.start(tmp_path, "run")
    try:
        status, told = await health(port, until='"failing": 1', within_s=20)
        assert status == 200
        assert time.monotonic() - began < 10
        assert told["status"] == "degraded"
        assert told["platforms"]["discord"]["ok"] is False
        asked = await asyncio.to_thread(_check, tmp_path)
        assert (asked.returncode, '"degraded"' in asked.stdout) == (0, True)
        (tmp_path / "data" / "threadwire.db").unlink()
        status, told = await health(port, until='"broken"', within_s=10)
        assert status == 503
        assert (await asyncio.to_thread(_check, tmp_path)).returncode == 1
        stopped_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0
        assert time.monotonic() - stopped_at < 10
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_taken_port_keeps_no_news_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        write_settings(tmp_path, taken.getsockname()[1])
        process = await service.start(tmp_path, "run")
        try:
            await service.until_logged(process, "cannot listen")
            await service.until_logged(process, "poll failed")
        finally:
            process.kill()
            await process.communicate()


def _check(folder: Path) -> subprocess.CompletedProcess[str]:
    """What a container engine runs."""
    return subprocess.run(
        [sys.executable, "-m", "bot.healthcheck"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
