"""Posts that people press buttons on and put stars on."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from adapters.platforms.discord.client import DiscordPlatform
from bot.digest_desk import digest_kinds
from bot.store import stars
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.adapters.platforms.discord.live import PAGE, Live, Place, furnish, live
from tests.bot.commands.desk import feed
from tests.sims.discord.interactions import Answering
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Message


async def post_story(running: Live, place: Place) -> Message:
    """Subscribe the channel to a feed and post its newest story."""
    origin, database, clock = running.chat.origin, running.chat.database, running.chat.clock
    origin.serve("/feed", body=feed("Kestrel two is out"))
    source = {"source": origin.url("/feed")}
    asked = await running.sim.command(
        place.guild, place.channel, place.mod, "news subscribe", source
    )
    await asked.reads("Kestrel two")
    platforms = {"discord": DiscordPlatform(running.session, clock)}
    composer = Composer(digest_kinds())
    deliver = DeliverJob(database, platforms, composer, clock, random.Random(1))
    while await running.chat.summaries.run():
        pass
    await deliver.run()
    [message] = place.channel.history()
    return message


@pytest.mark.parametrize(
    ("button", "locale", "words"),
    [
        ("star", "en-US", "roundup"),
        ("star", "de", "Rundschau"),
        ("mute", "en-US", ""),
        ("why", "en-US", ""),
        ("why", "de", ""),
    ],
)
async def test_a_storys_buttons_answer_the_one_who_pressed(
    tmp_path: Path, sim: LocalDiscord, button: str, locale: str, words: str
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        message = await post_story(running, place)
        pressed = await sim.press(message, f"{button}:", place.mod, locale=locale)
        answer = await pressed.answer()
        assert pressed.ack_type is Answering.DEFER
        assert answer.ephemeral
        assert words in answer.text
        assert answer.text
        assert "older version" not in answer.text
        assert not message.versions  # the post itself stays


async def test_a_star_is_put_by_reacting_and_taken_back(tmp_path: Path, sim: LocalDiscord) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        message = await post_story(running, place)
        sim.react(message, place.member)
        [star] = await until_stars(running, 1)
        assert (star.person, star.name) == (f"discord:{place.member.id}", "Ann")
        sim.unreact(message, place.member)
        assert await until_stars(running, 0) == []


async def test_other_reactions_and_other_messages_are_no_stars(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        message = await post_story(running, place)
        theirs = sim.say(place.channel, place.member, "look")
        sim.react(message, place.member, "🔥")
        sim.react(theirs, place.member)
        sim.react(message, place.mod)
        [star] = await until_stars(running, 1)
        assert star.person == f"discord:{place.mod.id}"


async def until_stars(running: Live, count: int) -> list[stars.StarRow]:
    async with asyncio.timeout(5):
        while True:
            found = await running.chat.database.read(stars.of_story, 1)
            if len(found) == count:
                return list(found)
            await asyncio.sleep(0.02)


async def test_summarize_thread_in_a_messages_menu_reads_its_link(
    tmp_path: Path, sim: LocalDiscord
) -> None:
    place = furnish(sim)
    async with live(tmp_path, sim) as running:
        running.chat.origin.serve("/page", body=PAGE, content_type="text/html")
        message = sim.say(place.channel, place.member, running.chat.origin.url("/page"))
        asked = await sim.message_menu("Summarize thread", message, place.member)
        answer = await asked.reads("Kestrel two runs on a phone")
        assert answer.ephemeral
