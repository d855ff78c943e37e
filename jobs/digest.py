"""Digests by schedule: one post of what was news since the last one.

A digest is unique on its subscription and its local period, so a clock that goes back makes no
second one; after days offline one digest covers them all. What changes in a posted one makes a new
revision of it, and the post is edited.
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.digests.material import Period
from bot.digests.schedule import next_run, period_name
from bot.errors import StoreError
from bot.model import DeliveryState, Subscription
from bot.ports import Clock
from bot.store import digests, edits, outbox, subscriptions
from bot.store.database import Connection, Database
from bot.store.digests import StoredDigest
from bot.store.outbox import NewDelivery
from bot.store.spaces import Viewer
from jobs.compose import addressed
from jobs.digest_maker import DigestMaker, MadeDigest
from jobs.digest_material import DigestWish, digest_name, source_names
from jobs.enqueue import delivery_key, filter_of

log = structlog.get_logger(__name__)

# A digest older than this stays as it was posted.
REVISED_WITHIN = timedelta(hours=48)


class DigestJob:
    """Makes the digests that are due and puts them into the outbox; revises those of late."""

    def __init__(
        self, database: Database, maker: DigestMaker, clock: Clock, *, post_empty: bool = False
    ) -> None:
        self._database = database
        self._maker = maker
        self._clock = clock
        self._post_empty = post_empty

    async def run(self) -> int:
        """Plan new schedules and make what is due; returns 0, so that the tick sets the pace."""
        now = self._clock.now()
        for subscription in await self._database.read(subscriptions.unscheduled):
            await self._database.write(_plan, subscription, now)
        due = await self._database.read(subscriptions.due, now)
        if due:  # what was first seen before `now` is in this digest, for the next begins here
            await self._database.caught_up()
        for subscription in due:
            await self._guarded(subscription.key, self._make(subscription, now))
        for stored in await self._database.read(digests.outdated, now, REVISED_WITHIN):
            await self._guarded(f"digest {stored.id}", self._revise(stored))
        return 0

    async def _guarded(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StoreError:
            raise
        except Exception:  # supervisor: one digest must not hold back the others
            log.exception("digest crashed", digest=name)

    async def _make(self, subscription: Subscription, now: datetime) -> None:
        assert subscription.next_run_at is not None
        since = subscription.covered_until or subscription.created_at
        subject = f"digest:{period_name(subscription.next_run_at, subscription.timezone)}"
        wish = await self._database.read(_wish, subscription, since, now, subject)
        await self._maker.make(wish, lambda connection, made: self._settle(connection, made, wish))

    def _settle(self, connection: Connection, made: MadeDigest, wish: DigestWish) -> None:
        """Put the digest into the outbox and plan the next run, in the transaction that keeps it.

        An empty one is on record as skipped, not posted, unless the settings want to hear of it.
        """
        subscription = subscriptions.by_id(connection, wish.subscription_id or 0)
        assert subscription is not None
        assert subscription.schedule is not None
        kind = self._maker.kinds[wish.kind]
        post = kind.post(made.record, language=wish.language)
        row = NewDelivery(
            key=delivery_key(connection, subscription.key, wish.subject or ""),
            subscription_id=subscription.id,
            channel=subscription.channel,
            kind="digest",
            subject=wish.subject or "",
            payload=addressed(post, subscription).model_dump_json(),
        )
        if kind.is_empty(made.record) and not self._post_empty:
            row = row._replace(
                state=DeliveryState.SKIPPED, rule="empty", reason="nothing was new in this period"
            )
        now = self._clock.now()
        delivery_id = outbox.add(connection, row, now)
        if delivery_id is not None:
            outbox.add_items(connection, delivery_id, made.story_ids)
        subscriptions.schedule(
            connection,
            subscription.id,
            next_run_at=next_run(subscription.schedule, subscription.timezone, now),
            covered_until=wish.period.until,
        )

    async def _revise(self, stored: StoredDigest) -> None:
        """Make a posted digest's next revision where it would now be another; its post follows."""
        assert stored.subscription_id is not None
        assert stored.subject is not None
        subscription = await self._database.read(subscriptions.by_id, stored.subscription_id)
        if subscription is None or subscription.state != "active":
            await self._database.write(_leave, stored, self._clock.now())
            return
        now = self._clock.now()
        wish = await self._database.read(
            _wish, subscription, stored.since, stored.until, stored.subject
        )

        def settle(connection: Connection, made: MadeDigest) -> None:
            if made.stored.revision != stored.revision:
                edits.digest_changed(connection, subscription.id, stored.subject or "")
            else:
                digests.touch(connection, stored.id, now)

        await self._maker.make(wish, settle)


def _leave(connection: Connection, stored: StoredDigest, now: datetime) -> None:
    """A digest whose subscription has ended is not revised; words that were deleted still go."""
    if stored.fingerprint:
        digests.touch(connection, stored.id, now)
        return
    digests.drop(connection, stored.id)
    edits.digest_changed(connection, stored.subscription_id or 0, stored.subject or "", edit=False)


def _plan(connection: Connection, subscription: Subscription, now: datetime) -> None:
    assert subscription.schedule is not None
    run_at = next_run(subscription.schedule, subscription.timezone, now)
    subscriptions.schedule(connection, subscription.id, next_run_at=run_at)


def _wish(
    connection: Connection,
    subscription: Subscription,
    since: datetime,
    until: datetime,
    subject: str,
) -> DigestWish:
    assert subscription.post != "instant"
    source_ids = subscriptions.linked_sources(connection, subscription.id)
    return DigestWish(
        kind=subscription.post,
        name=digest_name(source_names(connection, subscription.sources, source_ids)),
        scope=subscription.key,
        sources=subscription.sources,
        source_ids=tuple(source_ids),
        period=Period(since=since, until=until, timezone=subscription.timezone),
        language=subscription.language,
        chosen=filter_of(subscription),
        by="seen",
        subscription_id=subscription.id,
        subject=subject,
        viewer=Viewer(subscription.space, subscription.channel),
    )
