"""The workspaces that the bot is in, each with its own token and client.

One token from the environment is the simple case; others come from installations over the web
(`adapters.platforms.slack.oauth`) and are stored sealed. Whatever is done for a workspace is done
with its own client, so that nothing of another can be reached by mistake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack.errors import error_of, meaning
from adapters.platforms.slack.sealing import Sealer, UnsealError
from bot.errors import ChannelFault, DeliveryError
from bot.store import slack_installations, spaces
from bot.store.database import Database
from bot.store.slack_installations import InstallationRow

log = structlog.get_logger(__name__)

PLATFORM = "slack"
CALL_WITHIN_S = 10
# The workspace whose person is being answered; set where something arrives from Slack.
TEAM: ContextVar[str] = ContextVar("slack_team", default="")

Outages = (SlackApiError, OSError, aiohttp.ClientError, TimeoutError)


class UnknownWorkspaceError(Exception):
    """No token for this workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace as `auth.test` tells of it. `scopes` are those that its token has."""

    team_id: str
    name: str = ""
    url: str = ""
    bot_user_id: str = ""
    bot_id: str = ""
    scopes: frozenset[str] = frozenset()


class Workspaces:
    """Tokens and clients by workspace. `load` first; nothing is asked of Slack before `look`."""

    def __init__(
        self,
        database: Database,
        *,
        api_base: str,
        bot_token: str | None = None,
        sealer: Sealer | None = None,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self._database = database
        self._api_base = api_base.rstrip("/") + "/"
        self._sealer = sealer
        self._session = session
        self._unplaced = self.new_client(bot_token) if bot_token else None
        self._clients: dict[str, AsyncWebClient] = {}
        self._known: dict[str, Workspace] = {}
        self._home: str | None = None  # the workspace of the token from the environment

    async def load(self) -> None:
        """Open the stored installations. Those that another key sealed are left alone."""
        if self._sealer is None:
            return
        for row in await self._database.read(slack_installations.listed):
            try:
                token = await asyncio.to_thread(self._sealer.open, row.sealed_token)
            except UnsealError as exc:
                log.error("workspace not usable", team=row.team_id, reason=str(exc))
                continue
            self._clients[row.team_id] = self.new_client(token)
            self._known[row.team_id] = _from_row(row)

    def new_client(self, token: str | None = None) -> AsyncWebClient:
        """A client that repeats nothing by itself: whether that is safe, only its caller knows."""
        return AsyncWebClient(
            token=token,
            base_url=self._api_base,
            timeout=CALL_WITHIN_S,
            session=self._session,
            retry_handlers=[],
        )

    async def look(self) -> bool:
        """Ask who we are where that is not known yet; whether all of it is known now. Raises what
        the client raises for the token from the environment; a workspace whose own token is refused
        keeps nobody from asking with the others.
        """
        for team_id in list(self._known):
            try:
                await self._look_at(team_id)
            except Outages as exc:
                reason = error_of(exc) if isinstance(exc, SlackApiError) else type(exc).__name__
                log.warning("workspace not described", team=team_id, reason=reason)
        await self._look_home()
        return all(known.url for known in self._known.values())

    async def _look_home(self) -> None:
        if self._unplaced is not None and self._home is None:
            found = await ask_who(self._unplaced)
            self._home = found.team_id
            self._clients[found.team_id] = self._unplaced
            self._known[found.team_id] = found

    async def _look_at(self, team_id: str) -> None:
        client = self._clients.get(team_id)
        if client is not None and not self.of(team_id).url:
            self._known[team_id] = await ask_who(client)

    def teams(self) -> list[str]:
        return list(self._clients)

    @property
    def default_team(self) -> str | None:
        """The workspace of channels of which nothing else is known: that of the token from the
        environment, or the only one.
        """
        if self._unplaced is not None:
            return self._home
        return next(iter(self._clients)) if len(self._clients) == 1 else None

    def of(self, team_id: str) -> Workspace:
        """What is known of a workspace."""
        return self._known.get(team_id) or Workspace(team_id=team_id)

    def token_of(self, team_id: str) -> str | None:
        """Its token; the one from the environment while nobody knows whose that is."""
        try:
            return self.client_of(team_id).token
        except UnknownWorkspaceError:
            return None

    def client_of(self, team_id: str) -> AsyncWebClient:
        """Raises `UnknownWorkspaceError`."""
        client = self._clients.get(team_id)
        if client is None and self._home is None:
            client = self._unplaced
        if client is None:
            raise UnknownWorkspaceError(team_id)
        return client

    async def team_of(self, channel: str) -> str:
        """The workspace of a channel (`slack:C1`): of who is being answered, of its subscriptions,
        or the only one; empty while nobody knows whose the token from the environment is. Raises
        `UnknownWorkspaceError`.
        """
        if team := TEAM.get():
            return team
        room = ":".join(channel.split(":")[:2])
        spaces = await self._database.read(slack_installations.spaces_of_channel, room)
        teams = [space.partition(":")[2] for space in spaces]
        if teams:  # a channel that workspaces share takes the token of any that has one
            return next((team for team in teams if team in self._clients), teams[0])
        if self._unplaced is not None:
            return self._home or ""
        if self.default_team is None:
            raise UnknownWorkspaceError(channel)
        return self.default_team

    async def posting(self, channel: str, space: str) -> tuple[AsyncWebClient, str]:
        """The client that posts in a channel (`C1`) of a space, where one is named, and the space.

        Raises `DeliveryError`: for that workspace alone, or that channel where nobody knows its
        workspace.
        """
        team = space.partition(":")[2]
        try:
            team = team or await self._find_team(f"{PLATFORM}:{channel}")
            return self.client_of(team), f"{PLATFORM}:{team}" if team else ""
        except UnknownWorkspaceError as exc:
            line = "the bot is not installed in this channel's workspace: install it there again"
            if not team:
                raise DeliveryError(line, fault=ChannelFault.REMOVED) from exc
            gone = f"{PLATFORM}:{team}"
            raise DeliveryError(line, fault=ChannelFault.ACCESS, space=gone) from exc

    async def _find_team(self, channel: str) -> str:
        """The same as `team_of`, by asking Slack where only Slack knows. What it says is kept."""
        try:
            team = await self.team_of(channel)
        except UnknownWorkspaceError:
            team = await self._who_sees(channel)
        else:
            if team or not self._clients:
                return team
            team = await self._find_home()
        await self._database.write(spaces.note_spaces, [(channel, f"{PLATFORM}:{team}")])
        return team

    async def _find_home(self) -> str:
        """Whose the token from the environment is. Raises `DeliveryError`, for one channel alone:
        other workspaces are none the worse for a token that is refused.
        """
        try:
            await self._look_home()
        except Outages as exc:
            told = meaning(exc)
            fault = ChannelFault.REMOVED if told.fault is ChannelFault.ACCESS else told.fault
            raise DeliveryError(str(told), fault=fault, retry_after_s=told.retry_after_s) from exc
        return self._home or ""

    async def _who_sees(self, channel: str) -> str:
        """The workspace that has a channel which the settings name. Raises
        `UnknownWorkspaceError`, and `DeliveryError` where not all could be asked.
        """
        unheard: DeliveryError | None = None
        for team_id, client in list(self._clients.items()):
            try:
                await client.conversations_info(channel=channel.partition(":")[2])
            except Outages as exc:
                told = meaning(exc)
                if told.fault is None and not told.permanent:
                    unheard = DeliveryError(str(told), retry_after_s=told.retry_after_s)
            else:
                return team_id
        if unheard is not None:
            raise unheard
        raise UnknownWorkspaceError(channel)

    async def install(self, row: InstallationRow, token: str) -> None:
        """Take in a workspace. `row.sealed_token` is filled here."""
        assert self._sealer is not None
        sealed = await asyncio.to_thread(self._sealer.seal, token)
        stored = row._replace(sealed_token=sealed)
        await self._database.write(slack_installations.put, stored)
        if row.team_id != self._home or await self.is_refused(row.team_id):
            client = self.new_client(token)
            self._clients[row.team_id] = client
            self._known[row.team_id] = await _described(client, stored)
        log.info("workspace installed", team=row.team_id)

    async def is_refused(self, team_id: str) -> bool:
        """Whether Slack takes no token of ours for this workspace."""
        try:
            await self.client_of(team_id).auth_test()
        except UnknownWorkspaceError:
            return True
        except Outages as exc:
            return meaning(exc).fault is ChannelFault.ACCESS
        return False

    async def remove(self, team_id: str) -> None:
        """The app was uninstalled there, or its token revoked: forget the token."""
        await self._database.write(slack_installations.remove, team_id)
        if team_id != self._home:
            self._clients.pop(team_id, None)
            self._known.pop(team_id, None)
        log.info("workspace removed", team=team_id)


async def ask_who(client: AsyncWebClient) -> Workspace:
    """Whose token a client has. Raises what the client raises."""
    answer = await client.auth_test()
    found: Mapping[str, Any] = answer.data if isinstance(answer.data, dict) else {}
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    scopes = str(headers.get("x-oauth-scopes", ""))
    return Workspace(
        team_id=str(found["team_id"]),
        name=str(found.get("team", "")),
        url=str(found.get("url", "")),
        bot_user_id=str(found.get("user_id", "")),
        bot_id=str(found.get("bot_id", "")),
        scopes=frozenset(one.strip() for one in scopes.split(",") if one.strip()),
    )


async def _described(client: AsyncWebClient, row: InstallationRow) -> Workspace:
    """What Slack says of a workspace, or what is stored of it where Slack is away."""
    try:
        return await ask_who(client)
    except Outages as exc:
        log.info("workspace not described", reason=type(exc).__name__)
        return _from_row(row)


def _from_row(row: InstallationRow) -> Workspace:
    return Workspace(
        team_id=row.team_id,
        name=row.team_name,
        bot_user_id=row.bot_user_id,
        scopes=frozenset(row.scopes.split(",")) - {""},
    )
