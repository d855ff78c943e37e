"""Posts on Slack's worse days: slow answers, pictures that do not load, short pages, copies."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack.client import SlackPlatform, one_workspace, web_client
from adapters.platforms.slack.render import render_messages
from bot.errors import ChannelFault, DeliveryError
from bot.model import Heading, Paragraph, Post, Text
from bot.outside import SystemClock
from bot.ports import Clock
from bot.store import outbox
from bot.store.database import Database, connect
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.adapters.platforms.discord.sending import digest
from tests.bench.delivery import fill
from tests.bot.posts.samples import POSTS
from tests.fakes.clock import FakeClock
from tests.sims.slack.live import LiveSlack
from tests.sims.slack.world import Room, Said

CLOCK = SystemClock()
STORY = POSTS["story"]
PICTURED = STORY.model_copy(update={"image_url": "https://pictures.example/one.png"})
WORDS = Paragraph(spans=(Text(text="Many words follow here. " * 150),))


@pytest.fixture
def room(sim: LiveSlack) -> Room:
    return sim.add_channel(sim.add_team("Acme"), "news")


@pytest.fixture
async def platform(sim: LiveSlack, room: Room) -> AsyncIterator[SlackPlatform]:
    async with aiohttp.ClientSession() as session:
        client = web_client(room.team.token, sim.api_base, session)
        yield SlackPlatform(one_workspace(client), CLOCK, gap_s=0)


def lately() -> datetime:
    return CLOCK.now() - timedelta(hours=1)


def deliver(database: Database, platform: SlackPlatform, clock: Clock = CLOCK) -> DeliverJob:
    return DeliverJob(database, {"slack": platform}, Composer(), clock, random.Random(1))


def kinds_in(said: Said) -> list[str]:
    return [block["type"] for block in said.body.get("blocks") or ()]


async def test_what_goes_on_in_the_thread_is_finished_whatever_the_post(
    tmp_path: Path, sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    stories = (f"Story {number}. " + "It has many words. " * 60 for number in range(12))
    blocks = tuple(Paragraph(spans=(Text(text=text),)) for text in stories)
    post = Post(kind="catchup", title="While you were away", blocks=blocks)
    fill(tmp_path / "one.db", 0, [f"slack:{room.id}"], waiting=1)
    connection = connect(tmp_path / "one.db")
    connection.execute(
        "UPDATE delivery SET kind = 'catchup', story_id = NULL, payload = ?",
        (post.model_dump_json(),),
    )
    connection.close()
    sim.fail_next("chat.postMessage", skip=1, reset="before")
    async with Database(tmp_path / "one.db", exclusive=True) as database:
        job = deliver(database, platform)
        async with asyncio.timeout(10):
            while not (await database.read(outbox.counts))["sent"]:
                await job.run()
                await asyncio.sleep(0.05)
    (first,) = room.posts()
    assert [one.body["text"] for one in room.thread(first.ts)] == [
        body["text"] for body in render_messages(post, "k").details
    ]


async def test_a_slow_post_is_given_time_to_land_before_it_is_looked_for(
    tmp_path: Path, sim: LiveSlack, room: Room
) -> None:
    fill(tmp_path / "one.db", 0, [f"slack:{room.id}"], waiting=1)
    impatient = AsyncWebClient(
        token=room.team.token, base_url=sim.api_base, timeout=1, retry_handlers=[]
    )
    platform = SlackPlatform(one_workspace(impatient), CLOCK, gap_s=0)
    clock = FakeClock(datetime.now(UTC))
    sim.fail_next("chat.postMessage", slow_s=1.5)
    async with Database(tmp_path / "one.db", exclusive=True) as database:
        job = deliver(database, platform, clock)
        await job.run()
        clock.advance(seconds=20)
        await job.run()
        looked = len(sim.asked("conversations.history"))
        async with asyncio.timeout(5):
            while not room.posts():
                await asyncio.sleep(0.02)
        clock.advance(seconds=11)
        await job.run()
        counts = await database.read(outbox.counts)
    assert looked == 0
    assert (len(room.posts()), counts["sent"]) == (1, 1)


@pytest.mark.parametrize("hours", [2, 12, -12])
async def test_a_post_is_found_whatever_our_clock_says(
    tmp_path: Path, sim: LiveSlack, room: Room, hours: int
) -> None:
    fill(tmp_path / "one.db", 0, [f"slack:{room.id}"], waiting=1)
    clock = FakeClock(datetime.now(UTC) + timedelta(hours=hours))
    client = web_client(room.team.token, sim.api_base)
    platform = SlackPlatform(one_workspace(client), clock, gap_s=0)
    sim.fail_next("chat.postMessage", reset="after")
    async with Database(tmp_path / "one.db", exclusive=True) as database:
        job = deliver(database, platform, clock)
        for _ in range(3):
            await job.run()
            clock.advance(seconds=5)
        counts = await database.read(outbox.counts)
    assert (len(room.posts()), counts["sent"]) == (1, 1)


async def test_what_was_under_way_at_a_kill_is_given_time_to_land(
    tmp_path: Path, sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    fill(tmp_path / "one.db", 0, [f"slack:{room.id}"], waiting=1)
    connection = connect(tmp_path / "one.db")
    connection.execute("UPDATE delivery SET state = 'sending', attempts = 1")
    connection.close()
    clock = FakeClock(datetime.now(UTC))
    async with Database(tmp_path / "one.db", exclusive=True) as database:
        job = deliver(database, platform, clock)
        await job.settle_interrupted()
        clock.advance(seconds=9)
        await job.run()
        early = len(sim.requests)
        clock.advance(seconds=2)
        await job.run()
    assert early == 0
    assert len(room.posts()) == 1


async def test_a_change_at_the_end_of_a_long_detail_is_shown(
    room: Room, platform: SlackPlatform
) -> None:
    def post(last: str) -> Post:
        details = (WORDS, WORDS, Heading(text=last))
        return Post(kind="digest", title="The week", blocks=(WORDS,), details=details)

    sent = await platform.send(room.id, post("What Bob wants gone"), "k1")
    await platform.edit(room.id, sent.message_id, post("It was removed"), "k1")
    shown = json.dumps([said.body for said in room.messages])
    assert "It was removed" in shown
    assert "What Bob wants gone" not in shown


async def test_what_has_not_changed_is_not_sent_again(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    sent = await platform.send(room.id, digest(5), "k1")
    await platform.edit(room.id, sent.message_id, digest(5), "k1")
    assert [one.body["ts"] for one in sim.asked("chat.update")] == [sent.message_id]


async def test_a_digest_that_became_short_leaves_nothing_in_its_thread(
    room: Room, platform: SlackPlatform
) -> None:
    sent = await platform.send(room.id, digest(5), "k1")
    told = len(room.thread(sent.message_id))
    short = Post(kind="digest", title="Revised", blocks=(Paragraph(spans=(Text(text="This"),)),))
    await platform.edit(room.id, sent.message_id, short, "k1")
    assert told > 1
    assert room.thread(sent.message_id) == []


async def test_without_the_history_a_digest_is_edited_as_far_as_that_goes(
    room: Room, platform: SlackPlatform
) -> None:
    sent = await platform.send(room.id, digest(5), "k1")
    room.team.scopes.discard("channels:history")
    await platform.edit(room.id, sent.message_id, digest(5, title="Revised"), "k1")
    assert "Revised" in room.posts()[0].body["text"]


@pytest.mark.parametrize(
    ("refused", "shown"),
    [(1, ["section", "rich_text", "context", "actions"]), (2, [])],
    ids=["without its picture", "its text alone"],
)
async def test_a_post_whose_picture_does_not_load_goes_out_with_less(
    sim: LiveSlack, room: Room, platform: SlackPlatform, refused: int, shown: list[str]
) -> None:
    sim.fail_next("chat.postMessage", left=refused, error="invalid_blocks")
    sent = await platform.send(room.id, PICTURED, "k1")
    (said,) = room.posts()
    assert kinds_in(said) == shown
    assert "pictures.example" not in json.dumps(said.body.get("blocks"))
    assert STORY.url is not None
    assert STORY.url in said.body["text"]
    assert await platform.find(room.id, "k1", lately()) == sent


async def test_an_edit_whose_picture_does_not_load_is_shown_with_less(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    sent = await platform.send(room.id, PICTURED, "k1")
    sim.fail_next("chat.update", left=2, error="invalid_blocks")
    grown = PICTURED.model_copy(update={"title": "It grew"})
    await platform.edit(room.id, sent.message_id, grown, "k1")
    (said,) = room.posts()
    assert "It grew" in said.body["text"]
    assert kinds_in(said) == []  # the old blocks would still tell the old story


async def test_a_text_that_is_refused_too_is_refused(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    sim.fail_next("chat.postMessage", left=3, error="invalid_blocks")
    with pytest.raises(DeliveryError) as caught:
        await platform.send(room.id, PICTURED, "k1")
    assert (caught.value.permanent, caught.value.doubtful) == (True, False)
    assert room.posts() == []


async def test_a_refused_detail_keeps_no_other_from_being_told(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    post = digest(5)
    told = [body["text"] for body in render_messages(post, "k1").details]
    sim.fail_next("chat.postMessage", skip=2, error="msg_too_long")
    sent = await platform.send(room.id, post, "k1")
    assert [one.body["text"] for one in room.thread(sent.message_id)] == [told[0], *told[2:]]


@pytest.mark.parametrize(
    "error", ["message_limit_exceeded", "external_channel_migrating", "team_added_to_org"]
)
async def test_what_passes_by_itself_costs_no_post(
    sim: LiveSlack, room: Room, platform: SlackPlatform, error: str
) -> None:
    sim.fail_next("chat.postMessage", error=error)
    with pytest.raises(DeliveryError) as caught:
        await platform.send(room.id, STORY, "k1")
    told = caught.value
    assert (told.permanent, told.doubtful, told.fault) == (False, False, None)
    assert told.retry_after_s is not None


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("ekm_access_denied", ChannelFault.RESTRICTED),
        ("restricted_action_read_only_channel", ChannelFault.RESTRICTED),
        ("messages_tab_disabled", ChannelFault.RESTRICTED),
        ("team_access_not_granted", ChannelFault.ACCESS),
        ("not_allowed_token_type", ChannelFault.ACCESS),
        ("is_inactive", ChannelFault.ARCHIVED),
    ],
)
async def test_what_waits_for_a_person_costs_no_post_either(
    sim: LiveSlack, room: Room, platform: SlackPlatform, error: str, fault: ChannelFault
) -> None:
    sim.fail_next("chat.postMessage", error=error)
    with pytest.raises(DeliveryError) as caught:
        await platform.send(room.id, STORY, "k1")
    assert (caught.value.permanent, caught.value.fault) == (False, fault)


@pytest.mark.parametrize(
    "error", ["restricted_action_non_threadable_channel", "cannot_reply_to_message"]
)
async def test_a_channel_without_threads_takes_posts_all_the_same(
    tmp_path: Path, sim: LiveSlack, room: Room, platform: SlackPlatform, error: str
) -> None:
    fill(tmp_path / "two.db", 0, [f"slack:{room.id}"], waiting=2)
    connection = connect(tmp_path / "two.db")
    connection.execute(
        "UPDATE delivery SET kind = 'digest', story_id = NULL, payload = ? WHERE id = 1",
        (digest(5).model_dump_json(),),
    )
    connection.close()
    sim.fail_next(
        "chat.postMessage", skip=1, left=len(render_messages(digest(5)).details), error=error
    )
    async with Database(tmp_path / "two.db", exclusive=True) as database:
        await deliver(database, platform).run()
        counts = await database.read(outbox.counts)
    assert counts["sent"] == len(room.posts()) == 2


async def test_a_copy_of_what_marks_our_posts_is_not_taken_for_one(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    post = digest(5)
    sent = await platform.send(room.id, post, "k1")
    copycat = sim.add_person(room.team, "copycat", room)
    for said in list(room.messages):
        sim.say(room, copycat, "mine now", metadata=said.body["metadata"], thread=said.thread_ts)
    found = await platform.find(room.id, "k1", lately())
    await platform.edit(room.id, sent.message_id, digest(5, title="Revised"), "k1")
    ours = [one for one in room.thread(sent.message_id) if one.user == room.team.bot.id]
    assert found == sent
    assert all("Revised" in one.body["text"] for one in ours)


async def test_a_look_waits_out_the_pauses_between_short_pages(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    sent = await platform.send(room.id, STORY, "k1")
    ann = sim.add_person(room.team, "ann", room)
    for number in range(40):
        sim.say(room, ann, f"word {number}")
    sim.page_limit = 15
    sim.fail_next("conversations.history", skip=1, status=429, retry_after=1)
    assert await platform.find(room.id, "k1", lately()) == sent
    assert len(sim.asked("conversations.history")) == 4


async def test_a_direct_message_whose_answer_was_lost_is_found_too(
    sim: LiveSlack, room: Room, platform: SlackPlatform
) -> None:
    ann = sim.add_person(room.team, "ann")
    await platform.tell(ann.id, POSTS["notice"])  # that opens it
    (direct,) = [one for one in room.team.rooms.values() if one.id.startswith("D")]
    sim.fail_next("chat.postMessage", reset="after")
    with pytest.raises(DeliveryError):
        await platform.send(direct.id, STORY, "k1")
    found = await platform.find(direct.id, "k1", lately())
    assert found is not None
    assert found.message_id == direct.posts()[-1].ts
    assert await platform.check(direct.id, "instant") == []
