"""A WebSub hub on loopback that verifies subscribers and sends them what is published.

    async with Hub() as hub:
        feed names hub.url …
        await hub.subscribed(topic)           # verified by the subscriber
        status = await hub.publish(topic, FEED)

`refuse` answers subscriptions with that status, `mute` takes them and never verifies.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp import web


@dataclass
class Lease:
    """What a subscriber asked for."""

    callback: str
    secret: str
    asked_s: str
    is_verified: bool = False


@dataclass
class Hub:
    """One hub. `asked` counts requests; `leases` are by topic."""

    lease_s: int = 864_000
    refuse: int | None = None
    mute: bool = False
    algorithm: str = "sha256"
    asked: int = 0
    leases: dict[str, Lease] = field(default_factory=dict)
    refused_challenges: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hub", self._subscribe)
        self._changed = asyncio.Condition()
        self._session = aiohttp.ClientSession()
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hub"
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*self._tasks)
        await self._session.close()
        await self._runner.cleanup()

    async def subscribed(self, topic: str, *, within_s: float = 15.0) -> Lease:
        """Wait until a subscriber of this topic is verified."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(
                lambda: topic in self.leases and self.leases[topic].is_verified
            )
            return self.leases[topic]

    async def publish(self, topic: str, body: bytes, *, signature: str | None = None) -> int:
        """Send this to the topic's subscriber; returns the status of its answer."""
        lease = self.leases[topic]
        if signature is None:
            digest = hmac.new(
                lease.secret.encode(), body, getattr(hashlib, self.algorithm)
            ).hexdigest()
            signature = f"{self.algorithm}={digest}"
        headers = {
            "Content-Type": "application/rss+xml",
            "Link": f'<{self.url}>; rel="hub", <{topic}>; rel="self"',
            "X-Hub-Signature": signature,
        }
        async with self._session.post(lease.callback, data=body, headers=headers) as answer:
            return answer.status

    async def ask(self, lease: Lease, **query: str) -> tuple[int, str]:
        """Ask a subscriber for its intent; its status and text."""
        params = {f"hub.{name}": value for name, value in query.items()}
        async with self._session.get(lease.callback, params=params) as answer:
            return answer.status, await answer.text()

    async def _subscribe(self, request: web.Request) -> web.Response:
        self.asked += 1
        form = await request.post()
        if self.refuse is not None:
            return web.Response(status=self.refuse)
        topic = str(form["hub.topic"])
        lease = Lease(
            callback=str(form["hub.callback"]),
            secret=str(form["hub.secret"]),
            asked_s=str(form["hub.lease_seconds"]),
        )
        if not self.mute:
            task = asyncio.create_task(self._verify(topic, lease))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return web.Response(status=202)

    async def _verify(self, topic: str, lease: Lease) -> None:
        challenge = secrets.token_urlsafe(16)
        status, text = await self.ask(
            lease,
            mode="subscribe",
            topic=topic,
            challenge=challenge,
            lease_seconds=str(self.lease_s),
        )
        async with self._changed:
            if status == 200 and text == challenge:
                lease.is_verified = True
                self.leases[topic] = lease
            else:
                self.refused_challenges += 1
            self._changed.notify_all()
