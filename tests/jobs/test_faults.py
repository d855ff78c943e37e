"""Channels that take nothing: what waits, what is asked, who is told, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.errors import ChannelFault, DeliveryError
from bot.model import Post
from bot.ports import Sent
from bot.store import faults, outbox, places, subscriptions
from bot.store.database import Connection
from bot.store.subscriptions import DeclaredSubscription
from jobs.faults import MOST_REFUSALS
from tests.fakes.platform import FakePlatform
from tests.jobs.newsroom import Newsroom, item, newsroom

ONE = "https://one.example/feed"
TITLES = ("The anchor was found", "A beacon for the harbour", "Cobalt is scarce again")
LACKS = "#news: the bot lacks Send Messages"


@dataclass
class Guild(FakePlatform):
    """Channels that refuse while a fault is set for them; `""` holds for all of them."""

    same_key_s: float = 120.0
    faults: dict[str, ChannelFault] = field(default_factory=dict)
    told: list[tuple[str, Post]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        self.asked.append(channel)
        self._check(channel)
        return await super().send(channel, post, key)

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        self.asked.append(channel)
        self._check(channel)
        await super().edit(channel, message_id, post, key)

    async def tell(self, person: str, post: Post, *, space: str = "") -> None:
        self.told.append((person, post))

    def _check(self, channel: str) -> None:
        fault = self.faults.get(channel) or self.faults.get("")
        if fault is not None:
            raise DeliveryError(LACKS, permanent=True, fault=fault)


async def _three_waiting(room: Newsroom, *channels: str) -> None:
    wishes = [DeclaredSubscription(channel=channel, sources=(ONE,)) for channel in channels]
    await room.declare([ONE], wishes)
    await room.publish(ONE)
    for title in TITLES:
        room.clock.advance(minutes=10)
        await room.publish(ONE, item(title, title))


def _made_by(connection: Connection, person: str) -> None:
    connection.execute("UPDATE subscription SET made_by = ?", (person,))


async def _states(room: Newsroom) -> list[tuple[str, str]]:
    return [(row.state.value, row.reason) for row in await room.deliveries()]


async def test_a_fault_holds_its_channel_and_no_other(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")
        report = await room.post()
        assert guild.asked.count("a") == 1
        assert guild.titles("b") == list(TITLES)
        assert report.needs_person == [f"fake:a: {LACKS}"]
        waiting = [row for row in await room.deliveries() if row.channel == "fake:a"]
        assert [(row.state.value, row.reason, row.attempts) for row in waiting] == [
            ("pending", LACKS, 0)
        ] * 3


async def test_a_faulty_channel_is_asked_once_after_growing_waits(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        waits_s = []
        for _ in range(12):
            (fault,) = await room.database.read(faults.listed)
            waits_s.append((fault.retry_at - room.clock.now()).total_seconds())
            room.clock.advance(seconds=waits_s[-1] - 1)
            await room.deliver.run()
            room.clock.advance(seconds=1)
            await room.deliver.run()
        assert len(guild.asked) == 13
        longest = [min(30 * 2**n, 3_600) for n in range(12)]
        assert all(0.9 * most <= s <= most for s, most in zip(waits_s, longest, strict=True))


async def test_a_deleted_channel_is_asked_once_a_day(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.GONE})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        for _ in range(24 * 7):
            await room.deliver.run()
            room.clock.advance(hours=1)
        before = len(guild.asked)
        for _ in range(24 * 7):
            await room.deliver.run()
            room.clock.advance(hours=1)
        assert 6 <= len(guild.asked) - before <= 9


async def test_what_was_mended_is_posted_at_once_in_order(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.ARCHIVED})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        guild.faults.clear()
        await room.post()
        assert guild.titles() == []
        room.deliver.mended("fake:a")
        report = await room.post()
        assert guild.titles() == list(TITLES)
        assert report.needs_person == []
        assert await room.database.read(faults.listed) == []
        assert await _states(room) == [("sent", "")] * 3


@pytest.mark.parametrize("said", ["fake:a", "a", None])
async def test_mended_may_name_the_channel_or_nothing(tmp_path: Path, said: str | None) -> None:
    guild = Guild(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        room.deliver.mended(said)
        await room.post()
        assert len(guild.asked) == 2


async def test_a_connection_that_cries_mended_all_day_costs_few_requests(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        for _ in range(600):
            room.deliver.mended(None)
            await room.deliver.run()
            room.clock.advance(seconds=1)
        assert len(guild.asked) <= 62


async def test_mended_in_another_channel_asks_nothing_here(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")
        await room.post()
        before = len(guild.asked)
        room.deliver.mended("fake:b")
        await room.post()
        assert len(guild.asked) == before


async def test_every_start_asks_once(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.REMOVED})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        for _ in range(3):
            await room.deliver.settle_interrupted()
            await room.deliver.run()
            await room.deliver.run()
            while await room.summaries.run():
                pass
        assert len(guild.asked) == 2  # the first round had no summary yet, so nothing to ask with


async def test_a_refused_token_stops_the_platform_and_one_probe_finds_it_mended(
    tmp_path: Path,
) -> None:
    guild = Guild()
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b", "fake:c")
        guild.faults[""] = ChannelFault.ACCESS
        await room.post()
        first = len(guild.asked)
        assert first <= 3  # those that were under way at the same moment
        held = await room.database.read(faults.listed)
        assert [(fault.channel, fault.tries) for fault in held] == [("fake", 0)]
        room.clock.advance(seconds=31)
        await room.post()
        assert len(guild.asked) == first + 1
        guild.faults.clear()
        room.clock.advance(seconds=61)
        await room.post()
        await room.post()
        assert all(guild.titles(name) == list(TITLES) for name in "abc")


async def test_a_refused_token_of_one_workspace_stops_no_other(tmp_path: Path) -> None:
    class Workspaces(Guild):
        async def send(self, channel: str, post: Post, key: str) -> Sent:
            self.asked.append(channel)
            if channel == "a":
                error = ChannelFault.ACCESS
                raise DeliveryError("token_revoked", fault=error, space="fake:T1")
            return await FakePlatform.send(self, channel, post, key)

    guild = Workspaces()
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")

        def spaces(connection: Connection) -> None:
            for channel, space in (("fake:a", "fake:T1"), ("fake:b", "fake:T2")):
                connection.execute(
                    "UPDATE subscription SET space = ? WHERE channel = ?", (space, channel)
                )

        await room.database.write(spaces)
        report = await room.post()
        assert guild.titles("b") == list(TITLES)
        assert report.needs_person == ["workspace fake:T1: token_revoked"]
        assert guild.asked.count("a") == 1


async def test_whoever_subscribed_is_told_once_for_each_fault(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.database.write(_made_by, "fake:42")
        for _ in range(5):
            await room.post()
            room.clock.advance(hours=2)
        assert [person for person, _ in guild.told] == ["42"]
        assert LACKS in guild.told[0][1].model_dump_json()
        guild.faults.clear()
        await room.post()
        await room.publish(ONE, item("four", "Dredging begins in the delta"))
        guild.faults["a"] = ChannelFault.PERMISSION
        await room.post()
        assert [person for person, _ in guild.told] == ["42", "42"]


async def test_a_deleted_channel_is_told_by_its_name_once_a_post_waits(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.GONE})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await room.declare([ONE], [DeclaredSubscription(channel="fake:a", sources=(ONE,))])
        await room.database.write(_made_by, "fake:42")
        await room.database.write(places.note_names, {"fake:a": "#launches"})
        room.deliver.gone("fake:a", "the channel no longer exists")
        room.deliver.gone("fake:unheard-of", "the channel no longer exists")
        await room.post()
        assert [one.channel for one in await room.database.read(faults.listed)] == ["fake:a"]
        assert guild.told == []
        await room.publish(ONE)
        room.clock.advance(minutes=10)
        await room.publish(ONE, item("one", TITLES[0]))
        await room.post()
        [(_, post)] = guild.told
        assert "#launches: " in post.model_dump_json()
        assert "fake:a" not in post.model_dump_json()


async def test_who_cannot_be_told_is_no_reason_to_stop(tmp_path: Path) -> None:
    class Mute(Guild):
        async def tell(self, person: str, post: Post, *, space: str = "") -> None:
            raise DeliveryError("this person takes no messages", permanent=True)

    guild = Mute(faults={"a": ChannelFault.PERMISSION})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a", "fake:b")
        await room.database.write(_made_by, "fake:42")
        await room.post()
        assert guild.titles("b") == list(TITLES)


async def test_unsubscribing_ends_a_fault(tmp_path: Path) -> None:
    guild = Guild(faults={"a": ChannelFault.GONE})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        (subscription,) = await room.database.read(subscriptions.listed)
        await room.database.write(subscriptions.remove, subscription.id)
        room.clock.advance(days=3)
        report = await room.post()
        assert (len(guild.asked), report.needs_person) == (1, [])
        assert await room.database.read(faults.listed) == []


async def test_a_bad_post_is_dead_and_its_channel_has_no_fault(tmp_path: Path) -> None:
    guild = Guild(failures=[DeliveryError("AutoMod blocked this post", permanent=True)])
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        assert guild.titles() == list(TITLES[1:])
        assert await room.database.read(faults.listed) == []


async def test_thousands_of_refusals_are_not_sent(tmp_path: Path) -> None:
    names = [f"fake:c{number}" for number in range(MOST_REFUSALS // 4 + 100)]
    guild = Guild(faults={name.removeprefix("fake:"): ChannelFault.REMOVED for name in names})
    async with newsroom(tmp_path, guild, first_posts=1) as room:
        await room.declare([ONE], [])
        await room.publish(ONE, item("one", TITLES[0]))
        await room.declare(
            [ONE], [DeclaredSubscription(channel=name, sources=(ONE,)) for name in names]
        )
        for _ in range(9):
            room.deliver.mended(None)
            await room.post()
            room.clock.advance(seconds=20)
        assert len(guild.asked) == pytest.approx(MOST_REFUSALS, abs=60)
        room.clock.advance(minutes=10)
        await room.post()
        assert len(guild.asked) > MOST_REFUSALS + 60


async def test_an_edit_finds_a_fault_and_its_end(tmp_path: Path) -> None:
    guild = Guild()
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        await room.publish(ONE, item(TITLES[0], "The anchor was found at last"))
        guild.faults["a"] = ChannelFault.PERMISSION
        await room.post()
        await room.post()
        assert len(guild.asked) == 4
        guild.faults.clear()
        room.deliver.mended("fake:a")
        room.clock.advance(seconds=5)
        await room.post()
        assert [post.title for _, post in guild.edits] == ["The anchor was found at last"]
        assert await room.database.read(faults.listed) == []


async def test_a_probe_is_one_request_however_much_waits(tmp_path: Path) -> None:
    guild = Guild()
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        for title in TITLES:
            await room.publish(ONE, item(title, f"{title} at last"))
        await room.publish(ONE, item("four", "Dredging begins in the delta"))
        guild.faults["a"] = ChannelFault.PERMISSION
        before = len(guild.asked)
        for probes in range(1, 5):
            await room.post()
            assert len(guild.asked) == before + probes
            room.clock.advance(hours=2)
        guild.faults.clear()
        await room.post()
        assert guild.titles()[-1] == "Dredging begins in the delta"
        assert [post.title for _, post in guild.edits] == [f"{title} at last" for title in TITLES]


async def test_an_archived_thread_that_takes_no_edit_takes_posts(tmp_path: Path) -> None:
    class Archived(Guild):
        async def send(self, channel: str, post: Post, key: str) -> Sent:
            return await FakePlatform.send(self, channel, post, key)

    guild = Archived(faults={"a": ChannelFault.ARCHIVED})
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        await room.publish(ONE, item(TITLES[0], "The anchor was found at last"))
        await room.post()
        assert await room.database.read(faults.listed) == []
        counts = await room.database.read(outbox.counts)
        assert counts["sent"] == 3


async def test_a_fault_below_a_post_that_stands_there_does_not_repeat_it(tmp_path: Path) -> None:
    """A digest's overview went out, its details were refused: the post is in doubt, and held."""
    below = DeliveryError(LACKS, doubtful=True, fault=ChannelFault.PERMISSION)
    guild = Guild(failures=[below], takes_doubtful=True)
    async with newsroom(tmp_path, guild, first_posts=0) as room:
        await _three_waiting(room, "fake:a")
        await room.post()
        assert guild.titles() == [TITLES[0]]
        assert [one.channel for one in await room.database.read(faults.listed)] == ["fake:a"]
        room.clock.advance(hours=2)
        room.deliver.mended("fake:a")
        await room.post()
        assert guild.titles() == list(TITLES)
        assert guild.looks == 1
        assert await room.database.read(faults.listed) == []
