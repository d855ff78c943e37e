"""One bot account at Discord: the client that REST and gateway share, and its login.

Every request and answer is looked at on its way (aiohttp's tracing), for what concerns the bot as a
whole: see `restraint`. A send that met a server error is not repeated by the library (discord.py
repeats a POST up to five times): whether it was stored is for the outbox to find out.
"""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.platforms.discord.restraint import (
    LIMITED,
    MOST_INVALID,
    InvalidRequests,
    Pace,
    Pauses,
    TooManyInvalidError,
    retry_after_s,
)

LONGEST_LIMIT_S = 60.0  # a rate limit that lasts longer is an answer, not a wait
LOGIN_AGAIN_S = 3_600.0  # after a refused token
ONCE: Final = "once"  # as `trace_request_ctx`: raise `NotRepeatedError` instead of repeating

_REPEATED = frozenset((500, 502, 504, 524))
_WITHOUT_TOKEN = ("/interactions/", "/webhooks/")  # these 401 are about tokens of their own


class NotRepeatedError(OSError):
    """A server error to a request that must not be repeated blindly. `status` is Discord's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Sending:
    """As `trace_request_ctx` of a request that makes something: it is `ONCE`, and known to be
    unanswered from when it left until Discord said that it did not take it.
    """

    def __init__(self) -> None:
        self.is_unanswered = False


class DiscordSession:
    """The client and its login. One for the process: discord.py keeps addresses in its classes."""

    def __init__(self, token: str, api_base: str, *, ask_again_s: float = LOGIN_AGAIN_S) -> None:
        self._token = token
        self._ask_again_s = ask_again_s
        self._turn = asyncio.Lock()
        self._is_in = False
        self._refused_until = 0.0
        self._was_in = False
        self.invalid = InvalidRequests()
        self.pauses = Pauses()
        self._pace = Pace()
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
        after `ask_again_s` only), `discord.HTTPException` or `OSError` while Discord is away.
        """
        async with self._turn:
            if self._is_in:
                return
            now = asyncio.get_running_loop().time()
            if now < self._refused_until:
                raise discord.LoginFailure("Improper token has been passed.")
            try:
                await (self._ask_again() if self._was_in else self._log_in_first())
            except discord.LoginFailure:
                self._refused_until = now + self._ask_again_s
                raise
            self._is_in = self._was_in = True

    async def _log_in_first(self) -> None:
        try:
            await self.client.login(self._token)
        except BaseException:
            await self._hang_up()
            raise

    async def _ask_again(self) -> None:
        """Whether the token is accepted once more. The client's session and shards stay."""
        try:
            await self.client.http.request(Route("GET", "/users/@me"))
        except discord.HTTPException as exc:
            if exc.status == 401:
                raise discord.LoginFailure("Improper token has been passed.") from exc
            raise

    def refused(self) -> None:
        """Discord no longer accepts the token: log in anew before the next request."""
        if self._is_in:
            self._is_in = False
            self._refused_until = asyncio.get_running_loop().time() + self._ask_again_s

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
        self.pauses.check()
        if self.invalid.count() >= MOST_INVALID:
            raise TooManyInvalidError(
                f"{MOST_INVALID} requests were refused within ten minutes; waiting until it is less"
            )
        await self._pace.turn(asked.url.path)
        if isinstance(context.trace_request_ctx, Sending):
            context.trace_request_ctx.is_unanswered = True

    async def _after(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        answered: aiohttp.TraceRequestEndParams,
    ) -> None:
        response, sending = answered.response, context.trace_request_ctx
        self.invalid.note(response)
        self.pauses.note(response)
        if isinstance(sending, Sending) and 400 <= response.status < 500:
            sending.is_unanswered = False
        if response.headers.get("X-RateLimit-Global"):
            self._pause_all(retry_after_s(response.headers) or LONGEST_LIMIT_S)
        if response.status == 401 and not _has_own_token(answered.url.path):
            self.refused()
        if response.status in _REPEATED and (sending == ONCE or isinstance(sending, Sending)):
            response.close()
            raise NotRepeatedError(response.status)

    def _pause_all(self, wait_s: float) -> None:
        """Hold every request back, and have the library go on afterwards.

        Who met the limit is to open the library's lock again; called off while it waits (a
        deadline), it never does, and nothing would leave any more.
        """
        if wait_s > LONGEST_LIMIT_S:
            self.pauses.told(LIMITED, wait_s)
            return
        self._pace.told(wait_s)
        lock = self.client.http._global_over  # named as in 2.7.1; a test holds us to it
        asyncio.get_running_loop().call_later(wait_s + 0.1, lock.set)


def _has_own_token(path: str) -> bool:
    return any(part in path for part in _WITHOUT_TOKEN)


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
