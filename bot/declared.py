"""The settings' sources and subscriptions, opened up: OPML files and packs become their members."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.sources.hackernews import front_url
from adapters.sources.known_sites import known_feed_url
from adapters.sources.reddit_links import hosts_of, listing_of, listing_url
from bot.errors import ConfigError, UserError
from bot.store.sources import DeclaredSource
from bot.store.subscriptions import DeclaredSubscription
from config.source_forms import SourceForm, source_form
from config.source_packs import read_pack

if TYPE_CHECKING:
    from config.settings import Settings
    from config.subscriptions import SourceSettings, SubscriptionSettings
    from jobs.declare import Declaration


M = TypeVar("M", bound=BaseModel)


async def declared(settings: Settings) -> Declaration:
    """The same off the loop: lists are files."""
    return await asyncio.to_thread(expand, settings)


def expand(settings: Settings) -> Declaration:
    """Read what the settings name. Raises `UserError` for an OPML file that cannot be read."""
    from jobs.declare import Declaration

    found: dict[str, DeclaredSource] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for named in settings.polled_sources():
        members = _members(settings, named)
        if len(members) != 1 or members[0].url != named.url:
            groups[named.url] = tuple(member.url for member in members)
        for member in members:
            found.setdefault(member.url, member)
    return Declaration(
        sources=tuple(found.values()),
        subscriptions=tuple(_declared_subscription(wish) for wish in settings.subscriptions),
        groups=groups,
        longest_wait_s=settings.poll.max_interval,
    )


def _declared_subscription(wish: SubscriptionSettings) -> DeclaredSubscription:
    return DeclaredSubscription(
        channel=wish.channel,
        sources=wish.sources,
        post=wish.post,
        schedule=wish.effective_schedule,
        timezone=wish.timezone,
        language=wish.language,
        min_score=wish.min_score,
        include=wish.include,
        exclude=wish.exclude,
        languages=wish.languages,
    )


def _members(settings: Settings, named: SourceSettings) -> list[DeclaredSource]:
    form = source_form(named.url)
    if form is SourceForm.PACK:
        return [
            source_of(settings, one.url, tags=(*named.tags, *one.tags), interval_s=named.interval)
            for one in read_pack(named.url.removeprefix("pack:"))
        ]
    if form is SourceForm.OPML:
        return [
            source_of(settings, url, tags=(*named.tags, *tags), interval_s=named.interval)
            for url, tags in read_outlines(settings, named.url)
        ]
    return [source_of(settings, named.url, tags=named.tags, interval_s=named.interval)]


def source_of(
    settings: Settings, url: str, *, tags: tuple[str, ...] = (), interval_s: float | None = None
) -> DeclaredSource:
    """A source by its name: which reader takes it, and where that begins to look."""
    base = str(settings.reddit.public_base)
    kind, fetch_url = "feed", known_feed_url(url, reddit_base=base)
    if source_form(url) is SourceForm.HACKERNEWS:
        kind, fetch_url = "hackernews", front_url(str(settings.hackernews.api_base))
    elif (listing := listing_of(url, hosts_of(settings))) is not None:
        kind, fetch_url = "reddit", listing_url(listing, base)
    return DeclaredSource(
        url=url,
        kind=kind,
        fetch_url=fetch_url or url,
        tags=tuple(dict.fromkeys(tags)),
        interval_s=interval_s,
    )


def read_outlines(settings: Settings, file: str) -> list[tuple[str, tuple[str, ...]]]:
    """(feed URL, tags from its folders) of each outline. Raises `UserError`."""
    from adapters.sources.opml import read_opml

    try:
        body = settings.resolve(file).read_bytes()
    except OSError as exc:
        raise UserError(f"{file}: {exc.strerror}") from exc
    return [(outline.url, outline.tags) for outline in read_opml(body)]


def checked_source(
    settings: Settings, url: str, *, tags: tuple[str, ...] = (), interval: str | None = None
) -> SourceSettings:
    """One source as a person names it, checked as in the file. Raises `ConfigError`."""
    from config.subscriptions import SourceSettings

    if url.startswith("pack:"):
        raise ConfigError(f"{url} is many sources: put it into [[sources]]")
    values: dict[str, object] = {"url": url, "tags": list(tags)}
    if interval is not None:
        values["interval"] = interval
    named = _checked(settings, SourceSettings, values)
    if source_form(named.url) is SourceForm.OPML:
        raise ConfigError(f"{url} is a list of sources: `threadwire sources import` reads it")
    return named


def checked_subscription(settings: Settings, values: dict[str, object]) -> DeclaredSubscription:
    """A subscription as a person states it, checked as in the file. Raises `ConfigError`."""
    from config.subscriptions import SubscriptionSettings

    return _declared_subscription(_checked(settings, SubscriptionSettings, values))


def _checked(settings: Settings, model: type[M], values: dict[str, object]) -> M:
    from config.explain import explain
    from config.types import LoadContext

    context = LoadContext(working_dir=settings.resolve(""), home=None, secrets=settings.secrets)
    try:
        return model.model_validate(values, context=context)
    except ValidationError as exc:
        line = explain(exc, "command line", {}, settings.secrets_in_use())
    raise ConfigError(line)
