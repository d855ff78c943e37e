"""What the command line does besides running the service: one function a command."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.previews import Preview
from bot.commands.reports import SourceRow
from bot.errors import ModelError, SourceError, StoreError, UserError
from bot.model import Delivery, Entry, Post, Source, Story, Subscription
from bot.store import database as store
from bot.store import digests, entries, outbox, sources, stories, subscriptions
from bot.store.database import Database
from bot.store.sources import DeclaredSource

if TYPE_CHECKING:
    from bot.commands.why import Stage
    from config.settings import Settings

PREVIEW_POSTS = 5
FAILURES_TO_MEND = 3


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    """The settings' database, beside a service that may be running on it."""
    async with Database(settings.database.path) as database:
        yield database


@contextlib.asynccontextmanager
async def _existing_database(settings: Settings) -> AsyncIterator[Database]:
    """The same, but never made anew: what only looks must not leave an empty file behind."""
    if not await asyncio.to_thread(settings.database.path.exists):
        raise StoreError(
            f"{settings.database.path}: no database here yet; `threadwire run` makes it"
        )
    async with _database(settings) as database:
        yield database


@contextlib.asynccontextmanager
async def _declared_database(settings: Settings) -> AsyncIterator[Database]:
    """The same, with the settings' sources and subscriptions in it."""
    from bot.app import declared
    from jobs import declare

    async with _database(settings) as database:
        await database.write(declare.apply, await declared(settings), _now())
        yield database


async def add_sources(
    settings: Settings, urls: Sequence[str], *, tags: Sequence[str], interval: str | None
) -> list[str]:
    """Find the feed behind each URL and store it. Raises `SourceError` at the first without one."""
    from bot.app import open_outside
    from bot.declared import checked_source, source_of

    wishes = [checked_source(settings, url, tags=tuple(tags), interval=interval) for url in urls]
    lines = []
    async with open_outside(settings) as outside, _declared_database(settings) as database:
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
    from bot.app import declared as all_declared
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
    async with _declared_database(settings) as database:
        found = await database.read(sources.listed)
        counts = await database.read(entries.counts)
    return [SourceRow(source, counts.get(source.id, 0)) for source in found]


async def remove_sources(settings: Settings, urls: Sequence[str]) -> list[str]:
    """Raises `UserError` for a source that is not there or that the settings file declares."""
    async with _declared_database(settings) as database:
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
    async with _declared_database(settings) as database:
        listed = await database.read(sources.listed)
        known = {address for source in listed for address in (source.url, source.fetch_url)}
        fresh = [row for row in rows if row.url not in known]
        await database.write(sources.declare, fresh, origin="cli", now=_now())
    skipped = len(rows) - len(fresh)
    return [f"added {len(fresh)} sources" + (f", {skipped} were there already" if skipped else "")]


async def export_opml(settings: Settings) -> str:
    from adapters.sources.opml import OpmlFeed, write_opml

    async with _declared_database(settings) as database:
        found = await database.read(sources.listed)
    body = write_opml(
        [OpmlFeed(url=one.fetch_url, title=one.title, tags=one.tags) for one in found]
    )
    return body.decode()


async def add_subscription(settings: Settings, wish: dict[str, Any]) -> list[str]:
    """Add a subscription as the settings file would. Raises `UserError` for a wrong value."""
    from bot.app import declared
    from bot.declared import checked_subscription
    from jobs import declare

    async with _declared_database(settings) as database:
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
    async with _declared_database(settings) as database:
        return await database.read(subscriptions.listed)


async def remove_subscription(settings: Settings, number: int) -> str:
    async with _declared_database(settings) as database:
        found = await database.read(subscriptions.by_id, number)
        if found is None or found.state == "removed":
            raise UserError(f"no subscription {number}: see `threadwire subscriptions list`")
        if found.origin == "file":
            raise UserError(f"subscription {number} stands in the settings file: take it out there")
        await database.write(subscriptions.remove, number)
    return f"removed subscription {number}"


async def list_stories(settings: Settings, *, since: str, search: str) -> list[Story]:
    at = _now() - timedelta(seconds=_seconds(since))
    async with _existing_database(settings) as database:
        if search.strip():
            return await database.read(stories.search, search, at)
        return await database.read(stories.since, at)


async def list_deliveries(settings: Settings) -> tuple[dict[str, int], list[Delivery]]:
    async with _existing_database(settings) as database:
        return await database.read(outbox.counts), await database.read(outbox.listed)


async def retry_delivery(settings: Settings, key: str) -> str:
    """Let a dead or uncertain delivery be tried again. Raises `UserError` where none is."""
    async with _existing_database(settings) as database:
        if not await database.write(outbox.revive, key, _now()):
            raise UserError(f"no dead or uncertain delivery {key}: see `threadwire deliveries`")
    return f"delivery {key} will be tried again at the next run"


async def why(settings: Settings, item: str) -> list[Stage]:
    from bot.commands.why import explain

    async with _existing_database(settings) as database:
        return await explain(database, item)


async def export_digests(settings: Settings, directory: Path) -> str:
    """Write every digest that was made as a Markdown file."""
    from adapters.platforms.files.client import FilesPlatform
    from bot.app import SystemClock, digest_kinds

    async with _existing_database(settings) as database:
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
    async with _existing_database(settings) as database:
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


async def preview(settings: Settings, name: str) -> Preview:
    """Read a source once and compose what a subscription would post. Nothing is stored."""
    from bot.app import open_outside
    from bot.declared import checked_source, source_of

    declared = source_of(settings, checked_source(settings, name).url)
    async with open_outside(settings) as outside:
        reader = outside.readers[declared.kind]
        source = Source(id=0, url=declared.url, kind=declared.kind, fetch_url=declared.fetch_url)
        result = await reader.poll(source)
        found = _newest_first(result.entries or ())
        posts = [
            await _preview_post(outside, source, result.title, entry)
            for entry in found[:PREVIEW_POSTS]
        ]
    return Preview(
        url=name,
        feed_url=result.fetch_url,
        title=result.title,
        kind=declared.kind,
        entries=tuple(found),
        posts=tuple(posts),
    )


def _newest_first(found: Sequence[Entry]) -> list[Entry]:
    """Without a date, or with one that is yet to come, an entry is from now.

    Entries of one time stay in the order of the document.
    """
    now = _now()
    return sorted(found, key=lambda one: min(one.published_at or now, now), reverse=True)


async def _preview_post(outside: Any, source: Source, title: str, entry: Any) -> Post:
    from bot.ingest.url import display_url
    from bot.ports import Article
    from bot.posts.compose import Coverage, StoryView, story_post
    from bot.summarize.article import needs_full_text

    article = Article(
        url=entry.url or "",
        title=entry.title,
        text=entry.text,
        site=title,
        published_at=entry.published_at,
        language=entry.language,
    )
    if entry.url and needs_full_text(entry.text):
        with contextlib.suppress(SourceError):
            page = await outside.articles.read(entry.url)
            article = page if len(page.text) > len(entry.text) else article
    summary = await outside.summarizer.summarize_article(article)
    view = StoryView(
        title=entry.title,
        url=display_url(entry.url) if entry.url else None,
        coverage=(
            Coverage(
                source=title or source.url,
                source_url=source.url,
                url=entry.url,
                published_at=entry.published_at,
            ),
        ),
        summary=summary,
        image_url=entry.image_url,
        comments_url=entry.comments_url,
        tags=entry.tags,
    )
    return story_post(view, language="en", now=_now())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `doctor` looked at."""

    ok: bool
    text: str


async def doctor(settings: Settings) -> list[Finding]:
    """Look at everything that can be wrong, and say what to do about it."""
    findings = [Finding(True, "settings: read and valid")]
    findings += [Finding(True, f"settings: note: {remark}") for remark in settings.remarks()]
    try:
        async with _declared_database(settings) as database:
            damage = await asyncio.to_thread(store.check, settings.database.path)
            findings.append(_database_finding(settings, damage))
            findings += _source_findings(await database.read(sources.listed))
            findings += _delivery_findings(
                await database.read(outbox.counts), await database.read(outbox.needing_person)
            )
    except StoreError as exc:
        findings.append(Finding(False, f"database: {exc}"))
    findings += _archive_findings(settings)
    findings.append(await _reddit_finding(settings))
    findings += await _model_findings(settings)
    return findings


def _database_finding(settings: Settings, damage: list[str]) -> Finding:
    path = settings.database.path
    if damage:
        return Finding(False, f"database: {path} is damaged ({damage[0]}): restore a backup")
    return Finding(True, f"database: {path} is sound")


def _source_findings(found: Sequence[Source]) -> list[Finding]:
    findings = [_ailing(source) for source in found if source.state != "active"]
    findings += [
        Finding(True, f"source {source.url}: {habit}")
        for source in found
        for habit in source.habits
    ]
    fine = sum(source.state == "active" for source in found)
    if not found:
        return [Finding(False, "sources: none; put some into [[sources]] or `sources add` one")]
    return [Finding(True, f"sources: {fine} of {len(found)} are well"), *findings]


def _ailing(source: Source) -> Finding:
    """What is gone, or fails again and again, needs a person; a single failure does not."""
    told = f"source {source.url}: {source.state.value}: {source.last_error}"
    if source.state == "gone":
        return Finding(
            False, f"{told}; no longer polled: remove it, or `sources add` its new address"
        )
    if source.failures < FAILURES_TO_MEND:
        return Finding(True, f"{told}; will be tried again")
    return Finding(
        False, f"{told}; {source.failures} times in a row: check its address with `preview`"
    )


def _delivery_findings(counts: dict[str, int], rows: Sequence[Delivery]) -> list[Finding]:
    waiting = counts["pending"] + counts["retry"]
    findings = [Finding(True, f"outbox: {counts['sent']} sent, {waiting} waiting")]
    return findings + [
        Finding(False, f"delivery {row.key} to {row.channel}: {row.state.value}: {row.reason}")
        for row in rows
    ]


def _archive_findings(settings: Settings) -> list[Finding]:
    directory = settings.archive.directory
    if directory is None:
        return []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".threadwire-doctor"
        probe.touch()
        probe.unlink()
    except OSError as exc:
        return [Finding(False, f"archive: {directory} cannot be written: {exc.strerror}")]
    return [Finding(True, f"archive: {directory} can be written")]


async def _reddit_finding(settings: Settings) -> Finding:
    """Which way in to Reddit there is, and whether Reddit takes it."""
    from bot.app import open_outside

    async with open_outside(settings) as outside:
        way = outside.reddit.way_in
        try:
            await outside.reddit.check()
        except SourceError as exc:
            return Finding(False, f"reddit: {way.value}: {exc}")
    return Finding(True, f"reddit: read through {way.value}; {way.meaning}")


async def _model_findings(settings: Settings) -> list[Finding]:
    """Ask the model for next to nothing: that finds a wrong key, name or address."""
    if settings.llm_provider == "extractive":
        return [Finding(True, "model: none; summaries are extracts (set OPENAI_API_KEY for one)")]
    from bot.language_model import check_model

    try:
        findings = [Finding(True, f"model: {await check_model(settings)}")]
    except ModelError as exc:
        return [Finding(False, f"model: {exc}")]
    llm = settings.llm
    budgeted = llm.daily_budget_usd or llm.channel_budget_usd
    if budgeted and not (llm.price_in or llm.price_out):
        note = "model: note: llm.price_in and llm.price_out are not set, so that no budget binds"
        findings.append(Finding(True, note))
    return findings


def _now() -> datetime:
    return datetime.now(UTC)


def _seconds(duration: str) -> float:
    from config.types import parse_duration

    try:
        return parse_duration(duration)
    except ValueError as exc:
        raise UserError(f'{duration}: expected a duration such as "12h" or "7d"') from exc
