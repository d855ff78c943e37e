"""When a request may start: politeness per host, one limit over all.

A fetch makes a `Visit`. It stands in its host's queue (first come, first served), and takes one of
the slots that all hosts share only when its turn has come, so that who waits holds up nobody else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

# A host that asks for a pause this short gets it and is asked again; else the caller goes away.
PATIENCE_S = 5.0
_KEEP_HOSTS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceRule:
    """A domain (or a place, `name:port`) whose hosts count as one and have manners of their own.

    Its gap never undercuts the general one, unless `is_own_pace`: somebody else counts there.
    """

    domain: str
    per_host: int
    host_gap_s: float
    is_own_pace: bool = False


# "No more than one request every three seconds, a single connection at a time", over API, OAI and
# RSS together: https://info.arxiv.org/help/api/tou.html
PACE_RULES = (PaceRule(domain="arxiv.org", per_host=1, host_gap_s=3.0),)


class HostBlockedError(Exception):
    """The host asked for a longer pause than we wait for."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class _Host:
    """What is known of one host while somebody uses it, or while its gap or pause lasts."""

    __slots__ = ("blocked_until_s", "gap_s", "gate", "next_start_s", "slots", "visits")

    def __init__(self, per_host: int, gap_s: float) -> None:
        self.slots = asyncio.Semaphore(per_host)
        self.gate = asyncio.Lock()
        self.gap_s = gap_s
        self.next_start_s = 0.0
        self.blocked_until_s = 0.0
        self.visits = 0

    def is_idle(self, now_s: float) -> bool:
        return not self.visits and max(self.next_start_s, self.blocked_until_s) <= now_s


class Pacer:
    """Holds the hosts. `place` is host name and port, in lower case."""

    def __init__(
        self,
        *,
        concurrency: int,
        per_host: int,
        host_gap_s: float,
        rules: Sequence[PaceRule] = PACE_RULES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._all = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._gap_s = host_gap_s
        self._rules = rules
        self._now_s = monotonic
        self._hosts: dict[str, _Host] = {}
        self._sweep_at = _KEEP_HOSTS

    def visit(self) -> Visit:
        """One fetch with all its redirects."""
        return Visit(self)

    def block(self, place: str, retry_after_s: float) -> None:
        """Let nobody ask this host for so long. Retry-After: RFC 9110 section 10.2.3."""
        until_s = self._now_s() + retry_after_s
        host = self._host(place)
        host.blocked_until_s = max(host.blocked_until_s, until_s)

    def __len__(self) -> int:
        return len(self._hosts)

    def _host(self, place: str) -> _Host:
        name, rule = self._rule(place)
        host = self._hosts.get(name)
        if host is None:
            self._sweep()
            host = _Host(
                rule.per_host if rule else self._per_host,
                self._gap(rule),
            )
            self._hosts[name] = host
        return host

    def _gap(self, rule: PaceRule | None) -> float:
        if rule is None:
            return self._gap_s
        return rule.host_gap_s if rule.is_own_pace else max(rule.host_gap_s, self._gap_s)

    def _rule(self, place: str) -> tuple[str, PaceRule | None]:
        for rule in self._rules:
            name = place.rpartition(":")[0]
            if rule.domain in (name, place) or name.endswith(f".{rule.domain}"):
                return rule.domain, rule
        return place, None

    def _sweep(self) -> None:
        """Forget idle hosts whenever their number has doubled: constant cost per host."""
        if len(self._hosts) < self._sweep_at:
            return
        now_s = self._now_s()
        self._hosts = {name: host for name, host in self._hosts.items() if not host.is_idle(now_s)}
        self._sweep_at = max(_KEEP_HOSTS, 2 * len(self._hosts))


class Visit:
    """A fetch's stay at one host after the other.

    `async with visit.turn(place):` holds around each request. The slot at the host is kept between
    requests to the same host (a redirect need not queue again); `leave` gives it back.
    """

    __slots__ = ("_host", "_pacer", "_place")

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._host: _Host | None = None
        self._place = ""

    @property
    def is_alone(self) -> bool:
        """Nobody else waits for this host or talks to it."""
        return self._host is None or self._host.visits == 1

    def turn(self, place: str) -> _Turn:
        """Wait for the turn at `place`. Raises `HostBlockedError` instead of waiting long."""
        return _Turn(self, place)

    def leave(self) -> None:
        """Give back the slot at the host, if any."""
        if self._host is not None:
            self._host.slots.release()
            self._host.visits -= 1
            self._host = None

    async def _enter(self, place: str) -> _Host:
        if self._host is not None and self._place == place:
            return self._host
        self.leave()
        host = self._pacer._host(place)
        self._refuse_if_blocked(host)
        host.visits += 1
        try:
            await host.slots.acquire()
        except BaseException:
            host.visits -= 1
            raise
        self._host, self._place = host, place
        return host

    async def _start(self, place: str) -> None:
        host = await self._enter(place)
        async with host.gate:
            while True:
                await self._wait(host)
                await self._pacer._all.acquire()
                now_s = self._pacer._now_s()
                if host.blocked_until_s <= now_s:
                    break
                self._pacer._all.release()  # the host asked for a pause while we stood in line
            host.next_start_s = now_s + host.gap_s

    def _stop(self) -> None:
        self._pacer._all.release()

    async def _wait(self, host: _Host) -> None:
        while True:
            self._refuse_if_blocked(host)
            until_s = max(host.next_start_s, host.blocked_until_s)
            wait_s = until_s - self._pacer._now_s()
            if wait_s <= 0:
                return
            await asyncio.sleep(min(wait_s, PATIENCE_S))

    def _refuse_if_blocked(self, host: _Host) -> None:
        blocked_s = host.blocked_until_s - self._pacer._now_s()
        if blocked_s > PATIENCE_S:
            raise HostBlockedError(blocked_s)


class _Turn:
    """The time of one request."""

    __slots__ = ("_place", "_visit")

    def __init__(self, visit: Visit, place: str) -> None:
        self._visit = visit
        self._place = place

    async def __aenter__(self) -> Self:
        await self._visit._start(self._place)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._visit._stop()
