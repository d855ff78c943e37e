"""Forum posts, which take no nonce."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest

from adapters.platforms.discord.client import open_discord
from adapters.platforms.discord.forums import Forums
from adapters.platforms.discord.places import Places
from adapters.platforms.discord.render import render_messages
from adapters.platforms.discord.rest import Rest, UnansweredError
from tests.adapters.platforms.discord.sending import CLOCK, STORY, Desk, desk, digest, told_by
from tests.sims.discord.things import Channel, Kind

TAGS = ("AI", "Hardware", "News", "Open weights", "Models", "Policy", "Papers")


class Poster:
    """Posts in one forum; `look_for_s` 0: as long after a start."""

    def __init__(self, at: Desk, forum: Channel, look_for_s: float) -> None:
        rest = Rest(at.platform.session)
        self._forums = Forums(rest, CLOCK, look_for_s=look_for_s)
        self._places = Places(rest.channel)
        self._forum = str(forum.id)

    async def post(self, key: str, *tags: str) -> str:
        place = await self._places.of(self._forum)
        body = render_messages(STORY, key).first[0]
        return await self._forums.send(place, "A story", tags, body, key)


@asynccontextmanager
async def forum(*tags: str) -> AsyncIterator[tuple[Desk, Channel]]:
    async with desk() as at:
        yield at, at.add("forum", Kind.FORUM, *tags)


def posts(at: Desk, forum: Channel) -> list[Channel]:
    return [one for one in at.guild.channels.values() if one.parent is forum]


async def test_a_lost_answer_is_looked_for_before_the_post_is_repeated() -> None:
    async with forum() as (at, channel):
        poster = Poster(at, channel, look_for_s=0)
        at.sim.fail_next("POST", "/channels/*/threads", reset="after")
        with pytest.raises(UnansweredError):
            await poster.post("k1")
        first = await poster.post("k1")
        assert await poster.post("k1") == first
        assert [str(one.id) for one in posts(at, channel)] == [first]


async def test_what_an_earlier_run_posted_is_found() -> None:
    async with forum() as (at, channel):
        first = await Poster(at, channel, look_for_s=0).post("k1")
        assert await Poster(at, channel, look_for_s=60).post("k1") == first
        assert len(posts(at, channel)) == 1


async def test_nothing_is_looked_for_where_nothing_can_stand() -> None:
    async with forum() as (at, channel):
        poster = Poster(at, channel, look_for_s=0)
        for number in range(20):
            await poster.post(f"k{number}")
        assert len(posts(at, channel)) == 20
        assert not at.sim.asked("GET", "/threads/active")
        assert not at.sim.asked("GET", "/messages")


async def test_own_posts_are_known_without_reading_them() -> None:
    async with forum() as (at, channel):
        poster = Poster(at, channel, look_for_s=60)
        for number in range(10):
            await poster.post(f"k{number}")
        assert len(posts(at, channel)) == 10
        assert not at.sim.asked("GET", "/messages")


async def test_at_most_five_of_its_tags_are_put_on_a_post() -> None:
    async with forum(*TAGS) as (at, channel):
        made = await Poster(at, channel, look_for_s=0).post("k1", *(tag.upper() for tag in TAGS))
        applied = at.sim.channels[int(made)].applied
        assert applied == [tag.id for tag in channel.tags[:5]]


async def test_a_forum_that_demands_a_tag_gets_news_where_none_fits() -> None:
    async with forum(*TAGS) as (at, channel):
        at.sim.require_tag(channel)
        made = await Poster(at, channel, look_for_s=0).post("k1", "nothing like it")
        assert at.sim.channels[int(made)].applied == [channel.tags[2].id]


async def test_a_refused_post_is_no_doubt() -> None:
    async with forum() as (at, channel):
        poster = Poster(at, channel, look_for_s=0)
        at.sim.fail_next("POST", "/channels/*/threads", code=50013)
        with pytest.raises(discord.Forbidden):
            await poster.post("k1")
        await poster.post("k1")
        assert len(posts(at, channel)) == 1


async def test_a_digest_broken_off_in_its_thread_goes_on_there() -> None:
    async with forum() as (at, channel):
        at.sim.fail_next("POST", "/channels/*/messages", skip=1, reset="after")
        assert (await at.refused(digest(), channel=channel)).doubtful
        await at.platform.send(str(channel.id), digest(), "k1")
        later = open_discord(at.sim.token, at.sim.api_base, CLOCK)
        await later.send(str(channel.id), digest(), "k1")
        await later.close()
        [thread] = posts(at, channel)
        shown = [message.embeds[0]["description"] for message in thread.history()]
        assert shown[1:] == told_by(digest())


async def test_a_media_channel_is_a_forum() -> None:
    async with desk() as at:
        media = at.add("media", Kind.MEDIA)
        sent = await at.platform.send(str(media.id), STORY, "k1")
        assert str(at.sim.channels[int(sent.message_id)].parent.id) == str(media.id)  # type: ignore[union-attr]  # it has one
