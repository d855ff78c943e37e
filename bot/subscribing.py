"""Subscribing from a chat: check the wish, read its sources, choose its first posts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from bot.commands.kit import Ask, Subscribed, SubscriptionWish
from bot.declared import checked_source, checked_subscription, source_of
from bot.errors import ConfigError, SourceError, UserError
from bot.model import Post, Source, Subscription
from bot.ports import Clock, PollResult
from bot.previewing import PATIENCE_S, Sample, sample_posts, stored_samples, too_slow
from bot.store import chat, sources, spaces, subscription_changes, subscriptions
from bot.store.database import Connection, Database
from bot.store.sources import DeclaredSource
from bot.store.spaces import Viewer
from bot.store.subscriptions import DeclaredSubscription, PostKind
from config.source_forms import SourceForm, source_form
from config.source_packs import members, pack_names, read_pack

if TYPE_CHECKING:
    from bot.outside import Outside
    from config.settings import Settings
    from jobs.ingest import Ingest

READ_AT_ONCE = 3  # sources of one wish that are read before it is answered
MOST_SOURCES = 200
SHOWN = 2
NAMED_PATIENCE_S = 12.0
MEANWHILE = timedelta(minutes=5)  # a source that is being read here is not polled beside it


@dataclass(frozen=True, slots=True)
class _Read:
    """A source that was read for the first time."""

    declared: DeclaredSource
    result: PollResult


class Subscriber:
    """Makes and changes the subscriptions of chats.

    `wake` has the poll job look at once, `queued` is called when something is to be delivered.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        outside: Outside,
        ingest: Ingest,
        clock: Clock,
        wake: Callable[[], object],
        queued: Callable[[], object],
    ) -> None:
        self._settings = settings
        self._database = database
        self._outside = outside
        self._ingest = ingest
        self._clock = clock
        self._wake = wake
        self._queued = queued

    async def subscribe(self, wish: SubscriptionWish, ask: Ask) -> Subscribed:
        self._declared(wish, ask, ())  # before anybody is asked for anything
        names, single, packed = await self._sources(wish.sources, ask.viewer)
        read = await self._read(single)
        names, read = await self._database.read(_renamed, ask.viewer, names, read)
        known = await self._database.read(_equal, wish, ask.space, names)
        if known is not None and known.origin == "file":
            raise UserError(f"subscription {known.id}, in the settings file, is the same already")
        declared = self._declared(_merged(_in_own_zone(wish, known, ask), known), ask, names)
        if known is not None:
            declared = replace(declared, space=known.space, made_by=known.made_by)
        rows = [one.declared for one in read.values()]
        rows += [one for one in (*single, *packed) if one.url in names or one in packed]
        number, waiting = await self._database.write(self._store, declared, rows, known, set(read))
        for one in read.values():
            await self._take(one)
        await self._ingest.start_waiting()
        self._wake()
        self._queued()
        made = await self._subscription(number)
        posts = await self._samples(made, list(read.values()), ask)
        return Subscribed(
            subscription=made, is_new=known is None, posts=tuple(posts), waiting=waiting
        )

    async def change(self, number: int, wish: SubscriptionWish, ask: Ask) -> Subscription:
        known = await self._database.read(spaces.subscription, ask.viewer, number)
        if known is None or known.state == "removed":
            raise UserError(f"no subscription {number}: see /news list")
        if known.origin == "file":
            raise UserError(f"subscription {number} stands in the settings file")
        declared = self._declared(_merged(wish, known), ask, known.sources)
        declared = replace(
            declared, channel=known.channel, space=known.space, made_by=known.made_by
        )

        def step(connection: Connection) -> None:
            other = subscriptions.by_key(connection, declared.key)
            if other is not None and other.id != number and other.state != "removed":
                raise UserError(f"subscription {other.id} is the same already")
            if other is not None and other.id != number:
                subscription_changes.give_up_key(connection, other.id)
            subscription_changes.change(connection, number, declared, now=self._clock.now())

        await self._database.write(step)
        await self._ingest.start_waiting()
        self._queued()
        return await self._subscription(number)

    async def _sources(
        self, wished: Sequence[str], viewer: Viewer
    ) -> tuple[tuple[str, ...], list[DeclaredSource], list[DeclaredSource]]:
        """(names as they are kept, sources to be read now, sources of packs that are read soon)."""
        names: list[str] = []
        single: list[DeclaredSource] = []
        packed: list[DeclaredSource] = []
        for name in wished:
            known = await self._database.read(spaces.sources_named, viewer, name)
            if name.startswith("tag:"):
                if not known:
                    raise UserError(f"no source has {name}")
                names.append(name)
            elif name.startswith("pack:"):
                packed += self._pack(name)
                names.append(name)
            elif known and known[0].last_ok_at is not None and known[0].state != "gone":
                names.append(known[0].url)
            else:
                single.append(self._checked(known[0].url if known else name))
                names.append(single[-1].url)
        if len(single) + len(packed) > MOST_SOURCES:
            raise UserError(f"that is {len(single) + len(packed)} sources: at most {MOST_SOURCES}")
        return tuple(dict.fromkeys(names)), single, packed

    def _checked(self, name: str) -> DeclaredSource:
        """One source as the settings would check it; files are the admin's and named in none."""
        if source_form(name) is SourceForm.OPML:
            raise UserError(f"{name[:100]} is no source: give https://…, r/… or hn:front")
        return source_of(self._settings, checked_source(self._settings, name).url)

    def _pack(self, name: str) -> list[DeclaredSource]:
        pack = name.removeprefix("pack:")
        if pack not in pack_names():
            known = ", ".join(f"pack:{one}" for one in pack_names())
            raise UserError(f"there is no {name[:60]}: {known}")
        return [source_of(self._settings, one.url) for one in read_pack(pack)]

    def _declared(
        self, wish: SubscriptionWish, ask: Ask, names: Sequence[str]
    ) -> DeclaredSubscription:
        """The wish checked as in the settings file. Raises `UserError`."""
        values: dict[str, object] = {"channel": "terminal", "sources": ["hn:front"]}
        for key in ("post", "schedule", "timezone", "language", "min_score"):
            if (value := getattr(wish, key)) is not None:
                values[key] = value
        values |= {"include": list(wish.include or ()), "exclude": list(wish.exclude or ())}
        try:
            checked = checked_subscription(self._settings, values)
        except ConfigError as exc:
            raise UserError(str(exc).removeprefix("command line: ")) from exc
        return replace(
            checked,
            channel=wish.channel,
            sources=tuple(names),
            space=ask.space,
            made_by=ask.person.id,
            role=wish.role,
            publish=bool(wish.publish),
        )

    async def _read(self, wanted: Sequence[DeclaredSource]) -> dict[str, _Read]:
        """The first few of the sources, read at once. Raises `SourceError` for one that fails.

        One that will be readable later is left to the poll job.
        """
        first = wanted[:READ_AT_ONCE]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._poll(one)) for one in first]
        except* SourceError as failed:
            raise _first_of(failed) from None
        found = [task.result() for task in tasks]
        return {one.declared.url: one for one in found if one is not None}

    async def _poll(self, declared: DeclaredSource) -> _Read | None:
        """None where it must wait: a subreddit is known by its name, and Reddit may let us ask no
        more than once a minute. What a feed's address leads to only reading it can tell.
        """
        is_named = declared.kind != "feed"
        source = Source(id=0, url=declared.url, kind=declared.kind, fetch_url=declared.fetch_url)
        try:
            async with asyncio.timeout(NAMED_PATIENCE_S if is_named else PATIENCE_S):
                result = await self._outside.readers[declared.kind].poll(source)
        except TimeoutError as exc:
            if is_named:
                return None
            raise too_slow(declared.url) from exc
        except SourceError as exc:
            if exc.unasked or (is_named and not _is_final(exc)):
                return None
            raise
        found = replace(declared, fetch_url=result.fetch_url, title=result.title)
        return _Read(found, result)

    def _store(
        self,
        connection: Connection,
        declared: DeclaredSubscription,
        rows: Sequence[DeclaredSource],
        known: Subscription | None,
        read: set[str],
    ) -> tuple[int, int]:
        """(the subscription's number, how many sources are still to be read). One transaction."""
        now = self._clock.now()
        for row in rows:
            due_at = now + MEANWHILE if row.url in read else now
            sources.add_from_chat(connection, row, now=now, due_at=due_at)
        if known is None:
            number = subscriptions.declare(connection, declared, origin="chat", now=now)
        else:
            number = known.id
            subscription_changes.change(connection, number, declared, now=now)
        meant = _meant(connection, declared)
        subscriptions.link(connection, number, [one.id for one in meant])
        for one in meant:
            if one.url in declared.sources:  # who asks for it by name wants to see it again
                chat.unmute(connection, declared.channel, one.id)
        waiting = [one for one in meant if one.last_ok_at is None and one.url not in read]
        return number, len(waiting)

    async def _take(self, read: _Read) -> None:
        """Store what was read; the subscription's first posts are chosen with it."""
        source = await self._database.read(sources.by_url, read.declared.url)
        assert source is not None
        await self._ingest.polled(source, read.result)

    async def _subscription(self, number: int) -> Subscription:
        found = await self._database.read(subscriptions.by_id, number)
        assert found is not None
        return found

    async def _samples(
        self, subscription: Subscription, read: Sequence[_Read], ask: Ask
    ) -> list[Post]:
        """The newest of what it will post."""
        now = self._clock.now()
        sample = Sample(SHOWN, now, now - timedelta(seconds=self._settings.poll.max_age))
        for one in read:
            url = one.declared.url
            found = await sample_posts(self._outside, url, one.result, subscription, sample)
            if found:
                return found
        return await self._database.read(stored_samples, ask.viewer, subscription, sample)


def _is_final(error: SourceError) -> bool:
    """Whether it will not be readable in an hour either: private, gone, refused."""
    return error.permanent or error.refused or error.status in (401, 403, 404, 410)


def _first_of(failed: BaseExceptionGroup[SourceError]) -> SourceError:
    while True:
        inner = failed.exceptions[0]
        if isinstance(inner, SourceError):
            return inner
        failed = inner


def _equal(
    connection: Connection, wish: SubscriptionWish, space: str, names: Sequence[str]
) -> Subscription | None:
    """The subscription that the wish would bring up to date: the space's own, or the admin's."""
    for home in dict.fromkeys((space, "")):
        draft = DeclaredSubscription(
            channel=wish.channel, sources=tuple(names), post=_post(wish.post), space=home
        )
        one = subscriptions.by_key(connection, draft.key)
        if one is not None and one.state != "removed" and one.space in ("", space):
            return one
    return None


def _post(text: str | None) -> PostKind:
    return next((kind for kind in get_args(PostKind) if kind == text), "instant")


def _in_own_zone(wish: SubscriptionWish, known: Subscription | None, ask: Ask) -> SubscriptionWish:
    """Who says nine o'clock means nine where they are, where the platform tells where that is."""
    if known is not None or wish.timezone:
        return wish
    return replace(wish, timezone=ask.person.timezone or None)


def _merged(wish: SubscriptionWish, known: Subscription | None) -> SubscriptionWish:
    """The wish with what it leaves open as it was."""
    if known is None:
        return wish
    is_other = wish.post is not None and wish.post != known.post
    return SubscriptionWish(
        channel=wish.channel,
        sources=wish.sources,
        post=wish.post or known.post,
        schedule=wish.schedule or (None if is_other else known.schedule),
        timezone=wish.timezone or known.timezone,
        language=wish.language or known.language,
        min_score=known.min_score if wish.min_score is None else wish.min_score,
        include=known.include if wish.include is None else wish.include,
        exclude=known.exclude if wish.exclude is None else wish.exclude,
        role=wish.role or known.role,
        publish=known.publish if wish.publish is None else wish.publish,
    )


def _renamed(
    connection: Connection,
    viewer: Viewer,
    names: Sequence[str],
    read: Mapping[str, _Read],
) -> tuple[tuple[str, ...], dict[str, _Read]]:
    """A page whose feed is known here already is that source; another space's stays its own."""
    renamed, kept = list(names), dict(read)
    for url, one in read.items():
        known = spaces.sources_named(connection, viewer, one.result.fetch_url)
        if known and known[0].url != url:
            renamed = [known[0].url if name == url else name for name in renamed]
            del kept[url]
    return tuple(dict.fromkeys(renamed)), kept


def _meant(connection: Connection, declared: DeclaredSubscription) -> list[Source]:
    """The sources that the subscription's words mean, of those that its space knows."""
    viewer = Viewer(declared.space, declared.channel)
    found: dict[int, Source] = {}
    for name in declared.sources:
        if name.startswith("tag:"):
            named = spaces.sources_named(connection, viewer, name)
        else:
            named = sources.by_urls(connection, members(name))
        found.update((one.id, one) for one in named)
    return list(found.values())
