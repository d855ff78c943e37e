"""Threadwire as a process of its own, in a work folder, on origins on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETTINGS = """
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap_s = 0
per_host = 8

[poll]
interval = "1s"
min_interval = "1s"
max_interval = "1s"
first_posts = 0
max_posts = 0

[log]
format = "json"

[web]
listen = ""

[archive]
directory = "posts"
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it said."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def complaints(self) -> list[str]:
        """What it said to a person on stderr; log lines are not."""
        return [line for line in self.stderr.splitlines() if not line.startswith("{")]


def write_settings(
    folder: Path, sources: Sequence[str], *, channel: str = "files", head: str = SETTINGS
) -> None:
    """A settings file with these sources, all subscribed to by one channel."""
    rows = "".join(f'\n[[sources]]\nurl = "{url}"\ntags = ["all"]\n' for url in sources)
    wish = f'\n[[subscriptions]]\nchannel = "{channel}"\nsources = ["tag:all"]\n'
    (folder / "threadwire.toml").write_text(head + rows + wish, encoding="utf-8")


async def start(folder: Path, *arguments: str) -> Process:
    """Start a command there. Who starts it ends it."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("THREADWIRE", "DISCORD", "SLACK", "OPENAI", "REDDIT"))
    }
    root = str(Path(__file__).parents[2])
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env={**environ, "PYTHONPATH": root, "NO_COLOR": "1", "COLUMNS": "200"},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=2**26,  # a busy machine reads late: nothing may make it stop reading before the end
    )


async def run(folder: Path, *arguments: str, stdin: bytes = b"", timeout_s: float = 60) -> Outcome:
    """Run a command to its end."""
    process = await start(folder, *arguments)
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate(stdin)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Outcome(process.returncode, out.decode(), err.decode())


async def until_logged(process: Process, event: str, *, timeout_s: float = 30) -> None:
    """Wait until the process logs this event."""
    assert process.stderr is not None
    async with asyncio.timeout(timeout_s):
        while line := await process.stderr.readline():
            if f'"event": "{event}"' in line.decode():
                return
    raise AssertionError(f"the process ended before it logged {event!r}")


@contextlib.asynccontextmanager
async def logging_service(folder: Path) -> AsyncIterator[tuple[Process, list[str]]]:
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
