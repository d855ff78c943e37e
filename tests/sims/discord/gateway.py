"""The gateway: sessions that outlive their connections, heartbeats, resumes and bad days.

Closing codes and opcodes: topics/opcodes-and-status-codes; events/gateway.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.sims.discord import payloads
from tests.sims.discord.line import Line
from tests.sims.discord.things import Channel, Guild, Json, Message

if TYPE_CHECKING:
    from tests.sims.discord.world import World

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_REACTIONS = 1 << 10
DIRECT_MESSAGES = 1 << 12
DIRECT_REACTIONS = 1 << 13
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT
KNOWN_INTENTS = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
KEPT_EVENTS = 10_000


@dataclass(eq=False)
class Session:
    """What RESUME takes up again."""

    id: str
    shard: tuple[int, int]
    intents: int
    seq: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    line: Line | None = None
    lost_at: float | None = None

    def holds(self, guild_id: int | None) -> bool:
        number, count = self.shard
        return number == 0 if guild_id is None else (guild_id >> 22) % count == number

    def send(self, event: str, data: Any) -> None:
        self.seq += 1
        frame = {"op": 0, "t": event, "s": self.seq, "d": data}
        self.sent.append(frame)
        if self.line is not None:
            self.line.put(frame)


class Gateway:
    """Attributes may be changed at any time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.lines: set[Line] = set()
        self.heartbeat_interval_s = 41.25
        self.session_ttl_s = 180.0
        self.starts_left = 1_000
        self.shards = 1
        self.identify_gap_s = 0.0  # Discord: one IDENTIFY in 5 seconds, else an invalid session
        self.most_guilds_per_shard = 2_500
        self.acknowledges = True  # heartbeats are answered
        self.hung_up_after_s = 60.0  # without a heartbeat, and no sooner than two intervals
        self._flow = asyncio.Event()
        self._flow.set()
        self.refusing = False  # new connections are turned away
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.presences: list[Json] = []
        self.heartbeats = 0
        self.closed_with: list[int] = []
        self._last_identify = 0.0

    @property
    def silent(self) -> bool:
        """While set nothing is sent or answered, though connections stay open."""
        return not self._flow.is_set()

    @silent.setter
    def silent(self, silent: bool) -> None:
        if silent:
            self._flow.clear()
        else:
            self._flow.set()

    @property
    def connected(self) -> list[Session]:
        """The sessions that are being listened to."""
        return [one for one in self.sessions.values() if one.line is not None]

    # What tests do to connections

    def drop(self, code: int = 4000) -> None:
        """Closes every connection with a code; sessions can be resumed where the code lets them."""
        for line in self.lines:
            line.close(code)

    def cut(self) -> None:
        """Resets every connection without a closing frame, as a lost network does."""
        for line in self.lines:
            line.abort()

    def ask_to_reconnect(self) -> None:
        """Opcode 7."""
        for line in self.lines:
            line.put({"op": 7, "d": None})

    def ask_for_heartbeat(self) -> None:
        """Opcode 1."""
        for line in self.lines:
            line.put({"op": 1, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9 to everybody; sessions are forgotten unless `resumable`."""
        if not resumable:
            self.forget_sessions()
        for line in self.lines:
            line.put({"op": 9, "d": resumable})

    def forget_sessions(self) -> None:
        """The next RESUME is answered with an invalid session."""
        self.sessions.clear()

    # Events

    def publish(
        self, event: str, data: Any, *, guild: Guild | None = None, intent: int = 0
    ) -> None:
        """Sends an event to the sessions of its shard that asked for its intent."""
        guild_id = guild.id if guild else None
        for session in self.sessions.values():
            if session.holds(guild_id) and (not intent or session.intents & intent):
                session.send(event, data)
        self._world.signal.tell()

    def publish_message(self, event: str, message: Message) -> None:
        """A message event, to each session with as much of the message as it may read."""
        guild = message.channel.guild
        if guild is not None and not self._world.bot_sees(message.channel):
            return
        in_guild = guild is not None and not message.ephemeral
        intent = GUILD_MESSAGES if in_guild else DIRECT_MESSAGES
        for session in self.sessions.values():
            if session.holds(guild.id if guild else None) and session.intents & intent:
                sees = partial(self._world.is_readable, intents=session.intents)
                session.send(event, payloads.message_event(message, sees=sees))
        self._world.signal.tell()

    def publish_in(self, event: str, data: Any, channel: Channel, intents: tuple[int, int]) -> None:
        """An event about something in a channel; intents in guilds and in direct messages."""
        if channel.guild is not None and not self._world.bot_sees(channel):
            return
        intent = intents[0] if channel.guild else intents[1]
        self.publish(event, data, guild=channel.guild, intent=intent)

    # The connection

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.refusing:
            return web.Response(status=503, text="no healthy upstream")
        socket = web.WebSocketResponse(timeout=0.5, max_msg_size=2**20)
        await socket.prepare(request)
        line = Line(socket, request, request.query.get("compress"), self._flow)
        self.lines.add(line)
        self._expect_heartbeat(line)
        line.put({"op": 10, "d": {"heartbeat_interval": int(self.heartbeat_interval_s * 1000)}})
        writing = asyncio.create_task(line.write())
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT and not self.silent:
                    self._received(line, frame.data)
        finally:
            line.expect_nothing()
            self._lost(line, socket.close_code)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        return socket

    def _expect_heartbeat(self, line: Line) -> None:
        line.expect_within(max(self.hung_up_after_s, 2 * self.heartbeat_interval_s))

    def _lost(self, line: Line, code: int | None) -> None:
        self.lines.discard(line)
        self.closed_with.append(code or 1006)
        for session in list(self.sessions.values()):
            if session.line is not line:
                continue
            session.line, session.lost_at = None, time.monotonic()
            # A client that closes with 1000 or 1001 is done with its session.
            if code in {1000, 1001} and not line.closed_by_us:
                del self.sessions[session.id]
        self._world.signal.tell()

    def _received(self, line: Line, text: str) -> None:
        if line.over_its_rate():
            line.close(4008)
            return
        try:
            frame = json.loads(text)
        except ValueError:
            line.close(4002)
            return
        if len(text.encode()) > 4_096:
            self._world.violate(f"gateway: a payload of {len(text)} characters (at most 4096)")
            line.close(4002)
            return
        self._handle(line, frame.get("op"), frame.get("d"))
        self._world.signal.tell()

    def _handle(self, line: Line, op: Any, data: Any) -> None:
        if op == 1:
            self.heartbeats += 1
            self._expect_heartbeat(line)
            if self.acknowledges:
                line.put({"op": 11, "d": None})
        elif op == 2:
            self._identify(line, data)
        elif op == 6:
            self._resume(line, data)
        elif not any(one.line is line for one in self.sessions.values()):
            line.close(4003)
        elif op == 3:
            self.presences.append(data)
        elif op == 8:
            self._members(line, data)
        elif op != 4:
            line.close(4001)

    def _identify(self, line: Line, data: Json) -> None:
        self.identifies.append(data)
        refused = self._identify_fault(line, data)
        if refused:
            line.close(refused)
            return
        now = time.monotonic()
        if now - self._last_identify < self.identify_gap_s:
            line.put({"op": 9, "d": False})
            return
        self._last_identify = now
        self.starts_left -= 1
        number, count = data.get("shard") or (0, 1)
        session = Session(secrets.token_hex(16), (number, count), data["intents"], line=line)
        self.sessions[session.id] = session
        self._greet(session)

    def _identify_fault(self, line: Line, data: Json) -> int | None:
        if not self._world.accepts(data.get("token")):
            return 4004
        if any(one.line is line for one in self.sessions.values()):
            return 4005
        if self.starts_left <= 0:
            # Discord ends all sessions and resets the token (events/gateway, identifying).
            self._world.revoke_token()
            return 4004
        return self._shard_fault(data) or self._intents_fault(data.get("intents", -1))

    def _shard_fault(self, data: Json) -> int | None:
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            return 4010
        guilds = [one.id for one in self._world.guilds.values() if one.present]
        mine = sum((one >> 22) % count == number for one in guilds)
        return 4011 if mine > self.most_guilds_per_shard else None

    def _intents_fault(self, intents: int) -> int | None:
        if intents < 0 or intents & ~KNOWN_INTENTS:
            return 4013
        return 4014 if intents & PRIVILEGED & ~self._world.portal_intents else None

    def _greet(self, session: Session) -> None:
        world = self._world
        mine = [one for one in world.guilds.values() if one.present and session.holds(one.id)]
        ready = {
            "v": 10,
            "user": payloads.user(world.bot) | {"verified": True, "mfa_enabled": True},
            "guilds": [{"id": str(one.id), "unavailable": True} for one in mine],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": world.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(world.bot.id), "flags": world.application_flags},
        }
        session.send("READY", ready)
        for guild in mine:
            if guild.available and session.intents & GUILDS:
                session.send("GUILD_CREATE", payloads.guild_create(guild, world.bot))

    def _resume(self, line: Line, data: Json) -> None:
        self.resumes.append(data)
        if not self._world.accepts(data.get("token")):
            line.close(4004)
            return
        session = self.sessions.get(data.get("session_id", ""))
        if session is None or self._has_ended(session):
            line.put({"op": 9, "d": False})
            return
        seq = data.get("seq") or 0
        if seq > session.seq:
            line.close(4007)
            return
        if session.line is not None:
            session.line.close(4000)
        session.line, session.lost_at = line, None
        for frame in session.sent:
            if frame["s"] > seq:
                line.put(frame)
        session.send("RESUMED", {"_trace": []})

    def _has_ended(self, session: Session) -> bool:
        lost_at = session.lost_at
        return lost_at is not None and time.monotonic() - lost_at > self.session_ttl_s

    def _members(self, line: Line, data: Json) -> None:
        session = next(one for one in self.sessions.values() if one.line is line)
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        asked = data.get("user_ids")
        if asked is None and not session.intents & GUILD_MEMBERS:
            line.close(4014)
            return
        ids = guild.members if asked is None else [int(one) for one in asked]
        found = [guild.members[one] for one in ids if one in guild.members]
        chunk = {
            "guild_id": str(guild.id),
            "members": [payloads.member(one) for one in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(one) for one in ids if one not in guild.members],
        }
        session.send("GUILD_MEMBERS_CHUNK", chunk | {"nonce": data.get("nonce")})
