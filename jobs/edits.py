"""Posted stories and digests are edited when what they tell has changed, one channel's in order."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.errors import ChannelFault, DeliveryError
from bot.model import Delivery, Post
from bot.ports import Clock, Platform
from bot.store import edits, faults, subscriptions
from bot.store.database import Connection, Database
from bot.store.edits import DueEdit
from jobs import attempts
from jobs.calls import Calls, channel_in, platform_of
from jobs.compose import Composer
from jobs.faults import Faults

log = structlog.get_logger(__name__)

ARCHIVED_WAIT_S = 86_400.0  # an archived thread takes posts but no edits, until somebody writes


class Editor:
    """Edits what is due. Knowledge of faults, and the bound on calls, are shared with the sends."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        composer: Composer,
        known_faults: Faults,
        calls: Calls,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._composer = composer
        self._faults = known_faults
        self._calls = calls
        self._clock = clock
        self._rng = rng

    async def edit_next(self, channel: str, probed: frozenset[str]) -> bool | None:
        """Bring the channel's oldest outdated post up to date: True when it was edited, False when
        there was nothing to change, None when there is none, or the channel has to wait.

        `probed`: the faults that are gone where this works.
        """
        found = await self._database.read(self._next, channel, probed)
        if found is None:
            return None
        due, post = found
        delivery, platform = due.delivery, self._platforms[platform_of(channel)]
        message_id = delivery.message_id
        if not platform.can_edit or message_id is None:
            return await self._leave(delivery, "this platform cannot edit")
        if delivery.payload and Post.model_validate_json(delivery.payload) == post:
            return await self._leave(delivery, "nothing to change")
        try:
            await self._calls.make(
                channel,
                lambda: platform.edit(channel_in(channel), message_id, post, delivery.key),
            )
        except DeliveryError as exc:
            return await self._failed(due, exc)
        await self._database.write(self._edited, delivery, post, probed)
        log.info("delivery edited", delivery=delivery.key, channel=channel, kind=post.kind)
        return True

    def _next(
        self, connection: Connection, channel: str, probed: frozenset[str]
    ) -> tuple[DueEdit, Post] | None:
        due = edits.next_due(connection, channel, self._clock.now())
        if due is None:
            return None
        subscription = subscriptions.by_id(connection, due.delivery.subscription_id)
        space = subscription.space if subscription else ""
        if self._faults.holds(connection, channel, space, probed):
            return None
        return due, self._composer.fresh(connection, due.delivery)

    def _edited(
        self, connection: Connection, delivery: Delivery, post: Post, probed: frozenset[str]
    ) -> None:
        """It shows `post` now. What changed while it was edited makes it due again at once."""
        faults.clear(connection, sorted(probed))
        edits.mark_edited(
            connection,
            delivery.id,
            payload=post.model_dump_json(),
            outcome="brought up to date",
            now=self._clock.now(),
            again=self._composer.fresh(connection, delivery) != post,
        )

    async def _failed(self, due: DueEdit, error: DeliveryError) -> bool | None:
        """Leave the post as it is, or try again later; then the channel's others wait too."""
        delivery = due.delivery
        is_closed = error.fault is ChannelFault.ARCHIVED
        if error.permanent and error.fault is None:
            return await self._leave(delivery, str(error))
        if due.tries + 1 >= attempts.MOST_ATTEMPTS and not error.needs_person:
            return await self._leave(delivery, str(error))
        wait_s = ARCHIVED_WAIT_S if is_closed else attempts.wait_s(error, due.tries, self._rng)

        def put_off(connection: Connection) -> None:
            now = self._clock.now()
            if error.fault is not None and not is_closed:
                self._faults.found(connection, delivery.channel, error)
            edits.mark_failed(
                connection,
                delivery.id,
                reason=str(error),
                next_attempt_at=now + timedelta(seconds=wait_s),
                now=now,
            )

        await self._database.write(put_off)
        log.warning("edit failed", delivery=delivery.key, error=str(error))
        return None

    async def _leave(self, delivery: Delivery, why: str) -> bool:
        await self._database.write(
            edits.mark_edited,
            delivery.id,
            payload=None,
            outcome=f"left as it is: {why}",
            now=self._clock.now(),
        )
        return False
