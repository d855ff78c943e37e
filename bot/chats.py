"""The live sides of chat platforms: what people type and press, beside the posts that go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from bot.commands.kit import Desk, Rooms
from bot.ports import Channels, Platform

if TYPE_CHECKING:
    from pydantic import SecretStr

    from adapters.platforms.slack.checkup import Given
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
    if "slack" in platforms:
        opened.append(_open_slack(settings, platforms["slack"], desk, rooms, channels))
    return opened


def routes_of(chats: Iterable[Connection]) -> list[Any]:
    """What the connections want of the web server (Slack's requests), as its route definitions."""
    return [route for chat in chats for route in getattr(chat, "routes", ())]


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


def _open_slack(
    settings: Settings,
    platform: Platform,
    desk: Desk,
    rooms: dict[str, Rooms],
    channels: Channels,
) -> Connection:
    from adapters.platforms.slack.live import Reached, open_live
    from adapters.platforms.slack.service import SlackService

    assert isinstance(platform, SlackService)
    secrets = settings.secrets
    by_socket = settings.slack.mode == "socket"
    reached = Reached(
        api_base=str(settings.slack.api_base),
        app_token=_plain(secrets.slack_app_token) if by_socket else None,
        signing_secret=None if by_socket else _plain(secrets.slack_signing_secret),
        client_id=_plain(secrets.slack_client_id),
        client_secret=_plain(secrets.slack_client_secret),
        public_url=str(settings.web.public_url or ""),
        web_token=_plain(secrets.threadwire_web_token),
        missing=_missing_on_slack(settings),
    )
    known, connection = open_live(platform.workspaces, desk, channels, reached)
    rooms["slack"] = known
    return connection


def given_on_slack(settings: Settings) -> Given:
    """What the settings say of Slack, for looking it over."""
    from adapters.platforms.slack.checkup import Given

    secrets = settings.secrets
    public_url = str(settings.web.public_url or "").rstrip("/")
    installs = secrets.slack_client_id is not None and public_url
    by_socket = settings.slack.mode == "socket"
    return Given(
        api_base=str(settings.slack.api_base),
        bot_token=_plain(secrets.slack_bot_token),
        app_token=_plain(secrets.slack_app_token) if by_socket else None,
        token_key=_plain(secrets.slack_token_key),
        missing=_missing_on_slack(settings),
        reached_at=f"{public_url or 'web.listen'}/slack/events",
        install_url=f"{public_url}/slack/install" if installs else "",
    )


def _missing_on_slack(settings: Settings) -> str:
    """What has to be set before Slack can reach us; posts go out without it."""
    if settings.slack.mode == "socket":
        given = settings.secrets.slack_app_token is not None
        return "" if given else 'slack.mode is "socket": SLACK_APP_TOKEN (xapp-…) is not set'
    if settings.secrets.slack_signing_secret is None:
        return 'slack.mode is "http": SLACK_SIGNING_SECRET is not set'
    return "" if settings.web.address else 'slack.mode is "http": web.listen is off'


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
