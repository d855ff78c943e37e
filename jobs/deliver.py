"""Delivery: from the outbox to the platforms, in each channel's own order.

What keeps a story from being posted twice: the outbox has one row per subscription and story, the
claim of a row is committed before the send, the payload is frozen with it, and every attempt
carries the row's key. When the power fails between send and record the row is found in `sending` at
the next start. A platform where the same key leaves one post simply gets it again; elsewhere the
channel's history is asked; where that cannot be read the row becomes `uncertain`, is not repeated,
and `threadwire doctor` says so.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.errors import DeliveryError, StoreError
from bot.model import Delivery, DeliveryState, Post
from bot.ports import Clock, Platform
from bot.store import outbox
from bot.store.database import Database
from jobs.compose import Composer

log = structlog.get_logger(__name__)

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 3_600.0
MOST_ATTEMPTS = 25  # with the waits above, more than half a day
MOST_EDITS = 20
EDITS_AT_ONCE = 20


@dataclass(slots=True)
class DeliveryReport:
    """What one round of delivery did."""

    sent: int = 0
    edited: int = 0
    retried: int = 0
    needs_person: list[str] = field(default_factory=list)

    def add(self, other: DeliveryReport) -> None:
        """Count another round in; what needs a person is what the last round met."""
        self.sent += other.sent
        self.edited += other.edited
        self.retried += other.retried
        self.needs_person = other.needs_person or self.needs_person


class DeliverJob:
    """Sends what is due. One round works on all channels at once, on each in order."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        composer: Composer,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._composer = composer
        self._clock = clock
        self._rng = rng
        self._busy: set[str] = set()
        self._stopping = False

    async def settle_interrupted(self) -> int:
        """Resolve what was being sent when the last run ended. Call once, at start."""
        rows = await self._database.read(outbox.interrupted)
        for delivery in rows:
            platform = self._platforms.get(platform_of(delivery.channel))
            if platform is not None:
                await self._settle(platform, delivery)
        return len(rows)

    async def run(self) -> DeliveryReport:
        """One round: every channel with something due is worked on until its head must wait."""
        report = DeliveryReport()
        async with asyncio.TaskGroup() as group:
            await self._start_channels(group, report)
        return report

    async def serve(self, waker: asyncio.Event) -> None:
        """Deliver whatever gets due until `stop`; a slow channel holds up none but itself."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                await waker.wait()
                waker.clear()
                await self._start_channels(group, DeliveryReport())

    def stop(self) -> None:
        """Begin nothing new. `serve` ends when what is being sent is done and it is woken."""
        self._stopping = True

    async def _start_channels(self, group: asyncio.TaskGroup, report: DeliveryReport) -> None:
        """Put a task on each channel that has something due and none at work."""
        for channel in await self._database.read(outbox.open_channels, self._clock.now()):
            if channel not in self._busy and not self._stopping:
                self._busy.add(channel)
                group.create_task(self._supervise(channel, report))

    async def _supervise(self, channel: str, report: DeliveryReport) -> None:
        try:
            await self._work_channel(channel, report)
        except StoreError:
            raise
        except Exception:  # supervisor: the rows stay in the outbox, the next tick tries again
            log.exception("delivery crashed", channel=channel)
            report.needs_person.append(f"{channel}: internal error, see the log")
        finally:
            self._busy.discard(channel)

    async def _work_channel(self, channel: str, report: DeliveryReport) -> None:
        platform = self._platforms.get(platform_of(channel))
        if platform is None:
            report.needs_person.append(f"{channel}: this platform is not set up")
            return
        while not self._stopping and await self._send_head(platform, channel, report):
            pass
        if not self._stopping:
            await self._edit_due(platform, channel, report)

    async def _send_head(self, platform: Platform, channel: str, report: DeliveryReport) -> bool:
        """Send the channel's oldest open delivery; False when the channel has to wait."""
        delivery = await self._database.read(outbox.head, channel)
        now = self._clock.now()
        if delivery is None or (delivery.next_attempt_at and delivery.next_attempt_at > now):
            return False
        post = await self._composer.post(delivery)
        if post is None:  # its summary is not written yet
            return False
        claimed = await self._database.write(
            outbox.claim, delivery.id, payload=post.model_dump_json(), now=now
        )
        return claimed and await self._send(platform, delivery, post, report)

    async def _send(
        self, platform: Platform, delivery: Delivery, post: Post, report: DeliveryReport
    ) -> bool:
        try:
            sent = await platform.send(channel_in(delivery.channel), post, delivery.key)
        except DeliveryError as exc:
            return await self._failed(platform, delivery, exc, report)
        except Exception as exc:  # supervisor: an adapter's bug is a failed attempt
            log.exception("delivery crashed", delivery=delivery.key, channel=delivery.channel)
            doubt = DeliveryError(f"internal error: {exc!r}", doubtful=True)
            return await self._failed(platform, delivery, doubt, report)
        await self._database.write(
            outbox.mark_sent, delivery.id, message_id=sent.message_id, now=self._clock.now()
        )
        report.sent += 1
        log.info("delivery sent", delivery=delivery.key, channel=delivery.channel, kind=post.kind)
        return True

    async def _failed(
        self, platform: Platform, delivery: Delivery, exc: DeliveryError, report: DeliveryReport
    ) -> bool:
        """Decide what a refused or doubtful attempt means; True when the channel may go on."""
        if exc.needs_person:
            report.needs_person.append(f"{delivery.channel}: {exc}")
        if exc.doubtful and not platform.same_key_s:
            await self._settle(platform, delivery)
            return True
        if exc.permanent or delivery.attempts + 1 >= MOST_ATTEMPTS:
            report.needs_person.append(f"{delivery.channel}: {exc}")
            await self._end(delivery, DeliveryState.DEAD, str(exc))
            return True
        wait_s = exc.retry_after_s or self._backoff_s(delivery.attempts)
        await self._retry(delivery, str(exc), wait_s=wait_s)
        report.retried += 1
        return False

    async def _settle(self, platform: Platform, delivery: Delivery) -> None:
        """Find out whether an attempt whose answer we never saw was posted."""
        if platform.same_key_s:
            await self._retry(delivery, "the last attempt was interrupted", wait_s=0)
            return
        since = delivery.created_at - timedelta(minutes=5)
        try:
            found = await platform.find(channel_in(delivery.channel), delivery.key, since)
        except DeliveryError as exc:
            reason = f"may have been posted already, and nobody can look: {exc}"
            await self._end(delivery, DeliveryState.UNCERTAIN, reason)
            return
        if found is None:
            await self._retry(delivery, "the last attempt did not arrive", wait_s=0)
            return
        await self._database.write(
            outbox.mark_sent, delivery.id, message_id=found.message_id, now=self._clock.now()
        )

    async def _edit_due(self, platform: Platform, channel: str, report: DeliveryReport) -> None:
        """Bring posted stories up to date that have gained coverage since."""
        for delivery in await self._database.read(outbox.edits_due, channel, EDITS_AT_ONCE):
            if not platform.can_edit or delivery.message_id is None:
                await self._edited(delivery, None, "left as it is: this platform cannot edit")
                continue
            post = await self._composer.fresh(delivery)
            payload = post.model_dump_json()
            if payload == delivery.payload:
                await self._edited(delivery, None, "nothing to change")
                continue
            try:
                await platform.edit(channel_in(channel), delivery.message_id, post, delivery.key)
            except DeliveryError as exc:
                if not exc.permanent:
                    return  # stays due; the next round tries again
                await self._edited(delivery, None, f"left as it is: {exc}")
                continue
            await self._edited(delivery, payload, "new coverage or headline")
            report.edited += 1

    async def _edited(self, delivery: Delivery, payload: str | None, outcome: str) -> None:
        await self._database.write(
            outbox.mark_edited,
            delivery.id,
            payload=payload,
            outcome=outcome,
            now=self._clock.now(),
        )

    async def _retry(self, delivery: Delivery, reason: str, *, wait_s: float) -> None:
        now = self._clock.now()
        await self._database.write(
            outbox.mark_retry,
            delivery.id,
            reason=reason,
            next_attempt_at=now + timedelta(seconds=wait_s),
            now=now,
        )
        if wait_s:
            log.warning(
                "delivery failed", delivery=delivery.key, channel=delivery.channel, error=reason
            )

    async def _end(
        self,
        delivery: Delivery,
        state: DeliveryState,
        reason: str,
    ) -> None:
        assert state is DeliveryState.DEAD or state is DeliveryState.UNCERTAIN
        await self._database.write(
            outbox.mark_ended, delivery.id, state=state, reason=reason, now=self._clock.now()
        )
        log.error("delivery needs a person", delivery=delivery.key, state=state.value, error=reason)

    def _backoff_s(self, attempts: int) -> float:
        """Exponential with jitter: 2 s, 4 s, … an hour; the first failure is attempt 0."""
        longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 20))
        return longest * self._rng.uniform(0.7, 1.0)


def platform_of(channel: str) -> str:
    """`discord:123` is a channel of `discord`; `files` is one of itself."""
    return channel.partition(":")[0]


def channel_in(channel: str) -> str:
    """The platform's own name of a channel; empty where it has only one."""
    return channel.partition(":")[2]
