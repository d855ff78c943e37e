"""Summaries while the store moves on: what was deleted or joined meanwhile is not written back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.errors import SourceError
from bot.model import ArticleSummary, ThreadSummary
from bot.ports import Article
from bot.store import stories
from bot.store.database import Connection
from bot.summarize.article import summarize
from bot.summarize.threads.extractive import summarize_thread
from bot.thread_model import SubmissionState, Thread
from jobs.discussions import Discussions
from jobs.summarize import SummarizeJob
from tests.jobs.newsroom import Newsroom, item, newsroom
from tests.jobs.test_digest_threads import Site
from tests.jobs.test_measure import (
    FakeMeter,
    everything,
    measuring,
    poll,
    remember,
    started,
    submitted,
)

ONE, OTHER = "https://one.example/feed", "https://other.example/feed"


class Slow:
    """Summarises articles and discussions; `meanwhile` happens while it does."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._meanwhile = meanwhile

    async def summarize_article(self, article: Article) -> ArticleSummary:
        await self._meanwhile()
        return summarize(article)

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        await self._meanwhile()
        return summarize_thread(thread)


class Pages:
    """Knows no page, and which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def read(self, url: str) -> Article:
        self.asked.append(url)
        raise SourceError(f"{url} cannot be read here")


def job(room: Newsroom, slow: Slow, pages: Pages | None = None) -> SummarizeJob:
    return SummarizeJob(room.database, pages or Pages(), slow, slow, room.clock)


async def nothing() -> None:
    """Time passes, that is all."""


async def test_what_is_deleted_while_it_is_summarised_is_not_written_back(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        await room.post()
        entry = submitted("a", "A confession", room.clock.now(), text="I am quuxbar, and I did it.")
        await poll(room, entry)
        measure, meter = measuring(room)

        async def deleted() -> None:
            room.clock.advance(minutes=20)
            remember(room, meter, entry, state=SubmissionState.DELETED, author=None)
            await measure.run()

        await job(room, Slow(deleted)).run()
        assert "quuxbar" not in await room.database.read(everything)


async def test_a_discussion_deleted_while_it_is_read_leaves_no_summary(tmp_path: Path) -> None:
    site = Site()
    site.scores["a"] = 3
    async with newsroom(tmp_path) as room:
        await started(room)
        entry = submitted("a", "A confession", room.clock.now())
        await poll(room, entry)
        measure, meter = measuring(room, FakeMeter())

        async def deleted() -> None:
            room.clock.advance(minutes=20)
            remember(room, meter, entry, state=SubmissionState.DELETED, author=None)
            await measure.run()

        slow = Slow(deleted)
        desk = Discussions(room.database, [site], slow, room.clock, expected="extractive")
        await desk.read(site.permalink("a"))
        assert "keel" not in await room.database.read(everything)


async def test_a_story_that_joins_another_meanwhile_takes_no_other_summary_down(
    tmp_path: Path,
) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE, OTHER], [])
        await room.publish(ONE, item("a", "The anchor was found"))
        await room.publish(OTHER, item("b", "A beacon for the harbour"))
        first, second = sorted(story.id for story in await room.stories())

        def join(connection: Connection) -> None:
            if stories.by_id(connection, second) is not None:
                stories.absorb(connection, first, second)

        async def joined() -> None:
            await room.database.write(join)

        work = job(room, Slow(joined))
        await work.summarize([first, second])
        await work.summarize([second])
        assert await room.database.read(stories.summary, first) is not None
        assert await room.database.read(stories.summary, second) is None


async def test_a_discussion_is_not_read_as_an_article(tmp_path: Path) -> None:
    pages = Pages()
    async with newsroom(tmp_path) as room:
        await started(room)
        await poll(room, submitted("a", "A short question", room.clock.now(), text="Why?"))
        linked = "https://paper.example/story"
        await poll(room, submitted("b", "A report", room.clock.now(), text="", url=linked))
        await job(room, Slow(nothing), pages).run()
        assert pages.asked == [linked]
