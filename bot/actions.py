"""What the command line does besides running the service: one function a command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.reports import SourceRow
from bot.errors import ConfigError, StoreError, UserError
from bot.model import Delivery, Source, Story, Subscription
from bot.opening import declared_database, existing_database
from bot.store import database as store
from bot.store import (
    digests,
    entries,
    outbox,
    sources,
    spaces,
    stories,
    subscription_changes,
    subscriptions,
)
from bot.store.database import Database
from bot.store.sources import DeclaredSource

if TYPE_CHECKING:
    from bot.commands.why import Stage
    from config.settings import Settings


async def add_sources(
    settings: Settings, urls: Sequence[str], *, tags: Sequence[str], interval: str | None
) -> list[str]:
    """Find the feed behind each URL and store it. Raises `SourceError` at the first without one."""
    from bot.declared import checked_source, source_of
    from bot.outside import open_outside

    wishes = [checked_source(settings, url, tags=tuple(tags), interval=interval) for url in urls]
    lines = []
    async with open_outside(settings) as outside, declared_database(settings) as database:
        for wish in wishes:
            declared = source_of(settings, wish.url, tags=wish.tags, interval_s=wish.interval)
            found = await outside.readers[declared.kind].resolve(wish.url)
            known = await _known_source(database, wish.url)
            declared = _as_before(declared, known)
            await _store_source(settings, database, declared, found.fetch_url, found.title)
            verb = "updated" if known else "added"
            where = "" if found.fetch_url == wish.url else f" (feed: {found.fetch_url})"
            lines.append(f"{verb} {wish.url}{where}")
    return lines


async def _known_source(database: Database, url: str) -> Source | None:
    source = await database.read(sources.by_url, url)
    return None if source is None or source.state == "removed" else source


def _as_before(wish: DeclaredSource, known: Source | None) -> DeclaredSource:
    """The wish with what it leaves open as it was. Raises `UserError` for the file's own source."""
    if known is None:
        return wish
    if known.origin == "file" and (wish.tags or wish.interval_s is not None):
        raise UserError(f"{known.url} stands in the settings file: change it there")
    interval_s = known.interval_s if wish.interval_s is None else wish.interval_s
    return replace(wish, tags=wish.tags or known.tags, interval_s=interval_s)


async def _store_source(
    settings: Settings, database: Database, declared: DeclaredSource, fetch_url: str, title: str
) -> None:
    from bot.declared import declared as all_declared
    from jobs import declare

    row = DeclaredSource(
        url=declared.url,
        kind=declared.kind,
        fetch_url=fetch_url,
        title=title,
        tags=declared.tags,
        interval_s=declared.interval_s,
    )
    groups = (await all_declared(settings)).groups

    def step(connection: Any) -> None:
        sources.declare(connection, [row], origin="cli", now=_now())
        stored = sources.by_url(connection, row.url)
        if stored is not None and stored.state == "gone":
            sources.revive(connection, stored.id, _now())
        declare.relink(connection, groups)

    await database.write(step)


async def list_sources(settings: Settings) -> list[SourceRow]:
    async with declared_database(settings) as database:
        found = await database.read(sources.listed)
        counts = await database.read(entries.counts)
    return [SourceRow(source, counts.get(source.id, 0)) for source in found]


async def remove_sources(settings: Settings, urls: Sequence[str]) -> list[str]:
    """Raises `UserError` for a source that is not there or that the settings file declares."""
    async with declared_database(settings) as database:
        found = [await _removable(database, url) for url in urls]
        for source in found:
            await database.write(sources.remove, source.id)
    return [f"removed {source.url}" for source in found]


async def _removable(database: Database, url: str) -> Source:
    source = await _known_source(database, url)
    if source is None:
        raise UserError(f"no source {url}: see `threadwire sources list`")
    if source.origin == "file":
        raise UserError(f"{url} stands in the settings file: take it out there")
    return source


async def import_opml(settings: Settings, file: Path, *, tags: Sequence[str]) -> list[str]:
    """Add every feed of an OPML file without asking any of them. Raises `UserError`."""
    from bot.declared import read_outlines, source_of

    outlines = await asyncio.to_thread(read_outlines, settings, str(file))
    rows = [source_of(settings, url, tags=(*tags, *folders)) for url, folders in outlines]
    async with declared_database(settings) as database:
        listed = await database.read(sources.listed)
        known = {address for source in listed for address in (source.url, source.fetch_url)}
        fresh = [row for row in rows if row.url not in known]
        await database.write(sources.declare, fresh, origin="cli", now=_now())
    skipped = len(rows) - len(fresh)
    added = f"added {len(fresh)} {'source' if len(fresh) == 1 else 'sources'}"
    were = "was" if skipped == 1 else "were"
    return [added + (f", {skipped} {were} there already" if skipped else "")]


async def export_opml(settings: Settings) -> str:
    from adapters.opml import OpmlFeed, write_opml

    async with declared_database(settings) as database:
        found = await database.read(sources.listed)
    body = write_opml(
        [OpmlFeed(url=one.fetch_url, title=one.title, tags=one.tags) for one in found]
    )
    return body.decode()


async def add_subscription(settings: Settings, wish: dict[str, Any]) -> list[str]:
    """Add a subscription as the settings file would. Raises `UserError` for a wrong value."""
    from bot.declared import checked_subscription, declared
    from jobs import declare

    async with declared_database(settings) as database:
        known = await database.read(sources.listed)
        made = checked_subscription(settings, wish)
        groups = (await declared(settings)).groups
        named = {name for name in made.sources if not name.startswith("tag:")}
        missing = sorted(named - {source.url for source in known} - set(groups))
        if missing:
            raise UserError(f"no source {missing[0]}: add it with `threadwire sources add`")

        def step(connection: Any) -> int:
            number = subscriptions.declare(connection, made, origin="cli", now=_now())
            declare.relink(connection, groups)
            return number

        number = await database.write(step)
    told = f"subscription {number}: {made.channel} gets {', '.join(made.sources)} ({made.post})"
    return [told, *_subscription_remarks(wish, known)]


def _subscription_remarks(wish: dict[str, Any], known: Sequence[Source]) -> list[str]:
    """What is valid but probably not meant."""
    tags = {f"tag:{tag}" for source in known for tag in source.tags}
    remarks = [
        f"note: no source has {name} yet"
        for name in wish["sources"]
        if name.startswith("tag:") and name not in tags
    ]
    if wish.get("schedule") and wish["post"] == "instant":
        remarks.append("note: the schedule has no effect: instant posts need none")
    return remarks


async def list_subscriptions(settings: Settings) -> list[Subscription]:
    async with declared_database(settings) as database:
        return await database.read(subscriptions.listed)


async def remove_subscription(settings: Settings, number: int) -> str:
    async with declared_database(settings) as database:
        found = await database.read(subscriptions.by_id, number)
        if found is None or found.state == "removed":
            raise UserError(f"no subscription {number}: see `threadwire subscriptions list`")
        if found.origin == "file":
            raise UserError(f"subscription {number} stands in the settings file: take it out there")

        def step(connection: Any) -> None:
            subscription_changes.unsubscribe(connection, number)
            spaces.drop_unwanted_sources(connection)

        await database.write(step)
    return f"removed subscription {number}"


async def list_stories(settings: Settings, *, since: str, search: str) -> list[Story]:
    at = _now() - timedelta(seconds=_seconds(since))
    async with existing_database(settings) as database:
        if search.strip():
            return await database.read(stories.search, search, at)
        return await database.read(stories.since, at)


async def list_deliveries(settings: Settings) -> tuple[dict[str, int], list[Delivery]]:
    async with existing_database(settings) as database:
        return await database.read(outbox.counts), await database.read(outbox.listed)


async def retry_delivery(settings: Settings, key: str) -> str:
    """Let a dead or uncertain delivery be tried again. Raises `UserError` where none is."""
    async with existing_database(settings) as database:
        if not await database.write(outbox.revive, key, _now()):
            raise UserError(f"no dead or uncertain delivery {key}: see `threadwire deliveries`")
    return f"delivery {key} will be tried again at the next run"


async def why(settings: Settings, item: str) -> list[Stage]:
    from bot.commands.why import explain

    async with existing_database(settings) as database:
        return await explain(database, item)


async def export_digests(settings: Settings, directory: Path) -> str:
    """Write every digest that was made as a Markdown file."""
    from adapters.platforms.files.client import FilesPlatform
    from bot.digest_desk import digest_kinds
    from bot.outside import SystemClock

    async with existing_database(settings) as database:
        made = await database.read(digests.listed)
    files = FilesPlatform(
        directory, front_matter=settings.archive.front_matter, clock=SystemClock()
    )
    kinds = digest_kinds()
    for stored in made:
        kind = kinds[stored.kind]
        record = kind.record.model_validate_json(stored.result)
        await files.send("", kind.post(record, language="en"), f"digest:{stored.id}")
    return f"wrote {len(made)} {'digest' if len(made) == 1 else 'digests'} into {directory}"


async def backup(settings: Settings, file: Path) -> str:
    async with existing_database(settings) as database:
        await database.backup(file)
    return f"wrote {file}"


def check_database(settings: Settings) -> str:
    """Raises `StoreError`, naming the file, when it is missing or damaged."""
    path = settings.database.path
    if not path.exists():
        raise StoreError(f"{path}: there is no database here yet")
    damage = store.check(path)
    if damage:
        raise StoreError(f"{path} is damaged ({damage[0]}): restore a backup")
    return f"{path}: sound"


def _now() -> datetime:
    return datetime.now(UTC)


def _seconds(duration: str) -> float:
    from config.types import LONGEST_DURATION_S, parse_duration

    try:
        seconds = parse_duration(duration)
    except ValueError as exc:
        raise ConfigError(f'{duration}: expected a duration such as "12h" or "7d"') from exc
    if seconds > LONGEST_DURATION_S:  # dates do not reach back so far
        raise ConfigError(f"{duration}: expected a duration below a thousand years")
    return seconds
