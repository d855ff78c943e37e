"""Who may do what in a server: members as they just showed themselves, else as asked for.

Without the members intent Discord tells of nobody but us. An interaction carries its member with
their roles, and that is trusted for a minute; anybody else is asked for.
"""

from __future__ import annotations

import time

import discord

TRUSTED_S = 60.0
MOST = 500


class Members:
    """The members that spoke to us a moment ago."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], tuple[float, discord.Member]] = {}

    def remember(self, member: discord.Member) -> None:
        """Keep a member as an interaction brought them."""
        key = (member.guild.id, member.id)
        self._seen.pop(key, None)
        self._seen[key] = (time.monotonic(), member)
        while len(self._seen) > MOST:
            self._seen.pop(next(iter(self._seen)))

    async def of(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """The member; None where nobody of that id is in the server. Raises `HTTPException`."""
        seen = self._seen.get((guild.id, user_id))
        if seen is not None and time.monotonic() - seen[0] < TRUSTED_S:
            return seen[1]
        try:
            member = await guild.fetch_member(user_id)
        except discord.NotFound:
            return None
        self.remember(member)
        return member
