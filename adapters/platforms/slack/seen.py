"""What was handled a while ago: Slack repeats envelopes and events, and others may replay them."""

from __future__ import annotations

import time
from collections import OrderedDict

REMEMBER_S = 3_600.0  # Slack repeats an event for the last time after an hour
MOST = 20_000


class Seen:
    """Names of the last hour."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, float] = OrderedDict()

    def is_new(self, name: str) -> bool:
        """Whether this name comes for the first time; it is remembered from now on."""
        now = time.monotonic()
        while self._names and (
            len(self._names) >= MOST or next(iter(self._names.values())) < now - REMEMBER_S
        ):
            self._names.popitem(last=False)
        if name in self._names:
            return False
        self._names[name] = now
        return True
