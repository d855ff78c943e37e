"""The demo's web: a server on loopback that plays the fictional publishers and a Reddit.

Each has a name below `localhost` and a port of its own: stories are told by who publishes where.
They behave as real ones do: validators and 304, a feed that moved, one that fails at first, one
that is down for good, and a second state that comes with `advance()`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from types import TracebackType
from typing import Self

from aiohttp import web

from adapters.web.demo_content import PHASES, Publisher, Resource, load_publishers, render_site
from adapters.web.demo_reddit import HOST as REDDIT_HOST
from adapters.web.demo_reddit import DemoReddit
from adapters.web.demo_subreddit import DemoSubreddit

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

    `port` is the first of the ports to take, 0 lets the system choose. All dates are set relative
    to `now`, which is fixed at the start, so that a feed keeps its ETag until `advance()`; what
    the second state brings is dated `later`.
    """

    def __init__(
        self, *, port: int = 0, now: datetime | None = None, later: timedelta = timedelta()
    ) -> None:
        self.phase = PHASES[0]
        self.requests: list[LoggedRequest] = []
        self._port = port
        now = now or datetime.now(UTC)
        self._phases_at = dict(zip(PHASES, (now, now + later), strict=True))
        self._publishers: tuple[Publisher, ...] = ()
        self._origins: dict[str, str] = {}
        self._states: dict[int, dict[str, Resource]] = {}
        self._subreddits: dict[int, DemoSubreddit] = {}
        self.reddit = DemoReddit(lambda: self.subreddit)
        self.reddit_base = ""
        self._running = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            self._publishers = await asyncio.to_thread(load_publishers)
            listeners = [
                stack.enter_context(
                    socket.create_server((_HOST, self._port and self._port + place))
                )
                for place in range(len(self._publishers) + 1)
            ]
            ports = [listener.getsockname()[1] for listener in listeners]
            for publisher, port in zip(self._publishers, ports[:-1], strict=True):
                self._origins[publisher.slug] = f"http://{publisher.host}:{port}"
            self.reddit_base = f"http://{REDDIT_HOST}:{ports[-1]}"
            await asyncio.to_thread(self._render)
            pages = web.Application()
            pages.router.add_get("/{path:.*}", self._answer)
            stack.push_async_callback(await _serve(pages, listeners[:-1]))
            reddit = web.Application(middlewares=[self._logged])
            reddit.add_routes(self.reddit.routes())
            stack.push_async_callback(await _serve(reddit, listeners[-1:]))
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._running.aclose()

    @property
    def sources(self) -> list[str]:
        """The feeds' addresses as a subscriber knows them, in publishing order."""
        return list(self.tags)

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """Tags for the settings, by source."""
        return {
            self._origins[publisher.slug] + publisher.subscribed_path: tuple(publisher.tags)
            for publisher in self._publishers
        }

    @property
    def subreddit(self) -> DemoSubreddit:
        """The demo's subreddit as it is now."""
        return self._subreddits[self.phase]

    def url(self, path: str) -> str:
        """The address of `path`, which begins with its publisher's slug: `/ledger/feed.xml`."""
        return self._origins[path.split("/")[1]] + path

    def advance(self) -> None:
        """Go on to the second state: new entries, an edit, later coverage. Again: no change."""
        self.phase = PHASES[-1]

    def _render(self) -> None:
        self._states = {
            phase: render_site(self._origins, self._phases_at, phase) for phase in PHASES
        }
        self._subreddits = {
            phase: DemoSubreddit(self.reddit_base, self._origins, self._phases_at, phase)
            for phase in PHASES
        }

    @web.middleware
    async def _logged(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        self._log(request, response.status)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        response = self._respond(request)
        self._log(request, response.status)
        return response

    def _log(self, request: web.Request, status: int) -> None:
        self.requests.append(
            LoggedRequest(
                method=request.method, path=request.path_qs, status=status, phase=self.phase
            )
        )

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
            location = self._origins[publisher.slug] + publisher.feed_path
            return web.Response(status=301, headers={"Location": location})
        earlier = sum(each.path == publisher.feed_path for each in self.requests)
        if earlier < publisher.fail_first:
            return web.Response(status=500, text="Something went wrong on our side.")
        return None


async def _serve(
    app: web.Application, listeners: Sequence[socket.socket]
) -> Callable[[], Awaitable[None]]:
    """Start serving; returns what stops it."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    for listener in listeners:
        await web.SockSite(runner, listener).start()
    return runner.cleanup
