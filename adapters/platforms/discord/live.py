"""The parts of Discord's live side, put together for a running service."""

from __future__ import annotations

from typing import Literal

from adapters.platforms.discord.connection import DiscordConnection
from adapters.platforms.discord.members import Members
from adapters.platforms.discord.rooms import DiscordRooms
from adapters.platforms.discord.session import DiscordSession
from bot.commands.kit import Desk
from bot.ports import Channels, Clock


class DiscordLive:
    """Opened in two steps: the desk needs our `rooms`, and the connection needs the desk."""

    def __init__(
        self, session: DiscordSession, clock: Clock, *, chat_threads: Literal["auto"] | bool
    ) -> None:
        self._session = session
        self._clock = clock
        self._chat_threads = chat_threads
        self._members = Members()
        self.rooms = DiscordRooms(
            session.client, self._members, clock, may_read_chats=lambda: chat_threads is not False
        )

    def connect(self, desk: Desk, channels: Channels) -> DiscordConnection:
        """The connection; it does nothing until it runs."""
        return DiscordConnection(
            self._session.client,
            desk,
            channels,
            self._members,
            self._clock,
            log_in=self._session.log_in,
            read_chats=self._chat_threads,
        )
