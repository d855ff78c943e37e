"""WebSub (https://www.w3.org/TR/websub/): hubs send us what is new, the moment they know it.

A push is an addition to polling, never its replacement: a source is polled at its own pace whatever
its hub does, so that a hub that fails, lies or falls silent costs time and no news. What it sends
goes the way of a poll. The address a hub reaches us at cannot be guessed, and what is sent there
counts only with the signature that our secret makes; other senders are not told so (section 8).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

import structlog

from bot.errors import SourceError, StoreError
from bot.metrics import Metrics
from bot.model import Source
from bot.ports import Clock, Fetcher, FetchRequest, PollResult
from bot.store import websub
from bot.store.database import Database
from bot.store.websub import HubSubscription, Wish
from jobs.ingest import Ingest

log = structlog.get_logger(__name__)

LEASE_S = 10 * 86_400
LEAST_LEASE_S, MOST_LEASE_S = 300, 30 * 86_400
RENEW_AFTER = 0.75  # of the lease; a hub that is away then is asked again before it ends
UNANSWERED_AFTER = timedelta(hours=1)
RETRY_FIRST, RETRY_MOST = timedelta(minutes=15), timedelta(days=1)
SILENT_AFTER, ASK_SILENT_EVERY = timedelta(hours=1), timedelta(days=1)
AT_ONCE = 50
WAITING = 100
ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})

Read = Callable[[Source, bytes, str], Awaitable[PollResult]]
Received = Literal["taken", "unknown", "unsigned", "busy"]


class Push(NamedTuple):
    """What a hub sent, signed as it should be."""

    callback: str
    body: bytes
    content_type: str


class WebSubJob:
    """Asks hubs, answers their questions, takes what they send.

    `public_url` is where hubs reach us. `read` parses; `queued` is called when a push left
    something to deliver.
    """

    def __init__(
        self,
        database: Database,
        http: Fetcher,
        ingest: Ingest,
        read: Read,
        clock: Clock,
        *,
        public_url: str,
        queued: Callable[[], object] = lambda: None,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._http = http
        self._ingest = ingest
        self._read = read
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._queued = queued
        self._metrics = metrics or Metrics()
        self._pushes: asyncio.Queue[Push] = asyncio.Queue(WAITING)

    # asking

    async def run(self) -> int:
        """Ask the hubs whose turn it is; returns how many were asked."""
        if not self._public_url:
            return 0
        now = self._clock.now()
        await self._database.write(
            websub.ask_silent_again,
            now,
            told_before=now - SILENT_AFTER,
            asked_before=now - ASK_SILENT_EVERY,
        )
        wishes = await self._database.read(websub.wanting, now, AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for wish in wishes:
                group.create_task(self._ask(wish))
        return len(wishes)

    async def _ask(self, wish: Wish) -> None:
        asked = self._subscription(wish)
        now = self._clock.now()
        await self._database.write(websub.ask, asked, now + UNANSWERED_AFTER)
        form = (
            ("hub.mode", "subscribe"),
            ("hub.topic", asked.topic),
            ("hub.callback", f"{self._public_url}/websub/{asked.callback}"),
            ("hub.secret", asked.secret),
            ("hub.lease_seconds", str(LEASE_S)),
        )
        try:
            answer = await self._http.fetch(
                FetchRequest(url=asked.hub_url, form=form, whole_answer=True)
            )
        except SourceError as exc:
            await self._failed(asked, str(exc), exc.retry_after_s)
            return
        if not 200 <= answer.status < 300:
            await self._failed(asked, f"the hub answered {answer.status}", None)

    def _subscription(self, wish: Wish) -> HubSubscription:
        """The same address and secret as before, so that no push is lost while a lease is renewed;
        new ones for another hub, which has no business with the old ones.
        """
        known = wish.known
        is_same = known is not None and (known.hub_url, known.topic) == (wish.hub_url, wish.topic)
        return HubSubscription(
            source_id=wish.source_id,
            callback=known.callback if known and is_same else secrets.token_urlsafe(24),
            hub_url=wish.hub_url,
            topic=wish.topic,
            secret=known.secret if known and is_same else secrets.token_urlsafe(32),
            state="asked",
            asked_at=self._clock.now(),
            lease_until=known.lease_until if known and is_same else None,
            pushed_at=known.pushed_at if known else None,
            failures=known.failures if known and is_same else 0,
        )

    async def _failed(self, asked: HubSubscription, error: str, wait_s: float | None) -> None:
        wait = min(RETRY_FIRST * 2 ** min(asked.failures, 10), RETRY_MOST)
        again_at = self._clock.now() + max(wait, timedelta(seconds=min(wait_s or 0.0, 86_400.0)))
        await self._database.write(websub.fail, asked.callback, error[:300], again_at)
        log.warning("hub not subscribed", hub=asked.hub_url, topic=asked.topic, error=error)

    # answering

    async def verify(self, callback: str, query: Mapping[str, str]) -> str | None:
        """The challenge to repeat, where the hub asks about what we did ask for; else None."""
        known = await self._database.read(websub.found, callback)
        if known is None or query.get("hub.topic") != known[0].topic:
            return None
        subscription, now = known[0], self._clock.now()
        mode, challenge = query.get("hub.mode"), query.get("hub.challenge")
        if mode == "denied":
            await self._failed(subscription, f"denied: {query.get('hub.reason', '')}"[:200], None)
            return ""
        if mode != "subscribe" or not challenge:
            return None
        lease_s = _lease_s(query.get("hub.lease_seconds"))
        renew_at = now + timedelta(seconds=lease_s * RENEW_AFTER)
        await self._database.write(
            websub.grant, callback, now + timedelta(seconds=lease_s), renew_at
        )
        log.info("hub subscribed", hub=subscription.hub_url, topic=subscription.topic)
        return challenge

    # taking

    async def receive(
        self, callback: str, body: bytes, content_type: str, signature: str
    ) -> Received:
        """Take what was sent to this address, if the hub signed it. Reading comes later: hubs do
        not wait for that.
        """
        known = await self._database.read(websub.found, callback)
        if known is None:
            outcome: Received = "unknown"
        elif not is_signed(body, signature, known[0].secret):
            outcome = "unsigned"
            log.warning("push without a valid signature", topic=known[0].topic)
        else:
            try:
                self._pushes.put_nowait(Push(callback, body, content_type))
                outcome = "taken"
            except asyncio.QueueFull:
                outcome = "busy"
        self._metrics.pushed(outcome)
        return outcome

    async def serve(self) -> None:
        """Read what was taken, one after the other, until cancelled."""
        while True:
            push = await self._pushes.get()
            try:
                await self._take(push)
            except SourceError as exc:
                self._metrics.pushed("unreadable")
                log.warning("push not read", error=str(exc))
            except StoreError:
                raise
            except Exception:  # supervisor: polling finds what this push held
                log.exception("push crashed")

    async def _take(self, push: Push) -> None:
        known = await self._database.read(websub.found, push.callback)
        if known is None:
            return
        source = known[1]
        result = await self._read(source, push.body, push.content_type)
        report = await self._ingest.polled(source, result)
        self._metrics.stored(new=report.new, merged=report.merged, edited=report.edited)
        await self._database.write(websub.pushed, push.callback, self._clock.now())
        if report.queued:
            self._queued()
        log.info("source pushed", source=source.url, new=report.new, queued=report.queued)


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether `X-Hub-Signature` is what our secret makes of the body. WebSub section 8."""
    algorithm, _, given = signature.partition("=")
    if algorithm.lower() not in ALGORITHMS:
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, algorithm.lower())).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())


def _lease_s(text: str | None) -> int:
    """The lease that a hub grants; one that it does not name, or names absurdly, is ours."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 12:
        return LEASE_S
    return min(max(int(text), LEAST_LEASE_S), MOST_LEASE_S)
