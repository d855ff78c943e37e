"""Delivery to Slack, by the real slack-sdk against the local Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import pairwise

import aiohttp
import pytest

from adapters.platforms.slack.client import SlackPlatform, one_workspace, web_client
from adapters.platforms.slack.render import render_messages
from bot.errors import ChannelFault, DeliveryError
from bot.outside import SystemClock
from tests.adapters.platforms.discord.sending import digest
from tests.bot.posts.samples import POSTS
from tests.sims.slack.server import LocalSlack
from tests.sims.slack.world import Room

STORY = POSTS["story"]
CLOCK = SystemClock()


@pytest.fixture
async def sim() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as sim:
        yield sim
        sim.check()


@pytest.fixture
def room(sim: LocalSlack) -> Room:
    return sim.add_channel(sim.add_team("Acme"), "news")


@pytest.fixture
async def platform(sim: LocalSlack, room: Room) -> AsyncIterator[SlackPlatform]:
    async with aiohttp.ClientSession() as session:
        client = web_client(room.team.token, sim.api_base, session)
        yield SlackPlatform(one_workspace(client), CLOCK, gap_s=0)


async def refused(platform: SlackPlatform, room: Room) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await platform.send(room.id, STORY, "k1")
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "fault",
    [{"reset": "after"}, {"reset": "before"}, {"status": 500}, {"error": "fatal_error"}],
    ids=["answer lost", "request lost", "server error", "fatal_error"],
)
async def test_a_doubtful_send_is_looked_for_and_never_repeated_by_the_library(
    sim: LocalSlack, platform: SlackPlatform, room: Room, fault: dict[str, str]
) -> None:
    sim.fail_next("chat.postMessage", **fault)
    error = await refused(platform, room)
    assert error.doubtful
    assert len(sim.asked("chat.postMessage")) == 1
    found = await platform.find(room.id, "k1", CLOCK.now() - timedelta(hours=1))
    assert (found is not None) == (len(room.posts()) == 1) == (fault == {"reset": "after"})


async def test_the_history_is_read_to_its_end(
    sim: LocalSlack, platform: SlackPlatform, room: Room
) -> None:
    sent = await platform.send(room.id, STORY, "k1")
    ann = sim.add_person(room.team, "ann", room)
    for number in range(450):
        sim.say(room, ann, f"word {number}")
    assert await platform.find(room.id, "k1", CLOCK.now() - timedelta(hours=1)) == sent
    assert await platform.find(room.id, "k2", CLOCK.now() - timedelta(hours=1)) is None
    assert len(sim.asked("conversations.history")) == 6


@pytest.mark.parametrize("skip", [1, 2, 3])
async def test_details_that_broke_off_are_finished_in_the_thread(
    sim: LocalSlack, platform: SlackPlatform, room: Room, skip: int
) -> None:
    post = digest(5)
    parts = render_messages(post, "k1").details
    assert len(parts) >= 3
    sim.fail_next("chat.postMessage", skip=skip, reset="after")
    with pytest.raises(DeliveryError) as caught:
        await platform.send(room.id, post, "k1")
    assert caught.value.doubtful
    found = await platform.find(room.id, "k1", CLOCK.now() - timedelta(hours=1))
    assert found is not None
    await platform.finish(room.id, found.message_id, post, "k1")
    (overview,) = room.posts()
    assert [one.body["text"] for one in room.thread(overview.ts)] == [one["text"] for one in parts]


async def test_a_revised_digest_changes_its_thread_too(
    sim: LocalSlack, platform: SlackPlatform, room: Room
) -> None:
    sent = await platform.send(room.id, digest(5), "k1")
    revised = digest(8, title="Revised")
    await platform.edit(room.id, sent.message_id, revised, "k1")
    (overview,) = room.posts()
    assert "Revised" in overview.body["text"]
    shown = [one.body["text"] for one in room.thread(overview.ts)]
    assert shown == [one["text"] for one in render_messages(revised, "k1").details]
    await platform.edit(room.id, sent.message_id, digest(3), "k1")
    assert len(room.thread(overview.ts)) == len(render_messages(digest(3), "k1").details)


def _leave(room: Room) -> None:
    room.members.clear()


def _archive(room: Room) -> None:
    room.is_archived = True


def _restrict(room: Room) -> None:
    room.restricted = True


def _revoke(room: Room) -> None:
    room.team.revoked = "token_revoked"


def _unscope(room: Room) -> None:
    room.team.scopes.discard("chat:write")


def _delete(room: Room) -> None:
    del room.team.rooms[room.id]


FAULTS: dict[str, tuple[Callable[[Room], None], ChannelFault, str]] = {
    "not_in_channel": (_leave, ChannelFault.REMOVED, "/invite"),
    "is_archived": (_archive, ChannelFault.ARCHIVED, "unarchive"),
    "restricted_action": (_restrict, ChannelFault.RESTRICTED, "admin"),
    "token_revoked": (_revoke, ChannelFault.ACCESS, "token"),
    "missing_scope": (_unscope, ChannelFault.SCOPE, "chat:write"),
    "channel_not_found": (_delete, ChannelFault.GONE, "unsubscribe"),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_what_a_person_must_mend_is_named(
    sim: LocalSlack, platform: SlackPlatform, room: Room, name: str
) -> None:
    break_it, fault, says = FAULTS[name]
    break_it(room)
    error = await refused(platform, room)
    assert (error.fault, error.doubtful, error.permanent) == (fault, False, False)
    assert says in str(error)
    assert name in str(error)


async def test_a_pause_is_handed_to_the_outbox(
    sim: LocalSlack, platform: SlackPlatform, room: Room
) -> None:
    sim.fail_next("chat.postMessage", status=429, retry_after=17)
    error = await refused(platform, room)
    assert (error.retry_after_s, error.doubtful) == (17, False)


async def test_without_its_history_nobody_knows_what_was_posted(
    sim: LocalSlack, platform: SlackPlatform, room: Room
) -> None:
    room.team.scopes.discard("channels:history")
    with pytest.raises(DeliveryError, match="channels:history") as caught:
        await platform.find(room.id, "k1", CLOCK.now() - timedelta(hours=1))
    assert caught.value.permanent
    assert caught.value.fault is None


async def test_a_subscriber_is_told_in_person(
    sim: LocalSlack, platform: SlackPlatform, room: Room
) -> None:
    ann = sim.add_person(room.team, "ann")
    await platform.tell(f"slack:{ann.id}", POSTS["notice"])
    (said,) = room.team.rooms[f"D{ann.id}"].posts()
    assert POSTS["notice"].title in said.body["text"]


async def test_what_is_lacking_is_known_beforehand(
    sim: LocalSlack, platform: SlackPlatform, room: Room
) -> None:
    assert await platform.check(room.id, "instant") == []
    room.members.clear()
    assert await platform.check(room.id, "instant") == ["membership (/invite @Threadwire)"]
    assert "Acme" in await platform.who_we_are()


async def test_messages_of_a_channel_keep_their_distance(sim: LocalSlack, room: Room) -> None:
    async with aiohttp.ClientSession() as session:
        client = web_client(room.team.token, sim.api_base, session)
        platform = SlackPlatform(one_workspace(client), CLOCK, gap_s=0.2)
        for number in range(3):
            await platform.send(room.id, STORY, f"k{number}")
    times = [one.at for one in sim.asked("chat.postMessage")]
    assert all(after - before >= 0.19 for before, after in pairwise(times))
