"""`why`: each stage that an entry or a post went through, with the rule that decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bot.errors import UserError
from bot.ingest.novelty import EXISTING
from bot.ingest.url import canonical_url
from bot.model import Delivery
from bot.store import entries, outbox, space_stories, stories
from bot.store.database import Connection, Database
from bot.store.entries import Trace
from bot.store.spaces import Viewer
from bot.store.times import to_text

_EXCEPT_NEWEST = "; a subscription starts with the newest of these (poll.first_posts)"


class Stage(NamedTuple):
    """One step of the way: when, which, and what decided it. `channel`: where it is a post's."""

    at: str
    stage: str
    text: str
    channel: str = ""


async def explain(database: Database, item: str) -> list[Stage]:
    """The way of whatever `item` names: an address, an entry's id, a delivery's key or message id.

    In the order of time; what has not happened comes last. Raises `UserError` when nothing of that
    name was ever seen.
    """
    stages = await database.read(stages_of, item.strip())
    if not stages:
        raise UserError(
            f"nothing is known of {item}: give a link as it was published, an entry's number "
            "or a delivery's key"
        )
    return stages


def stages_of(connection: Connection, item: str, viewer: Viewer | None = None) -> list[Stage]:
    """The same for a reader of one space, who sees its own sources and deliveries only."""
    traces = entries.traces(connection, urls=_addresses(item), ids=_ids(item))
    if not traces and (delivery := _delivery(connection, item, viewer)) is not None:
        if viewer is not None and delivery.story_id is None:
            return list(_list_stages(connection, delivery))
        members = outbox.items(connection, delivery.id)
        if delivery.story_id is not None:
            members = [delivery.story_id]
        ids = [
            member.entry_id
            for story_id in members
            for member in stories.members(connection, story_id)
        ]
        traces = entries.traces(connection, urls=(), ids=ids)
    if viewer is not None:
        sources = (trace.source for trace in traces)
        known = space_stories.known_source_urls(connection, viewer, sources)
        traces = [trace for trace in traces if trace.source in known]
    stages = [stage for trace in traces for stage in _entry_stages(trace)]
    for story_id in dict.fromkeys(trace.story_id for trace in traces):
        stages += _story_stages(connection, story_id, viewer)
    return sorted(stages, key=lambda stage: (not stage.at, stage.at))


def _delivery(connection: Connection, name: str, viewer: Viewer | None) -> Delivery | None:
    if viewer is None:
        return outbox.by_key(connection, name)
    return space_stories.delivery(connection, viewer, name)


def _addresses(item: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (item, canonical_url(item)))))


def _ids(item: str) -> list[int]:
    return [int(item)] if item.isdecimal() and len(item) < 18 else []


def _entry_stages(trace: Trace) -> Iterator[Stage]:
    yield Stage(
        trace.first_seen_at,
        "fetched",
        f"entry {trace.id} of {trace.source}: {trace.title!r}, published "
        f"{trace.published_at or 'without a date'}",
    )
    verdict = "may be posted" if trace.postable else "not news"
    rule = f"{trace.ingest_reason}{_EXCEPT_NEWEST if trace.ingest_reason == EXISTING else ''}"
    yield Stage(trace.first_seen_at, "ingested", f"{verdict}: {rule}")
    yield Stage(
        trace.first_seen_at, "clustered", f"in story {trace.story_id}: {trace.story_reason}"
    )
    for seen_at, reason in trace.revisions:
        yield Stage(seen_at, "edited", f"{reason}; not posted again")


def _story_stages(connection: Connection, story_id: int, viewer: Viewer | None) -> Iterator[Stage]:
    made = stories.summary_reason(connection, story_id)
    if made:
        yield Stage(made[0], "summarised", f"story {story_id}, {made[1]}")
    deliveries = outbox.of_story(connection, story_id)
    if viewer is not None:
        deliveries = space_stories.own_deliveries(connection, viewer, deliveries)
    if not deliveries:
        yield Stage("", "delivery", f"story {story_id}: no subscription asked for it as news")
    for delivery in deliveries:
        yield from _delivery_stages(connection, delivery)


def _list_stages(connection: Connection, delivery: Delivery) -> Iterator[Stage]:
    """A digest or a catch-up post: its own way, and how many stories it tells."""
    told = outbox.items(connection, delivery.id)
    text = f"{delivery.kind} of {len(told)} stories; ask for one of them by its link"
    yield Stage(to_text(delivery.created_at), "composed", text, delivery.channel)
    yield from _delivery_stages(connection, delivery)


def _delivery_stages(connection: Connection, delivery: Delivery) -> Iterator[Stage]:
    name = f"{delivery.kind} for {delivery.channel} (subscription {delivery.subscription_id})"
    reason = f": {delivery.reason}" if delivery.reason else ""
    state = f"{name}, {delivery.state.value}{reason}"
    yield Stage(to_text(delivery.created_at), "outbox", state, delivery.channel)
    for at, outcome, why in outbox.attempts(connection, delivery.id):
        yield Stage(at, "delivery", f"{outcome} {why}".strip(), delivery.channel)
