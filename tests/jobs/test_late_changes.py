"""What changes while a post is on its way reaches it by an edit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import DeliveryError
from bot.store.subscriptions import DeclaredSubscription
from bot.thread_model import SubmissionState
from tests.fakes.platform import FakePlatform
from tests.jobs.newsroom import item, newsroom
from tests.jobs.test_measure import SUB, measuring, poll, remember, submitted, wish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.model import Post
    from bot.ports import Sent

ONE = "https://one.example/feed"
MINE = DeclaredSubscription(channel="fake:a", sources=(ONE,))


@dataclass
class SlowPlatform(FakePlatform):
    """`meanwhile` happens once, while a post is on its way."""

    meanwhile: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        if self.meanwhile:
            await self.meanwhile.pop()()
        return await super().send(channel, post, key)


async def test_a_correction_that_meets_a_post_on_its_way_is_not_lost(tmp_path: Path) -> None:
    platform = SlowPlatform()
    async with newsroom(tmp_path, platform) as room:
        await room.declare([ONE], [MINE])
        await room.publish(ONE, item("a", "The anchor was found"))

        async def corrected() -> None:
            await room.publish(ONE, item("a", "The anchor was never lost"))

        platform.meanwhile.append(corrected)
        await room.post()
        await room.post()
        assert platform.titles() == ["The anchor was found"]
        assert [post.title for _, post in platform.edits] == ["The anchor was never lost"]


async def test_a_correction_of_what_is_tried_again_follows_it(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("it is down")])
    async with newsroom(tmp_path, platform) as room:
        await room.declare([ONE], [MINE])
        await room.publish(ONE, item("a", "The anchor was found"))
        await room.post()
        await room.publish(ONE, item("a", "The anchor was never lost"))
        room.clock.advance(minutes=5)
        await room.post()
        await room.post()
        assert platform.titles() == ["The anchor was found"]
        assert [post.title for _, post in platform.edits] == ["The anchor was never lost"]


async def test_words_deleted_while_their_post_is_on_its_way_are_edited_away(
    tmp_path: Path,
) -> None:
    address = "https://paper.example/story"
    platform = SlowPlatform()
    async with newsroom(tmp_path, platform) as room:
        await room.declare([SUB, ONE], [wish(sources=(SUB, ONE))])
        entry = submitted("a", "My words on the great launch", room.clock.now(), url=address)
        await poll(room, entry)
        await room.publish(ONE, item("p", "The great launch", url=address))
        job, meter = measuring(room)

        async def deleted() -> None:
            room.clock.advance(minutes=20)
            remember(room, meter, entry, state=SubmissionState.DELETED)
            await job.run()

        platform.meanwhile.append(deleted)
        await room.post()
        await room.deliver.run()  # its edit waits for a summary in the other's words
        assert platform.edits == []
        await room.post()
        assert platform.titles() == ["My words on the great launch"]
        (edited,) = platform.edits
        assert edited[1].title == "The great launch"
        assert "the article on it says" in edited[1].model_dump_json()


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_was_deleted_while_in_doubt_is_looked_for_and_struck(
    tmp_path: Path, arrived: bool
) -> None:
    doubt = DeliveryError("connection reset", doubtful=True)
    platform = FakePlatform(failures=[doubt], takes_doubtful=arrived, same_key_s=120.0)
    async with newsroom(tmp_path, platform) as room:
        await room.declare([SUB], [wish()])
        await poll(room)
        entry = submitted("a", "My words on the great launch", room.clock.now())
        await poll(room, entry)
        await room.post()
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        await room.post()
        (row,) = await room.deliveries()
        assert platform.attempts == 1
        assert (row.state.value, row.rule) == (("sent", "") if arrived else ("skipped", "deleted"))
        assert [post.struck for _, post in platform.edits] == [True] * arrived


async def test_deleted_words_that_a_repeat_may_have_left_standing_are_edited_away(
    tmp_path: Path,
) -> None:
    address = "https://paper.example/story"
    doubt = DeliveryError("connection reset", doubtful=True)
    platform = FakePlatform(failures=[doubt], takes_doubtful=True, same_key_s=7_200.0)
    async with newsroom(tmp_path, platform) as room:
        await room.declare([SUB, ONE], [wish(sources=(SUB, ONE))])
        await poll(room)
        await room.publish(ONE)
        entry = submitted("a", "My words on the great launch", room.clock.now(), url=address)
        await poll(room, entry)
        await room.publish(ONE, item("p", "The great launch", url=address))
        await room.post()
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        await room.post()
        assert platform.attempts == 2
        assert platform.edits[-1][1].title == "The great launch"
