"""What people do on the local Slack, and how the app hears of it and answers.

Socket Mode over a real WebSocket or signed requests to the app's own server; response_urls that
take five answers; ephemeral messages, forms, App Home, and installing over OAuth.

    async with LiveSlack() as sim:
        ...
        ack = await sim.command(anna, room, "/news", "help")
        answer = await sim.answer(anna)
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.sims.slack.checks import has_picture, message_faults, view_faults
from tests.sims.slack.server import Call, LocalSlack, method
from tests.sims.slack.webapi import room_of
from tests.sims.slack.world import Json, Person, Room, Said, SlackError, Team

APP_TOKEN = "xapp-simulated"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CLIENT_ID, CLIENT_SECRET = "12.34", "simulated-client-secret"
ACK_WITHIN_S = 3.0
ANSWER_WITHIN_S = 8.0
MOST_USES = 5
_PAGES = ("conversations.history", "conversations.replies")


@dataclass(kw_only=True)
class Ack:
    """An acknowledgement. `payload` is what it carried; `copies` counts those of one envelope."""

    after_s: float
    payload: Json = field(default_factory=dict)


@dataclass(kw_only=True)
class Shown:
    """An answer as somebody sees it. `user` is empty where everybody in the channel does."""

    body: Json
    user: str = ""
    channel: str = ""
    thread_ts: str | None = None
    instead: bool = False
    by: str = "response_url"

    @property
    def text(self) -> str:
        """All that can be read of it."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def actions(self) -> list[str]:
        return [
            str(element.get("action_id"))
            for block in self.body.get("blocks") or ()
            if block["type"] == "actions"
            for element in block["elements"]
        ]


@dataclass(kw_only=True)
class Address:
    """A response_url. `broken`: statuses that its next uses are answered with."""

    user: str
    channel: str
    source: Said | Shown | None = None  # the message whose button was pressed
    uses: int = 0


@dataclass(kw_only=True)
class Opened:
    """A view that somebody sees."""

    id: str
    user: str
    view: Json
    team: Team


class LiveSlack(LocalSlack):
    """The local Slack with people in it. `http_target` turns from Socket Mode to requests."""

    def __init__(self) -> None:
        super().__init__()
        self.app.router.add_get("/link", self._socket)
        self.app.router.add_post("/respond/{name}", self._respond)
        self.app.router.add_get("/oauth/v2/authorize", self._authorize)
        self.http_target: str | None = None
        self.sockets: list[web.WebSocketResponse] = []
        self.greets = True
        self.refused_tickets = 0  # so many next tickets are not let in
        self.pongs = True
        self.opened_sockets = 0
        self.shown: list[Shown] = []
        self.views: dict[str, Opened] = {}
        self.homes: dict[str, Json] = {}
        self.unfurled: list[Json] = []
        self.broken_urls: list[int] = []  # statuses for the next uses of response_urls; 0 = reset
        self.page_limit: int | None = None  # messages in a page, whatever was asked for
        self.installs: dict[str, Team] = {}  # OAuth code → the workspace it is worth
        self._addresses: dict[str, Address] = {}
        self._triggers: dict[str, float] = {}
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self.acked: list[str] = []
        self._changed = asyncio.Condition()
        self._names = itertools.count(1)

    async def until(self, holds: Callable[[], object], within_s: float = ANSWER_WITHIN_S) -> None:
        """Wait for something to be so."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(holds)

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def answer(self, person: Person, number: int = 1) -> Shown:
        """The `number`th thing that only this person sees."""

        def own() -> list[Shown]:
            return [one for one in self.shown if one.user == person.id]

        await self.until(lambda: len(own()) >= number)
        return own()[number - 1]

    # what people do

    async def command(
        self, person: Person, room: Room, slash: str, text: str = "", **more: Any
    ) -> Ack:
        payload = {
            "token": "verification-token",
            "team_id": room.team.id,
            "team_domain": room.team.name.lower(),
            "channel_id": room.id,
            "channel_name": room.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": slash,
            "text": text,
            "api_app_id": "A0001",
            "is_enterprise_install": "false",
            "response_url": self._address(person, room.id),
            "trigger_id": self.trigger(),
        }
        return await self.send("slash_commands", {**payload, **more})

    async def press(
        self, person: Person, room: Room, action: str, on: Said | Shown, **more: Any
    ) -> Ack:
        """Press a button on a post of the channel, or on an answer that only they see."""
        ephemeral = isinstance(on, Shown)
        ts = self.next_ts() if isinstance(on, Shown) else on.ts
        container: Json = {
            "type": "message",
            "message_ts": ts,
            "channel_id": room.id,
            "is_ephemeral": ephemeral,
        }
        if on.thread_ts:
            container["thread_ts"] = on.thread_ts
        payload = {
            **self._interactive("block_actions", person, room.team),
            "container": container,
            "channel": {"id": room.id, "name": room.name},
            "state": {"values": {}},
            "response_url": self._address(person, room.id, on),
            "actions": [_action(action, more.pop("choose", None))],
        }
        if isinstance(on, Said):
            payload["message"] = {**on.shown(), "ts": ts}
        return await self.send("interactive", {**payload, **more})

    async def press_in_view(self, person: Person, team: Team, action: str, view: Json) -> Ack:
        payload = {
            **self._interactive("block_actions", person, team),
            "container": {"type": "view", "view_id": view.get("id", "V0")},
            "view": view,
            "actions": [_action(action, None)],
        }
        return await self.send("interactive", payload)

    async def shortcut(self, person: Person, team: Team, callback_id: str) -> Ack:
        payload = self._interactive("shortcut", person, team)
        return await self.send("interactive", {**payload, "callback_id": callback_id})

    async def message_shortcut(
        self, person: Person, room: Room, said: Said, callback_id: str = "summarize_thread"
    ) -> Ack:
        message = said.shown()
        if answers := room.thread(said.ts):
            message |= {"thread_ts": said.ts, "reply_count": len(answers)}
        payload = {
            **self._interactive("message_action", person, room.team),
            "callback_id": callback_id,
            "channel": {"id": room.id, "name": room.name},
            "message_ts": said.ts,
            "message": message,
            "response_url": self._address(person, room.id),
        }
        return await self.send("interactive", payload)

    async def submit(self, person: Person, opened: Opened, **fields: str) -> Ack:
        """Send a form, with these values in its fields."""
        view = self.filled(opened, **fields)
        payload = {**self._interactive("view_submission", person, opened.team), "view": view}
        ack = await self.send("interactive", {**payload, "response_urls": []})
        self._submitted(opened, ack.payload)
        return ack

    def close(self, opened: Opened) -> None:
        """The person closes a form: it can no longer be updated."""
        self.views.pop(opened.id, None)

    def _submitted(self, opened: Opened, answer: Json) -> None:
        """What Slack does with a form when it was sent."""
        action = answer.get("response_action")
        if action == "errors":
            fields = {block.get("block_id") for block in opened.view["blocks"]}
            if wrong := set(answer["errors"]) - fields:
                self.violate(f"errors for fields that are not there: {wrong}")
        elif action == "update":
            if faults := view_faults(answer["view"]):
                self.violate(f"response_action update: {faults}")
            opened.view = answer["view"]
        elif action is None:
            self.close(opened)
        else:
            self.violate(f"response_action {action}")

    def filled(self, opened: Opened, **fields: str) -> Json:
        """A view with what stands in its fields."""
        values: Json = {}
        for block in opened.view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                text = fields.get(block["block_id"])
                values[block["block_id"]] = {element["action_id"]: _field(element, text)}
        return {**opened.view, "id": opened.id, "state": {"values": values}}

    async def event(self, team: Team, event: Json, *, event_id: str = "", **more: Any) -> Ack:
        """Tell the app of something; `more` are fields of the envelope."""
        payload = {
            "token": "verification-token",
            "team_id": team.id,
            "api_app_id": "A0001",
            "event": {"event_ts": self.next_ts(), **event},
            "type": "event_callback",
            "event_id": event_id or f"Ev{next(self._names):06}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": team.id, "user_id": team.bot.id, "is_bot": True}],
        }
        return await self.send("events_api", payload, **more)

    def trigger(self) -> str:
        name = f"1338.{next(self._names)}.0123456789abcdef"
        self._triggers[name] = time.monotonic()
        return name

    # how the app hears of it

    async def send(self, kind: str, payload: Json, *, copies: int = 1, **more: Any) -> Ack:
        """Send an envelope, or a signed request; returns with its acknowledgement."""
        if self.http_target is not None:
            return await self._request(kind, payload, more)
        await self.until(lambda: self.sockets)
        name = f"envelope-{next(self._names)}"
        envelope = {"envelope_id": name, "payload": payload, "type": kind, **more}
        envelope.setdefault("accepts_response_payload", kind != "events_api")
        self._acks[name] = asyncio.get_running_loop().create_future()
        began_at = time.monotonic()
        for _ in range(copies):
            await self.sockets[-1].send_json(envelope)
        async with asyncio.timeout(ACK_WITHIN_S):
            answered = await self._acks[name]
        return Ack(after_s=time.monotonic() - began_at, payload=answered)

    async def _request(self, kind: str, payload: Json, headers: Json) -> Ack:
        is_json = kind == "events_api"
        if is_json:
            text = json.dumps(payload)
        elif kind == "interactive":
            text = urlencode({"payload": json.dumps(payload)})
        else:
            text = urlencode(payload)
        began_at = time.monotonic()
        status, body = await self.post_signed(text, is_json=is_json, headers=headers)
        assert status == 200, (status, body)
        answered = json.loads(body) if body.startswith("{") else {}
        return Ack(after_s=time.monotonic() - began_at, payload=answered)

    async def post_signed(
        self,
        text: str,
        *,
        is_json: bool = False,
        headers: Json | None = None,
        signed: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """A request as Slack signs it; `signed` may name another timestamp or signature."""
        assert self.http_target is not None
        signed = signed or {}
        stamp = signed.get("timestamp") or str(int(time.time()))
        given = {
            "Content-Type": "application/json" if is_json else "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signed.get("signature") or sign(text, stamp),
            **(headers or {}),
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.http_target, data=text.encode(), headers=given) as answer,
        ):
            return answer.status, await answer.text()

    async def disconnect(self, reason: str) -> None:
        """Ask the app to connect anew."""
        await self.sockets[-1].send_json({"type": "disconnect", "reason": reason})

    async def drop_sockets(self, *, politely: bool = False) -> None:
        """Lose every connection."""
        for socket in list(self.sockets):
            if politely:
                await socket.close()
            elif (request := socket._req) is not None and request.transport is not None:
                request.transport.abort()

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self._triggers.pop(ticket, None) is None:
            return web.Response(status=403, text="ticket was used")
        if self.refused_tickets:
            self.refused_tickets -= 1
            return web.Response(status=403, text="not now")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.opened_sockets += 1
        if self.greets:
            await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets.append(socket)
        await self.changed()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.PING and self.pongs:
                    await socket.pong(message.data)
                elif message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            self.sockets.remove(socket)
            await self.changed()
        return socket

    def _acknowledged(self, frame: Json) -> None:
        name = str(frame.get("envelope_id"))
        self.acked.append(name)
        waiting = self._acks.get(name)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload") or {})

    # how the app answers

    async def _respond(self, request: web.Request) -> web.Response:
        address = self._addresses[request.match_info["name"]]
        if self.broken_urls:
            status = self.broken_urls.pop(0)
            if status:
                return web.Response(status=status, text="down")
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        address.uses += 1
        if address.uses > MOST_USES:
            return web.Response(status=404, text="used_url")
        body = await request.json()
        if faults := message_faults({**body, "text": body.get("text") or "-"}):
            self.violate(f"response_url: {faults}")
        if self.dead_pictures and has_picture(body):
            return web.Response(status=400, text="invalid_blocks")
        private = body.get("response_type") != "in_channel"
        await self._show(
            Shown(
                body=body,
                user=address.user if private else "",
                channel=address.channel,
                thread_ts=body.get("thread_ts"),
                instead=self._replaces(address, body),
            )
        )
        return web.Response(text="ok")

    async def _show(self, shown: Shown) -> None:
        self.shown.append(shown)
        await self.changed()

    def _replaces(self, address: Address, body: Json) -> bool:
        """Whether an answer takes a message's place: the one whose button was pressed, for all who
        see it. After a command or a shortcut there is none, and it comes as another message.
        """
        if not body.get("replace_original") or address.source is None:
            return False
        if isinstance(address.source, Said):
            self.violate("an answer to one person took the place of a post of the channel")
            address.source.versions.append(address.source.body)
            address.source.body = body
        return True

    def _address(self, person: Person, channel: str, source: Said | Shown | None = None) -> str:
        name = f"r{next(self._names)}"
        self._addresses[name] = Address(user=person.id, channel=channel, source=source)
        return f"http://127.0.0.1:{self.port}/respond/{name}"

    def _interactive(self, kind: str, person: Person, team: Team) -> Json:
        return {
            "type": kind,
            "team": {"id": team.id, "domain": team.name.lower()},
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": team.id,
            },
            "api_app_id": "A0001",
            "token": "verification-token",
            "trigger_id": self.trigger(),
            "is_enterprise_install": False,
            "enterprise": None,
        }

    # tokens, scopes, installing

    async def _answer(self, name: str, body: Json, token: str) -> web.Response:
        if name == "apps.connections.open":
            return self._connections_open(token)
        if name == "oauth.v2.access":
            return self._exchange(body)
        if self.page_limit is not None and name in _PAGES:
            body = {**body, "limit": self.page_limit}
        answer = await super()._answer(name, body, token)
        if name.startswith("chat."):
            await self.changed()
        for team in self.teams.values():
            if team.token == token:
                answer.headers["X-OAuth-Scopes"] = ",".join(sorted(team.scopes))
        return answer

    def _connections_open(self, token: str) -> web.Response:
        if token != APP_TOKEN:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        url = f"ws://127.0.0.1:{self.port}/link?ticket={self.trigger()}"
        return web.json_response({"ok": True, "url": url})

    async def _authorize(self, request: web.Request) -> web.Response:
        """A person who says yes to whatever is asked, in the workspace made last."""
        team = list(self.teams.values())[-1]
        code = f"code-{next(self._names)}"
        self.installs[code] = team
        query = urlencode({"code": code, "state": request.query["state"]})
        back = f"{request.query['redirect_uri']}?{query}"
        return web.Response(status=302, headers={"Location": back})

    def _exchange(self, body: Json) -> web.Response:
        team = self.installs.pop(str(body.get("code")), None)
        if body.get("client_id") != CLIENT_ID or body.get("client_secret") != CLIENT_SECRET:
            return web.json_response({"ok": False, "error": "bad_client_secret"})
        if team is None:
            return web.json_response({"ok": False, "error": "invalid_code"})
        return web.json_response(
            {
                "ok": True,
                "access_token": team.token,
                "token_type": "bot",
                "scope": ",".join(sorted(team.scopes)),
                "bot_user_id": team.bot.id,
                "app_id": "A0001",
                "team": {"id": team.id, "name": team.name},
                "authed_user": {"id": "U0INSTALLER"},
            }
        )

    def use_trigger(self, name: object) -> None:
        """Raises for one that is older than three seconds, used, or never given."""
        given_at = self._triggers.pop(str(name), None)
        if given_at is None:
            raise SlackError("invalid_trigger_id")
        if time.monotonic() - given_at > ACK_WITHIN_S:
            raise SlackError("expired_trigger_id")

    def next_view_id(self) -> str:
        return f"V{next(self._names):06}"


def sign(text: str, stamp: str, secret: str = SIGNING_SECRET) -> str:
    """Slack's signature of a request (v0)."""
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{text}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


@method("chat.postEphemeral", "chat:write")
async def post_ephemeral(sim: LocalSlack, call: Call) -> Json:
    assert isinstance(sim, LiveSlack)
    room = room_of(call, joined=True)
    user = str(call.body.get("user"))
    if user not in room.members:
        raise SlackError("user_not_in_channel")
    if faults := message_faults(call.body):
        sim.violate(f"chat.postEphemeral: {faults}")
    await sim._show(
        Shown(
            body=call.body,
            user=user,
            channel=room.id,
            thread_ts=call.body.get("thread_ts"),
            by="chat.postEphemeral",
        )
    )
    return {"message_ts": sim.next_ts()}


@method("views.open")
async def views_open(sim: LocalSlack, call: Call) -> Json:
    assert isinstance(sim, LiveSlack)
    sim.use_trigger(call.body.get("trigger_id"))
    view = _view(sim, call)
    opened = Opened(id=sim.next_view_id(), user="", view=view, team=call.team)
    sim.views[opened.id] = opened
    await sim.changed()
    return {"view": {**view, "id": opened.id}}


@method("views.update")
async def views_update(sim: LocalSlack, call: Call) -> Json:
    assert isinstance(sim, LiveSlack)
    opened = sim.views.get(str(call.body.get("view_id")))
    if opened is None or opened.team is not call.team:
        raise SlackError("not_found")
    opened.view = _view(sim, call)
    await sim.changed()
    return {"view": {**opened.view, "id": opened.id}}


@method("views.publish")
async def views_publish(sim: LocalSlack, call: Call) -> Json:
    assert isinstance(sim, LiveSlack)
    user = str(call.body.get("user_id"))
    if user not in call.team.people:
        raise SlackError("invalid_arguments")
    sim.homes[user] = _view(sim, call)
    await sim.changed()
    return {"view": {**sim.homes[user], "id": sim.next_view_id()}}


@method("chat.unfurl")
async def unfurl(sim: LocalSlack, call: Call) -> Json:
    assert isinstance(sim, LiveSlack)
    sim.unfurled.append(call.body)
    await sim.changed()
    return {}


def _view(sim: LiveSlack, call: Call) -> Json:
    view: Json = call.body["view"]
    if isinstance(view, str):
        view = json.loads(view)
    if faults := view_faults(view):
        sim.violate(f"{call.method}: {faults}")
        raise SlackError("invalid_arguments", response_metadata={"messages": faults})
    if sim.dead_pictures and has_picture(view):
        raise SlackError("invalid_arguments", errors=["downloading image failed"])
    return view


def _action(action: str, choose: str | None) -> Json:
    """A button's action, or a menu's with what was chosen."""
    base = {"action_id": action, "block_id": "b", "action_ts": f"{time.time():.6f}"}
    if choose is None:
        return {**base, "type": "button", "value": action}
    option = {"text": {"type": "plain_text", "text": choose}, "value": choose}
    return {**base, "type": "static_select", "selected_option": option}


def _field(element: Json, text: str | None) -> Json:
    kind = element["type"]
    if kind == "conversations_select":
        chosen = text or element.get("initial_conversation")
        return {"type": kind, "selected_conversation": chosen}
    if kind == "static_select":
        initial = element.get("initial_option")
        option = {"value": text} if text else initial
        return {"type": kind, "selected_option": option}
    return {"type": kind, "value": text if text is not None else element.get("initial_value")}
