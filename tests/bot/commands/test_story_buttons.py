"""Star, mute, summarize and share: what is pressed below a story."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.commands import dispatch
from bot.commands.kit import Ask, Person, Pointed, Reply
from bot.ports import Room
from bot.store import outbox, stars
from bot.thread_model import Comment, Thread
from tests.bot.commands.desk import ASK, CHANNEL, Chat, action_of, chat, feed, poll, text_of

ARTICLE = (
    b"<html><head><title>Harbour</title></head><body><article><h1>Harbour opens</h1>"
    + b"<p>The harbour of the town was opened today by its people, who came in great numbers. "
    b"Ships arrived from all over the coast and brought fish, timber and salt.</p>"
    * 6
    + b"</article></body></html>"
)


async def _posted(it: Chat) -> tuple[int, Pointed]:
    it.origin.serve("/a", body=feed("First news"))
    await it.type("subscribe", source=it.origin.url("/a"))
    await it.post()
    row = (await it.database.read(outbox.listed))[0]
    assert row.story_id
    assert row.message_id
    return row.story_id, Pointed(channel=CHANNEL, id=row.message_id)


async def test_a_star_has_a_name_and_is_taken_back_by_pressing_again(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        story, _ = await _posted(it)
        assert "roundup" in text_of(await it.press(f"star:story:{story}"))
        found = await it.database.read(stars.of_story, story)
        assert [(one.person, one.name, one.place) for one in found] == [
            ("fake:42", "Anna", ASK.space)
        ]
        assert "taken back" in text_of(await it.press(f"star:story:{story}"))
        assert await it.database.read(stars.of_story, story) == []


async def test_a_reaction_stars_and_un_reacting_takes_it_back(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        story, message = await _posted(it)
        ask = replace(ASK, message=message)
        assert await dispatch.reaction(it.desk, ask, True)
        assert not await dispatch.reaction(it.desk, ask, True)  # it is there already
        assert len(await it.database.read(stars.of_story, story)) == 1
        assert await dispatch.reaction(it.desk, ask, False)
        assert await it.database.read(stars.of_story, story) == []
        nothing = replace(ASK, message=Pointed(channel=CHANNEL, id="somebody's"))
        assert not await dispatch.reaction(it.desk, nothing, True)


async def test_a_muted_source_posts_no_more_here_until_it_is_undone(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        story, message = await _posted(it)
        reply = await it.press(f"mute:story:{story}", replace(ASK, message=message))
        assert "muted" in text_of(reply)
        await _publish(it, "While muted, nothing", "First news")
        assert it.platform.titles() == ["First news"]
        rows = await it.database.read(outbox.listed)
        assert [row.rule for row in rows] == ["", "muted"]
        assert "muted here: The Feed" in text_of(await it.type("list"))
        assert "again" in text_of(await it.press(action_of(reply, "unmute")))
        await _publish(it, "Afterwards again", "While muted, nothing", "First news")
        assert it.platform.titles() == ["First news", "Afterwards again"]


async def _publish(it: Chat, *titles: str, target: str = "/a") -> None:
    it.clock.advance(hours=1)
    await poll(it, target, *titles)
    await it.post()


async def test_a_story_of_a_muted_source_is_told_by_another_one(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        story, message = await _posted(it)
        it.origin.serve("/b", body=feed("Something else", title="Other"))
        await it.type("subscribe", source=it.origin.url("/b"))
        await it.post()
        await it.press(f"mute:story:{story}", replace(ASK, message=message))
        told = "Polaris 3 is released with open weights"
        await _publish(it, told, "First news")
        await _publish(it, told, "Something else", target="/b")
        assert it.platform.titles()[-1] == told


async def test_who_may_not_manage_gets_a_polite_no(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        story, message = await _posted(it)
        reader = replace(ASK, may_manage=False, message=message)
        assert "who manages this channel" in text_of(await it.press(f"mute:story:{story}", reader))
        await _publish(it, "Still posted", "First news")
        assert it.platform.titles()[-1] == "Still posted"


async def test_a_muted_source_that_is_subscribed_again_is_posted_again(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        story, message = await _posted(it)
        await it.press(f"mute:story:{story}", replace(ASK, message=message))
        await it.type("subscribe", source=it.origin.url("/a"))
        await _publish(it, "Back again", "First news")
        assert it.platform.titles()[-1] == "Back again"


async def test_tldr_of_a_link_is_private_until_shared_by_the_same_person(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/page", body=ARTICLE, content_type="text/html")
        reply = await it.type("tldr", url=it.origin.url("/page"))
        assert reply.private
        assert "harbour" in text_of(reply)
        action = action_of(reply, "share")
        assert len(action) <= 100
        stranger = replace(ASK, person=Person(id="fake:66", name="Eve"))
        assert "no longer kept" in text_of(await it.press(action, stranger))
        shared = await it.press(action)
        assert not shared.private
        assert "harbour" in text_of(shared)
        assert "Shared by: Anna" in text_of(shared)


async def test_what_is_not_shared_in_time_is_gone(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/page", body=ARTICLE, content_type="text/html")
        reply = await it.type("tldr", url=it.origin.url("/page"))
        it.clock.advance(minutes=16)
        assert "no longer kept" in text_of(await it.press(action_of(reply, "share")))


def _room() -> Room:
    says = ("The harbour should stay open", "Close the harbour at night", "Open it, I say")
    comments = tuple(
        Comment(id=str(n), text=f"{text}. It matters to all of us here.", author=f"user{n}",
                permalink=f"https://chat.example/{n}")
        for n, text in enumerate(says)
    )  # fmt: skip
    return Room(thread=Thread(kind="discord", id="1", title="Harbour", comments=comments))


async def test_tldr_reads_this_conversation_as_far_as_the_asker_may(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.rooms[CHANNEL, "fake:42"] = _room()
        reply = await it.type("tldr", hours="6")
        assert "Harbour" in text_of(reply)
        assert reply.private
        assert it.rooms.read_with == [(CHANNEL, None, 6)]
        stranger = replace(ASK, person=Person(id="fake:66", name="Eve"))
        assert "may not read" in text_of(await it.type("tldr", stranger))
        assert "whole number" in text_of(await it.type("tldr", messages="all"))


async def test_nothing_of_a_conversation_is_stored(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.rooms[CHANNEL, "fake:42"] = _room()
        reply = await it.type("tldr")
        await it.press(action_of(reply, "share"))
    for file in tmp_path.iterdir():
        assert b"harbour" not in file.read_bytes().lower()


async def test_a_server_can_switch_conversations_off(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.rooms[CHANNEL, "fake:42"] = _room()
        it.origin.serve("/page", body=ARTICLE, content_type="text/html")
        status = await it.type("status")
        assert "off for all" in text_of(await it.press(action_of(status, "summaries")))
        assert "switched off" in text_of(await it.type("tldr"))
        assert it.rooms.read_with == []
        assert "harbour" in text_of(await it.type("tldr", url=it.origin.url("/page")))
        elsewhere = replace(ASK, space="fake:9")
        assert "Harbour" in text_of(await it.type("tldr", elsewhere))
        status = await it.type("status")
        await it.press(action_of(status, "summaries"))
        assert "Harbour" in text_of(await it.type("tldr"))


async def _menu(it: Chat, ask: Ask) -> Reply:
    return await dispatch.answer_message_command(it.desk, "Summarize thread", ask)


async def test_the_message_menu_takes_the_thread_then_the_link(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.rooms["fake:t", "fake:42"] = _room()
        it.origin.serve("/page", body=ARTICLE, content_type="text/html")
        link = it.origin.url("/page")
        room = Pointed(channel=CHANNEL, id="1", links=(link,), room="fake:t")
        assert "Harbour" in text_of(await _menu(it, replace(ASK, message=room)))
        assert it.origin.requests == []
        empty = Room(thread=Thread(kind="discord", id="2", title="Details of a digest"))
        it.rooms.rooms["fake:quiet", "fake:42"] = empty
        quiet = replace(room, room="fake:quiet")
        assert "timber" in text_of(await _menu(it, replace(ASK, message=quiet)))
        page = replace(room, room=None)
        assert "harbour" in text_of(await _menu(it, replace(ASK, message=page)))
        bare = replace(page, links=())
        assert "no thread and no link" in text_of(await _menu(it, replace(ASK, message=bare)))


async def test_the_storys_button_summarises_what_it_links_to(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        body = feed("Harbour opens").replace(
            b"http://127.0.0.1:9/harbour-opens", it.origin.url("/page").encode()
        )
        it.origin.serve("/a", body=body)
        it.origin.serve("/page", body=ARTICLE, content_type="text/html")
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.post()
        story = (await it.database.read(outbox.listed))[0].story_id
        reply = await it.press(f"summarize:story:{story}")
        assert "timber" in text_of(reply)
        assert "no story" in text_of(await it.press("star:story:4711"))
