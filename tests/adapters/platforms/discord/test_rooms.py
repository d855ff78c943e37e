"""Conversations are read only where the asker may read them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import UserError
from tests.adapters.platforms.discord.live import Live, Place, furnish, live
from tests.sims.discord import gateway as gw
from tests.sims.discord import permissions
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Kind, User

SEE = permissions.VIEW_CHANNEL
HISTORY = permissions.READ_MESSAGE_HISTORY


@pytest.fixture
def place(sim: LocalDiscord) -> Place:
    """A server in which the bot may read what people write."""
    sim.portal_intents = gw.MESSAGE_CONTENT
    return furnish(sim)


TALK = (
    "Kestrel two needs sixteen gigabytes of memory on my machine, far too much for me.",
    "I measured forty tokens a second with Kestrel two, twice what the first one had.",
    "The licence of Kestrel two forbids commercial use, that is a pity for all of us.",
    "Memory is what Kestrel two eats most, I agree, it took sixteen gigabytes here too.",
)


def talk(sim: LocalDiscord, channel: Channel, user: User, count: int = 3) -> None:
    for number in range(count):
        sim.say(channel, user, f"message {number} about Kestrel")


def key(thing: Channel | User) -> str:
    return f"discord:{thing.id}"


async def refused(running: Live, channel: Channel, user: User) -> str:
    """What somebody is told who may not have this read."""
    with pytest.raises(UserError) as told:
        await running.rooms.read(key(channel), key(user), messages=50)
    return str(told.value)


async def test_the_last_messages_of_a_channel(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    talk(sim, place.channel, place.member, 7)
    async with live(tmp_path, sim) as running:
        room = await running.rooms.read(key(place.channel), key(place.member), messages=3)
        assert [c.text[:9] for c in room.thread.comments] == [
            "message 4",
            "message 5",
            "message 6",
        ]
        assert room.thread.comments[0].author == "Ann"  # as she is called in this server
        assert room.thread.title == "#news"
        assert room.is_public


async def test_the_last_hours_of_a_channel(tmp_path: Path, sim: LocalDiscord, place: Place) -> None:
    async with live(tmp_path, sim) as running:
        now = running.chat.clock.now()
        for hours in (30, 5, 1):
            at = now - timedelta(hours=hours)
            sim.say(place.channel, place.member, f"{hours} hours ago", at=at)
        room = await running.rooms.read(key(place.channel), key(place.member), hours=6)
        assert [c.text for c in room.thread.comments] == ["5 hours ago", "1 hours ago"]


async def test_a_long_thread_is_read_whole_a_hundred_at_a_time(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    opening = sim.say(place.channel, place.mod, "Kestrel two is out")
    thread = sim.add_thread(place.channel, "Kestrel", on=opening, owner=place.mod)
    talk(sim, thread, place.member, 250)
    async with live(tmp_path, sim) as running:
        room = await running.rooms.read(key(thread), key(place.member))
        assert len(room.thread.comments) == 250
        assert (room.thread.title, room.thread.text) == ("Kestrel", "Kestrel two is out")
        assert len(sim.asked("GET", f"/channels/{thread.id}/messages")) == 3


async def test_a_forum_post_is_read_with_its_first_message(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    forum = sim.add_channel(place.guild, "help", Kind.FORUM)
    post = sim.add_thread(forum, "Which GPU?", owner=place.mod)
    sim.say(post, place.member, "Two of them.")
    async with live(tmp_path, sim) as running:
        room = await running.rooms.read(key(post), key(place.member))
        assert [c.text for c in room.thread.comments][-1] == "Two of them."
        with pytest.raises(UserError, match="posts"):
            await running.rooms.read(key(forum), key(place.member))


@pytest.mark.parametrize("deny", [SEE, HISTORY], ids=["view", "history"])
async def test_who_may_not_read_there_gets_nothing(
    tmp_path: Path, sim: LocalDiscord, place: Place, deny: int
) -> None:
    talk(sim, place.channel, place.mod)
    sim.set_permissions(place.channel, place.member, deny=deny)
    async with live(tmp_path, sim) as running:
        assert "You may not read" in await refused(running, place.channel, place.member)
        assert not sim.asked("GET", f"/channels/{place.channel.id}/messages")
        room = await running.rooms.read(key(place.channel), key(place.mod), messages=5)
        assert len(room.thread.comments) == 3


async def test_a_role_that_may_read_is_enough_and_the_room_is_not_public(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    staff = sim.add_role(place.guild, "staff")
    everyone = place.guild.roles[place.guild.id]
    insider = sim.add_member(place.guild, "insider", staff)
    bot_role = sim.bot_role(place.guild)
    sim.set_permissions(place.channel, everyone, deny=SEE)
    sim.set_permissions(place.channel, staff, allow=SEE)
    sim.set_permissions(place.channel, bot_role, allow=SEE)
    talk(sim, place.channel, insider)
    async with live(tmp_path, sim) as running:
        assert "You may not read" in await refused(running, place.channel, place.member)
        room = await running.rooms.read(key(place.channel), key(insider), messages=5)
        assert not room.is_public


async def test_a_stranger_reads_nothing(tmp_path: Path, sim: LocalDiscord, place: Place) -> None:
    other = furnish(sim, "Other")
    talk(sim, place.channel, place.mod)
    async with live(tmp_path, sim) as running:
        assert "You may not read" in await refused(running, place.channel, other.mod)


async def test_private_threads_are_for_their_members(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    thread = sim.add_thread(place.channel, "plans", owner=place.mod, private=True)
    thread.joined.add(sim.bot.id)
    thread.joined.add(place.mod.id)
    talk(sim, thread, place.mod)
    async with live(tmp_path, sim) as running:
        assert "You may not read" in await refused(running, thread, place.member)
        room = await running.rooms.read(key(thread), key(place.mod))
        assert not room.is_public


async def test_what_we_lack_is_named(tmp_path: Path, sim: LocalDiscord, place: Place) -> None:
    sim.forbid_bot(place.channel, HISTORY)
    async with live(tmp_path, sim) as running:
        assert "Read Message History in #news" in await refused(
            running, place.channel, place.member
        )


async def test_hidden_texts_are_explained(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    talk(sim, place.channel, place.member)
    async with live(tmp_path, sim) as running:
        assert "Message Content Intent" in await refused(running, place.channel, place.member)


async def test_an_empty_channel_and_an_unknown_one_are_told_apart(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    async with live(tmp_path, sim) as running:
        assert "nothing to summarise" in await refused(running, place.channel, place.member)
        with pytest.raises(UserError, match="cannot see"):
            await running.rooms.read("discord:123", key(place.member))
        with pytest.raises(UserError, match="cannot see"):
            await running.rooms.read("discord:nonsense", key(place.member))


async def test_the_admin_can_turn_it_off(tmp_path: Path, sim: LocalDiscord, place: Place) -> None:
    async with live(tmp_path, sim, read_chats=False) as running:
        assert "turned summaries of chats off" in await refused(
            running, place.channel, place.member
        )
        assert not sim.gateway.identifies[0]["intents"] & gw.MESSAGE_CONTENT


async def test_tldr_summarises_the_channel_it_is_typed_in(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    others = [sim.add_member(place.guild, name) for name in ("bo", "cy", "di")]
    for number, user in enumerate([place.member, *others] * 2):
        sim.say(place.channel, user, TALK[number % len(TALK)])
    async with live(tmp_path, sim):
        asked = await sim.command(place.guild, place.channel, place.member, "tldr")
        answer = await asked.reads("Kestrel")
        assert answer.ephemeral
        link = f"discord.com/channels/{place.guild.id}/{place.channel.id}/"
        assert link in str([one.embeds for one in asked.messages])
        share = next(one for one in asked.messages[-1].custom_ids if one.startswith("share"))
        shared = await sim.press(asked.messages[-1], share, place.member)
        await shared.until(lambda: shared.followups, what="the shared answer")
        assert not shared.followups[0].ephemeral
        assert "Kestrel" in shared.followups[0].text
        assert not shared.followups[0].pings


async def test_may_manage_is_asked_of_that_channel(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    async with live(tmp_path, sim) as running:
        assert await running.rooms.may_manage(key(place.channel), key(place.mod))
        assert not await running.rooms.may_manage(key(place.channel), key(place.member))
        assert not await running.rooms.may_manage("discord:5", key(place.mod))


async def test_channels_have_names_and_links(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    async with live(tmp_path, sim) as running:
        assert running.rooms.name_of(key(place.channel)) == "#news"
        assert running.rooms.name_of("discord:5") == "5"
        assert running.rooms.mention(key(place.channel)) == f"<#{place.channel.id}>"
        assert await running.rooms.lacks(key(place.channel), "instant") == []


async def test_the_message_menu_reads_the_thread_below_a_message(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    opening = sim.say(place.channel, place.mod, "Kestrel two is out")
    thread = sim.add_thread(place.channel, "Kestrel", on=opening, owner=place.mod)
    for number in range(6):
        sim.say(thread, place.member, TALK[number % len(TALK)])
    async with live(tmp_path, sim):
        asked = await sim.message_menu("Summarize thread", opening, place.member, locale="de")
        answer = await asked.reads("Kestrel")
        assert answer.ephemeral
        assert sim.asked("GET", f"/channels/{thread.id}/messages")


async def test_the_message_menu_reads_the_forum_post_that_a_message_stands_in(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    forum = sim.add_channel(place.guild, "help", Kind.FORUM)
    post = sim.add_thread(forum, "Which GPU for Kestrel?", owner=place.mod)
    said = [sim.say(post, place.member, text) for text in TALK]
    async with live(tmp_path, sim):
        asked = await sim.message_menu("Summarize thread", said[1], place.member)
        await asked.reads("Kestrel")
        assert sim.asked("GET", f"/channels/{post.id}/messages")


async def test_a_server_can_switch_summaries_off_for_itself(
    tmp_path: Path, sim: LocalDiscord, place: Place
) -> None:
    talk(sim, place.channel, place.member)
    async with live(tmp_path, sim):
        status = await sim.command(place.guild, place.channel, place.mod, "news status")
        shown = await status.answer()
        pressed = await sim.press(shown, "summaries:off", place.mod)
        await pressed.acked()
        await sim.until(lambda: pressed.followups or len(shown.versions) > 1, what="an answer")
        asked = await sim.command(place.guild, place.channel, place.member, "tldr")
        await asked.reads("switched off")
        assert not sim.asked("GET", f"/channels/{place.channel.id}/messages")
