"""The platforms that the settings turn on, opened and closed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from bot.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from adapters.platforms.discord.client import DiscordPlatform
    from adapters.platforms.slack.client import SlackPlatform
    from bot.ports import Clock, Platform
    from config.settings import Settings


def local_platforms(
    settings: Settings, clock: Clock, console: Console | None = None
) -> dict[str, Platform]:
    """Those on this machine; the terminal is `console`, else stdout."""
    from rich.console import Console as Terminal

    from adapters.platforms.terminal.client import TerminalPlatform

    platforms: dict[str, Platform] = {
        "terminal": TerminalPlatform(console or Terminal(), clock=clock),
    }
    if settings.archive.directory is not None:
        from adapters.platforms.files.client import FilesPlatform

        platforms["files"] = FilesPlatform(
            settings.archive.directory, front_matter=settings.archive.front_matter, clock=clock
        )
    return platforms


@contextlib.asynccontextmanager
async def opened_platforms(
    settings: Settings, clock: Clock, *, given: Mapping[str, Platform] | None = None
) -> AsyncIterator[Mapping[str, Platform]]:
    """All of them, or just the `given` ones, which are not closed here. Nothing is asked yet."""
    if given is not None:
        yield given
        return
    platforms = local_platforms(settings, clock)
    async with contextlib.AsyncExitStack() as stack:
        if settings.discord_enabled:
            platforms["discord"] = await stack.enter_async_context(_discord(settings, clock))
        if settings.slack_enabled:
            platforms["slack"] = await stack.enter_async_context(_slack(settings, clock))
        yield platforms


@contextlib.asynccontextmanager
async def _discord(settings: Settings, clock: Clock) -> AsyncIterator[DiscordPlatform]:
    from adapters.platforms.discord.client import open_discord

    token = settings.secrets.discord_token
    if token is None:
        raise ConfigError("discord.enabled is true, but DISCORD_TOKEN is not set")
    platform = open_discord(token.get_secret_value(), str(settings.discord.api_base), clock)
    try:
        yield platform
    finally:
        await platform.close()


@contextlib.asynccontextmanager
async def _slack(settings: Settings, clock: Clock) -> AsyncIterator[SlackPlatform]:
    import aiohttp

    from adapters.platforms.slack.client import SlackPlatform, one_workspace, web_client

    token = settings.secrets.slack_bot_token
    if token is None:
        raise ConfigError("slack.enabled is true, but SLACK_BOT_TOKEN is not set")
    async with aiohttp.ClientSession() as session:
        client = web_client(token.get_secret_value(), str(settings.slack.api_base), session)
        yield SlackPlatform(one_workspace(client), clock)
