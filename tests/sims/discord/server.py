"""A Discord on loopback, to which the real discord.py talks over HTTP and WebSocket.

    async with LocalDiscord() as sim:
        guild = sim.add_guild("Acme")
        channel = sim.add_channel(guild, "news")
        user = sim.add_member(guild, "ann", permissions=permissions.MANAGE_CHANNELS)
        ... start a client with sim.token at sim.api_base / sim.gateway_url ...
        await sim.ready()
        asked = await sim.command(guild, channel, user, "news list")
        assert "no subscription" in (await asked.answer()).text
        assert asked.ephemeral and asked.ack_ms < 100
        sim.fail_next("POST", "/channels/*/messages", reset="after")   # the answer is lost
        sim.check()                                                    # nothing wrong was sent

State and who may see it: `World`; what moderators do: `Changes`; what users do: `People`; bad days:
`fail_next`, `limits`, `gateway`, `revoke_token`, `go_down`. Every body is held against the
documented limits, and against Discord's OpenAPI document where it lies beside the project.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from tests.sims.discord import rest_app, rest_guilds, rest_interactions, rest_messages, spec
from tests.sims.discord.buckets import Limits
from tests.sims.discord.errors import ApiError, Fault, invalid_form, refusal
from tests.sims.discord.faults import Faults, Reset, Scripted, path_pattern
from tests.sims.discord.people import People
from tests.sims.discord.wire import Call, Reply, Route, find

HANDLERS = (rest_app, rest_guilds, rest_interactions, rest_messages)  # they enter their routes
PREFIX = "/api/v10"


@dataclass(kw_only=True)
class Request:
    """A request in the log. `status` is 0 while it is handled and when its answer was lost."""

    method: str
    path: str
    at: float
    body: Any = None
    status: int = 0


class LocalDiscord(People):
    """The server. Port and state outlive `go_down` and `come_back`."""

    def __init__(self, *, token: str = "sim.bot.token", bot_name: str = "Threadwire") -> None:
        super().__init__(token=token, bot_name=bot_name)
        self.limits = Limits()
        self.faults = Faults()
        self.requests: list[Request] = []
        self.checks_itself = False  # own answers are held against the OpenAPI document, too
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_down()

    async def come_back(self) -> None:
        """Listens, on the port it had before if there was one."""
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/attachments/{rest:.*}", self._file)
        app.router.add_route("*", "/{rest:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def go_down(self) -> None:
        """A full outage: connections are reset and new ones refused."""
        if self._runner is not None:
            self.gateway.cut()
            await self._runner.cleanup()
            self._runner = None

    # Bad days

    def fail_next(
        self,
        method: str,
        path: str,
        *,
        times: int = 1,
        skip: int = 0,
        status: int | None = None,
        code: int | None = None,
        message: str | None = None,
        reset: Reset | None = None,
        html: bool = False,
        delay_s: float = 0.0,
        answer_after_s: float = 0.0,
    ) -> Scripted:
        """What the next requests meet, after letting `skip` pass.

        `code`: Discord's error of that number. `reset` "before": the connection breaks and nothing
        was done; "after": it was done and the answer is lost. `html`: a 502 of a proxy. `delay_s`:
        it is done late; `answer_after_s`: done at once, answered late. `path` as in
        `/channels/*/messages`.
        """
        return self.faults.add(
            Scripted(
                method=method,
                pattern=path_pattern(path),
                left=times,
                skip=skip,
                status=status,
                code=code,
                message=message,
                reset=reset,
                html=html,
                delay_s=delay_s,
                answer_after_s=answer_after_s,
            )
        )

    def restore_token(self) -> None:
        """Ends what `revoke_token` began."""
        self.token_revoked = False

    @property
    def requests_while_limited(self) -> int:
        return self.limits.requests_while_limited

    def asked(self, method: str, path: str = "") -> list[Request]:
        """The logged requests of a method whose path contains a text."""
        return [one for one in self.requests if one.method == method and path in one.path]

    # Serving

    async def _file(self, request: web.Request) -> web.Response:
        data = self.files.get(request.path)
        return web.Response(status=404) if data is None else web.Response(body=data)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call = Call(method=request.method, path=_path(request))
        entry = Request(method=call.method, path=call.path, at=time.monotonic())
        self.requests.append(entry)
        try:
            reply = await self._reply(request, call, entry)
        except Exception as exc:
            self.violate(f"{call.method} {call.path} could not be handled: {exc!r}")
            raise
        finally:
            self.signal.tell()
        if reply is None:
            _abort(request)
            return web.Response(status=500)
        entry.status = reply.status
        self.limits.count(reply.status, reply.headers)
        return _response(reply)

    async def _reply(self, request: web.Request, call: Call, entry: Request) -> Reply | None:
        """The answer, or None for a reset."""
        found = find(call.method, call.path)
        if found is not None:
            call.template, call.params = found[0].template, found[1]
            call.params = {key: unquote(one) for key, one in call.params.items()}
        limited = self.limits.refusal(call)
        if limited is not None:
            return limited
        fault = self.faults.take(call)
        if fault is not None and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault is not None and fault.reset == "before":
            return None
        reply = fault.reply() if fault is not None else None
        if reply is None:
            reply = await self._handled(request, call, entry, found[0] if found else None)
        if fault is not None and fault.answer_after_s:
            await asyncio.sleep(fault.answer_after_s)
        if fault is not None and fault.reset == "after":
            return None
        return Reply(
            reply.status, reply.body, reply.headers | self.limits.headers(call), reply.html
        )

    async def _handled(
        self, request: web.Request, call: Call, entry: Request, route: Route | None
    ) -> Reply:
        try:
            if route is None:
                self.violate(f"no such route: {call.method} {call.path}")
                raise refusal(0)
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            call.is_authorized = scheme == "Bot" and self.accepts(token)
            if not call.is_authorized and not route.is_open:
                raise ApiError(401, 0, "401: Unauthorized")
            if self.token_revoked and call.path.startswith("/webhooks"):
                raise refusal(50027)
            call.query = dict(request.query)
            await _read_body(request, call)
            entry.body = call.body
            self._check_body(call)
            answer = route.handler(self, call)
        except ApiError as error:
            return Reply(error.status, error.body(), error.headers)
        if not isinstance(answer, Reply):
            answer = Reply(204) if answer is None else Reply(200, answer)
        if self.checks_itself:
            own = spec.answer_faults(call.method, call.template, answer.status, answer.body)
            self.violations += [f"answer to {call.method} {call.path}: {fault}" for fault in own]
        return answer

    def _check_body(self, call: Call) -> None:
        faults = spec.body_faults(call.method, call.template, call.body)
        for fault in faults:
            self.violate(f"{call.method} {call.path}: {fault}")
        if faults:
            raise invalid_form([Fault("body", "OPENAPI", fault) for fault in faults])


def _path(request: web.Request) -> str:
    path = request.rel_url.raw_path
    return path.removeprefix(PREFIX) if path.startswith(PREFIX + "/") else f"//{path}"


async def _read_body(request: web.Request, call: Call) -> None:
    if request.content_type == "multipart/form-data":
        await _read_multipart(request, call)
    elif request.can_read_body and (text := await request.text()):
        call.body = _json(text)
    if call.body is None and call.method in {"POST", "PATCH"}:
        call.body = {}


async def _read_multipart(request: web.Request, call: Call) -> None:
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "payload_json":
            call.body = _json(await part.text())
        else:
            name = part.name or ""
            call.files[name] = (part.filename or name, bytes(await part.read()))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise refusal(50109) from None


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _response(reply: Reply) -> web.Response:
    if reply.html is not None:
        return web.Response(
            text=reply.html, status=reply.status, content_type="text/html", headers=reply.headers
        )
    headers = {"Via": "1.1 google"} | reply.headers
    if reply.status == 204 or reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    # The library takes a body for JSON only if its type is exactly this, without a charset.
    headers["Content-Type"] = "application/json"
    body = json.dumps(reply.body).encode()
    return web.Response(body=body, status=reply.status, headers=headers)
