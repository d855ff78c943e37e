"""Delivery: order, retries, doubt, and what needs a person."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bot.errors import ChannelFault, DeliveryError
from bot.model import DeliveryState, Paragraph, Post, Text
from bot.ports import Sent
from bot.store import outbox, sending, subscriptions
from bot.store.outbox import NewDelivery
from bot.store.subscriptions import DeclaredSubscription
from jobs.compose import Composer
from tests.fakes.platform import FakePlatform
from tests.jobs.newsroom import Newsroom, item, newsroom

ONE = "https://one.example/feed"
TITLES = ("The anchor was found", "A beacon for the harbour", "Cobalt is scarce again")


async def _three_waiting(room: Newsroom, *channels: str) -> None:
    wishes = [
        DeclaredSubscription(channel=channel, sources=(ONE,)) for channel in channels or ("fake:a",)
    ]
    await room.declare([ONE], wishes)
    await room.publish(ONE)
    for title in TITLES:
        room.clock.advance(minutes=10)
        await room.publish(ONE, item(title, title))


async def _states(room: Newsroom) -> list[str]:
    return [row.state.value for row in await room.deliveries()]


async def test_a_channel_gets_its_posts_in_order(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        await _three_waiting(room)
        report = await room.post()
        assert room.platform.titles() == list(TITLES)
        assert (report.sent, report.needs_person) == (3, [])


async def test_a_failing_head_keeps_the_channel_waiting_and_no_other(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("rate limited", retry_after_s=30)])
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")
        await room.post()
        channels = {where for where, _, _ in platform.posts}
        assert len(channels) == 1
        assert len(platform.posts) == 3
        room.clock.advance(seconds=29)
        await room.post()
        assert len(platform.posts) == 3
        room.clock.advance(seconds=2)
        await room.post()
        assert platform.titles("a") == platform.titles("b") == list(TITLES)


async def test_a_payload_is_frozen_before_the_first_attempt(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("down")])
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        await room.post()
        room.clock.advance(minutes=5)
        await room.publish(ONE, item(TITLES[0], "The anchor was lost again"))
        await room.post()
        assert platform.titles() == list(TITLES)


@pytest.mark.parametrize("taken", [True, False])
async def test_doubt_is_settled_by_the_history(tmp_path: Path, taken: bool) -> None:
    platform = FakePlatform(
        failures=[DeliveryError("timeout", doubtful=True)], takes_doubtful=taken
    )
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        await room.post()
        room.clock.advance(seconds=1)
        await room.post()
        assert platform.looks == 0  # what is under way cannot be seen yet
        room.clock.advance(seconds=1)
        await room.post()
        assert platform.looks == 1
        assert platform.titles() == list(TITLES)
        assert await _states(room) == ["sent"] * 3


async def test_doubt_without_a_history_is_told_and_not_repeated(tmp_path: Path) -> None:
    platform = FakePlatform(
        failures=[DeliveryError("timeout", doubtful=True)], has_history=False, takes_doubtful=True
    )
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        await room.post()
        room.clock.advance(days=1)
        await room.post()
        assert platform.titles() == list(TITLES)
        assert await _states(room) == ["uncertain", "sent", "sent"]
        needing = await room.database.read(outbox.needing_person)
        assert "nobody can look" in needing[0].reason


async def test_where_a_key_leaves_one_post_a_doubtful_attempt_is_repeated(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("timeout", doubtful=True)], same_key_s=math.inf)
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        await room.post()
        room.clock.advance(minutes=1)
        await room.post()
        assert platform.titles() == list(TITLES)


async def test_what_is_refused_for_good_is_dead_and_the_channel_goes_on(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("invalid form body", permanent=True)])
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        report = await room.post()
        assert platform.titles() == list(TITLES[1:])
        assert await _states(room) == ["dead", "sent", "sent"]
        assert report.needs_person == ["fake:a: invalid form body"]


async def test_a_dead_delivery_goes_out_after_all_when_a_person_says_so(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("no permission", permanent=True)])
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        await room.post()
        dead = (await room.database.read(outbox.needing_person))[0]
        assert await room.database.write(outbox.revive, dead.key, room.clock.now())
        await room.post()
        assert sorted(platform.titles()) == sorted(TITLES)


async def test_attempts_end_at_last_where_the_platform_takes_others(tmp_path: Path) -> None:
    platform = FakePlatform(faulty={"a": [DeliveryError("down")] * 100})
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")
        for number in range(30):
            await room.publish(ONE, item(f"n{number}", f"Number {number} of the series"))
            await room.post()
            room.clock.advance(hours=1.5)
        first = (await room.deliveries())[0]
        assert (first.state, first.attempts) == (DeliveryState.DEAD, 25)


async def test_an_outage_of_days_ends_nothing(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("down")] * 72)
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        for _ in range(80):
            await room.post()
            room.clock.advance(hours=1)
        assert platform.titles() == list(TITLES)


@pytest.mark.parametrize(
    ("idempotent", "taken", "has_history", "posted"),
    [
        (True, True, False, True),
        (True, False, False, True),
        (False, True, True, True),
        (False, False, True, True),
        (False, True, False, True),
        (False, False, False, False),
    ],
)
async def test_a_send_that_the_last_run_did_not_finish_is_settled_at_start(
    tmp_path: Path, idempotent: bool, taken: bool, has_history: bool, posted: bool
) -> None:
    platform = FakePlatform(same_key_s=math.inf if idempotent else 0.0, has_history=has_history)
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        while await room.summaries.run():
            pass
        first = await room.database.read(sending.head, "fake:a")
        assert first is not None
        head = first.delivery
        post = await room.database.read(Composer().compose, head)
        assert post is not None
        await room.database.write(
            sending.claim, head.id, payload=post.model_dump_json(), now=room.clock.now()
        )
        if taken:
            platform.posts.append(("a", head.key, post))
        assert await room.deliver.settle_interrupted() == 1
        room.clock.advance(seconds=10)
        await room.post()
        told = dict.fromkeys(platform.keys())
        assert (head.key in told) is posted
        if not idempotent:
            assert len(told) == len(platform.posts)


class _Broken(FakePlatform):
    async def send(self, channel: str, post: Post, key: str) -> Sent:
        if channel == "a" and post.title == TITLES[0]:
            raise RuntimeError("a bug in the adapter")
        return await super().send(channel, post, key)


async def test_a_bug_in_a_platform_is_a_failed_attempt_like_any_other(tmp_path: Path) -> None:
    platform = _Broken(same_key_s=math.inf)
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")
        for number in range(27):
            await room.publish(ONE, item(f"n{number}", f"Number {number} of the series"))
            await room.post()
            room.clock.advance(hours=1.5)
        assert platform.titles("a")[:2] == list(TITLES[1:])
        assert (await room.deliveries())[0].state is DeliveryState.DEAD


async def test_what_a_wrong_clock_put_off_for_years_goes_out_when_it_is_right(
    tmp_path: Path,
) -> None:
    platform = FakePlatform(failures=[DeliveryError("down")])
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        room.clock.advance(days=4_000)
        await room.post()
        assert platform.titles() == []
        room.clock.advance(days=-4_000)
        await room.post()
        assert platform.titles() == list(TITLES)


async def test_unsubscribing_while_a_post_waits_to_be_tried_again_ends_it(tmp_path: Path) -> None:
    platform = FakePlatform(failures=[DeliveryError("timeout", doubtful=True)])
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        await _three_waiting(room)
        await room.post()
        await room.database.write(subscriptions.remove, 1)
        room.clock.advance(hours=1)
        await room.post()
        assert platform.titles() == []
        assert await _states(room) == ["skipped"] * 3


class _Chaptered(FakePlatform):
    """Keeps details apart from their post; `hitches` are raised by the next attempts at them."""

    hitches: list[DeliveryError]
    finished: int = 0

    async def finish(self, channel: str, message_id: str, post: Post, key: str) -> None:
        if self.hitches:
            raise self.hitches.pop(0)
        self.finished += 1


@pytest.mark.parametrize(
    ("hitch", "finished"),
    [
        (DeliveryError("down"), 1),
        (DeliveryError("no access", fault=ChannelFault.PERMISSION), 1),
        (DeliveryError("the thread was deleted", permanent=True), 0),
    ],
)
async def test_a_found_post_is_finished_or_left_as_far_as_it_came(
    tmp_path: Path, hitch: DeliveryError, finished: int
) -> None:
    platform = _Chaptered(
        failures=[DeliveryError("reset", doubtful=True)], takes_doubtful=True, can_edit=True
    )
    platform.hitches = [hitch]
    async with newsroom(tmp_path, platform) as room:
        await room.declare([ONE], [DeclaredSubscription(channel="fake:a", sources=(ONE,))])
        details = (Paragraph(spans=(Text(text="All of it."),)),)
        post = Post(kind="digest", title="A digest", details=details)
        row = NewDelivery(
            key="k", subscription_id=1, channel="fake:a", kind="digest", subject="d",
            payload=post.model_dump_json(),
        )  # fmt: skip
        await room.database.write(outbox.add, row, room.clock.now())
        for _ in range(4):
            await room.deliver.run()
            room.clock.advance(minutes=2)
        assert (len(platform.posts), platform.finished) == (1, finished)
        assert await _states(room) == ["sent"]
