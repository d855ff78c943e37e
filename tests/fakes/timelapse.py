"""An event loop on which waiting takes no time: with nothing else to do, its clock jumps."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Iterator


class TimelapseLoop(asyncio.SelectorEventLoop):
    """`time` stands still while there is work, and jumps to the next timer when there is none.

    What runs in threads has to be inside `working`, so that no time passes before it is done.
    """

    def __init__(self) -> None:
        super().__init__(_Jumping(self))
        self.passed_s = 0.0
        self.at_work = 0

    def time(self) -> float:
        return self.passed_s

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1


class _Jumping(selectors.DefaultSelector):
    """Waits for input as ever, and for a time by having it passed."""

    def __init__(self, loop: TimelapseLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self._loop.at_work:
            return super().select(timeout)
        self._loop.passed_s += timeout
        return super().select(0)
