"""The parts of Discord's live side, put together."""

from __future__ import annotations

from adapters.platforms.discord.connection import DiscordConnection
from adapters.platforms.discord.gateway import IDENTIFY_GAP_S
from adapters.platforms.discord.intents import Wanted
from adapters.platforms.discord.members import Members
from adapters.platforms.discord.names import ChannelNames
from adapters.platforms.discord.rooms import DiscordRooms
from adapters.platforms.discord.session import DiscordSession
from bot.commands.kit import Desk
from bot.ports import Channels


def open_live(
    session: DiscordSession,
    desk: Desk,
    channels: Channels,
    *,
    chat_threads: Wanted,
    identify_gap_s: float = IDENTIFY_GAP_S,
    first_wait_s: float = 1.0,
) -> tuple[DiscordRooms, DiscordConnection]:
    """What it knows of channels, for `desk.rooms`, and the connection, which does nothing yet."""
    members = Members()
    names = ChannelNames(session.client)
    rooms = DiscordRooms(
        session.client,
        members,
        desk.clock,
        names,
        may_read_chats=lambda: chat_threads is not False,
    )
    connection = DiscordConnection(
        session.client,
        desk,
        channels,
        members,
        names,
        desk.clock,
        log_in=session.log_in,
        count_refused=session.invalid.count,
        read_chats=chat_threads,
        identify_gap_s=identify_gap_s,
        first_wait_s=first_wait_s,
    )
    return rooms, connection
