"""What channels are called, those included that are no longer there."""

from __future__ import annotations

import discord

from adapters.platforms.discord.localisation import say


class ChannelNames:
    """The names that the client knows, and those that it knew."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._known: dict[int, str] = {}
        self._gone: set[int] = set()

    def of(self, channel_id: int) -> str | None:
        """`#news`, in words where it was deleted; None for one that nobody ever saw."""
        found = getattr(self._client.get_channel(channel_id), "name", None)
        if found:
            self._known[channel_id] = f"#{found}"
        name = self._known.get(channel_id)
        if name is not None and channel_id in self._gone:
            return say("gone_channel", name=name)
        return name

    def remember(self, channel_id: int, name: str) -> None:
        """As it was called when it was last seen."""
        self._known[channel_id] = name

    def delete(self, channel_id: int) -> None:
        """The channel is gone for good: Discord gives no id twice."""
        self._gone.add(channel_id)
