"""Socket Mode: the connection that Slack's envelopes come through, kept up for as long as we run.

The library's own reconnecting can wedge for ever on one refused address, and tells of a dead peer
late (PLATFORMS 2.8), so each connection is a client of its own, watched here: closed, silent or
told to go, it is replaced. A planned replacement is there before the old one goes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable
from enum import StrEnum

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import (
    run_async_bolt_app,
    send_async_response,
)
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack.errors import error_of
from adapters.platforms.slack.rooms import retry_after_s
from adapters.platforms.slack.seen import Seen

log = structlog.get_logger(__name__)

HELLO_WITHIN_S = 15.0
SILENT_S = 60.0  # no frame, not even a pong
PING_EVERY_S = 10.0
WATCH_EVERY_S = 0.5
LONGEST_WAIT_S = 60.0
REFUSED_WAIT_S = 300.0  # what only a person can mend is looked at again now and then
OLD_LIVES_S = 5.0  # a replaced connection may still bring what was under way

# apps.connections.open: what another try alone cannot mend.
REFUSALS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "missing_scope",
        "no_permission",
        "access_denied",
        "forbidden_team",
    }
)


class Link(StrEnum):
    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"
    ACCESS = "access"  # the token is not accepted, or Socket Mode is off


class _Client(SocketModeClient):
    """One connection. It is never connected again: `over` says that a new one is due."""

    def __init__(self, app_token: str, web_client: AsyncWebClient, ping_s: float) -> None:
        super().__init__(
            app_token=app_token,
            web_client=web_client,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            auto_reconnect_enabled=False,
            ping_interval=ping_s,
            on_message_listeners=[self._heard],
            on_error_listeners=[self._ended],
            on_close_listeners=[self._ended],
        )
        self.hello = asyncio.Event()
        self.over = asyncio.Event()
        self.refresh = False
        self.reason = ""
        self.heard_at = time.monotonic()
        self._last_pong: float | None = None

    async def connect(self) -> None:
        """Once: what fails is raised, where the library would try the same address for ever."""
        assert self.wss_uri is not None
        self.current_session = await self.aiohttp_client_session.ws_connect(
            self.wss_uri, autoping=False, heartbeat=self.ping_interval, proxy=self.proxy
        )
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Called by the library for a `disconnect` frame."""
        self.over.set()

    async def _heard(self, message: aiohttp.WSMessage) -> None:
        self.heard_at = time.monotonic()
        if not message.data.startswith("{"):
            return
        frame = json.loads(message.data)
        if frame.get("type") == "hello":
            self.hello.set()
        elif frame.get("type") == "disconnect":
            self.reason = str(frame.get("reason") or "")
            self.refresh = self.reason in ("warning", "refresh_requested")
            self.over.set()

    async def _ended(self, message: aiohttp.WSMessage) -> None:
        self.over.set()

    def is_lost(self, silent_s: float) -> bool:
        """Whether the socket is closed, or nothing was heard for long."""
        if self.last_ping_pong_time != self._last_pong:
            self._last_pong = self.last_ping_pong_time
            self.heard_at = time.monotonic()
        if self.over.is_set() or self.current_session is None or self.current_session.closed:
            return True
        return time.monotonic() - self.heard_at > silent_s


class SocketMode:
    """Keeps one connection and hands what comes to a bolt app."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        web_client: AsyncWebClient,
        *,
        changed: Callable[[Link, str], None],
        first_wait_s: float = 1.0,
        ping_s: float = PING_EVERY_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._web_client = web_client
        self._changed = changed
        self._first_wait_s = first_wait_s
        self._ping_s = ping_s
        self._silent_s = silent_s
        self._seen = Seen()
        self._closing: set[asyncio.Task[None]] = set()
        self.connected = 0

    async def run(self) -> None:
        """Connect again and again until cancelled."""
        current: _Client | None = None
        fails = 0
        try:
            while True:
                old, current = current, None
                wait_s = 0.0
                try:
                    current = await self._connected()
                except SlackApiError as exc:
                    wait_s = self._told_of(exc, fails)
                except (OSError, aiohttp.ClientError, TimeoutError) as exc:
                    self._changed(Link.LOST, _told(exc))
                    wait_s = self._wait_s(fails)
                finally:
                    self._retire(old)
                if current is None:
                    fails += 1
                    await asyncio.sleep(wait_s)
                    continue
                fails = 0 if await self._watch(current) else fails + 1
                if not current.refresh:
                    self._retire(current)
                    current = None
                    await asyncio.sleep(self._wait_s(fails))
        finally:
            if current is not None:
                await _close(current)
            for task in list(self._closing):
                task.cancel()
            if self._closing:
                await asyncio.wait(list(self._closing))

    async def _connected(self) -> _Client:
        """A connection that Slack has greeted. Raises what asking and connecting raise."""
        client = _Client(self._app_token, self._web_client, self._ping_s)
        client.socket_mode_request_listeners.append(self._take)
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                answer = await self._web_client.apps_connections_open(app_token=self._app_token)
                client.wss_uri = str(answer["url"])
                await client.connect()
                await client.hello.wait()
        except BaseException:
            await _close(client)
            raise
        self.connected += 1
        self._changed(Link.READY, "")
        return client

    async def _watch(self, client: _Client) -> bool:
        """Returns when the connection is over; whether it had lasted for a while."""
        began_at = time.monotonic()
        while not client.is_lost(self._silent_s):
            try:
                async with asyncio.timeout(WATCH_EVERY_S):
                    await client.over.wait()
            except TimeoutError:
                continue
        if not client.refresh:
            self._changed(Link.LOST, client.reason or "the connection ended")
        return client.refresh or time.monotonic() - began_at > self._silent_s

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """One envelope. A second copy is acknowledged and not worked on again."""
        if not self._seen.is_new(request.envelope_id):
            await client.send_socket_mode_response(
                SocketModeResponse(envelope_id=request.envelope_id)
            )
            return
        began_at = time.time()
        answer = await run_async_bolt_app(self._app, request)
        if answer.status == 404:  # nothing of ours listens: without an answer it would come again
            answer.status = 200
            answer.body = ""
        try:
            await send_async_response(client, request, answer, began_at)
        except (ConnectionError, aiohttp.ClientError) as exc:
            log.warning("acknowledgement lost", reason=type(exc).__name__)

    def _told_of(self, exc: SlackApiError, fails: int) -> float:
        """Say why no connection can be had; returns how long to wait."""
        error = error_of(exc)
        if error in REFUSALS:
            self._changed(Link.ACCESS, f"Slack does not accept SLACK_APP_TOKEN: {error}")
            return REFUSED_WAIT_S
        self._changed(Link.LOST, f"apps.connections.open: {error}"[:200])
        asked_s = retry_after_s(exc)
        return self._wait_s(fails) if asked_s is None else max(asked_s, 1.0)

    def _wait_s(self, fails: int) -> float:
        longest_s = min(LONGEST_WAIT_S, self._first_wait_s * 2 ** min(fails, 10))
        return random.uniform(longest_s / 2, longest_s)  # noqa: S311  # jitter only

    def _retire(self, client: _Client | None) -> None:
        """Close a connection; one that was replaced in time may finish what it brought."""
        if client is None:
            return
        lives_s = OLD_LIVES_S if client.refresh else 0.0
        task = asyncio.create_task(_close_later(client, lives_s))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _told(exc: Exception) -> str:
    """Why a connection failed. A refused handshake names the address it was for, which is as good
    as a token.
    """
    if isinstance(exc, aiohttp.WSServerHandshakeError):
        return f"the socket was refused (HTTP {exc.status})"
    return f"{type(exc).__name__}: {exc}"[:200]


async def _close_later(client: _Client, lives_s: float) -> None:
    try:
        if lives_s:
            await asyncio.sleep(lives_s)
    finally:
        await _close(client)


async def _close(client: _Client) -> None:
    try:
        async with asyncio.timeout(2.0):
            await client.close()  # type: ignore[no-untyped-call]
    except (OSError, aiohttp.ClientError, TimeoutError) as exc:
        log.debug("socket not closed", reason=type(exc).__name__)
