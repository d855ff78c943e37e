"""The pipeline after the parser, on a database of its own: documents in, posts out."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.digests.community import Community
from bot.digests.kind import AnyKind, DigestOptions
from bot.digests.roundup import Roundup
from bot.errors import SourceError
from bot.ingest.prepare import prepare
from bot.model import Delivery, RawEntry, Source, Story, ThreadSummary
from bot.ports import Article, PollResult, SubmissionMeter, ThreadReader
from bot.store import outbox, sources, stories
from bot.store.database import Database
from bot.store.sources import DeclaredSource
from bot.store.subscriptions import DeclaredSubscription
from bot.summarize.article import summarize
from bot.summarize.threads.extractive import summarize_thread
from bot.thread_model import Thread
from config.settings import Settings
from jobs import declare
from jobs.compose import Composer
from jobs.declare import Declaration
from jobs.deliver import DeliverJob, DeliveryReport
from jobs.digest import DigestJob
from jobs.digest_maker import DigestMaker
from jobs.discussions import Discussions
from jobs.ingest import Ingest, IngestReport
from jobs.summarize import SummarizeJob
from tests.fakes.clock import FakeClock
from tests.fakes.platform import FakePlatform


class _NoPages:
    async def read(self, url: str) -> Article:
        raise SourceError(f"{url} cannot be read here")


class _Extracts:
    async def summarize_article(self, article: Article):  # type: ignore[no-untyped-def]  # a port
        return summarize(article)

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        return summarize_thread(thread)


def item(
    name: str, title: str, *, at: datetime | None = None, text: str = "", url: str | None = None
) -> RawEntry:
    """An entry of a document; its link is its name's unless told otherwise."""
    return RawEntry(
        guid=name,
        url=url or f"https://site.example/{name}",
        title=title,
        published_at=at,
        html=text or f"<p>{title}. This is what the article on it says at some length.</p>",
    )


@dataclass
class Newsroom:
    """Everything from `PollResult` on. `publish` is a poll, `post` a round of delivery."""

    database: Database
    clock: FakeClock
    platform: FakePlatform
    ingest: Ingest
    deliver: DeliverJob
    summaries: SummarizeJob
    digests: DigestJob
    discussions: Discussions
    maker: DigestMaker

    async def declare(
        self, urls: Sequence[str], subscriptions: Sequence[DeclaredSubscription]
    ) -> None:
        declaration = Declaration(
            sources=tuple(DeclaredSource(url=url, kind="feed", fetch_url=url) for url in urls),
            subscriptions=tuple(subscriptions),
            groups={},
            longest_wait_s=86_400,
        )
        await self.database.write(declare.apply, declaration, self.clock.now())
        await self.ingest.start_waiting()

    async def publish(self, url: str, *items: RawEntry) -> IngestReport:
        source = await self.source(url)
        result = PollResult(
            entries=tuple(prepare(one) for one in items),
            fetch_url=source.fetch_url,
            title=f"Title of {url.split('/')[2]}",
        )
        return await self.ingest.polled(source, result)

    async def post(self) -> DeliveryReport:
        while await self.summaries.run():
            pass
        return await self.deliver.run()

    async def source(self, url: str) -> Source:
        found = await self.database.read(sources.by_url, url)
        assert found is not None
        return found

    async def deliveries(self) -> list[Delivery]:
        return await self.database.read(outbox.listed)

    async def stories(self) -> list[Story]:
        return await self.database.read(stories.since, self.clock.now() - timedelta(days=4000))


@contextlib.asynccontextmanager
async def newsroom(
    folder: Path,
    platform: FakePlatform | None = None,
    *,
    discussions: Sequence[ThreadReader] = (),
    meter: SubmissionMeter | None = None,
    digest_options: DigestOptions | None = None,
    **poll: object,
) -> AsyncIterator[Newsroom]:
    """A newsroom on `folder/t.db`; `poll` are settings of that section."""
    settings = Settings.model_validate({"poll": poll})
    clock = FakeClock()
    platform = platform or FakePlatform()
    async with Database(folder / "t.db", exclusive=True) as database:
        ingest = Ingest(database, settings, clock, random.Random(1))
        summaries = SummarizeJob(database, _NoPages(), _Extracts(), _Extracts(), clock)
        kinds: dict[str, AnyKind] = {"community": Community(), "roundup": Roundup()}
        desk = Discussions(database, discussions, _Extracts(), clock, expected="extractive")
        maker = DigestMaker(
            database=database,
            home=database,
            kinds=kinds,
            discussions=desk,
            meter=meter,
            summarize=summaries,
            model=None,
            clock=clock,
            options=digest_options or DigestOptions(),
        )
        composer = Composer(kinds)
        yield Newsroom(
            database=database,
            clock=clock,
            platform=platform,
            ingest=ingest,
            deliver=DeliverJob(
                database, {platform.name: platform}, composer, clock, random.Random(1)
            ),
            summaries=summaries,
            digests=DigestJob(database, maker, clock),
            discussions=desk,
            maker=maker,
        )
