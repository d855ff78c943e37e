"""A digest made now, of any sources and any period, fetching what it needs. Nothing is posted.

Sources that are polled anyway are read from the database, and polled at once where no service is
running on it. Others are read into a scratch database of their own, which is gone afterwards;
digests, the ledger and what was paid for are kept at home in either case.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import structlog

from bot.declared import checked_source, declared, source_of
from bot.digest_desk import open_digests
from bot.digests.kind import AnyKind
from bot.digests.material import DigestKindName, Period
from bot.errors import ConfigError, SourceError, StoreError, UserError
from bot.model import Result, Source
from bot.outside import Outside, SystemClock, open_outside
from bot.ports import Clock
from bot.posts.filters import Filter
from bot.store import sources, spaces
from bot.store.database import Connection, Database
from bot.store.spaces import Viewer
from jobs import declare
from jobs.declare import Declaration
from jobs.digest_material import DigestWish, digest_name, source_names
from jobs.ingest import Ingest
from jobs.summarize import SummarizeJob

if TYPE_CHECKING:
    from config.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOrder:
    """What a person asks for. `name` "" = after the sources; `chosen`: of which stories."""

    kind: DigestKindName
    sources: tuple[str, ...]
    period: Period
    language: str = "en"
    name: str = ""
    chosen: Filter = field(default_factory=Filter)


class DigestResult(NamedTuple):
    """The digest's record and its kind. `failed`: sources that could not be read, and why."""

    record: Result
    kind: AnyKind
    revision: int
    failed: dict[str, str]
    warnings: tuple[str, ...] = ()


async def make_digest(settings: Settings, order: DigestOrder) -> DigestResult:
    """Raises `UserError` for a wrong source, `SourceError` when none of them could be read."""
    clock = SystemClock()
    async with (
        Database(settings.database.path) as home,
        open_outside(settings, home) as outside,
    ):
        await home.write(declare.apply, await declared(settings), clock.now())
        return await digest_with(settings, order, outside, home, clock)


async def digest_with(
    settings: Settings,
    order: DigestOrder,
    outside: Outside,
    home: Database,
    clock: Clock,
    *,
    viewer: Viewer | None = None,
) -> DigestResult:
    """The same on what is open already. `viewer`: for whom, who is shown their sources only.

    Raises `UserError`, `SourceError`.
    """
    async with _stories(settings, order, outside, home, viewer) as found:
        summarize = SummarizeJob(
            found.database, outside.articles, outside.summarizer, outside.extractive, clock
        )
        names = await found.database.read(source_names, order.sources, found.source_ids)
        maker = open_digests(settings, outside, found.database, home, summarize, clock)
        wish = DigestWish(
            kind=order.kind,
            name=order.name or digest_name(names),
            scope=_scope(order, viewer),
            sources=order.sources,
            source_ids=found.source_ids,
            period=order.period,
            language=order.language,
            chosen=order.chosen,
            by="news",
            is_public=viewer is None,
            viewer=_whose(found, home, viewer),
        )
        made = await maker.make(wish)
        return DigestResult(
            made.record,
            maker.kinds[order.kind],
            made.stored.revision,
            found.polled.failed,
            found.polled.warnings(),
        )


def _scope(order: DigestOrder, viewer: Viewer | None) -> str:
    """The same for the same sources in the same language and zone, for the same readers."""
    names = ", ".join(sorted(order.sources))
    whose = f"{viewer.space or viewer.channel}: " if viewer else ""
    return f"{whose}{names} ({order.language}, {order.period.timezone})"


class _Polled(NamedTuple):
    """By source: why it could not be read, and what a person should mend though it could."""

    failed: dict[str, str]
    warned: dict[str, str]

    def warnings(self) -> tuple[str, ...]:
        """One line for each thing to mend, however many sources it is about."""
        return tuple(
            f"{', '.join(url for url, told in self.warned.items() if told == warning)}: {warning}"
            for warning in dict.fromkeys(self.warned.values())
        )


class _Found(NamedTuple):
    database: Database
    source_ids: tuple[int, ...]
    polled: _Polled


@contextlib.asynccontextmanager
async def _stories(
    settings: Settings,
    order: DigestOrder,
    outside: Outside,
    home: Database,
    viewer: Viewer | None,
) -> AsyncIterator[_Found]:
    """A database with the period's stories of the order's sources.

    For a viewer, who asks a running service, nothing is polled that it polls anyway.
    """
    declaration = await declared(settings)
    known = await home.read(_known, viewer)
    meant = declare.meant(order.sources, known, declaration.groups)
    if _covers(order.sources, meant, declaration) and all(one.last_ok_at for one in meant):
        polled = _Polled({}, {})
        if viewer is None:
            polled = await _poll_unless_running(settings, outside, meant)
        yield _Found(home, tuple(one.id for one in meant), polled)
        return
    with tempfile.TemporaryDirectory(prefix="threadwire-") as folder:
        async with Database(Path(folder) / "scratch.db") as scratch:
            wanted = await _declare(settings, order, scratch, declaration)
            polled = await _poll(settings, outside, scratch, wanted, order.period.since)
            if wanted and len(polled.failed) == len(wanted):
                raise SourceError(next(iter(polled.failed.values())))
            yield _Found(scratch, tuple(one.id for one in wanted), polled)


def _known(connection: Connection, viewer: Viewer | None) -> list[Source]:
    return sources.listed(connection) if viewer is None else spaces.sources_of(connection, viewer)


def _whose(found: _Found, home: Database, viewer: Viewer | None) -> Viewer | None:
    """A scratch database holds nothing but what was just read for this viewer."""
    return viewer if found.database is home else None


def _covers(names: Sequence[str], meant: Sequence[Source], declaration: Declaration) -> bool:
    """Whether every name stands for sources that are polled anyway."""
    urls = {one.url for one in meant}
    return bool(meant) and all(
        name.startswith("tag:") or name in urls or name in declaration.groups for name in names
    )


async def _declare(
    settings: Settings, order: DigestOrder, scratch: Database, declaration: Declaration
) -> list[Source]:
    """The order's sources in the scratch database; what the settings know of them comes along."""
    by_url = {one.url: one for one in declaration.sources}
    rows = []
    for name in order.sources:
        if name.startswith("tag:"):
            tag = name.removeprefix("tag:")
            tagged = [one for one in declaration.sources if tag in one.tags]
            if not tagged:
                raise UserError(f"no source has the tag {tag}: see `threadwire sources list`")
            rows += tagged
        elif name in declaration.groups:
            rows += [by_url[url] for url in declaration.groups[name]]
        else:
            rows.append(by_url.get(name) or source_of(settings, checked_source(settings, name).url))
    await scratch.write(sources.declare, rows, origin="cli", now=datetime.now(UTC))
    return await scratch.read(sources.listed)


async def _poll_unless_running(
    settings: Settings, outside: Outside, wanted: Sequence[Source]
) -> _Polled:
    """Poll the home database's sources, unless a service has them in its care."""
    try:
        async with Database(settings.database.path, exclusive=True) as database:
            return await _poll(settings, outside, database, wanted, None)
    except StoreError as exc:
        log.info("not polled: a service is running", reason=str(exc))
        return _Polled({}, {})


async def _poll(
    settings: Settings,
    outside: Outside,
    database: Database,
    wanted: Sequence[Source],
    since: datetime | None,
) -> _Polled:
    """Poll each source once; returns what is to be said of them."""
    ingest = Ingest(database, settings, SystemClock(), random.Random())  # noqa: S311  # jitter
    polled = _Polled({}, {})
    for source in wanted:
        try:
            result = await outside.readers[source.kind].poll(source)
        except SourceError as exc:
            polled.failed[source.url] = str(exc)
            await ingest.failed(source, exc)
        else:
            if result.warning:
                polled.warned[source.url] = result.warning
            await ingest.polled(source, result)
    return polled


def period_of(timezone: str, since: str, until: str, now: datetime) -> Period:
    """The period that `--since` and `--until` name, in days of `--timezone`. Raises `ConfigError`.

    `until`: an ISO date or time, or a duration ago; "" = now. `since` counts back from it.
    """
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as exc:  # unknown, absolute or a folder of zones
        raise ConfigError(
            f'--timezone {timezone}: expected a time zone name such as "Europe/Berlin"'
        ) from exc
    try:
        end = _moment(until, now) if until else now
        return Period(since=end - _duration(since), until=end, timezone=timezone)
    except OverflowError as exc:
        raise ConfigError(
            f"--since {since}: expected a period that begins after the year 1"
        ) from exc


def _moment(text: str, now: datetime) -> datetime:
    try:
        return now - _duration(text)
    except ConfigError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise ConfigError(
            f'--until {text}: expected a date or time such as "2026-11-21" or "2026-11-21T09:00", '
            'or a duration ago such as "2h"'
        ) from exc
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    from config.types import parse_duration

    try:
        return timedelta(seconds=parse_duration(text))
    except ValueError as exc:
        raise ConfigError(f'{text}: expected a duration such as "12h" or "7d"') from exc
