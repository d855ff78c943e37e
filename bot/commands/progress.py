"""A bar for work that takes a while: on stderr, only at a terminal, only after a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S = 1.0


@contextlib.asynccontextmanager
async def progress_bar(
    label: str, stream: TextIO, *, patience_s: float = PATIENCE_S
) -> AsyncIterator[Callable[[int, int], None]]:
    """Show a bar while the block runs; what it yields is told how many of how many are done.

    Without numbers it only shows that something goes on. It leaves nothing behind.
    """
    if not stream.isatty():
        yield _tell_nobody
        return
    bar = _bar(stream)
    task = bar.add_task(label, total=None)
    timer = asyncio.get_running_loop().call_later(patience_s, bar.start)
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        timer.cancel()
        if bar.live.is_started:
            bar.stop()


def _tell_nobody(done: int, total: int) -> None:
    pass


def _bar(stream: TextIO) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=stream),
        transient=True,
    )
