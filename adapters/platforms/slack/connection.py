"""Slack's live side: what people type and press arrives here, by socket or by signed requests.

Runs beside the workers of the service until it is cancelled. Posts go out whether or not it is
connected. A refused token is told and looked at again now and then; nothing here ends the service.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from adapters.platforms.parts import supervised
from adapters.platforms.slack.errors import error_of
from adapters.platforms.slack.office import Office
from adapters.platforms.slack.socket_mode import REFUSALS, REFUSED_WAIT_S, Link, SocketMode
from adapters.platforms.slack.workspaces import PLATFORM, Outages
from bot.store import places, platform_notes, spaces

log = structlog.get_logger(__name__)

NOTE_LINK, NOTE_CHATS = "link", "chats"
STOP_WITHIN_S = 4.0
LONGEST_WAIT_S = 60.0
HISTORY = ("channels:history", "groups:history")


class SlackConnection:
    """The live side. `routes` are for the web server (HTTP mode, installing); may be empty.

    `socket` is None in HTTP mode. `missing`: what a person has to set before Slack can reach us;
    posts go out all the same. `run` ends only by being cancelled.
    """

    def __init__(
        self,
        office: Office,
        *,
        socket: Callable[[Callable[[Link, str], None]], SocketMode] | None,
        routes: Sequence[Any] = (),
        missing: str = "",
        first_wait_s: float = 1.0,
    ) -> None:
        self._office = office
        self._database = office.desk.database
        self.socket = socket(self._link_changed) if socket is not None else None
        self.routes = tuple(routes)
        self._missing = missing
        self.link = Link.CONNECTING
        self.stop_within_s = STOP_WITHIN_S
        self._first_wait_s = first_wait_s
        self._notes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def run(self) -> None:
        """Look who we are, keep connected, until cancelled."""
        await self._office.workspaces.load()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(supervised(PLATFORM, "notes", self._keep_notes))
                group.create_task(supervised(PLATFORM, "identity", self._find_out))
                if self.socket is not None:
                    group.create_task(supervised(PLATFORM, "socket", self.socket.run))
        finally:
            await self._office.tasks.stop(self.stop_within_s)

    async def _find_out(self) -> None:
        """Who we are in each workspace, however long that takes to be told."""
        fails = 0
        is_told = False
        while True:
            try:
                is_all = await self._office.workspaces.look()
            except SlackApiError as exc:
                error = error_of(exc)
                self._link_changed(Link.ACCESS, f"Slack does not accept SLACK_BOT_TOKEN: {error}")
                wait_s = REFUSED_WAIT_S if error in REFUSALS else self._wait_s(fails)
            except Outages as exc:
                self._link_changed(Link.LOST, f"{type(exc).__name__}: {exc}"[:200])
                wait_s = self._wait_s(fails)
            else:
                if not is_told:
                    await self._found_out()
                    is_told = True
                if is_all:
                    return
                wait_s = self._wait_s(fails)
            fails += 1
            await asyncio.sleep(wait_s)

    async def _found_out(self) -> None:
        if self._missing:
            self._link_changed(Link.ACCESS, self._missing)
        elif self.socket is None:
            self._link_changed(Link.READY, "")
        for team_id in self._office.workspaces.teams():
            self._note(f"{NOTE_CHATS} {PLATFORM}:{team_id}", self._why_unreadable(team_id))
        await self._place_channels()

    async def _place_channels(self) -> None:
        """Channels that the settings name belong to the workspace of the token that is there."""
        team = self._office.workspaces.default_team
        if team is not None:
            found = await self._database.read(places.placeless, PLATFORM)
            pairs = [(channel, f"{PLATFORM}:{team}") for channel in found]
            await self._database.write(spaces.note_spaces, pairs)

    def _why_unreadable(self, team_id: str) -> str:
        """Why chats of a workspace cannot be summarised: a line, empty where they can."""
        scopes = self._office.workspaces.of(team_id).scopes
        if scopes and not scopes.intersection(HISTORY):
            return f"the Slack app lacks {' and '.join(HISTORY)}"
        return ""

    def _link_changed(self, link: Link, reason: str) -> None:
        self.link = link
        if link is Link.ACCESS:
            log.error("slack connection refused", reason=reason)
        else:
            log.info("slack connection", state=link.value, reason=reason)
        at = self._office.desk.clock.now().isoformat()
        self._note(NOTE_LINK, json.dumps({"link": link.value, "reason": reason, "at": at}))

    def _note(self, name: str, value: str) -> None:
        self._notes.put_nowait((name, value))

    async def _keep_notes(self) -> None:
        while True:
            name, value = await self._notes.get()
            await self._database.write(platform_notes.put, PLATFORM, name, value)

    def _wait_s(self, fails: int) -> float:
        longest_s = min(LONGEST_WAIT_S, self._first_wait_s * 2 ** min(fails, 10))
        return random.uniform(longest_s / 2, longest_s)  # noqa: S311  # jitter only
