"""The live sides of chat platforms: what people type and press, beside the posts that go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from bot.commands.kit import Desk, Rooms
from bot.ports import Channels, Platform

if TYPE_CHECKING:
    from config.settings import Settings


class Connection(Protocol):
    """A platform's live side."""

    async def run(self) -> None:
        """Keep connected until cancelled, then finish what people are waiting for."""


def open_chats(
    settings: Settings,
    platforms: Mapping[str, Platform],
    desk: Desk,
    rooms: dict[str, Rooms],
    channels: Channels,
) -> list[Connection]:
    """The connections of the platforms that are on; imported only for those. They put what they
    know of channels into `rooms`. Nothing is connected before they run.
    """
    opened: list[Connection] = []
    if "discord" in platforms:
        opened.append(_open_discord(settings, platforms["discord"], desk, rooms, channels))
    return opened


def _open_discord(
    settings: Settings,
    platform: Platform,
    desk: Desk,
    rooms: dict[str, Rooms],
    channels: Channels,
) -> Connection:
    from adapters.platforms.discord.client import DiscordPlatform
    from adapters.platforms.discord.live import open_live

    assert isinstance(platform, DiscordPlatform)
    known, connection = open_live(
        platform.session, desk, channels, chat_threads=settings.discord.chat_threads
    )
    rooms["discord"] = known
    return connection
