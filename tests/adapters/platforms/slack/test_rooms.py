"""Conversations, read for who is in them: pages, names, permalinks, refusals."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import UserError
from tests.adapters.platforms.slack.live import Live, Place, furnish, live
from tests.sims.slack.live import LiveSlack
from tests.sims.slack.world import Said


def conversation(sim: LiveSlack, at: Place, answers: int) -> Said:
    """A thread whose people say something each."""
    head = sim.say(at.room, at.anna, "Shall we use the <https://example.org/m|new model>?")
    for number in range(answers):
        who = at.boss if number % 2 else at.anna
        sim.say(at.room, who, f"Answer {number} to <@{at.anna.id}> &amp; all", thread=head.ts)
    return head


async def read(it: Live, at: Place, head: Said | None = None, who: str = "", **how: int) -> object:
    room = f"slack:{at.room.id}:{head.ts}" if head else f"slack:{at.room.id}"
    return await it.rooms.read(room, f"slack:{who or at.anna.id}", **how)


async def test_a_thread_is_read_whole_over_many_short_pages(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    sim.page_limit = 15
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 40)
        room = await it.rooms.read(f"slack:{at.room.id}:{head.ts}", f"slack:{at.anna.id}")
    thread = room.thread
    assert len(thread.comments) == 40
    assert thread.text == "Shall we use the https://example.org/m?"
    assert thread.comments[1].text == "Answer 1 to @Anna & all"
    assert {one.author for one in thread.comments} == {"Anna", "Boss"}
    assert len(sim.asked("conversations.replies")) == 3
    assert len(sim.asked("users.info")) == 2  # once each


async def test_citations_are_permalinks(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 1)
        room = await it.rooms.read(f"slack:{at.room.id}:{head.ts}", f"slack:{at.anna.id}")
    comment = room.thread.comments[0]
    where = f"https://acme.slack.com/archives/{at.room.id}/p{comment.id.replace('.', '')}"
    assert comment.permalink == f"{where}?thread_ts={head.ts}&cid={at.room.id}"


async def test_bots_commands_notices_and_our_own_messages_are_left_out(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        sim.say(at.room, at.anna, "A person's words")
        sim.say(at.room, at.anna, "/tldr")
        sim.say(at.room, at.anna, "")
        sim.say(at.room, at.team.bot, "Our own post")
        robot = sim.add_person(at.team, "Robot", at.room)
        robot.is_bot = True
        sim.say(at.room, robot, "A robot's words")
        room = await it.rooms.read(f"slack:{at.room.id}", f"slack:{at.anna.id}")
    assert [one.text for one in room.thread.comments] == ["A person's words"]
    assert room.left_out == 4


async def test_the_last_messages_of_a_channel_are_those_asked_for(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        for number in range(30):
            sim.say(at.room, at.anna, f"Message {number}")
        room = await it.rooms.read(f"slack:{at.room.id}", f"slack:{at.anna.id}", messages=5)
    assert [one.text for one in room.thread.comments] == [f"Message {n}" for n in range(25, 30)]


async def test_who_is_not_in_the_conversation_reads_nothing(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 2)
        with pytest.raises(UserError, match="not in that conversation"):
            await read(it, at, head, who=at.ben.id)
    assert sim.asked("conversations.replies") == []


async def test_where_we_are_not_it_says_how_to_invite_us(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    at.room.members.discard(at.team.bot.id)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 2)
        with pytest.raises(UserError, match=r"I am not in #news\. Type /invite"):
            await read(it, at, head)


async def test_a_missing_scope_is_named(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    at.team.scopes -= {"channels:history", "groups:history"}
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 2)
        with pytest.raises(UserError, match="channels:history"):
            await read(it, at, head)
        async with asyncio.timeout(5):
            while "channels:history" not in await it.note(f"chats slack:{at.team.id}"):
                await asyncio.sleep(0.01)


async def test_a_pause_that_slack_asks_for_is_kept(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 2)
        sim.fail_next("conversations.replies", status=429, retry_after=1)
        room = await it.rooms.read(f"slack:{at.room.id}:{head.ts}", f"slack:{at.anna.id}")
    first, second = sim.asked("conversations.replies")
    assert len(room.thread.comments) == 2
    assert second.at - first.at >= 1.0


async def test_what_posting_lacks_is_told(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    closed = sim.add_channel(at.team, "old", joined=False)
    closed.is_archived = True
    async with live(tmp_path, sim, token=at.team.token) as it:
        here = await it.rooms.lacks(f"slack:{at.room.id}", "instant")
        there = await it.rooms.lacks(f"slack:{closed.id}", "instant")
        with pytest.raises(UserError, match="cannot see that channel"):
            await it.rooms.lacks("slack:C999", "instant")
    assert list(here) == []
    assert "archived" in there[0]
    assert "/invite" in there[1]


async def test_managing_takes_membership(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        room = f"slack:{at.room.id}"
        found = [await it.rooms.may_manage(room, f"slack:{who.id}") for who in (at.anna, at.ben)]
        found.append(await it.rooms.may_manage("slack:C999", f"slack:{at.anna.id}"))
        names = it.rooms.name_of("slack:C999"), it.rooms.mention(room)
    assert found == [True, False, False]
    assert names == ("C999", f"<#{at.room.id}>")


async def test_a_call_to_us_is_no_part_of_the_conversation(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 2)
        sim.say(at.room, at.anna, f"<@{at.team.bot.id}> summarise this, please", thread=head.ts)
        sim.say(at.room, at.anna, f"I asked <@{at.team.bot.id}> for a summary", thread=head.ts)
        room = await it.rooms.read(f"slack:{at.room.id}:{head.ts}", f"slack:{at.anna.id}")
    texts = [one.text for one in room.thread.comments]
    assert len(texts) == 3
    assert texts[-1].startswith("I asked @")


async def test_a_channel_is_read_with_the_threads_in_it(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    sim.page_limit = 15
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = conversation(sim, at, 20)
        sim.say(at.room, at.boss, "Something else altogether")
        room = await it.rooms.read(f"slack:{at.room.id}", f"slack:{at.anna.id}")
    comments = room.thread.comments
    assert len(comments) == 22
    assert room.thread.num_comments == 22
    assert comments[0].text.startswith("Shall we use the")
    assert (comments[0].parent_id, comments[0].depth) == (None, 0)
    assert {(one.parent_id, one.depth) for one in comments[1:21]} == {(head.ts, 1)}
    assert comments[1].permalink is not None
    assert comments[1].permalink.endswith(f"?thread_ts={head.ts}&cid={at.room.id}")
    assert comments[21].text == "Something else altogether"
    assert comments[21].permalink is not None
    assert "thread_ts" not in comments[21].permalink


async def test_threads_that_were_not_read_are_counted(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        for _ in range(23):
            conversation(sim, at, 2)
        sim.fail_next("conversations.replies", error="thread_not_found")
        room = await it.rooms.read(f"slack:{at.room.id}", f"slack:{at.anna.id}")
    assert len(room.thread.comments) == 23 + 19 * 2
    assert room.thread.unread == 4 * 2
    assert room.thread.num_comments == 23 * 3
