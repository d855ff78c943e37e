"""The platforms that the settings turn on, opened and closed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from bot.errors import ConfigError

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from rich.console import Console

    from adapters.platforms.discord.client import DiscordPlatform
    from adapters.platforms.slack.client import SlackPlatform
    from bot.ports import Clock, Platform
    from bot.store.database import Database
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
    settings: Settings,
    clock: Clock,
    *,
    given: Mapping[str, Platform] | None = None,
    database: Database | None = None,
) -> AsyncIterator[Mapping[str, Platform]]:
    """All of them, or just the `given` ones, which are not closed here. Nothing is asked yet.

    `database` holds the workspaces that installed the Slack app.
    """
    if given is not None:
        yield given
        return
    platforms = local_platforms(settings, clock)
    async with contextlib.AsyncExitStack() as stack:
        if settings.discord_enabled:
            platforms["discord"] = await stack.enter_async_context(_discord(settings, clock))
        if settings.slack_enabled:
            platforms["slack"] = await stack.enter_async_context(_slack(settings, clock, database))
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
async def _slack(
    settings: Settings, clock: Clock, database: Database | None
) -> AsyncIterator[SlackPlatform]:
    """With a database: all workspaces that installed the app; else that of the token alone."""
    import aiohttp

    from adapters.platforms.slack.client import SlackPlatform, one_workspace, web_client

    token = settings.secrets.slack_bot_token
    if token is None and settings.secrets.slack_client_id is None:
        raise ConfigError("slack.enabled is true, but SLACK_BOT_TOKEN is not set")
    async with aiohttp.ClientSession() as session:
        if database is not None:
            yield await _slack_service(settings, clock, database, session)
            return
        plain = token.get_secret_value() if token else ""
        client = web_client(plain, str(settings.slack.api_base), session)
        yield SlackPlatform(one_workspace(client), clock)


async def _slack_service(
    settings: Settings, clock: Clock, database: Database, session: ClientSession
) -> SlackPlatform:
    from adapters.platforms.slack.sealing import Sealer
    from adapters.platforms.slack.service import SlackService
    from adapters.platforms.slack.workspaces import Workspaces

    secrets = settings.secrets
    key = secrets.slack_token_key
    if secrets.slack_client_id is not None and key is None:
        raise ConfigError("SLACK_CLIENT_ID is set: set SLACK_TOKEN_KEY too, to encrypt tokens with")
    workspaces = Workspaces(
        database,
        api_base=str(settings.slack.api_base),
        bot_token=secrets.slack_bot_token.get_secret_value() if secrets.slack_bot_token else None,
        sealer=Sealer(key.get_secret_value()) if key else None,
        session=session,
    )
    await workspaces.load()
    return SlackService(workspaces, clock)
