"""What chat commands have done beyond the store, on the running service's own parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, get_args

from bot.commands.kit import Ask, Facts, Subscribed, SubscriptionWish
from bot.commands.previews import Preview, PreviewWish
from bot.commands.words import primary
from bot.digests.material import DigestKindName
from bot.errors import UserError
from bot.model import Post, Subscription, ThreadSummary
from bot.ports import Clock, Room
from bot.posts.article import article_post
from bot.posts.thread import thread_post
from bot.store.database import Database
from bot.subscribing import Subscriber

if TYPE_CHECKING:
    from bot.outside import Outside
    from config.settings import Settings
    from jobs.discussions import Discussions
    from jobs.ingest import Ingest

AT_ONCE = 8  # summaries and digests, which people ask for


class RunningNewsroom:
    """Implements `bot.commands.kit.Newsroom`.

    `wake` has the poll job look at once, `queued` is called when something is to be delivered.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        outside: Outside,
        ingest: Ingest,
        discussions: Discussions,
        clock: Clock,
        wake: Callable[[], object] = lambda: None,
        queued: Callable[[], object] = lambda: None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._outside = outside
        self._discussions = discussions
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        self._subscriber = Subscriber(
            settings=settings,
            database=database,
            outside=outside,
            ingest=ingest,
            clock=clock,
            wake=wake,
            queued=queued,
        )

    async def subscribe(self, wish: SubscriptionWish, ask: Ask) -> Subscribed:
        return await self._subscriber.subscribe(wish, ask)

    async def change(self, number: int, wish: SubscriptionWish, ask: Ask) -> Subscription:
        return await self._subscriber.change(number, wish, ask)

    async def preview(self, source: str, *, language: str = "en") -> Preview:
        from bot.previewing import preview_in_time

        wish = PreviewWish(source=source, language=language)
        return await preview_in_time(self._settings, self._outside, wish)

    async def summarize(self, url: str, *, channel: str, language: str = "en") -> Sequence[Post]:
        from config.types import http_url_fault

        if fault := http_url_fault(url):
            raise UserError(f"{url[:100]}: expected {fault}")
        async with self._places:
            return await self._summarized(url, channel, language)

    async def _summarized(self, url: str, channel: str, language: str) -> Sequence[Post]:
        from bot.targets import summarize_address

        if self._discussions.reader_of(url) is not None:
            discussion = await self._discussions.read(url, channel=channel)
            return (thread_post(discussion.summary, language=language),)
        found = await summarize_address(self._outside, url, channel=channel)
        now = self._clock.now()
        return tuple(
            thread_post(one, language=language)
            if isinstance(one, ThreadSummary)
            else article_post(one, language=language, now=now)
            for one in found
        )

    async def summarize_room(self, ask: Ask, room: Room) -> Post:
        async with self._places:
            summary = await self._outside.thread_summarizer.summarize_thread(
                room.thread, channel=ask.channel
            )
        return thread_post(summary, language=ask.person.language)

    async def digest(self, kind: str, source: str, *, since: str, ask: Ask) -> Post:
        from bot.digest_desk import digest_kinds
        from bot.on_demand import DigestOrder, digest_with, period_of

        kinds = digest_kinds()
        if kind not in kinds:
            raise UserError(f"{kind[:40]}: expected one of {', '.join(kinds)}")
        period = period_of("UTC", since, "", self._clock.now())
        order = DigestOrder(
            kind=next(one for one in get_args(DigestKindName) if one == kind),
            sources=(source,),
            period=period,
            language=primary(ask.person.language),
        )
        async with self._places:
            made = await digest_with(
                self._settings, order, self._outside, self._database, self._clock, viewer=ask.viewer
            )
        return await asyncio.to_thread(made.kind.post, made.record, language=order.language)

    def facts(self) -> Facts:
        way_in = self._outside.reddit.way_in
        model = self._outside.model
        return Facts(
            reddit=f"{way_in.value}: {way_in.meaning}",
            model=model.name if model else None,
            day_budget_usd=self._settings.llm.daily_budget_usd,
        )
