"""A star put on one of our posts, and taken back."""

from __future__ import annotations

import asyncio
from typing import Final

import discord

from bot.commands import dispatch
from bot.commands.kit import Ask, Desk, Person, Pointed

STARS: Final = frozenset({"⭐", "🌟"})
AT_ONCE = 8


class Reactions:
    """Tells `bot.commands` of stars. Whether the message is a post of ours, the store knows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._places = asyncio.Semaphore(AT_ONCE)

    async def handle(
        self, event: discord.RawReactionActionEvent, us: int | None, *, added: bool
    ) -> None:
        """One reaction. `us`: our own user id."""
        if event.emoji.id is not None or event.emoji.name not in STARS:
            return
        if event.guild_id is None or event.user_id == us:
            return
        if added and event.message_author_id not in (None, us):
            return
        if event.member is not None and event.member.bot:
            return
        channel = f"discord:{event.channel_id}"
        ask = Ask(
            platform="discord",
            space=f"discord:{event.guild_id}",
            channel=channel,
            person=Person(
                id=f"discord:{event.user_id}",
                name=event.member.display_name if event.member else "",
            ),
            message=Pointed(channel=channel, id=str(event.message_id)),
        )
        async with self._places:
            await dispatch.reaction(self._desk, ask, added)
