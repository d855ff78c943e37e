"""Whether the service is well, told honestly.

Broken is what makes this process useless until it is started anew: a loop that stalls, a database
that cannot be read or written, a scheduler that wakes nobody. A source or a platform that is down
is named, but it is not our illness: starting us anew would not help it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.errors import StoreError
from bot.metrics import Metrics
from bot.ports import Clock
from bot.store import overview
from bot.store.database import Connection, Database
from bot.store.model_use import NANOS
from bot.store.overview import LinkNote, Overview

BEAT_S = 0.25
LAG_WINDOW_S = 60.0
LAG_BROKEN_S = 5.0
SILENCE_S = 30.0  # the poll worker is woken, and looks, every second
DATABASE_WITHIN_S = 5.0
FRESH_S = 1.0  # checks in a row share one look, so that nobody can keep the disk busy with them
UP = "ready"

Status = Literal["ok", "degraded", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopHealth:
    """Longest stall of the event loop in the last minute."""

    ok: bool
    lag_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHealth:
    """Whether a step could be read and written just now, and how long that took."""

    ok: bool
    readable: bool
    writable: bool
    took_ms: float
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerHealth:
    """Seconds since the poll worker was woken, and since it last asked what is due."""

    ok: bool
    tick_age_s: float
    look_age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformHealth:
    """How a platform's connection stands."""

    ok: bool
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One look at everything."""

    loop: LoopHealth
    database: DatabaseHealth
    scheduler: SchedulerHealth
    platforms: Mapping[str, PlatformHealth] = field(default_factory=dict)
    store: Overview | None = None

    @property
    def status(self) -> Status:
        if not (self.loop.ok and self.database.ok and self.scheduler.ok):
            return "broken"
        is_whole = all(platform.ok for platform in self.platforms.values())
        ailing = self.store is not None and self.store.sources.get("failing", 0)
        return "ok" if is_whole and not ailing else "degraded"


class Vitals:
    """Watches the process it lives in. `platforms` are those with a connection of their own."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        *,
        version: str = "",
        platforms: Sequence[str] = (),
        day_budget_usd: float = 0.0,
        database_within_s: float = DATABASE_WITHIN_S,
    ) -> None:
        self.metrics = metrics
        self._database = database
        self._clock = clock
        self._version = version
        self._platforms = tuple(platforms)
        self._budget_usd = day_budget_usd
        self._database_within_s = database_within_s
        self._started, self._started_at = time.monotonic(), clock.now()
        self._beats: deque[tuple[float, float]] = deque()
        self._ticks: dict[str, float] = {}
        self._looked = self._started
        self._file = _identity(database)
        self._asking = asyncio.Lock()
        self._seen: tuple[float, Report] | None = None

    def ticked(self, worker: str) -> None:
        """The scheduler woke a worker."""
        self._ticks[worker] = time.monotonic()

    def looked(self) -> None:
        """The poll worker asked what is due."""
        self._looked = time.monotonic()

    async def watch(self) -> None:
        """Feel the loop's pulse until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(BEAT_S)
            now = time.monotonic()
            self._beats.append((now, max(0.0, now - before - BEAT_S)))
            while self._beats[0][0] < now - LAG_WINDOW_S:
                self._beats.popleft()

    async def report(self) -> Report:
        """Look at everything, or at what was seen a moment ago."""
        async with self._asking:
            now = time.monotonic()
            if self._seen is None or now - self._seen[0] > FRESH_S:
                self._seen = (now, await self._look())
            return self._seen[1]

    def as_json(self, report: Report) -> dict[str, Any]:
        """The report as `/healthz` tells it to everybody: no names of channels or sources."""
        told = asdict(report)
        store = told.pop("store") or {}
        return {
            "status": report.status,
            "version": self._version,
            "uptime_s": round(time.monotonic() - self._started, 1),
            **told,
            "last_poll_at": _iso(store.get("last_polled_at")),
            "last_backup_at": _iso(store.get("backup_at")),
            "sources": store.get("sources", {}),
            "deliveries": store.get("deliveries", {}),
            "queue_age_s": self._queue_age_s(report.store),
        }

    async def show(self) -> None:
        """Bring the gauges up to date."""
        report = await self.report()
        self.metrics.show_process(
            lag_s=report.loop.lag_s,
            tick_ages_s={name: time.monotonic() - at for name, at in self._ticks.items()},
            platforms={name: one.state == UP for name, one in report.platforms.items()},
        )
        if report.store is None:
            return
        store = report.store
        self.metrics.show_store(
            deliveries=store.deliveries,
            sources=store.sources,
            leases=store.leases,
            queue_age_s=self._queue_age_s(store),
            size_bytes=await asyncio.to_thread(_size, self._database),
            backup_at_s=store.backup_at.timestamp() if store.backup_at else 0.0,
        )
        self.metrics.show_spending(
            today_usd=store.spent_today_nanos / NANOS, budget_usd=self._budget_usd
        )

    async def _look(self) -> Report:
        database, links, store = await self._look_at_database()
        return Report(
            loop=self._loop_health(),
            database=database,
            scheduler=self._scheduler_health(),
            platforms={name: self._platform_health(links.get(name)) for name in self._platforms},
            store=store,
        )

    def _loop_health(self) -> LoopHealth:
        lag_s = max((lag for _, lag in self._beats), default=0.0)
        return LoopHealth(ok=lag_s < LAG_BROKEN_S, lag_s=round(lag_s, 3))

    def _scheduler_health(self) -> SchedulerHealth:
        now = time.monotonic()
        tick_age_s = now - self._ticks.get("poll", self._started)
        look_age_s = now - self._looked
        return SchedulerHealth(
            ok=max(tick_age_s, look_age_s) < SILENCE_S,
            tick_age_s=round(tick_age_s, 1),
            look_age_s=round(look_age_s, 1),
        )

    def _platform_health(self, note: LinkNote | None) -> PlatformHealth:
        """A note from before our start says nothing about the connection that we have now."""
        if note is None or note.at is None or note.at < self._started_at - timedelta(seconds=1):
            return PlatformHealth(ok=False, state="connecting")
        return PlatformHealth(ok=note.state == UP, state=note.state, reason=note.reason)

    async def _look_at_database(
        self,
    ) -> tuple[DatabaseHealth, dict[str, LinkNote | None], Overview | None]:
        began, readable = time.monotonic(), False
        links: dict[str, LinkNote | None] = {}
        store: Overview | None = None
        error = ""
        try:
            async with asyncio.timeout(self._database_within_s):
                now = self._clock.now()
                if await asyncio.to_thread(_identity, self._database) != self._file:
                    raise StoreError("the database file was taken away or replaced under us")
                store, links = await self._database.read(_gather, self._platforms, now)
                readable = True
                await self._database.write(overview.probe, now)
        except StoreError as exc:
            error = str(exc).replace(f"{self._database.path}: ", "")
        except TimeoutError:
            error = f"no answer within {self._database_within_s:g} s"
        health = DatabaseHealth(
            ok=not error,
            readable=readable,
            writable=readable and not error,
            took_ms=round((time.monotonic() - began) * 1_000, 1),
            error=error,
        )
        return health, links, store

    def _queue_age_s(self, store: Overview | None) -> float:
        if store is None or store.waiting_since is None:
            return 0.0
        return round(max(0.0, (self._clock.now() - store.waiting_since).total_seconds()), 1)


def _gather(
    connection: Connection, platforms: Sequence[str], now: datetime
) -> tuple[Overview, dict[str, LinkNote | None]]:
    links = {name: overview.link(connection, name) for name in platforms}
    return overview.overview(connection, now), links


def _identity(database: Database) -> tuple[int, int] | None:
    """Which file lies at the path now: steps go on without a word in one that was removed."""
    try:
        found = database.path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _size(database: Database) -> int:
    try:
        return database.path.stat().st_size
    except OSError:
        return 0


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
