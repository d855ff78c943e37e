"""Commands, buttons, menus and forms as people see them, with the real client."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.commands import dispatch
from bot.commands.kit import Command
from tests.adapters.platforms.discord.live import PAGE, Live, Place, furnish, live
from tests.bot.commands.desk import feed
from tests.sims.discord import permissions
from tests.sims.discord.interactions import Answering, Interaction
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Guild, User


def feed_url(running: Live, path: str = "/feed", title: str = "The Feed") -> str:
    """A feed that the local origin serves."""
    running.chat.origin.serve(path, body=feed("Alpha news", "Beta news", title=title))
    return running.chat.origin.url(path)


async def subscribe(running: Live, place: Place, path: str = "/feed") -> Interaction:
    """The moderator subscribes the channel to a feed."""
    source = {"source": feed_url(running, path)}
    asked = await running.sim.command(
        place.guild, place.channel, place.mod, "news subscribe", source
    )
    await asked.reads("Alpha news")
    return asked


def minimal(command: Command, source: str) -> dict[str, object]:
    """The values that a command cannot do without."""
    known = {"source": source, "subscription": "1", "query": "Alpha", "item": source}
    return {
        option.name: option.choices[0] if option.choices else known[option.name]
        for option in command.options
        if option.required
    }


@pytest.mark.parametrize("locale", ["en-US", "de"])
@pytest.mark.parametrize("name", [command.name for command in dispatch.commands()])
async def test_every_command_is_acknowledged_and_answers(
    tmp_path: Path, sim: LocalDiscord, name: str, locale: str
) -> None:
    place = furnish(sim)
    command = dispatch.find_command(name)
    assert command is not None
    async with live(tmp_path, sim) as running:
        source = feed_url(running)
        if name != "news subscribe":
            await subscribe(running, place)
        sim.say(place.channel, place.member, "I tried Kestrel on two cards and it is fast.")
        asked = await sim.command(
            place.guild, place.channel, place.mod, name, minimal(command, source), locale=locale
        )
        answer = await asked.answer()
        assert asked.ack_type is Answering.DEFER
        assert asked.ephemeral == command.private
        assert answer.text
        assert not any(words in asked.text for words in ("went wrong", "schiefgegangen"))


NEEDS_A_SERVER = [
    command.name
    for command in dispatch.commands()
    if command.name.startswith("news ") and not command.anywhere
]


async def test_what_needs_a_server_says_so_in_a_direct_message(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        source = feed_url(running)
        await subscribe(running, place)
        for name in NEEDS_A_SERVER:
            command = dispatch.find_command(name)
            assert command is not None
            values = minimal(command, source)
            asked = await sim.command(None, sim.direct(place.mod), place.mod, name, values)
            assert "needs a server" in (await asked.answer()).text
        assert len(await running.chat.subscriptions()) == 1


async def test_search_and_help_work_in_a_direct_message(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        for name, values in (("news search", {"query": "Alpha"}), ("news help", {})):
            asked = await sim.command(None, sim.direct(place.mod), place.mod, name, values)
            assert "needs a server" not in (await asked.answer()).text


async def test_both_languages_differ(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        texts = [
            (await (await sim.command(*where(place), "news help", locale=locale)).answer()).text
            for locale in ("en-GB", "de")
        ]
        assert texts[0] != texts[1]


def where(place: Place) -> tuple[Guild, Channel, User]:
    return place.guild, place.channel, place.member


async def test_nothing_is_waited_for_before_the_acknowledgement(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        hold = asyncio.Event()
        running.chat.origin.serve("/slow", body=feed("Alpha news"), hold=hold)
        source = {"source": running.chat.origin.url("/slow")}
        asked = await sim.command(place.guild, place.channel, place.mod, "news preview", source)
        await asked.acked()
        assert asked.ack_type is Answering.DEFER
        assert "Alpha" not in asked.text
        hold.set()
        await asked.reads("Alpha news")


async def test_progress_is_shown_while_it_takes_long(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        hold = asyncio.Event()
        running.chat.origin.serve("/slow", body=feed("Alpha news"), hold=hold)
        source = {"source": running.chat.origin.url("/slow")}
        asked = await sim.command(place.guild, place.channel, place.mod, "news subscribe", source)
        await asked.reads("Reading")
        hold.set()
        shown = await asked.reads("Alpha news")
        assert "Reading" not in shown.text


async def test_a_subscription_is_previewed_and_becomes_a_digest_at_a_press(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        asked = await subscribe(running, place)
        assert asked.ephemeral
        pressed = await sim.press(asked.messages[-1], "daily", place.mod)
        await pressed.acked()
        assert pressed.ack_type is Answering.DEFER_UPDATE
        await answered(pressed)
        [one] = await running.chat.subscriptions()
        assert " instant " not in one


@pytest.mark.parametrize(
    ("mentionable", "allowed", "reached"),
    [(True, 0, True), (False, 0, False), (False, permissions.MENTION_EVERYONE, True)],
    ids=["mentionable", "not", "by permission"],
)
async def test_a_role_is_shown_with_whether_calling_it_reaches_anybody(
    tmp_path: Path, sim: LocalDiscord, mentionable: bool, allowed: int, reached: bool
) -> None:
    place = furnish(sim)
    role = sim.add_role(place.guild, "Model watchers", mentionable=mentionable)
    sim.set_permissions(place.channel, sim.bot, allow=allowed)
    async with live(tmp_path, sim) as running:
        values = {"source": feed_url(running), "role": role}
        asks = (place.guild, place.channel, place.mod)
        asked = await sim.command(*asks, "news subscribe", values)
        await asked.reads("Alpha news")
        listed = await sim.command(*asks, "news list")
        for shown in (asked.text, (await listed.answer()).text):
            assert "@Model watchers" in shown
            assert ("nobody is notified" in shown) is not reached
        sim.delete_role(role)
        again = await sim.command(*asks, "news list")
        await again.reads("no longer exists")


async def test_filters_are_changed_in_a_form(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        asked = await subscribe(running, place)
        opened = await sim.press(asked.messages[-1], "filters_form", place.mod)
        await opened.acked()
        assert opened.ack_type is Answering.MODAL
        sent = await sim.submit_modal(opened, {"include": "Kestrel, LLM"})
        await sent.reads("Kestrel")


async def test_a_menu_chooses(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        await subscribe(running, place)
        asked = await sim.command(place.guild, place.channel, place.mod, "news list")
        shown = await asked.reads("The Feed")
        chosen = await sim.press(shown, "pause_or_resume", place.mod, ["1"])
        await chosen.acked()
        async with asyncio.timeout(5):
            while not (await running.chat.subscriptions())[0].endswith("paused"):
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("name", "option", "typed", "found"),
    [
        ("news latest", "source", "127.0", "/feed"),
        ("news unsubscribe", "subscription", "", "#1"),
        ("news subscribe", "timezone", "Berl", "Europe/Berlin"),
        ("news subscribe", "schedule", "", "9"),
        ("news latest", "source", "nothing like this", ""),
    ],
)
async def test_options_are_completed_from_the_store(
    tmp_path: Path, sim: LocalDiscord, name: str, option: str, typed: str, found: str
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        await subscribe(running, place)
        asked = await sim.autocomplete(place.guild, place.channel, place.mod, name, option, typed)
        await asked.acked()
        assert asked.choices is not None
        shown = [f"{one['name']} {one['value']}" for one in asked.choices]
        assert any(found in one for one in shown) if found else not shown


async def test_who_may_not_manage_the_channel_changes_nothing(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        source = {"source": feed_url(running)}
        asked = await sim.command(*where(place), "news subscribe", source)
        await asked.answer()
        assert asked.ephemeral
        shared = await subscribe(running, place)
        assert [one.split()[-1] for one in await running.chat.subscriptions()] == ["active"]
        shared.messages[-1].shown_to = None  # as if the answer stood there for all
        shared.messages[-1].flags = 0
        pressed = await sim.press(shared.messages[-1], "undo", place.member)
        await pressed.until(lambda: pressed.followups, what="a refusal")
        assert pressed.followups[0].ephemeral
        assert [one.split()[-1] for one in await running.chat.subscriptions()] == ["active"]


async def test_a_missing_permission_is_named_before_anything_is_stored(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    sim.forbid_bot(place.channel, permissions.EMBED_LINKS)
    async with live(tmp_path, sim) as running:
        source = {"source": feed_url(running)}
        asked = await sim.command(place.guild, place.channel, place.mod, "news subscribe", source)
        await asked.reads("Embed Links")
        assert await running.chat.subscriptions() == []


async def test_a_server_neither_sees_nor_changes_what_another_has(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    ours, theirs = furnish(sim, "Ours"), furnish(sim, "Theirs")
    async with live(tmp_path, sim) as running:
        mine = await subscribe(running, ours, "/secret")
        before = await running.chat.subscriptions()
        for name, values in [
            ("news list", {}),
            ("news unsubscribe", {"subscription": "1"}),
            ("news pause", {"subscription": "1"}),
            ("news status", {}),
            ("news search", {"query": "Alpha"}),
            ("news why", {"item": "1"}),
        ]:
            asked = await sim.command(theirs.guild, theirs.channel, theirs.mod, name, values)
            await finished(asked)
            shown = asked.text.replace(str(values.get("source", values.get("item", ""))), "")
            assert "Alpha news" not in shown, name
            assert "/secret" not in shown, name
        for name, option in [("news pause", "subscription"), ("news list", "subscription")]:
            if option not in {one.name for one in dispatch.find_command(name).options}:  # type: ignore[union-attr]
                continue
            typed = await sim.autocomplete(
                theirs.guild, theirs.channel, theirs.mod, name, option, ""
            )
            await typed.acked()
            assert typed.choices == []
        # A button's id brought over from another server is worth nothing here.
        theirs_message = await sim.command(
            theirs.guild, theirs.channel, theirs.mod, "news subscribe",
            {"source": feed_url(running, "/open")},
        )  # fmt: skip
        await theirs_message.reads("Alpha news")
        stolen = theirs_message.messages[-1]
        for part in stolen.components:
            for button in part["components"]:
                if "custom_id" in button:
                    button["custom_id"] = button["custom_id"].split(":")[0] + ":1"
        for action in ("daily:1", "undo:1"):
            pressed = await sim.press(stolen, action, theirs.mod)
            await answered(pressed)
        assert (await running.chat.subscriptions())[0] == before[0]
        assert mine.ephemeral


async def finished(asked: Interaction) -> None:
    """Returns when an answer is there that is more than a word of progress."""
    await asked.answer()
    await asked.until(lambda: not asked.text.startswith("Reading"), what="the end")


async def answered(pressed: Interaction) -> None:
    """Returns when a press on an answer of ours was answered below it."""
    await pressed.until(lambda: pressed.followups, what="an answer")


async def test_a_button_of_an_older_version_is_explained(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        asked = await sim.command(*where(place), "news help")
        message = await asked.answer()
        button = {"type": 2, "style": 2, "label": "Old", "custom_id": "gone:7", "id": 2}
        message.components = [{"type": 1, "id": 1, "components": [button]}]
        pressed = await sim.press(message, "gone", place.member, locale="de")
        await pressed.reads("älteren Version")
        assert pressed.ephemeral


async def test_a_command_that_is_registered_no_more_is_explained(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        old = dict(sim.commands[None][0], name="gazette", options=[], id="99")
        sim.commands[None].append(old)
        asked = await sim.command(*where(place), "gazette")
        await asked.reads("/news help")
        assert asked.ephemeral


async def test_an_answer_that_comes_too_late_goes_to_the_person(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        hold = asyncio.Event()
        running.chat.origin.serve("/slow", body=feed("Alpha news"), hold=hold)
        source = {"source": running.chat.origin.url("/slow")}
        asked = await sim.command(place.guild, place.channel, place.mod, "news preview", source)
        await asked.acked()
        sim.expire_tokens()
        hold.set()
        direct = sim.direct(place.mod)
        await sim.until(lambda: direct.messages, what="a direct message")
        assert "Alpha news" in direct.history()[-1].text
        assert not place.channel.history()


async def test_a_private_answer_never_reaches_the_channel(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        sim.fail_next("POST", "/users/@me/channels", code=50007)
        hold = asyncio.Event()
        running.chat.origin.serve("/slow", body=feed("Alpha news"), hold=hold)
        source = {"source": running.chat.origin.url("/slow")}
        asked = await sim.command(place.guild, place.channel, place.mod, "news preview", source)
        await asked.acked()
        sim.expire_tokens()
        hold.set()
        await sim.until(lambda: place.channel.history(), what="a word in the channel")
        [word] = place.channel.history()
        assert "Alpha" not in word.text
        assert "ask again" in word.text
        assert not word.pings


async def test_an_unknown_interaction_is_answered_all_the_same(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        sim.fail_next("POST", "/interactions/*/*/callback", code=10062)
        await sim.command(*where(place), "news help")
        direct = sim.direct(place.member)
        await sim.until(lambda: direct.messages, what="a direct message")


async def test_a_lost_acknowledgement_does_not_lose_the_answer(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        sim.fail_next("POST", "/interactions/*/*/callback", reset="after")
        asked = await sim.command(*where(place), "news help")
        await asked.answer()


async def test_an_edit_that_failed_is_made_again(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim):
        sim.fail_next("PATCH", "/webhooks/*/*/messages/@original", reset="before")
        asked = await sim.command(*where(place), "news help")
        await asked.answer()
        assert not asked.followups


async def test_what_needs_a_server_says_so_in_direct_messages(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        source = {"source": feed_url(running)}
        asked = await sim.command(
            None, sim.direct(place.member), place.member, "news subscribe", source
        )
        await asked.answer()
        assert await running.chat.subscriptions() == []


async def test_a_persons_own_installation_reaches_no_server(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    away = sim.add_guild("Elsewhere", present=False)
    hall = sim.add_channel(away, "hall")
    boss = sim.add_member(away, "boss", permissions=permissions.MANAGE_CHANNELS)
    async with live(tmp_path, sim) as running:
        await subscribe(running, place)
        source = {"source": feed_url(running, "/other")}
        asked = await sim.command(away, hall, boss, "news subscribe", source)
        await asked.answer()
        assert len(await running.chat.subscriptions()) == 1
        listed = await sim.command(away, hall, boss, "news list")
        assert "The Feed" not in (await listed.answer()).text


@pytest.mark.parametrize("at", ["direct", "elsewhere"])
async def test_a_link_is_summarised_wherever_a_person_takes_the_bot(
    tmp_path: Path, sim: LocalDiscord, at: str
) -> None:
    away = sim.add_guild("Elsewhere", present=False)
    hall = sim.add_channel(away, "hall")
    user = sim.add_member(away, "traveller")
    guild, channel = (None, sim.direct(user)) if at == "direct" else (away, hall)
    async with live(tmp_path, sim) as running:
        running.chat.origin.serve("/page", body=PAGE, content_type="text/html")
        url = {"url": running.chat.origin.url("/page")}
        asked = await sim.command(guild, channel, user, "tldr", url)
        assert (await asked.reads("Kestrel two runs on a phone")).ephemeral
        searched = await sim.command(guild, channel, user, "news search", {"query": "Kestrel"})
        assert (await searched.answer()).ephemeral


async def test_what_runs_is_finished_at_the_end_and_what_hangs_is_told(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        running.connection.stop_within_s = 0.05
        running.chat.origin.serve("/slow", body=feed("Alpha news"), hold=asyncio.Event())
        source = {"source": running.chat.origin.url("/slow")}
        asked = await sim.command(place.guild, place.channel, place.mod, "news preview", source)
        await asked.acked()
        running.running.cancel()
        await asked.reads("being restarted")
