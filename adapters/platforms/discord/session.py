"""One bot account at Discord: the client that REST and gateway share, and its login.

Every answer is looked at on its way (aiohttp's tracing): those that count towards Discord's ban for
invalid requests are counted, and long before it no further request leaves. A send that met a server
error is not repeated by the library (discord.py repeats a POST up to five times): whether it was
stored is for the outbox to find out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

BAN_WINDOW_S = 600.0  # 10,000 invalid answers within it mean a ban (topics/rate-limits)
MOST_INVALID = 500
LONGEST_LIMIT_S = 60.0  # a rate limit that lasts longer is an answer, not a wait
LOGIN_AGAIN_S = 3_600.0  # after a refused token
ONCE: Final = "once"  # as `trace_request_ctx`: raise `NotRepeatedError` instead of repeating

_REPEATED = frozenset((500, 502, 504, 524))


class TooManyInvalidError(OSError):
    """So many requests were refused lately that no further one is made for a while."""


class NotRepeatedError(OSError):
    """A server error to a request that must not be repeated blindly. `status` is Discord's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class InvalidRequests:
    """Counts what Discord counts: 401, 403 and 429 answers, unless many bots share the limit."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def count(self) -> int:
        """How many there were within Discord's window."""
        oldest = asyncio.get_running_loop().time() - BAN_WINDOW_S
        while self._times and self._times[0] < oldest:
            self._times.popleft()
        return len(self._times)

    def note(self, response: aiohttp.ClientResponse) -> None:
        shared = response.headers.get("X-RateLimit-Scope") == "shared"
        if response.status in (401, 403) or (response.status == 429 and not shared):
            self._times.append(asyncio.get_running_loop().time())


class DiscordSession:
    """The client and its login. One for the process: discord.py keeps addresses in its classes."""

    def __init__(self, token: str, api_base: str) -> None:
        self._token = token
        self._turn = asyncio.Lock()
        self._is_in = False
        self._refused_until = 0.0
        self.invalid = InvalidRequests()
        _point_at(api_base)
        _keep_tokens_out_of_logs()
        self.client = discord.AutoShardedClient(
            intents=discord.Intents(guilds=True, guild_reactions=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_LIMIT_S,
            http_trace=self._tracing(),
        )

    async def log_in(self) -> None:
        """Log in unless that is done; safe to call again.

        Raises `discord.LoginFailure` for a token that Discord does not accept (and asks again
        after an hour only), `discord.HTTPException` or `OSError` while Discord is away.
        """
        async with self._turn:
            if self._is_in:
                return
            now = asyncio.get_running_loop().time()
            if now < self._refused_until:
                raise discord.LoginFailure("Improper token has been passed.")
            try:
                await self.client.login(self._token)
            except discord.LoginFailure:
                self._refused_until = now + LOGIN_AGAIN_S
                await self._hang_up()
                raise
            except BaseException:
                await self._hang_up()
                raise
            self._is_in = True

    def refused(self) -> None:
        """Discord no longer accepts the token: log in anew before the next request."""
        if self._is_in:
            self._is_in = False
            self._refused_until = asyncio.get_running_loop().time() + LOGIN_AGAIN_S

    @property
    def our_id(self) -> int:
        """The bot's own user id; only after `log_in`."""
        assert self.client.user is not None
        return self.client.user.id

    async def close(self) -> None:
        await self._hang_up()

    async def _hang_up(self) -> None:
        http = self.client.http
        await http.close()
        http.clear()
        http.connector = discord.utils.MISSING

    def _tracing(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        return trace

    async def _before(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        asked: aiohttp.TraceRequestStartParams,
    ) -> None:
        if self.invalid.count() >= MOST_INVALID:
            raise TooManyInvalidError(
                f"{MOST_INVALID} requests were refused within ten minutes; waiting until it is less"
            )

    async def _after(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        answered: aiohttp.TraceRequestEndParams,
    ) -> None:
        response = answered.response
        self.invalid.note(response)
        if context.trace_request_ctx == ONCE and response.status in _REPEATED:
            response.close()
            raise NotRepeatedError(response.status)


def _point_at(api_base: str) -> None:
    """REST begins at `api_base`; the gateway is asked of it (GET /gateway/bot)."""
    Route.BASE = api_base.rstrip("/")
    base = yarl.URL(api_base)
    if base.host != "discord.com":
        scheme = "wss" if base.scheme == "https" else "ws"
        DiscordWebSocket.DEFAULT_GATEWAY = base.origin().with_scheme(scheme)


def _keep_tokens_out_of_logs() -> None:
    """discord.py's debug log holds tokens of webhooks and interactions."""
    logger = logging.getLogger("discord")
    logger.setLevel(max(logger.level, logging.INFO))
