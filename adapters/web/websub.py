"""`/websub/{id}`: where hubs ask whether we meant it, and send what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

ANSWERS = {"taken": 202, "unsigned": 202, "busy": 503, "unknown": 410}


class Pushes(Protocol):
    """What takes part on our side."""

    async def verify(self, callback: str, query: Mapping[str, str]) -> str | None:
        """The text to answer with; None where we never asked for that."""

    async def receive(self, callback: str, body: bytes, content_type: str, signature: str) -> str:
        """What became of a push, one of `ANSWERS`. What is not signed gets the same answer as what
        is: who tries keys learns nothing.
        """


def routes(pushes: Pushes, max_bytes: int) -> list[web.RouteDef]:
    """The callback of every subscription; `max_bytes` is the most that one push may have."""

    async def verify(request: web.Request) -> web.Response:
        text = await pushes.verify(request.match_info["id"], request.query)
        if text is None:
            raise web.HTTPNotFound
        return web.Response(text=text)  # plain text: a challenge is never read as a page

    async def receive(request: web.Request) -> web.Response:
        body = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            body += chunk
            if len(body) > max_bytes:
                raise web.HTTPRequestEntityTooLarge(max_size=max_bytes, actual_size=len(body))
        outcome = await pushes.receive(
            request.match_info["id"],
            bytes(body),
            request.headers.get("Content-Type", ""),
            request.headers.get("X-Hub-Signature", ""),
        )
        return web.Response(status=ANSWERS[outcome])

    # Without HEAD: it would verify what nobody asked.
    path = "/websub/{id:[A-Za-z0-9_-]{16,64}}"
    return [web.get(path, verify, allow_head=False), web.post(path, receive)]
