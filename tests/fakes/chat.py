"""A chat platform that loses answers, forgets keys, refuses, sleeps and breaks as it is told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.errors import ChannelFault, DeliveryError
from bot.model import Post
from bot.ports import Sent

Fate = Literal["taken", "lost before", "lost after", "arrives late", "refused", "bad", "bug"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to one request: it sleeps (as a library does for a rate limit), then `fate`.

    `is_overtaken`: what it tells changes while it is under way.
    """

    fate: Fate = "taken"
    sleep_s: float = 0.0
    answer_s: float = 0.0
    is_overtaken: bool = False


@dataclass
class Message:
    """What readers see."""

    channel: str
    key: str
    text: str
    at: datetime


@dataclass
class FakeChat:
    """Implements `bot.ports.Platform` with a server behind it that remembers.

    It knows a key for `window_s` after the message was stored, a little longer than it promises.
    """

    now: Callable[[], datetime]
    same_key_s: float
    window_s: float
    has_history: bool
    name: str = "fake"
    can_edit: bool = True
    plans: dict[str, deque[Plan]] = field(default_factory=lambda: defaultdict(deque))
    faults: dict[str, ChannelFault] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    late: list[Message] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)
    blind_looks: int = 0
    overtake: Callable[[str], Awaitable[None]] | None = None

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        plan = await self._arrive(channel)
        if plan.fate == "bad":
            self.bad.add(key)
        if key in self.bad:
            raise DeliveryError("invalid form body", permanent=True)
        message = Message(channel, key, post.title, self.now())
        if plan.fate == "arrives late":
            message.at += timedelta(seconds=1.9)
            self.late.append(message)
        elif plan.fate != "lost before":
            self._store(message)
        await self._answer(plan, key)
        return Sent(message_id=key)

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        plan = await self._arrive(channel)
        if plan.fate != "lost before":
            for message in self.messages:
                if message.key == message_id:
                    message.text = post.title
        await self._answer(plan, key)

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        if not self.has_history:
            raise DeliveryError("nobody can look here", permanent=True)
        if self.blind_looks:
            self.blind_looks -= 1
            raise DeliveryError("not now")
        if fault := self._fault(channel):
            raise DeliveryError("no access", fault=fault)
        self.settle()
        found = [one for one in self.messages if one.key == key and one.at >= since]
        return Sent(message_id=key) if found else None

    def settle(self) -> None:
        """Let what was under way arrive, if its time has come."""
        for message in [one for one in self.late if one.at <= self.now()]:
            self.late.remove(message)
            self._store(message)

    async def _arrive(self, channel: str) -> Plan:
        waiting = self.plans[channel]
        plan = waiting.popleft() if waiting else Plan()
        await asyncio.sleep(plan.sleep_s)
        self.settle()
        if fault := self._fault(channel):
            raise DeliveryError("no access", permanent=True, fault=fault)
        if plan.fate == "refused":
            raise DeliveryError("rate limited", retry_after_s=plan.answer_s)
        return plan

    def _fault(self, channel: str) -> ChannelFault | None:
        return self.faults.get("") or self.faults.get(channel)

    def _store(self, message: Message) -> None:
        since = message.at - timedelta(seconds=min(self.window_s, 10**9))
        known = [one for one in self.messages if one.key == message.key and one.at > since]
        if not known:
            self.messages.append(message)

    async def _answer(self, plan: Plan, key: str) -> None:
        if plan.is_overtaken and self.overtake is not None:
            await self.overtake(key)
        await asyncio.sleep(plan.answer_s)
        if plan.fate == "bug":
            raise RuntimeError("a bug in the adapter")
        if plan.fate in ("lost before", "lost after", "arrives late"):
            raise DeliveryError("connection reset", doubtful=True)
