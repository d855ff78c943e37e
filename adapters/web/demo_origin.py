"""The demo's web: one server on loopback that plays all the fictional publishers.

It behaves as the real ones do: validators and 304, a feed that moved, one that fails at first, one
that is down for good, and a second state that comes with `advance()`.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from types import TracebackType
from typing import Self

from aiohttp import web

from adapters.web.demo_content import PHASES, Publisher, Resource, load_publishers, render_site

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request that the origin answered."""

    method: str
    path: str
    status: int
    phase: int


class DemoOrigin:
    """Serves the demo's feeds and pages while its `async with` block lasts.

    `port=0` lets the system choose. All dates are set relative to `now`, which is fixed at the
    start, so that a feed keeps its ETag until `advance()`.
    """

    def __init__(self, *, port: int = 0, now: datetime | None = None) -> None:
        self.url = ""
        self.phase = PHASES[0]
        self.requests: list[LoggedRequest] = []
        self._port = port
        self._now = now or datetime.now(UTC)
        self._publishers: tuple[Publisher, ...] = ()
        self._states: dict[int, dict[str, Resource]] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        listener = socket.create_server((_HOST, self._port))
        self.url = f"http://{_HOST}:{listener.getsockname()[1]}"
        try:
            await asyncio.to_thread(self._render)
            self._runner = await self._serve(listener)
        except BaseException:
            listener.close()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def sources(self) -> list[str]:
        """The feeds' addresses as a subscriber knows them, in publishing order."""
        return [self.url + publisher.subscribed_path for publisher in self._publishers]

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """Tags for the settings, by source."""
        return {self.url + each.subscribed_path: tuple(each.tags) for each in self._publishers}

    def advance(self) -> None:
        """Go on to the second state: new entries, an edit, later coverage. Again: no change."""
        self.phase = PHASES[-1]

    def _render(self) -> None:
        self._publishers = load_publishers()
        self._states = {phase: render_site(self.url, self._now, phase) for phase in PHASES}

    async def _serve(self, listener: socket.socket) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        return runner

    async def _answer(self, request: web.Request) -> web.Response:
        response = self._respond(request)
        self.requests.append(
            LoggedRequest(
                method=request.method,
                path=request.path_qs,
                status=response.status,
                phase=self.phase,
            )
        )
        return response

    def _respond(self, request: web.Request) -> web.Response:
        for publisher in self._publishers:
            if request.path == publisher.subscribed_path:
                trouble = self._trouble(publisher)
                if trouble is not None:
                    return trouble
        resource = self._states[self.phase].get(request.path)
        if resource is None:
            return web.Response(status=404, text="There is no such page in the demo.")
        etag = f'"{blake2b(resource.body, digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(
            body=resource.body, headers={"ETag": etag, "Content-Type": resource.content_type}
        )

    def _trouble(self, publisher: Publisher) -> web.Response | None:
        """What stands in the feed's way, if anything: a fault, or a new address."""
        if publisher.always is not None:
            return web.Response(status=publisher.always, text="Closed for renovation.")
        if publisher.moved_from:
            location = self.url + publisher.feed_path
            return web.Response(status=301, headers={"Location": location})
        earlier = sum(each.path == publisher.feed_path for each in self.requests)
        if earlier < publisher.fail_first:
            return web.Response(status=500, text="Something went wrong on our side.")
        return None
