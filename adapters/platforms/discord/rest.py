"""The requests that a delivery makes, each with a deadline, through discord.py's own HTTP client.

Its rate limits stay in charge: a request may wait for its bucket. What is sent is exactly the body
that was rendered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from discord.http import Route

from adapters.platforms.discord.session import ONCE, DiscordSession

Body = Mapping[str, Any]

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = _MESSAGES + "/{message_id}"

DEADLINE_S = 100.0  # longer than the longest rate limit that is waited for
PAGE = 100


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

    async def delete(self, channel: str, message: str) -> None:
        await self._ask(_route("DELETE", _MESSAGE, channel_id=channel, message_id=message))

    async def message(self, channel: str, message: str) -> Any:
        return await self._ask(_route("GET", _MESSAGE, channel_id=channel, message_id=message))

    async def page(self, channel: str, *, after: str) -> list[Any]:
        """Up to a hundred messages after this one (or this time's snowflake), the oldest first."""
        route = _route("GET", _MESSAGES, channel_id=channel)
        found = await self._ask(route, params={"after": after, "limit": PAGE})
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
        """A request that makes something: never repeated blindly."""
        return await self._ask(route, json=body, trace_request_ctx=ONCE)

    async def _ask(self, route: Route, *, within_s: float = DEADLINE_S, **request: Any) -> Any:
        await self._session.log_in()
        async with asyncio.timeout(within_s):
            return await self._session.client.http.request(route, **request)


def _route(method: str, path: str, **parameters: str) -> Route:
    return Route(method, path, metadata=None, **parameters)
