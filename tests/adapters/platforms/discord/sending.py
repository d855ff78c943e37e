"""A server with a channel at a local Discord, and what is posted there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.platforms.discord.client import DiscordPlatform, open_discord
from adapters.platforms.discord.render import render_messages
from bot.errors import DeliveryError
from bot.model import Heading, Paragraph, Post, Text
from bot.outside import SystemClock
from tests.bot.posts.samples import POSTS
from tests.sims.discord import permissions as p
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Guild, Kind, Message

STORY = POSTS["story"]
CLOCK = SystemClock()
THREADED_BOT = p.MINIMAL_BOT | p.CREATE_PUBLIC_THREADS | p.SEND_MESSAGES_IN_THREADS


@dataclass(frozen=True)
class Desk:
    """`sim` has a server `guild` with a `channel`; `platform` posts there."""

    sim: LocalDiscord
    guild: Guild
    channel: Channel
    platform: DiscordPlatform

    @property
    def place(self) -> str:
        return str(self.channel.id)

    def add(self, name: str, kind: Kind = Kind.TEXT, *tags: str) -> Channel:
        return self.sim.add_channel(self.guild, name, kind, *tags)

    def overview(self) -> tuple[Message, Channel]:
        """The only message of the channel, and the thread below it."""
        (message,) = self.channel.history()
        assert message.thread is not None
        return message, message.thread

    async def refused(
        self, post: Post = STORY, key: str = "k1", *, channel: Channel | None = None
    ) -> DeliveryError:
        """The error that sending ends with."""
        where = self.place if channel is None else str(channel.id)
        with pytest.raises(DeliveryError) as caught:
            await self.platform.send(where, post, key)
        assert "\n" not in str(caught.value)
        return caught.value


@asynccontextmanager
async def desk(permissions: int = THREADED_BOT) -> AsyncIterator[Desk]:
    async with LocalDiscord() as sim:
        guild = sim.add_guild("Acme", bot_permissions=permissions)
        platform = open_discord(sim.token, sim.api_base, CLOCK)
        try:
            yield Desk(sim, guild, sim.add_channel(guild, "news"), platform)
        finally:
            await platform.close()
        sim.check()


def digest(sections: int = 3, *, title: str = "The week", tags: tuple[str, ...] = ()) -> Post:
    """A digest whose details take one message a section."""
    details = tuple(
        block
        for number in range(sections)
        for block in (
            Heading(text=f"Part {number}"),
            Paragraph(spans=(Text(text=f"Section {number}. " + "Many words follow here. " * 150),)),
        )
    )
    overview = (Paragraph(spans=(Text(text="Three things happened."),)),)
    return Post(kind="digest", title=title, blocks=overview, details=details, tags=tags)


def told_by(post: Post) -> list[str]:
    """The texts of a digest's details, a string each message."""
    return [str(body["embeds"][0]["description"]) for body in render_messages(post).details]


def told_in(thread: Channel) -> list[str]:
    shown = [message.embeds for message in thread.history() if message.embeds]
    return [str(embeds[0]["description"]) for embeds in shown]
