"""Channels that take nothing: asked rarely, told of once, and full of posts again when mended.

Nothing is asked of a channel with a fault except, after growing waits, whether it takes its oldest
delivery: that is the probe. What waits stays pending. A platform whose token is refused is probed
through one of its channels.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import structlog

from bot.commands.reasons import in_language
from bot.errors import ChannelFault, DeliveryError
from bot.model import Post
from bot.ports import Clock, Platform, Telling
from bot.posts.faults import fault_post
from bot.store import faults, places
from bot.store.database import Connection, Database
from bot.store.faults import Affected, StoredFault
from bot.store.sending import OpenChannel

log = structlog.get_logger(__name__)

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 3_600.0
LONGEST_WAIT_GONE_S = 86_400.0  # few deleted channels come back
LONGEST_WAIT = timedelta(hours=25)  # what waits longer was told so by a clock that went wrong
MENDED_GAP = timedelta(seconds=10)  # however often a connection says that something changed
TOLD_AGAIN_AFTER = timedelta(days=1)  # where one fault turns into another
TELL_LIMIT_S = 30.0
TIDY_EVERY = timedelta(minutes=1)

# Discord bans an address for 10,000 invalid requests (401, 403) in 10 minutes.
MOST_REFUSALS = 2_000
REFUSALS_WITHIN = timedelta(minutes=10)

T = TypeVar("T")


class Opening(NamedTuple):
    """A channel to work on. `probed`: the faults that this finds out about."""

    channel: str
    probed: frozenset[str]


class Faults:
    """What `DeliverJob` knows of channels with faults.

    Methods that take a connection run in the caller's transaction, on the store's thread.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._rng = rng
        self._mended: list[str | None] = []
        self._gone: dict[str, str] = {}
        self._tidied_at: datetime | None = None
        self._asked_at: dict[str, datetime] = {}
        self._refusals: dict[str, deque[datetime]] = defaultdict(deque)

    def mended(self, channel: str | None) -> None:
        """Ask there again with the next round."""
        self._mended.append(channel)

    def gone(self, channel: str, reason: str) -> None:
        """Keep in mind that a channel was deleted. Nobody is told before a post waits for it."""
        self._gone[channel] = reason

    def ask_all(self, connection: Connection) -> None:
        """Ask everywhere once: a new run may find mended what the last one left."""
        for fault in faults.listed(connection):
            faults.ask_soon(connection, fault.channel, self._clock.now())

    async def hear(self) -> None:
        """Make what was said to be mended due, and note what was said to be gone; now and then
        forget what nobody subscribes any more.
        """
        gone, self._gone = self._gone, {}
        if gone:
            await self._database.write(self._note_gone, gone)
        said, self._mended = self._mended, []
        if said:
            await self._database.write(self._ask_mended, said)
        now = self._clock.now()
        if self._tidied_at is None or not timedelta() <= now - self._tidied_at < TIDY_EVERY:
            self._tidied_at = now
            unwanted = await self._database.read(faults.unwanted)
            if unwanted:
                await self._database.write(faults.clear, unwanted)

    def _note_gone(self, connection: Connection, gone: Mapping[str, str]) -> None:
        now = self._clock.now()
        for channel in faults.subscribed(connection, gone):
            if faults.by_name(connection, channel) is None:
                reason = gone[channel]
                fault = StoredFault(channel, ChannelFault.GONE, reason, now, 0, now, None)
                faults.put(connection, fault)

    def _ask_mended(self, connection: Connection, said: Sequence[str | None]) -> None:
        now = self._clock.now()
        for fault in faults.listed(connection):
            if any(_means(one, fault.channel) for one in said):
                last = self._asked_at.get(fault.channel)
                at = now if last is None else max(now, last + MENDED_GAP)
                faults.ask_soon(connection, fault.channel, at, afresh=True)

    def asleep(self, held: Sequence[StoredFault]) -> set[str]:
        """What is not to be asked yet."""
        now = self._clock.now()
        return {fault.channel for fault in held if not _is_due(fault, now)}

    def openings(
        self, found: Sequence[OpenChannel], held: Sequence[StoredFault], busy: Mapping[str, Opening]
    ) -> list[Opening]:
        """Which of the channels with something to do to work on now."""
        by_name = {fault.channel: fault for fault in held}
        taken = {name for opening in busy.values() for name in opening.probed}
        now = self._clock.now()
        chosen: list[Opening] = []
        waiting = [
            (one.channel, [by_name[name] for name in _names(one) if name in by_name])
            for one in found
            if one.channel not in busy and self.has_room(one.channel)
        ]
        # A platform is best asked through a channel that has no fault of its own.
        for channel, holding in sorted(waiting, key=lambda one: len(one[1])):
            probed = frozenset(fault.channel for fault in holding)
            if probed & taken or not all(_is_due(fault, now) for fault in holding):
                continue
            taken |= probed
            for name in probed:
                self._asked_at[name] = now
            chosen.append(Opening(channel, probed))
        return chosen

    def holds(
        self, connection: Connection, channel: str, space: str, probed: Collection[str]
    ) -> bool:
        """Whether posts are kept from this channel by more than what is being probed."""
        return any(
            fault.channel not in probed for fault in faults.holding(connection, channel, space)
        )

    def found(self, connection: Connection, channel: str, error: DeliveryError) -> None:
        """A request met this fault. Those that were under way when it came up change nothing."""
        assert error.fault is not None
        name = _name_of(channel, error)
        now = self._clock.now()
        known = faults.by_name(connection, name)
        if known is not None and known.fault is error.fault and known.retry_at > now:
            return
        tries = 0 if known is None else known.tries + 1
        since, told_at = (now, None) if known is None else (known.since, known.told_at)
        if known is not None and known.fault is not error.fault:
            since = now
            told_at = told_at if told_at and told_at > now - TOLD_AGAIN_AFTER else None
        retry_at = now + timedelta(seconds=self._wait_s(error.fault, tries))
        fault = StoredFault(name, error.fault, str(error), since, tries, retry_at, told_at)
        faults.put(connection, fault)

    def _wait_s(self, fault: ChannelFault, tries: int) -> float:
        """30 s, doubling to an hour, for a deleted channel to a day; a little less, so that the
        channels of one server are not all asked at the same moment.
        """
        longest = LONGEST_WAIT_GONE_S if fault is ChannelFault.GONE else LONGEST_WAIT_S
        wait_s: float = min(longest, FIRST_WAIT_S * 2 ** min(tries, 20))
        return wait_s * self._rng.uniform(0.9, 1.0)

    async def ask(self, channel: str, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call for a channel, unless its platform refused so many of late that the next
        could have us banned. Raises `DeliveryError`.
        """
        if not self.has_room(channel):
            message = "too many requests were refused of late: nothing is asked for ten minutes"
            raise DeliveryError(message, needs_person=True, retry_after_s=60)
        try:
            return await call()
        except DeliveryError as exc:
            if exc.fault is not None:
                self._refusals[channel.partition(":")[0]].append(self._clock.now())
            raise

    def has_room(self, channel: str) -> bool:
        """Whether the platform may be asked at all, after so many refusals."""
        recent = self._refusals[channel.partition(":")[0]]
        since = self._clock.now() - REFUSALS_WITHIN
        while recent and recent[0] <= since:
            recent.popleft()
        return len(recent) < MOST_REFUSALS

    async def tell(self, channel: str) -> None:
        """Tell the people who subscribed this channel, once for each fault. Best effort."""
        platform = self._platforms[channel.partition(":")[0]]
        if not isinstance(platform, Telling):
            return
        told = await self._database.write(self._to_tell, channel)
        for one, post in told:
            try:
                async with asyncio.timeout(TELL_LIMIT_S):
                    await platform.tell(one.person.partition(":")[2], post, space=one.space)
            except (DeliveryError, TimeoutError) as exc:
                log.warning("subscriber not told", channel=channel, error=str(exc))

    def _to_tell(self, connection: Connection, channel: str) -> list[tuple[Affected, Post]]:
        """Whom to tell what; on record as told before it is tried, so that nobody is told twice."""
        fault = faults.by_name(connection, channel)
        if fault is None or fault.told_at is not None:
            return []
        now = self._clock.now()
        faults.put(connection, fault._replace(told_at=now))
        name = places.name_of(connection, channel) or ""
        return [
            (one, _told(fault, name, one, now))
            for one in faults.affected(connection, channel)
            if one.person.partition(":")[0] == channel.partition(":")[0]
        ]


def complaints(connection: Connection, platforms: Collection[str]) -> list[str]:
    """One line for each fault that posts wait for on one of these platforms."""
    return [
        f"{faults.described(fault.channel).removeprefix('channel ')}: {fault.reason}"
        for fault in faults.listed(connection)
        if faults.platform_of(fault.channel) in platforms and faults.waiting(connection, fault)
    ]


def _told(fault: StoredFault, name: str, whom: Affected, now: datetime) -> Post:
    return fault_post(
        fault.channel,
        fault.fault,
        in_language(fault.reason, whom.language),
        language=whom.language,
        now=now,
        space=whom.space,
        name=name,
    )


def _name_of(channel: str, error: DeliveryError) -> str:
    """What a fault is about: the channel, or all that the same token is for."""
    if error.fault is not ChannelFault.ACCESS:
        return channel
    return faults.space_name(error.space) if error.space else channel.partition(":")[0]


def _means(said: str | None, name: str) -> bool:
    """Whether a fault of this name may be gone when that channel (None: anything) is mended."""
    return said is None or name in (said, said.partition(":")[0]) or name.endswith(f":{said}")


def _names(one: OpenChannel) -> tuple[str, ...]:
    return faults.names(one.channel, one.space)


def _is_due(fault: StoredFault, now: datetime) -> bool:
    return fault.retry_at <= now or fault.retry_at > now + LONGEST_WAIT
