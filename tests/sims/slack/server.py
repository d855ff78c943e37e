"""The local Slack's server: the Web API, with tokens, scopes, cursors, limits and bad days.

async with LocalSlack() as sim:
    team = sim.add_team("Acme")
    room = sim.add_channel(team, "news")
    ... talk to sim.api_base with team.token ...
    sim.fail_next("chat.postMessage", reset="after")   # the answer is lost
    sim.check()                                        # nothing wrong was sent
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Self

from aiohttp import web

from tests.sims.slack.world import Json, SlackError, Team, World

Handler = Callable[["LocalSlack", "Call"], Awaitable[Json]]
METHODS: dict[str, tuple[str, Handler]] = {}  # method → (a scope it needs or "", who answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a method, by a workspace's bot."""

    method: str
    team: Team
    body: Json


@dataclass(kw_only=True)
class Request:
    """A request in the log. `status` is 0 while it is handled and when its answer was lost."""

    method: str
    at: float
    body: Json
    token: str
    status: int = 0


@dataclass(kw_only=True)
class Scripted:
    """What the next `left` calls of a method meet, after `skip` others."""

    method: str
    left: int = 1
    skip: int = 0
    status: int | None = None
    error: str = ""
    reset: Literal["before", "after"] | None = None
    retry_after: int = 1
    slow_s: float = 0.0  # before it is worked on, whoever waits
    seen: int = 0


def method(name: str, scope: str = "") -> Callable[[Handler], Handler]:
    """Enter who answers a method of the Web API."""

    def enter(handler: Handler) -> Handler:
        METHODS[name] = (scope, handler)
        return handler

    return enter


class LocalSlack(World):
    """The server. Further surfaces add their routes to `app` before it is entered."""

    def __init__(self) -> None:
        super().__init__()
        import_module("tests.sims.slack.webapi")  # it enters its methods
        self.app = web.Application(client_max_size=8 * 2**20)
        self.app.router.add_route("*", "/api/{method}", self._serve)
        self.port = 0
        self.requests: list[Request] = []
        self.script: list[Scripted] = []
        self.dead_pictures = False  # none can be loaded: what shows one is refused
        self.per_channel: tuple[int, float] | None = None  # posts, in so many seconds
        self.requests_while_limited = 0
        self._posted: dict[str, deque[float]] = {}
        self._runner: web.AppRunner | None = None

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def fail_next(self, method: str, **fault: Any) -> Scripted:
        """What the next calls of a method meet; see `Scripted`."""
        scripted = Scripted(method=method, **fault)
        self.script.append(scripted)
        return scripted

    def asked(self, method: str) -> list[Request]:
        return [one for one in self.requests if one.method == method]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        body, token = await _read(request)
        logged = Request(method=name, at=time.monotonic(), body=body, token=token)
        self.requests.append(logged)
        fault = self._fault(name)
        if fault is not None and fault.reset == "before":
            return _hang_up(request)
        if fault is not None and fault.slow_s:
            await asyncio.sleep(fault.slow_s)
        answer = _scripted(fault) or await self._answer(name, body, token)
        if fault is not None and fault.reset == "after":
            return _hang_up(request)
        logged.status = answer.status
        return answer

    async def _answer(self, name: str, body: Json, token: str) -> web.Response:
        if name not in METHODS:
            self.violate(f"unknown method {name}")
            return _json({"ok": False, "error": "unknown_method"})
        scope, handler = METHODS[name]
        try:
            team = self.team_of(token)
            if scope and scope not in team.scopes:
                raise SlackError("missing_scope", needed=scope, provided=",".join(team.scopes))
            if name == "chat.postMessage" and (wait_s := self._limited(body)):
                headers = {"Retry-After": str(wait_s)}
                return _json({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            answer = await handler(self, Call(method=name, team=team, body=body))
        except SlackError as exc:
            return _json({"ok": False, "error": exc.error, **exc.more})
        return _json({"ok": True, **answer})

    def _limited(self, body: Json) -> int:
        """Seconds to wait before this channel takes another post."""
        if self.per_channel is None:
            return 0
        most, within_s = self.per_channel
        now = time.monotonic()
        lately = self._posted.setdefault(str(body.get("channel")), deque())
        while lately and lately[0] <= now - within_s:
            lately.popleft()
        if len(lately) >= most:
            self.requests_while_limited += 1
            return max(1, round(lately[0] + within_s - now))
        lately.append(now)
        return 0

    def _fault(self, name: str) -> Scripted | None:
        for one in self.script:
            if one.method != name or not one.left:
                continue
            if one.skip:
                one.skip -= 1
                continue
            one.left -= 1
            one.seen += 1
            return one
        return None


def _scripted(fault: Scripted | None) -> web.Response | None:
    if fault is None or fault.reset or fault.slow_s:
        return None
    if fault.status == 429:
        headers = {"Retry-After": str(fault.retry_after)}
        return _json({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    if fault.status is not None:
        return web.Response(status=fault.status, text="<html>down</html>", content_type="text/html")
    return _json({"ok": False, "error": fault.error})


def _hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _read(request: web.Request) -> tuple[Json, str]:
    """The arguments, from JSON, a form or the query, and the token, from header or form."""
    body: Json = dict(request.query)
    if request.content_type == "application/json":
        body |= await request.json()
    elif request.can_read_body:
        form = await request.post()
        body |= {name: _value(str(value)) for name, value in form.items()}
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return body, token or str(body.pop("token", ""))


def _value(text: str) -> Any:
    """Structured arguments travel as JSON in forms."""
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _json(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)
