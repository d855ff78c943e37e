"""Digests by schedule: one post of what was news since the last one.

A digest is unique on its subscription and its local period, so a clock that goes back makes no
second one; after days offline one digest covers them all.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.digests import headlines
from bot.digests.schedule import next_run, period_name
from bot.model import DeliveryState, Post, Subscription
from bot.ports import Clock
from bot.posts.compose import digest_post
from bot.posts.filters import FilterSubject
from bot.store import outbox, stories, subscriptions
from bot.store.database import Connection, Database
from bot.store.outbox import NewDelivery
from jobs.compose import story_view
from jobs.enqueue import delivery_key, filter_of
from jobs.summarize import SummarizeJob

log = structlog.get_logger(__name__)


class DigestJob:
    """Makes the digests that are due and puts them into the outbox."""

    def __init__(self, database: Database, summarize: SummarizeJob, clock: Clock) -> None:
        self._database = database
        self._summarize = summarize
        self._clock = clock

    async def run(self) -> int:
        """Plan new schedules and make what is due; returns 0, so that the tick sets the pace."""
        now = self._clock.now()
        for subscription in await self._database.read(subscriptions.unscheduled):
            await self._database.write(_plan, subscription, now)
        for subscription in await self._database.read(subscriptions.due, now):
            story_ids = await self._database.read(_wanted, subscription, now)
            await self._summarize.summarize(story_ids)
            await self._database.write(_make, subscription, story_ids, now)
            log.info("digest made", subscription=subscription.id, stories=len(story_ids))
        return 0


def _plan(connection: Connection, subscription: Subscription, now: datetime) -> None:
    assert subscription.schedule is not None
    run_at = next_run(subscription.schedule, subscription.timezone, now)
    subscriptions.schedule(connection, subscription.id, next_run_at=run_at)


def _make(
    connection: Connection, subscription: Subscription, story_ids: list[int], now: datetime
) -> None:
    """Make one digest; its outbox row and the next run are one transaction."""
    assert subscription.schedule is not None
    since = _since(subscription)
    views = [story_view(connection, story_id) for story_id in story_ids]
    digest = headlines.compose(subscription.post, views, since=since, until=now)
    post = digest_post(digest, language=subscription.language, timezone=subscription.timezone)
    _enqueue(connection, subscription, post, story_ids, now)
    subscriptions.schedule(
        connection,
        subscription.id,
        next_run_at=next_run(subscription.schedule, subscription.timezone, now),
        covered_until=now,
    )


def _since(subscription: Subscription) -> datetime:
    return subscription.covered_until or subscription.created_at


def _wanted(connection: Connection, subscription: Subscription, until: datetime) -> list[int]:
    """The period's stories that pass the subscription's filters."""
    chosen = filter_of(subscription)
    found = stories.in_period(
        connection,
        subscriptions.linked_sources(connection, subscription.id),
        since_at=_since(subscription),
        until_at=until,
    )
    return [
        story_id
        for story_id in found
        if any(
            chosen.verdict(
                FilterSubject(title=one.title, text=one.text, language=one.language, score=None)
            ).passes
            for one in stories.members(connection, story_id)
        )
    ]


def _enqueue(
    connection: Connection,
    subscription: Subscription,
    post: Post,
    story_ids: list[int],
    now: datetime,
) -> None:
    """Add the digest to the outbox; an empty one is on record as skipped, not posted."""
    assert subscription.next_run_at is not None
    subject = f"digest:{period_name(subscription.next_run_at, subscription.timezone)}"
    row = NewDelivery(
        key=delivery_key(connection, subscription.key, subject),
        subscription_id=subscription.id,
        channel=subscription.channel,
        kind="digest",
        subject=subject,
        payload=post.model_dump_json(),
    )
    if not story_ids:
        row = row._replace(
            state=DeliveryState.SKIPPED, rule="empty", reason="nothing was new in this period"
        )
    delivery_id = outbox.add(connection, row, now)
    if delivery_id is not None:
        outbox.add_items(connection, delivery_id, story_ids)
