"""Sources in line, by host: a host with a thousand feeds must not keep the others waiting."""

from __future__ import annotations

from collections import OrderedDict, deque
from urllib.parse import urlsplit

from bot.model import Source


class HostQueue:
    """Hands out sources host by host in turn, at most `per_host` of one host at a time."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._waiting: OrderedDict[str, deque[Source]] = OrderedDict()
        self._active: dict[str, int] = {}
        self._hosts: dict[int, str] = {}  # of the sources that are in line or handed out
        self._finished: set[int] = set()
        self._length = 0
        self.active = 0

    def __len__(self) -> int:
        return self._length

    def look(self) -> None:
        """Say that the store is about to be asked what is due.

        A source that finishes before the answer is in would still stand in it as due.
        """
        self._finished.clear()

    def add(self, source: Source) -> None:
        """Put a source in line, unless it is in line, handed out, or finished since `look`."""
        if source.id not in self._hosts and source.id not in self._finished:
            host = self._hosts[source.id] = host_of(source)
            self._length += 1
            self._waiting.setdefault(host, deque()).append(source)

    def take(self) -> Source | None:
        """The next source of the host whose turn it is; None when all hosts are busy or empty."""
        for host in self._waiting:
            if self._active.get(host, 0) < self._per_host:
                return self._take_from(host)
        return None

    def done(self, source: Source) -> None:
        """Give a source's place back."""
        host = self._hosts.pop(source.id)
        self._finished.add(source.id)
        self.active -= 1
        if self._active[host] == 1:
            del self._active[host]
        else:
            self._active[host] -= 1

    def _take_from(self, host: str) -> Source:
        line = self._waiting[host]
        source = line.popleft()
        if line:
            self._waiting.move_to_end(host)
        else:
            del self._waiting[host]
        self._length -= 1
        self.active += 1
        self._active[host] = self._active.get(host, 0) + 1
        return source


def host_of(source: Source) -> str:
    """The host that a poll of this source asks first."""
    return urlsplit(source.fetch_url).netloc.lower()
