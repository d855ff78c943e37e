"""The requests that a delivery makes, each with a deadline, through discord.py's own HTTP client.

Its rate limits stay in charge: a request may wait for its bucket. What is sent is exactly the body
that was rendered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import discord
from discord.http import Route

from adapters.platforms.discord.session import DiscordSession, Sending

Body = Mapping[str, Any]

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = _MESSAGES + "/{message_id}"

DEADLINE_S = 100.0  # longer than the longest rate limit that is waited for
UNTOLD_WAIT_S = 3_600.0
PAGE = 100


class UnansweredError(OSError):
    """A request that makes something left, and what became of it is not known. `cause` is why."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Rest:
    """Raises what discord.py and aiohttp raise; `adapters.platforms.discord.errors` reads it."""

    def __init__(self, session: DiscordSession) -> None:
        self._session = session

    @property
    def our_id(self) -> str:
        return str(self._session.our_id)

    async def channel(self, channel: str) -> Any:
        return await self._ask(_route("GET", "/channels/{channel_id}", channel_id=channel))

    async def guild(self, guild: str) -> Any:
        return await self._ask(_route("GET", "/guilds/{guild_id}", guild_id=guild))

    async def ourselves_in(self, guild: str) -> Any:
        path = "/guilds/{guild_id}/members/{user_id}"
        return await self._ask(_route("GET", path, guild_id=guild, user_id=self.our_id))

    async def create(self, channel: str, body: Body) -> Any:
        return await self._send(_route("POST", _MESSAGES, channel_id=channel), body)

    async def change(self, channel: str, message: str, body: Body) -> Any:
        route = _route("PATCH", _MESSAGE, channel_id=channel, message_id=message)
        return await self._ask(route, json=body)

    async def archive(self, thread: str, *, archived: bool) -> None:
        """Archive a thread that we began, or open one again (with nothing else: less is needed)."""
        route = _route("PATCH", "/channels/{channel_id}", channel_id=thread)
        await self._ask(route, json={"archived": archived})

    async def delete(self, channel: str, message: str) -> None:
        await self._ask(_route("DELETE", _MESSAGE, channel_id=channel, message_id=message))

    async def message(self, channel: str, message: str) -> Any:
        return await self._ask(_route("GET", _MESSAGE, channel_id=channel, message_id=message))

    async def page(self, channel: str, *, after: str = "") -> list[Any]:
        """Up to a hundred messages after this one (or this time's snowflake), or the newest; the
        oldest first.
        """
        route = _route("GET", _MESSAGES, channel_id=channel)
        params = {"limit": PAGE, "after": after} if after else {"limit": PAGE}
        found = await self._ask(route, params=params)
        return sorted(found, key=lambda message: int(message["id"]))

    async def start_thread(self, channel: str, message: str, name: str) -> Any:
        route = _route("POST", f"{_MESSAGE}/threads", channel_id=channel, message_id=message)
        return await self._send(route, {"name": name, "auto_archive_duration": 4_320})

    async def post_in_forum(self, channel: str, body: Body) -> Any:
        return await self._send(
            _route("POST", "/channels/{channel_id}/threads", channel_id=channel), body
        )

    async def active_threads(self, guild: str) -> list[Any]:
        found = await self._ask(_route("GET", "/guilds/{guild_id}/threads/active", guild_id=guild))
        return list(found["threads"])

    async def archived_threads(self, channel: str) -> list[Any]:
        route = _route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=channel)
        return list((await self._ask(route, params={"limit": PAGE}))["threads"])

    async def publish(self, channel: str, message: str, *, within_s: float) -> None:
        route = _route("POST", f"{_MESSAGE}/crosspost", channel_id=channel, message_id=message)
        await self._ask(route, within_s=within_s)

    async def direct_channel(self, person: str) -> str:
        route = _route("POST", "/users/@me/channels")
        return str((await self._ask(route, json={"recipient_id": person}))["id"])

    async def _send(self, route: Route, body: Body) -> Any:
        """A request that makes something: never repeated blindly. Raises `UnansweredError` where
        it may have been made all the same.
        """
        sending = Sending()
        try:
            return await self._ask(route, json=body, trace_request_ctx=sending)
        except aiohttp.ClientConnectorError:
            raise  # it never left
        except (discord.DiscordException, aiohttp.ClientError, OSError) as exc:
            if sending.is_unanswered:
                raise UnansweredError(exc) from exc
            raise

    async def _ask(self, route: Route, *, within_s: float = DEADLINE_S, **request: Any) -> Any:
        async with asyncio.timeout(within_s):
            await self._session.log_in()
            try:
                return await self._session.client.http.request(route, **request)
            except KeyError as exc:
                # The library expects every 429 to say when to come back; those about a single
                # message (30046, 20022) need not.
                raise discord.RateLimited(UNTOLD_WAIT_S) from exc


def _route(method: str, path: str, **parameters: str) -> Route:
    return Route(method, path, metadata=None, **parameters)
