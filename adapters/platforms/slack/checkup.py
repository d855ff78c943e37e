"""What `doctor` finds out on Slack: tokens, scopes, how Slack reaches us, and each channel."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack.errors import error_of, meaning
from adapters.platforms.slack.manifest import SCOPES
from adapters.platforms.slack.people import People
from adapters.platforms.slack.rooms import SlackRooms, switched_in
from adapters.platforms.slack.sealing import Sealer, UnsealError
from adapters.platforms.slack.workspaces import Outages, Workspace, Workspaces, ask_who
from bot.errors import ChannelFault, DeliveryError, UserError
from bot.ports import Clock
from bot.store import slack_installations
from bot.store.database import Database

Found = tuple[bool, str]  # whether it is well, and a line about it

# What the app may do without (docs/slack.md): what does not work then.
_OPTIONAL = {
    "channels:history": "conversations of public channels are not summarised",
    "groups:history": "conversations of private channels are not summarised",
    "im:history": "a post to a direct message whose answer was lost cannot be looked for",
}
_APP_TOKEN_MEANS = {
    "missing_scope": "lacks the scope connections:write: make a new one with it",
    "no_permission": "lacks the scope connections:write: make a new one with it",
    "not_allowed_token_type": "is no app-level token: those begin with xapp-",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the settings say. `app_token`: only where the socket is used. `missing`: why Slack
    cannot reach us; `reached_at`: where it does, in HTTP mode. `install_url`: where further
    workspaces are installed, empty where that is not set up.
    """

    api_base: str
    bot_token: str | None = None
    app_token: str | None = None
    token_key: str | None = None
    missing: str = ""
    reached_at: str = ""
    install_url: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    """A token to look at: `label` says whose, `cure` what to do when it is refused."""

    label: str
    client: AsyncWebClient
    cure: str


async def look_over(
    given: Given, database: Database, clock: Clock, channels: Iterable[str]
) -> list[Found]:
    """Everything of Slack that can be wrong; `channels` (`slack:C1`) are those posted to."""
    sealer = Sealer(given.token_key) if given.token_key else None
    workspaces = Workspaces(
        database, api_base=given.api_base, bot_token=given.bot_token, sealer=sealer
    )
    await workspaces.load()
    tokens, found = await _tokens(given, database, workspaces, sealer)
    answered = [await _token_found(token) for token in tokens]
    found += [line for lines in answered for line in lines]
    found.append(await _reach_found(given, workspaces))
    if any(lines[0][0] for lines in answered):
        found += await _channels_found(workspaces, database, clock, channels)
    return found


async def _tokens(
    given: Given, database: Database, workspaces: Workspaces, sealer: Sealer | None
) -> tuple[list[_Token], list[Found]]:
    """The tokens there are, and what is wrong with those that cannot even be read."""
    tokens, found = [], []
    if given.bot_token:
        client = workspaces.new_client(given.bot_token)
        tokens.append(_Token("SLACK_BOT_TOKEN", client, "put in the current one"))
    cure = f"install it again at {given.install_url or '/slack/install'}"
    for row in await database.read(slack_installations.listed):
        label = f"workspace {row.team_name} ({row.team_id})"
        try:
            if sealer is None:
                raise UnsealError("SLACK_TOKEN_KEY is not set")
            token = await asyncio.to_thread(sealer.open, row.sealed_token)
        except UnsealError as exc:
            found.append((False, f"slack: {label}: {exc}; {cure}"))
        else:
            tokens.append(_Token(label, workspaces.new_client(token), cure))
    if not tokens and not found:
        where = given.install_url or "web.public_url, which is not set"
        found.append((False, f"slack: no workspace has installed the app yet: open {where}"))
    return tokens, found


async def _token_found(token: _Token) -> list[Found]:
    """Whether a token is accepted, and what it may not do."""
    try:
        workspace = await ask_who(token.client)
    except Outages as exc:
        told = meaning(exc)
        if told.fault is ChannelFault.ACCESS and isinstance(exc, SlackApiError):
            line = f"Slack does not accept it ({error_of(exc)}): {token.cure}"
            return [(False, f"slack: {token.label}: {line}")]
        return [(False, f"slack: {token.label}: {told}")]
    name = f"{workspace.name} ({workspace.team_id})"
    well = (True, f"slack: {token.label} is accepted, for {name}")
    return [well, *_scopes_found(workspace, name)]


def _scopes_found(workspace: Workspace, name: str) -> list[Found]:
    if not workspace.scopes:
        return []
    lacking = [scope for scope in SCOPES if scope not in workspace.scopes]
    found = [
        (True, f"slack: {name}: without {scope} {_OPTIONAL[scope]}")
        for scope in lacking
        if scope in _OPTIONAL
    ]
    needed = [f"{scope} ({SCOPES[scope]})" for scope in lacking if scope not in _OPTIONAL]
    if needed:
        cure = "give the app the manifest of `threadwire manifest slack` and install it again"
        found.append((False, f"slack: {name}: the app lacks {', '.join(needed)}: {cure}"))
    return found


async def _reach_found(given: Given, workspaces: Workspaces) -> Found:
    """Whether Slack can tell us what people do."""
    if given.missing:
        return False, f"slack: {given.missing}; posts go out, commands and buttons do nothing"
    if given.app_token is None:
        return True, f"slack: requests are expected at {given.reached_at}"
    try:
        await workspaces.new_client().apps_connections_open(app_token=given.app_token)
    except SlackApiError as exc:
        error = error_of(exc)
        means = _APP_TOKEN_MEANS.get(error, "is not accepted: put in the current one")
        return False, f"slack: SLACK_APP_TOKEN {means} ({error or 'no answer of its own'})"
    except Outages as exc:
        return False, f"slack: Socket Mode: {meaning(exc)}"
    return True, "slack: Socket Mode: SLACK_APP_TOKEN is accepted"


async def _channels_found(
    workspaces: Workspaces, database: Database, clock: Clock, channels: Iterable[str]
) -> list[Found]:
    try:
        await workspaces.look()
    except Outages:
        return []  # told above, of the token
    rooms = SlackRooms(workspaces, People(workspaces), clock, switched_in(database))
    return [await _channel_found(workspaces, rooms, channel) for channel in channels]


async def _channel_found(workspaces: Workspaces, rooms: SlackRooms, channel: str) -> Found:
    try:
        await workspaces.posting(channel.partition(":")[2], "")
        lacks: Sequence[str] = await rooms.lacks(channel, "")
    except (UserError, DeliveryError) as exc:
        return False, f"{channel}: {exc}"
    shown = f"{channel} ({rooms.name_of(channel)})"
    if lacks:
        return False, f"{shown}: the bot lacks {', '.join(lacks)}"
    return True, f"{shown}: may be posted to"
