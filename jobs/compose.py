"""From stored deliveries to posts: gathers what a post shows and has it composed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from bot.digests.kind import AnyKind
from bot.ingest.links import without_addresses
from bot.ingest.url import display_url
from bot.model import ArticleSummary, Delivery, Post, Subscription
from bot.posts.compose import Coverage, Gone, StoryView, catchup_post, story_post
from bot.store import (
    digests,
    outbox,
    public,
    purge,
    sources,
    space_stories,
    stories,
    submissions,
    subscriptions,
)
from bot.store.database import Connection
from bot.store.public import Audience
from bot.store.spaces import Viewer
from bot.store.stories import Member
from bot.thread_model import Submission, SubmissionState
from jobs.enqueue import RISEN

_DISCUSSION_SITES = frozenset(("news.ycombinator.com", "reddit.com", "lobste.rs"))


class Composer:
    """Makes the post of a delivery, from the store as the caller's transaction sees it.

    The same store gives the same post: what counts as now is when the delivery was made.
    """

    def __init__(self, kinds: Mapping[str, AnyKind] | None = None) -> None:
        self._kinds = kinds or {}

    def compose(self, connection: Connection, delivery: Delivery) -> Post | None:
        """The post to send, as it was frozen; None while its summary is still to be written."""
        if delivery.payload is not None:
            return Post.model_validate_json(delivery.payload)
        if delivery.story_id is not None and not self._is_summarised(connection, delivery):
            return None
        return self.fresh(connection, delivery)

    def fresh(self, connection: Connection, delivery: Delivery) -> Post:
        """The post as the store would make it now."""
        subscription = subscriptions.by_id(connection, delivery.subscription_id)
        assert subscription is not None  # a delivery's subscription is never deleted
        return addressed(self._post(connection, delivery, subscription), subscription)

    def _post(self, connection: Connection, delivery: Delivery, subscription: Subscription) -> Post:
        language, now = subscription.language, delivery.created_at
        if delivery.kind == "digest":
            return self._digest(connection, delivery, language)
        viewer = Viewer(subscription.space, subscription.channel)
        is_rising = delivery.rule == RISEN
        if delivery.kind == "story":
            assert delivery.story_id is not None
            view = story_view(connection, delivery.story_id, is_rising=is_rising, viewer=viewer)
            return story_post(view, language=language, now=now)
        name = sources.title_of(connection, int(delivery.subject.split(":")[1]))
        wanted = outbox.items(connection, delivery.id)
        views = [story_view(connection, story_id, viewer=viewer) for story_id in wanted]
        return catchup_post(name, views, language=language, now=now)

    def _digest(self, connection: Connection, delivery: Delivery, language: str) -> Post:
        stored = digests.of_subject(connection, delivery.subscription_id, delivery.subject)
        if stored is None:
            assert delivery.payload is not None  # made before digests were kept
            return Post.model_validate_json(delivery.payload)
        kind = self._kinds[stored.kind]
        return kind.post(kind.record.model_validate_json(stored.result), language=language)

    def _is_summarised(self, connection: Connection, delivery: Delivery) -> bool:
        assert delivery.story_id is not None
        return stories.is_summarized(connection, delivery.story_id)


def addressed(post: Post, subscription: Subscription) -> Post:
    """The post with whom its subscription calls and how far it goes."""
    if subscription.role is None and not subscription.publish:
        return post
    return post.model_copy(update={"role": subscription.role, "publish": subscription.publish})


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
    members = space_stories.members(connection, story_id, viewer)
    if members[0].entry_id != story.entries[0].id:  # told first by what may not be seen
        story = replace(story, title=members[0].title, url=_address(members[0]))
    view = view_of(
        members,
        title=story.title,
        url=story.url,
        summary=stories.summary(connection, story_id),
        story_id=story_id,
        gone=_gone(connection, story_id, members),
    )
    submission = submissions.of_stories(connection, [story_id], viewer).get(story_id)
    return replace(_discussed(view, submission), is_rising=is_rising and submission is not None)


def _discussed(view: StoryView, submission: Submission | None) -> StoryView:
    if submission is None:
        return view
    return replace(
        view,
        comments_url=submission.permalink,
        score=submission.score,
        num_comments=submission.num_comments,
    )


def public_post(connection: Connection, story_id: int, audience: Audience) -> Post | None:
    """A story as the web pages show it; None where the audience may see nothing of it.

    A summary of an article that only a hidden source led to stays hidden with it, and so does one
    that may be of a hidden source's own words.
    """
    members = public.members(connection, story_id, audience)
    story = stories.by_id(connection, story_id)
    if story is None or not members:
        return None
    if members[0].entry_id != story.entries[0].id:
        story = replace(story, title=members[0].title, url=_address(members[0]))
    summary = stories.summary(connection, story_id)
    if len(members) < len(story.entries) and summary and not _is_open(summary, members):
        summary = None
    view = view_of(
        members,
        title=story.title,
        url=story.url,
        summary=summary,
        story_id=story_id,
        gone=_gone(connection, story_id, members),
    )
    told_here = {member.entry_id for member in members}
    found = [
        submission
        for entry_id in told_here
        if (submission := submissions.of_entry(connection, entry_id)) is not None
    ]
    most = max(found, key=lambda one: (one.num_comments or 0, one.fullname), default=None)
    return story_post(_discussed(view, most), language="en", now=story.updated_at)


def _is_open(summary: ArticleSummary, members: list[Member]) -> bool:
    """Whether it rests on what these reports say themselves, or on a page that they lead to."""
    if summary.read == "feed":
        return summary.text in {without_addresses(one.text) for one in members if one.text}
    return summary.url in {_address(one) for one in members}


def _gone(connection: Connection, story_id: int, members: list[Member]) -> Mapping[int, Gone]:
    """The entries whose words were deleted where they stood, or removed by moderators."""
    if all(member.title != purge.DELETED for member in members):
        return {}
    states = submissions.states(connection, story_id)
    removed, deleted = SubmissionState.REMOVED, SubmissionState.DELETED
    return {
        member.entry_id: "removed" if states.get(member.entry_id, deleted) is removed else "deleted"
        for member in members
        if member.title == purge.DELETED
    }


def _address(member: Member) -> str | None:
    return display_url(member.url) if member.url else None


def view_of(
    members: list[Member],
    *,
    title: str,
    url: str | None,
    summary: ArticleSummary | None,
    story_id: int | None,
    gone: Mapping[int, Gone],
) -> StoryView:
    members = sorted(members, key=lambda member: member.entry_id in gone)
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
                gone=gone.get(member.entry_id, ""),
                discussion=_own_discussion(member),
            )
            for member in members
        ),
        summary=summary,
        image_url=next((member.image_url for member in members if member.image_url), None),
        comments_url=next((member.comments_url for member in members if member.comments_url), None),
        tags=tuple(dict.fromkeys(tag for member in members for tag in json.loads(member.tags))),
    )


def _own_discussion(member: Member) -> str | None:
    """Where a report is talked about, if the page that it links to is another site's."""
    if member.comments_url is None or member.url is None:
        return None
    here, there = (urlsplit(url).hostname or "" for url in (member.comments_url, member.url))
    is_discussed = here != there and here.removeprefix("www.") in _DISCUSSION_SITES
    return display_url(member.comments_url) if is_discussed else None
