"""The bar stands on a terminal only, and only for work that takes its time."""

from __future__ import annotations

import asyncio
import io

from bot.commands.progress import progress_bar


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


async def _shown(stream: io.StringIO, *, patience_s: float) -> str:
    async with progress_bar("summarising", stream, patience_s=patience_s) as report:
        report(1, 3)
        await asyncio.sleep(0.05)
        report(2, 3)
    return stream.getvalue()


async def test_long_work_shows_a_bar_with_its_counts() -> None:
    shown = await _shown(Terminal(), patience_s=0)
    assert "summarising" in shown
    assert "2/3" in shown


async def test_short_work_shows_nothing() -> None:
    assert await _shown(Terminal(), patience_s=60) == ""


async def test_a_pipe_gets_nothing() -> None:
    assert await _shown(io.StringIO(), patience_s=0) == ""
