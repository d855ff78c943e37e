"""Digests by schedule: once a period, nothing lost between two, none for nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.digests.community import Community, CommunityDigest
from bot.digests.kind import DigestOptions
from bot.digests.material import DigestStory, Material
from bot.ingest.prepare import prepare
from bot.model import Post
from bot.ports import PollResult
from bot.store import digests
from bot.store.database import Connection
from bot.store.subscriptions import DeclaredSubscription
from jobs.digest import DigestJob
from tests.bot.commands.desk import chat, feed, poll
from tests.jobs.newsroom import item, newsroom

ONE = "https://one.example/feed"
DAILY = DeclaredSubscription(
    channel="fake:a", sources=(ONE,), post="community", schedule="0 9 * * *", timezone="UTC"
)


async def test_a_digest_lists_what_was_new_since_the_last_one(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [DAILY])
        await room.digests.run()
        await room.publish(ONE, item("before", "There before the subscription"))
        room.clock.advance(hours=5)
        await room.publish(ONE, item("a", "The anchor was found"))
        room.clock.advance(hours=5)
        await room.publish(ONE, item("b", "A beacon for the harbour"))
        room.clock.advance(hours=15)
        await room.digests.run()
        await room.digests.run()
        await room.post()
        assert [post.kind for _, _, post in room.platform.posts] == ["digest"]
        body = room.platform.posts[0][2].model_dump_json()
        assert "The anchor was found" in body
        assert "A beacon for the harbour" in body
        assert "There before" not in body
        room.clock.advance(hours=1)
        await room.publish(ONE, item("c", "Cobalt is scarce again"))
        room.clock.advance(hours=23)
        await room.digests.run()
        await room.post()
        assert len(room.platform.posts) == 2
        body = room.platform.posts[1][2].model_dump_json()
        assert "Cobalt" in body
        assert "anchor" not in body


async def test_what_waits_for_the_writer_is_not_lost_between_two_digests(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [DAILY])
        await room.digests.run()
        await room.publish(ONE)
        room.clock.advance(days=1)
        writer_is_free = threading.Event()

        def busy(connection: Connection) -> None:
            writer_is_free.wait(timeout=10)

        async with asyncio.TaskGroup() as group:
            group.create_task(room.database.write(busy))
            source = await room.source(ONE)
            result = PollResult(
                entries=(prepare(item("a", "The anchor was found")),), fetch_url=source.fetch_url
            )
            polled = group.create_task(room.ingest.polled(source, result))
            await asyncio.wait([polled], timeout=0)  # handed in, and it waits for the writer
            room.clock.advance(minutes=1)
            made = group.create_task(room.digests.run())
            await asyncio.wait([made], timeout=0.2)  # time enough to read too early
            writer_is_free.set()
        await room.post()
        assert "The anchor was found" in room.platform.posts[0][2].model_dump_json()


async def test_after_days_offline_one_digest_covers_them_all(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [DAILY])
        await room.digests.run()
        await room.publish(ONE)
        room.clock.advance(hours=2)
        await room.publish(ONE, item("a", "The anchor was found"))
        room.clock.advance(days=5)
        await room.digests.run()
        await room.digests.run()
        await room.post()
        assert len(room.platform.posts) == 1


async def test_a_digest_called_after_a_secret_source_is_private_and_names_no_key(
    tmp_path: Path,
) -> None:
    secret = "https://two.example/feed?api_key=hush"
    both = replace(DAILY, sources=(ONE, secret))
    async with newsroom(tmp_path) as room:
        await room.declare([ONE, secret], [both, DAILY])
        await room.digests.run()
        await room.publish(ONE)
        room.clock.advance(hours=1)
        await room.publish(ONE, item("a", "The anchor was found"))
        room.clock.advance(days=1)
        await room.digests.run()
        found = await room.database.read(digests.listed)
        assert sorted("two.example" in one.result for one in found) == [False, True]
        assert [one.is_public for one in found] == [
            "two.example" not in one.result for one in found
        ]
        assert not any("hush" in one.result for one in found)


async def test_an_empty_digest_is_not_posted(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [DAILY])
        await room.digests.run()
        await room.publish(ONE)
        room.clock.advance(days=1)
        await room.digests.run()
        await room.post()
        assert room.platform.posts == []
        rows = await room.deliveries()
        assert [(row.state.value, row.rule) for row in rows] == [("skipped", "empty")]


class _Watched(Community):
    """A kind that remembers in which threads it works."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()

    def shown(self, material: Material, options: DigestOptions) -> Sequence[DigestStory]:
        self.threads.add(threading.current_thread())
        return super().shown(material, options)

    def post(self, record: CommunityDigest, *, language: str) -> Post:
        self.threads.add(threading.current_thread())
        return super().post(record, language=language)


async def test_a_large_digest_is_put_together_beside_the_loop(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        source = it.origin.url("/a")
        await it.type("subscribe", source=source, post="community", schedule="daily 12:00")
        watched = _Watched()
        job = DigestJob(it.database, replace(it.maker, kinds={"community": watched}), it.clock)
        await job.run()
        it.clock.advance(hours=1)
        await poll(it, "/a", "Later news", "News")
        it.clock.advance(hours=3)
        await job.run()
        assert watched.threads
        assert threading.main_thread() not in watched.threads
