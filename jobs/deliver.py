"""Delivery: from the outbox to the platforms, in each channel's own order.

What keeps a story from being posted twice: the outbox has one row per subscription and story, the
claim of a row is committed before the send, the payload is frozen with it, and every attempt
carries the row's key. An attempt without an answer (a timeout, a reset, a kill between send and
record) is in doubt. While the platform still knows the key (`Platform.same_key_s`, counted from the
first such claim) it gets it again, which leaves one post. Later, or where keys mean nothing to it,
the channel's history is asked; where that cannot be read the row becomes `uncertain`, is not
repeated, and `threadwire doctor` says so.

What keeps one channel from holding up another: each has a task of its own. What makes a channel
wait for a person (`DeliveryError.fault`) makes nothing but that channel wait, see `jobs.faults`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.errors import DeliveryError, StoreError
from bot.metrics import Metrics
from bot.model import Delivery, Post
from bot.ports import Clock, Finishing, Platform
from bot.store import faults, sending
from bot.store.database import Connection, Database
from bot.store.faults import StoredFault
from bot.store.sending import OpenChannel
from jobs import attempts
from jobs.attempts import Attempt, Look, Verdict
from jobs.calls import LIMIT_S, Calls, channel_in, platform_of
from jobs.compose import Composer
from jobs.edits import Editor
from jobs.faults import Faults, Opening, complaints
from jobs.outgoing import Outgoing
from jobs.stopwatch import Stopwatch, seconds_since_boot

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(hours=1)  # as far as our clock and the platform's may be apart
EDITS_AT_ONCE = 20
SENDS_PER_EDIT = 10  # a long backlog must not keep posts from being corrected
TAKES_WITHIN = timedelta(hours=2)  # a platform that took nothing for longer is out of order


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A channel being worked on; `group` holds what goes on beside it, `mended` are faults that
    turned out to be gone.
    """

    opening: Opening
    platform: Platform
    report: DeliveryReport
    group: asyncio.TaskGroup
    mended: set[str] = field(default_factory=set)

    @property
    def channel(self) -> str:
        return self.opening.channel


class DeliverJob:
    """Sends what is due. One round works on all channels at once, on each in order.

    Implements `bot.ports.Channels`.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        composer: Composer,
        clock: Clock,
        rng: random.Random,
        *,
        ticks: Callable[[], float] = seconds_since_boot,
        boot: str | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """`ticks` counts the seconds that really pass, whatever `clock` is set to, as long as
        `boot` is the same: across restarts, where the machine says which of its runs this is.
        """
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._rng = rng
        self._metrics = metrics or Metrics()
        self._faults = Faults(database, platforms, clock, rng)
        self._calls = Calls(self._faults)
        self._watch = Stopwatch(clock, ticks, boot)
        self._outgoing = Outgoing(platforms, composer, self._faults, clock, self._watch)
        self._editor = Editor(database, platforms, composer, self._faults, self._calls, clock, rng)
        self._busy: dict[str, Opening] = {}
        self._took_at: dict[str, datetime] = {}
        self._waker = asyncio.Event()
        self._stopping = False

    async def settle_interrupted(self) -> int:
        """Put in doubt what was being sent when the last run ended, and have every channel with a
        fault asked once more. Call once, at start; nothing is sent here.
        """
        return await self._database.write(self._outgoing.take_over)

    def mended(self, channel: str | None) -> None:
        """Something changed that may let posts through again, there or (None) anywhere."""
        self._faults.mended(channel)
        self._waker.set()

    def gone(self, channel: str, reason: str) -> None:
        """A channel was deleted."""
        self._faults.gone(channel, reason)
        self._waker.set()

    async def run(self) -> DeliveryReport:
        """One round: every channel with something due is worked on until its head must wait."""
        report = DeliveryReport()
        async with asyncio.TaskGroup() as group:
            await self._start_channels(group, report)
        report.needs_person += await self._database.read(complaints, self._platforms)
        return report

    async def serve(self, waker: asyncio.Event) -> None:
        """Deliver whatever gets due until `stop`; a slow channel holds up none but itself."""
        self._waker = waker
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
        await self._faults.hear()
        found, held = await self._database.read(self._survey, frozenset(self._busy))
        for opening in self._faults.openings(found, held, self._busy):
            if not self._stopping:
                self._busy[opening.channel] = opening
                group.create_task(self._supervise(opening, report, group))

    def _survey(
        self, connection: Connection, busy: frozenset[str]
    ) -> tuple[list[OpenChannel], list[StoredFault]]:
        """Channels with something to do that may be asked, and what ails channels."""
        held = faults.listed(connection)
        asleep = self._faults.asleep(held) | busy
        found = sending.open_channels(
            connection,
            self._clock.now(),
            but=lambda channel: channel in asleep or platform_of(channel) in asleep,
        )
        return found, held

    async def _supervise(
        self, opening: Opening, report: DeliveryReport, group: asyncio.TaskGroup
    ) -> None:
        channel = opening.channel
        platform = self._platforms.get(platform_of(channel))
        try:
            if platform is None:
                report.needs_person.append(f"{channel}: this platform is not set up")
                return
            await self._work_channel(
                _Work(opening=opening, platform=platform, report=report, group=group)
            )
        except StoreError:
            raise
        except Exception:  # supervisor: the rows stay in the outbox, the next tick tries again
            log.exception("delivery crashed", channel=channel)
            report.needs_person.append(f"{channel}: internal error, see the log")
        finally:
            del self._busy[channel]

    async def _work_channel(self, work: _Work) -> None:
        """Send the channel's deliveries one after the other, with an edit now and then; when its
        head has to wait, do the other edits.
        """
        while goes_on := await self._send_some(work):
            await self._edit_some(work, 1)
        if goes_on is not None:
            await self._edit_some(work, EDITS_AT_ONCE)

    async def _send_some(self, work: _Work) -> bool | None:
        """Send `SENDS_PER_EDIT` deliveries; False when the head has to wait before that, None when
        the channel takes nothing: then its edits wait too.
        """
        if not self._may_go_on(work):
            return False
        step = await self._database.write(self._outgoing.next_step, work.opening)
        for number in range(SENDS_PER_EDIT):
            if step is None:
                return False
            verdict = await self._perform(work, step)
            is_faulty = verdict.has_fault or (bool(work.opening.probed) and verdict.waits)
            goes_on = number + 1 < SENDS_PER_EDIT and self._may_go_on(work) and not is_faulty
            step = await self._database.write(
                self._outgoing.record, work.opening, verdict, goes_on=goes_on
            )
            self._follow_up(work, verdict)
            if is_faulty:
                return None
        return True

    async def _edit_some(self, work: _Work, most: int) -> None:
        for _ in range(most):
            if not self._may_go_on(work):
                return
            edited = await self._editor.edit_next(work.channel, work.opening.probed)
            if edited is None:
                return
            work.report.edited += edited

    def _may_go_on(self, work: _Work) -> bool:
        return not self._stopping and self._faults.has_room(work.channel)

    async def _perform(self, work: _Work, step: Attempt | Look) -> Verdict:
        if isinstance(step, Look):
            return await self._look(work, step)
        return await self._send(work, step)

    async def _send(self, work: _Work, attempt: Attempt) -> Verdict:
        """Send a claimed delivery, a repeated one only while the platform still knows its key."""
        delivery, platform = attempt.delivery, work.platform
        try:
            sent = await self._calls.make(
                work.channel,
                lambda: platform.send(channel_in(work.channel), attempt.post, delivery.key),
                limit_s=lambda: self._limit_s(attempt),
            )
        except DeliveryError as exc:
            return await self._failed(work, attempt, exc)
        return Verdict(delivery=delivery, outcome="sent", message_id=sent.message_id)

    def _limit_s(self, attempt: Attempt) -> float:
        """How long a send may take. A library may sleep through a rate limit before it sends: one
        that repeats a key is called off before the platform could have forgotten that key.
        """
        if not attempt.is_repeat:
            return LIMIT_S
        return max(0.0, min(LIMIT_S, self._outgoing.repeat_s(attempt)))

    async def _failed(self, work: _Work, attempt: Attempt, error: DeliveryError) -> Verdict:
        """What a refused or doubtful attempt means. The last one ends its delivery only when no
        attempt can have arrived.
        """
        delivery = attempt.delivery
        is_last = self._is_last(work, delivery, error)
        if is_last and (error.doubtful or attempt.is_repeat):
            await asyncio.sleep(attempts.LANDING_S)
            look = Look(delivery=delivery, unknown=attempt.unknown)
            return await self._look(work, look, last=error)
        wait_s = attempts.wait_s(error, delivery.attempts, self._rng)
        return attempts.refused(delivery, error, wait_s=wait_s, is_last=is_last)

    async def _look(self, work: _Work, look: Look, *, last: DeliveryError | None = None) -> Verdict:
        """Find out whether an attempt whose answer we never saw was posted. `last`: why there is
        no further attempt when it was not.
        """
        delivery, platform = look.delivery, work.platform
        since = self._watch.began(look.unknown) - LOOK_BACK
        try:
            found = await self._calls.make(
                work.channel,
                lambda: platform.find(channel_in(work.channel), delivery.key, since),
            )
            if found is not None:
                await self._finish(work, delivery, found.message_id)
        except DeliveryError as exc:
            is_last = self._is_last(work, delivery, exc)
            wait_s = attempts.wait_s(exc, delivery.attempts, self._rng)
            return attempts.unseen(delivery, exc, wait_s=wait_s, is_last=is_last)
        if found is not None:
            return Verdict(delivery=delivery, outcome="sent", message_id=found.message_id)
        if last is not None:
            return attempts.refused(delivery, last, wait_s=0, is_last=True)
        reason = "the last attempt did not arrive"
        return Verdict(delivery=delivery, outcome="absent", reason=reason)

    async def _finish(self, work: _Work, delivery: Delivery, message_id: str) -> None:
        """A post that was found may have been interrupted between its message and its details."""
        platform = work.platform
        if not isinstance(platform, Finishing) or delivery.payload is None:
            return
        post = Post.model_validate_json(delivery.payload)
        try:
            await self._calls.make(
                work.channel,
                lambda: platform.finish(channel_in(work.channel), message_id, post, delivery.key),
            )
        except DeliveryError as exc:
            if not exc.permanent or exc.fault is not None:
                raise
            log.warning("post left unfinished", delivery=delivery.key, error=str(exc))

    def _is_last(self, work: _Work, delivery: Delivery, error: DeliveryError) -> bool:
        took_at = self._took_at.get(work.platform.name)
        in_outage = took_at is None or took_at < self._clock.now() - TAKES_WITHIN
        return attempts.is_final(error, delivery.attempts + 1, in_outage=in_outage)

    def _follow_up(self, work: _Work, verdict: Verdict) -> None:
        """What goes on when it is on record: counts, logs, telling people."""
        delivery, error = verdict.delivery, verdict.error
        line = log.bind(delivery=delivery.key, channel=work.channel)
        now = self._clock.now()
        waited = now - delivery.created_at if verdict.outcome == "sent" else None
        self._metrics.attempted(work.platform.name, verdict.outcome, waited)
        if verdict.outcome == "sent":
            work.report.sent += 1
            self._took_at[work.platform.name] = now
            line.info("delivery sent", kind=delivery.kind)
            if work.opening.probed - work.mended:
                work.mended.update(work.opening.probed)
                line.info("channel takes posts again")
                self._waker.set()
            return
        if verdict.outcome in ("dead", "uncertain"):
            line.error("delivery needs a person", state=verdict.outcome, error=verdict.reason)
        elif verdict.outcome != "absent":
            line.warning("delivery failed", outcome=verdict.outcome, error=verdict.reason)
            work.report.retried += 1
        if error is None:
            return
        if verdict.has_fault:
            work.group.create_task(self._tell(work.channel))
        elif error.needs_person or verdict.outcome == "dead":
            work.report.needs_person.append(f"{work.channel}: {error}")

    async def _tell(self, channel: str) -> None:
        try:
            await self._faults.tell(channel)
        except StoreError:
            raise
        except Exception:  # supervisor: what a platform fails to tell must not stop deliveries
            log.exception("telling crashed", channel=channel)
