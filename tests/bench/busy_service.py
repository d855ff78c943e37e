"""The service as busy as it gets, for measuring how soon it answers chats all the same."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

MESSAGES = 2_000
THREAD_BYTES = 1_000_000

_SETTINGS = """
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap_s = 0
per_host = 100

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

"""


def saying(number: int) -> str:
    """About half a kilobyte that differs from the others in its matter."""
    topics = ("memory", "speed", "licence", "price", "languages", "safety", "benchmarks")
    topic, other = topics[number % 7], topics[(number // 7) % 7]
    text = (
        f"Kestrel two and its {topic}: in run {number} I measured {number * 7 % 113} units, "
        f"which is more than the {other} would suggest. I would not rely on it for work yet, "
        f"since the {topic} changes with every release and nobody writes down why. "
    )
    return (text * 4)[: THREAD_BYTES // MESSAGES]


def write_settings(
    folder: Path, platform: str, channels: Iterable[str], urls: Sequence[str], secrets: str
) -> None:
    """The sources, and a subscription to one of them in each channel. `platform`: its section."""
    known = urls or ["https://feeds.invalid/one.xml"]
    sources = "".join(f'\n[[sources]]\nurl = "{url}"\ntags = ["bench"]\n' for url in urls)
    wishes = "".join(
        f'\n[[subscriptions]]\nchannel = "{channel}"\nsources = ["{known[number % len(known)]}"]\n'
        for number, channel in enumerate(channels)
    )
    text = _SETTINGS + platform + sources + wishes
    (folder / "threadwire.toml").write_text(text, encoding="utf-8")
    (folder / ".env").write_text(secrets, encoding="utf-8")


@contextlib.asynccontextmanager
async def service(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`threadwire run` as a process. It logs into a file: a full pipe would stop it."""
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=folder,
            stderr=log,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            async with asyncio.timeout(20):
                await process.wait()
            sys.stderr.write("" if process.returncode == 0 else f"exit {process.returncode}\n")


def polls_logged(folder: Path) -> int:
    return (folder / "log").read_bytes().count(b'"source polled"')
