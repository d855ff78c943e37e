"""Who gets what: first posts, floods, filters, and one post per story and channel."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.model import DeliveryState
from bot.store.database import Connection
from bot.store.subscriptions import DeclaredSubscription
from tests.jobs.newsroom import Newsroom, item, newsroom

ONE = "https://one.example/feed"
TWO = "https://two.example/feed"


def _wish(channel: str = "fake:a", *sources: str, **more: object) -> DeclaredSubscription:
    return DeclaredSubscription(channel=channel, sources=sources or (ONE,), **more)  # type: ignore[arg-type]


def _pause_all(connection: Connection) -> None:
    connection.execute("UPDATE subscription SET state = 'paused'")


async def _skipped(room: Newsroom) -> dict[str, str]:
    return {
        row.rule: row.reason
        for row in await room.deliveries()
        if row.state is DeliveryState.SKIPPED
    }


async def test_a_new_subscription_posts_the_newest_entry_and_counts_the_rest_as_seen(
    tmp_path: Path,
) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [_wish()])
        now = room.clock.now()
        await room.publish(
            ONE,
            *(
                item(f"n{n}", f"Report number {n} on glaciers", at=now - timedelta(hours=n))
                for n in range(10)
            ),
        )
        await room.post()
        assert room.platform.titles() == ["Report number 0 on glaciers"]
        room.clock.advance(hours=1)
        await room.publish(ONE, item("n1", "Report number 1 on glaciers", at=now))
        await room.post()
        assert len(room.platform.posts) == 1


async def test_first_posts_pass_the_filter_and_are_not_too_old(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=2, max_age="30d") as room:
        await room.declare([ONE], [_wish(exclude=("sport",))])
        now = room.clock.now()
        await room.publish(
            ONE,
            item("a", "Sport news of the day", at=now),
            item("b", "A new compiler for old machines", at=now - timedelta(days=2)),
            item("c", "Long ago there was a meeting", at=now - timedelta(days=60)),
        )
        await room.post()
        assert room.platform.titles() == ["A new compiler for old machines"]


async def test_a_date_far_ahead_does_not_win_the_first_post(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=1) as room:
        await room.declare([ONE], [_wish()])
        now = room.clock.now()
        await room.publish(
            ONE,
            item("pinned", "Join us at the congress", at=now + timedelta(days=5_000)),
            item("fresh", "The bridge is open", at=now - timedelta(hours=1)),
            item("old", "Long ago there was a meeting", at=now - timedelta(days=3)),
        )
        await room.post()
        assert room.platform.titles() == ["The bridge is open"]


async def test_a_subscription_to_a_source_polled_before_starts_from_what_is_stored(
    tmp_path: Path,
) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        now = room.clock.now()
        await room.publish(ONE, item("a", "The bridge is open", at=now - timedelta(hours=3)))
        await room.declare([ONE], [_wish()])
        await room.post()
        assert room.platform.titles() == ["The bridge is open"]


async def test_a_flood_becomes_some_posts_and_one_catch_up(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0, max_posts=3) as room:
        await room.declare([ONE], [_wish()])
        now = room.clock.now()
        await room.publish(ONE, item("old", "What was there before", at=now))
        room.clock.advance(days=3)
        words = ["anchor", "beacon", "cobalt", "dynamo", "ember", "fossil", "gantry", "harbour"]
        await room.publish(
            ONE,
            *(
                item(f"n{n}", f"The {word} committee met", at=now + timedelta(hours=n + 1))
                for n, word in enumerate(words)
            ),
        )
        await room.post()
        kinds = [post.kind for _, _, post in room.platform.posts]
        assert kinds == ["catchup", "story", "story", "story"]
        assert room.platform.titles()[1:] == [f"The {word} committee met" for word in words[5:]]
        listed = room.platform.posts[0][2].model_dump_json()
        assert all(word in listed for word in words[:5])
        assert not any(word in listed for word in words[5:])
        assert "catch-up" in (await _skipped(room))["catchup"]


async def test_a_flood_without_a_limit_is_posted_singly(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0, max_posts=0) as room:
        await room.declare([ONE], [_wish()])
        await room.publish(ONE)
        room.clock.advance(hours=1)
        words = ["anchor", "beacon", "cobalt", "dynamo", "ember", "fossil", "gantry", "harbour"]
        await room.publish(ONE, *(item(word, f"The {word} committee met") for word in words))
        await room.post()
        assert [post.kind for _, _, post in room.platform.posts] == ["story"] * 8


async def test_one_story_of_two_sources_is_told_once_and_then_edited(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        await room.declare([ONE, TWO], [_wish("fake:a", ONE, TWO)])
        await room.publish(ONE)
        await room.publish(TWO)
        room.clock.advance(hours=1)
        first = item(
            "x", "Lab releases a small open model for protein folding", url="https://one.example/x"
        )
        await room.publish(ONE, first)
        await room.post()
        second = item(
            "y", "Small open model for protein folding released by lab", url="https://two.example/y"
        )
        room.clock.advance(hours=1)
        report = await room.publish(TWO, second)
        assert report.merged == 1
        await room.post()
        assert len(room.platform.posts) == 1
        assert len(room.platform.edits) == 1
        assert "two.example" in room.platform.edits[0][1].model_dump_json()


async def test_two_subscriptions_of_a_channel_tell_a_story_once(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        wishes = [_wish("fake:a"), _wish("fake:a", ONE, TWO), _wish("fake:b")]
        await room.declare([ONE, TWO], wishes)
        await room.publish(ONE)
        room.clock.advance(hours=1)
        await room.publish(ONE, item("x", "A museum of failed inventions opens"))
        await room.post()
        assert room.platform.titles("a") == ["A museum of failed inventions opens"]
        assert room.platform.titles("b") == ["A museum of failed inventions opens"]
        assert "told in this channel" in (await _skipped(room))["channel"]


async def test_a_filter_is_overruled_by_a_later_report_that_passes(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        await room.declare([ONE, TWO], [_wish("fake:a", ONE, TWO, include=("folding",))])
        await room.publish(ONE)
        await room.publish(TWO)
        room.clock.advance(hours=1)
        await room.publish(
            ONE,
            item("x", "Lab releases small open protein model Orca", url="https://one.example/x"),
        )
        assert "filter" in await _skipped(room)
        await room.publish(
            TWO,
            item(
                "y",
                "Small open protein folding model Orca released by lab",
                url="https://two.example/y",
            ),
        )
        await room.post()
        assert len(room.platform.posts) == 1


async def test_an_edit_is_recorded_and_not_posted_again(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        await room.declare([ONE], [_wish()])
        await room.publish(ONE)
        room.clock.advance(hours=1)
        await room.publish(ONE, item("x", "Fourteen cranes stopped at the port"))
        await room.post()
        room.clock.advance(hours=1)
        report = await room.publish(ONE, item("x", "Fifteen cranes stopped at the port"))
        assert report.edited == 1
        await room.post()
        assert len(room.platform.posts) == 1
        assert room.platform.edits[0][1].title == "Fifteen cranes stopped at the port"


async def test_what_a_paused_subscription_misses_is_on_record(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        await room.declare([ONE], [_wish()])
        await room.publish(ONE)
        await room.database.write(_pause_all)
        room.clock.advance(hours=1)
        await room.publish(ONE, item("x", "A quiet day in the archive"))
        await room.post()
        assert room.platform.posts == []
        assert "paused" in await _skipped(room)


async def test_a_changed_source_list_posts_nothing_twice(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE, TWO], [_wish("fake:a", ONE)])
        await room.publish(ONE, item("x", "The first post of a channel"))
        await room.post()
        await room.declare([ONE, TWO], [_wish("fake:a", ONE, TWO)])
        await room.post()
        assert room.platform.titles() == ["The first post of a channel"]
        room.clock.advance(hours=1)
        await room.publish(ONE, item("y", "And then a second thing happened"))
        await room.post()
        assert len(room.platform.posts) == 2


async def test_addresses_of_links_pass_no_filter_and_stand_in_no_summary(tmp_path: Path) -> None:
    async with newsroom(tmp_path, first_posts=5) as room:
        await room.declare(
            [ONE], [_wish(exclude=("gossip",)), _wish("fake:b", include=("gossip",))]
        )
        link = "<a href='https://gossip.example/harbour'>the harbour office</a>"
        text = f"<p>Fourteen cranes stood still on Monday, {link} said in its morning report.</p>"
        await room.publish(ONE, item("a", "Cranes stop at Veldt", text=text))
        await room.post()
        [(channel, _, post)] = room.platform.posts
        assert channel == "a"
        assert "the harbour office said" in str(post.blocks)
        assert "extracted from the feed" in str(post.fields)
        assert "gossip" not in post.model_dump_json()
