"""When to stop asking for a while: a server without quota is not asked a thousand times."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from bot.errors import ModelError

FAILURES_IN_A_ROW = 3


class Circuit:
    """Open after something that will not mend itself within minutes, closed again after a pause."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now_s = monotonic
        self._until_s = -math.inf
        self._reason = ""
        self._failures = 0

    def check(self) -> None:
        """Raises `ModelError` while open."""
        left_s = self._until_s - self._now_s()
        if left_s > 0:
            raise ModelError(self._reason, retry_after_s=left_s)

    def open(self, reason: str, pause_s: float) -> None:
        self._until_s = max(self._until_s, self._now_s() + pause_s)
        self._reason = reason

    def failed(self, reason: str, pause_s: float) -> None:
        """Count a failure that may be chance; open after several with no success between them."""
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            self._failures = 0
            self.open(reason, pause_s)

    def worked(self) -> None:
        self._failures = 0
