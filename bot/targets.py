"""What a person names, an address, a file or a pipe, read and summarised."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import ConfigError, SourceError, UserError
from bot.model import ArticleSummary, ThreadSummary

if TYPE_CHECKING:
    from bot.outside import Outside
    from bot.ports import Article, ThreadSummarizer
    from bot.thread_model import Thread
    from config.settings import Settings

Summary = ArticleSummary | ThreadSummary
Report = Callable[[int, int], None]  # how many of how many are done


async def summarize(
    settings: Settings, target: str, stdin: BinaryIO, report: Report | None = None
) -> tuple[Summary, ...]:
    """Summarise what an address, a local file or stdin (`-`) holds: an article or discussions.

    Several only where a dump holds several. Raises `SourceError`, `UserError`.
    """
    from bot.outside import open_outside
    from config.types import http_url_fault

    is_address = target.startswith(("http://", "https://"))
    if is_address and (fault := http_url_fault(target)):
        raise ConfigError(f"{target}: expected {fault}")
    # While they work nothing else goes on here, so every core may.
    async with open_outside(settings, processes=min(4, os.cpu_count() or 1)) as outside:
        if is_address:
            return await summarize_address(outside, target, channel="cli")
        found = await _read_file(outside, target, stdin)
        return await _summarized(outside, found, "cli", report)


async def summarize_address(outside: Outside, url: str, *, channel: str) -> tuple[Summary, ...]:
    """Summarise what an address leads to. `channel`: who asks, for budgets. `SourceError`."""
    for reader in outside.threads:
        if reader.recognises(url):
            found: Article | tuple[Thread, ...] = (await reader.read_thread(url),)
            break
    else:
        found = await outside.addresses.read(url)
    return await _summarized(outside, found, channel, None)


async def _read_file(
    outside: Outside, target: str, stdin: BinaryIO
) -> Article | tuple[Thread, ...]:
    from adapters.sources.thread_files import read_document

    body = await asyncio.to_thread(_read_local, target, stdin)
    try:
        return await outside.offload(read_document, body, "", "", datetime.now(UTC))
    except SourceError as exc:
        name = "stdin" if target == "-" else target
        raise SourceError(f"{name}: {exc}", permanent=True) from exc


def _read_local(target: str, stdin: BinaryIO) -> bytes:
    if target == "-":
        return stdin.read()
    try:
        return Path(target).read_bytes()
    except (OSError, ValueError) as exc:  # ValueError: a name with a NUL in it
        reason = exc.strerror if isinstance(exc, OSError) else "no name of a file"
        raise UserError(f"{target}: {reason}") from exc


async def _summarized(
    outside: Outside,
    found: Article | tuple[Thread, ...],
    channel: str,
    report: Report | None,
) -> tuple[Summary, ...]:
    if not isinstance(found, tuple):
        return (await outside.summarizer.summarize_article(found),)
    return await summarize_threads(outside.thread_summarizer, found, channel=channel, report=report)


async def summarize_threads(
    summarizer: ThreadSummarizer,
    threads: Sequence[Thread],
    *,
    channel: str,
    report: Report | None = None,
) -> tuple[ThreadSummary, ...]:
    """All at once, in their order: how much runs at a time is the summariser's own matter."""
    done = 0

    async def summarized(thread: Thread) -> ThreadSummary:
        nonlocal done
        summary = await summarizer.summarize_thread(thread, channel=channel)
        done += 1
        if report is not None:
            report(done, len(threads))
        return summary

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(summarized(thread)) for thread in threads]
    return tuple(task.result() for task in tasks)
