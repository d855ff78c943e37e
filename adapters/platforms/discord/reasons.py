"""Why a channel did not take something, looked up where Discord's own answer says too little.

Discord says "Missing Permissions" and not which, and "Missing Access" to a bot that was thrown out
as well as to one that may not see the channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import aiohttp
import discord

from adapters.platforms.discord import permissions
from adapters.platforms.discord.errors import BLOCKED_BY_CLOUDFLARE, meaning
from adapters.platforms.discord.places import Place, Places
from adapters.platforms.discord.rest import Rest
from adapters.platforms.discord.restraint import BLOCKED
from adapters.platforms.discord.session import DiscordSession
from bot.errors import ChannelFault, DeliveryError

FAILURES: Final = (DeliveryError, discord.DiscordException, aiohttp.ClientError, OSError)
_LOOKED_UP: Final = frozenset((ChannelFault.PERMISSION, ChannelFault.GONE))


class Reasons:
    """Turns failures into `DeliveryError`, for one account."""

    def __init__(self, session: DiscordSession, rest: Rest, places: Places) -> None:
        self._session = session
        self._rest = rest
        self._places = places

    async def explain(
        self, exc: Exception, channel: str, *, details: bool = False
    ) -> DeliveryError:
        """What it means, with the missing permission by its name where that can be known.

        `details`: the post has some, which takes more permissions.
        """
        told = meaning(exc)
        if getattr(exc, "code", None) == BLOCKED_BY_CLOUDFLARE:
            self._session.pauses.told(BLOCKED, told.retry_after_s or 0.0)
        if isinstance(exc, discord.HTTPException):
            self._places.forget(channel)  # what we know of it may be what was wrong
        if told.fault not in _LOOKED_UP:
            return told
        try:
            place = await self._places.of(channel)
            return await self._lacking(place, told, "community" if details else "instant")
        except discord.HTTPException as missed:
            return told if missed.status >= 500 else await self._why_unseen(told, channel)
        except FAILURES:
            return told
        finally:
            self._places.forget(channel)

    async def lacks(self, place: Place, names: Sequence[str]) -> list[str]:
        """Which of these permissions we lack there, as Discord's settings call them."""
        described = place.raw
        if place.is_thread:  # a thread has its parent's overwrites
            described = (await self._places.of(str(place.raw["parent_id"]))).raw
        guild = await self._rest.guild(place.guild_id)
        ours = await self._rest.ourselves_in(place.guild_id)
        allowed = permissions.allowed_in(described, guild, ours)
        if not allowed.administrator and (until := permissions.timeout_until(ours)):
            line = f"a moderator put the bot on timeout until {until:%Y-%m-%d %H:%M} UTC: end it"
            raise DeliveryError(line, fault=ChannelFault.RESTRICTED)
        return [permissions.name_of_permission(one) for one in names if not getattr(allowed, one)]

    async def _lacking(self, place: Place, told: DeliveryError, post: str) -> DeliveryError:
        try:
            missing = await self.lacks(place, permissions.needed(place.type, post))
        except DeliveryError as exc:
            return exc
        if not missing:
            return told
        line = f"the bot lacks {', '.join(missing)} in the channel: allow it there"
        return DeliveryError(line, fault=ChannelFault.PERMISSION)

    async def _why_unseen(self, told: DeliveryError, channel: str) -> DeliveryError:
        """A channel that cannot be seen: is the bot still in its server?"""
        guild = self._places.server_of(channel)
        if not guild:
            return told
        try:
            await self._rest.guild(guild)
        except discord.HTTPException as exc:
            if exc.status in (403, 404):
                line = "the bot is no longer in the server: invite it again"
                return DeliveryError(line, fault=ChannelFault.REMOVED)
        except FAILURES:
            return told
        return told


def after_the_first(told: DeliveryError) -> DeliveryError:
    """The same, where the post itself is there already and only what belongs below it is missing.

    It is in doubt then: the outbox finds the post and has the rest sent, instead of repeating all.
    """
    return DeliveryError(
        str(told), retry_after_s=told.retry_after_s, doubtful=True, fault=told.fault
    )
