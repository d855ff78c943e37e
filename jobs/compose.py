"""From stored deliveries to posts: gathers what a post shows and has it composed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from bot.digests.kind import AnyKind
from bot.ingest.url import display_url
from bot.model import ArticleSummary, Delivery, Post
from bot.ports import Clock
from bot.posts.compose import Coverage, StoryView, catchup_post, story_post
from bot.store import (
    digests,
    outbox,
    sources,
    space_stories,
    stories,
    submissions,
    subscriptions,
)
from bot.store.database import Connection, Database
from bot.store.digests import StoredDigest
from bot.store.spaces import Viewer
from bot.store.stories import Member
from jobs.enqueue import RISEN


class Composer:
    """Makes the post of a delivery. What was frozen is shown as it was frozen."""

    def __init__(
        self, database: Database, clock: Clock, kinds: Mapping[str, AnyKind] | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._kinds = kinds or {}

    async def post(self, delivery: Delivery) -> Post | None:
        """The post to send; None while its summary is still to be written."""
        if delivery.payload is not None:
            return Post.model_validate_json(delivery.payload)
        if delivery.kind == "story" and not await self._summarised(delivery):
            return None
        return await self.fresh(delivery)

    async def fresh(self, delivery: Delivery) -> Post:
        """The post as the store would make it now."""
        if delivery.kind == "digest":
            return await self._digest(delivery)
        material = await self._database.read(_gather, delivery)
        now = self._clock.now()
        if delivery.kind == "story":
            return story_post(material.views[0], language=material.language, now=now)
        return catchup_post(material.name, material.views, language=material.language, now=now)

    async def _digest(self, delivery: Delivery) -> Post:
        stored, language = await self._database.read(_stored_digest, delivery)
        if stored is None:
            assert delivery.payload is not None  # made before digests were kept
            return Post.model_validate_json(delivery.payload)
        kind = self._kinds[stored.kind]
        return kind.post(kind.record.model_validate_json(stored.result), language=language)

    async def _summarised(self, delivery: Delivery) -> bool:
        assert delivery.story_id is not None
        return await self._database.read(stories.summary, delivery.story_id) is not None


def _stored_digest(connection: Connection, delivery: Delivery) -> tuple[StoredDigest | None, str]:
    subscription = subscriptions.by_id(connection, delivery.subscription_id)
    assert subscription is not None  # a delivery's subscription is never deleted
    stored = digests.of_subject(connection, subscription.id, delivery.subject)
    return stored, subscription.language


class _Material(NamedTuple):
    views: list[StoryView]
    language: str
    name: str


def _gather(connection: Connection, delivery: Delivery) -> _Material:
    subscription = subscriptions.by_id(connection, delivery.subscription_id)
    assert subscription is not None  # a delivery's subscription is never deleted
    if delivery.story_id is not None:
        wanted, name = [delivery.story_id], ""
    else:
        wanted = outbox.items(connection, delivery.id)
        name = sources.title_of(connection, int(delivery.subject.split(":")[1]))
    is_rising = delivery.rule == RISEN
    viewer = Viewer(subscription.space, subscription.channel)
    views = [
        story_view(connection, story_id, is_rising=is_rising, viewer=viewer) for story_id in wanted
    ]
    return _Material(views, subscription.language, name)


def story_view(
    connection: Connection,
    story_id: int,
    *,
    is_rising: bool = False,
    viewer: Viewer | None = None,
) -> StoryView:
    """A stored story as posts show it. `is_rising`: it was told late, since it rose.

    `viewer`: who will read it; what another space's sources add is left out.
    """
    story = stories.by_id(connection, story_id)
    assert story is not None
    members = stories.members(connection, story_id)
    if viewer is not None:
        known = space_stories.known_source_urls(
            connection, viewer, (one.source_url for one in members)
        )
        first, members = members[0], [one for one in members if one.source_url in known] or members
        if members[0] is not first:  # told first by what may not be seen
            story = replace(story, title=members[0].title, url=_address(members[0]))
    view = view_of(
        members,
        title=story.title,
        url=story.url,
        summary=stories.summary(connection, story_id),
        story_id=story_id,
    )
    submission = submissions.of_stories(connection, [story_id]).get(story_id)
    if submission is None:
        return view
    return replace(
        view,
        comments_url=submission.permalink,
        score=submission.score,
        num_comments=submission.num_comments,
        is_rising=is_rising,
    )


def _address(member: Member) -> str | None:
    return display_url(member.url) if member.url else None


def view_of(
    members: list[Member],
    *,
    title: str,
    url: str | None,
    summary: ArticleSummary | None,
    story_id: int | None,
) -> StoryView:
    return StoryView(
        id=story_id,
        title=title,
        url=url,
        coverage=tuple(
            Coverage(
                source=member.source_title,
                source_url=member.source_url,
                url=display_url(member.url) if member.url else None,
                published_at=member.published_at or member.first_seen_at,
            )
            for member in members
        ),
        summary=summary,
        image_url=next((member.image_url for member in members if member.image_url), None),
        comments_url=next((member.comments_url for member in members if member.comments_url), None),
        tags=tuple(dict.fromkeys(tag for member in members for tag in json.loads(member.tags))),
    )
