"""Which subscriptions want what: from new entries to rows of the outbox, each with its reason.

A story is told once in a channel. What a subscription does not post is either a `skipped` row with
the rule that decided, or, for the many entries that were there before it began, no row at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from bot.ingest.links import without_addresses
from bot.model import DeliveryState, Source, Subscription
from bot.posts.filters import Filter, FilterSubject, compile_filter
from bot.store import chat, entries, outbox, submissions, subscriptions
from bot.store.database import Connection
from bot.store.entries import LatestRow
from bot.store.outbox import NewDelivery
from bot.store.subscriptions import DeclaredSubscription
from bot.thread_model import Submission, SubmissionState, Trait

KEY_BYTES = 8
RISEN = "risen"
MUTED = "muted"


class Arrival(NamedTuple):
    """A new entry that was stored and may be posted."""

    entry_id: int
    story_id: int
    title: str
    text: str
    language: str | None
    news_at: datetime
    submission: Submission | None = None


class Enqueuer:
    """Fills the outbox. Every method runs inside the caller's transaction."""

    def __init__(self, *, first_posts: int, max_posts: int, max_age: timedelta) -> None:
        self._first_posts = first_posts
        self._max_posts = max_posts
        self._max_age = max_age
        self._filters: dict[Subscription, Filter] = {}

    def arrived(
        self,
        connection: Connection,
        source: Source,
        arrivals: Sequence[Arrival],
        now: datetime,
    ) -> int:
        """Offer a poll's new entries to everyone who wants the source; returns rows to be sent."""
        queued = 0
        for wish in subscriptions.wishes(connection, source.id):
            if wish.started:
                queued += self._offer(connection, wish.subscription, source.id, arrivals, now)
            else:
                queued += self._start(connection, wish.subscription, source.id, now)
        return queued

    def risen(self, connection: Connection, entry_ids: Sequence[int], now: datetime) -> int:
        """Offer entries that were measured again to those whose `min_score` they were under.

        Each is posted once, marked by the rule `risen`; returns rows to be sent.
        """
        queued = 0
        for entry_id in entry_ids:
            row = entries.by_id(connection, entry_id)
            submission = submissions.of_entry(connection, entry_id)
            if submission is None or submission.state is not SubmissionState.LIVE:
                continue
            arrival = arrival_of(row, submission)
            for delivery in outbox.filtered(connection, row.story_id):
                wish = subscriptions.by_id(connection, delivery.subscription_id)
                assert wish is not None  # a delivery's subscription is never deleted
                queued += self._rise(connection, wish, arrival, now)
        return queued

    def _rise(
        self, connection: Connection, subscription: Subscription, arrival: Arrival, now: datetime
    ) -> int:
        assert arrival.submission is not None
        score = arrival.submission.score
        if subscription.state != "active" or not subscription.min_score or score is None:
            return 0
        if self._objection(connection, subscription, arrival, 0)[0]:
            return 0
        row = self._row(connection, subscription, arrival.story_id)
        reason = f"rose to score {score}, reaching min_score {subscription.min_score}"
        delivery_id = outbox.add(connection, row._replace(rule=RISEN, reason=reason), now)
        if delivery_id is None:
            return 0
        outbox.remark(connection, delivery_id, RISEN, reason, now)
        return 1

    def start_waiting(self, connection: Connection, now: datetime) -> int:
        """Start subscriptions to sources that were polled before; returns rows to be sent."""
        queued = 0
        for subscription_id, source_id in subscriptions.unstarted(connection):
            subscription = subscriptions.by_id(connection, subscription_id)
            assert subscription is not None
            queued += self._start(connection, subscription, source_id, now)
        return queued

    def _start(
        self,
        connection: Connection,
        subscription: Subscription,
        source_id: int,
        now: datetime,
    ) -> int:
        """Post the source's newest entries that pass; all others count as seen."""
        chosen: list[Arrival] = []
        if _is_muted(connection, subscription, source_id):
            subscriptions.start(connection, subscription.id, source_id, now)
            return 0
        for row in entries.latest(connection, source_id):
            if len(chosen) == self._first_posts or row.news_at < now - self._max_age:
                break
            arrival = arrival_of(row, submissions.of_entry(connection, row.id))
            if opens(self._filter(subscription), arrival):
                chosen.append(arrival)
        subscriptions.start(connection, subscription.id, source_id, now)
        return sum(
            self._add(connection, subscription, arrival, now) for arrival in reversed(chosen)
        )

    def _offer(
        self,
        connection: Connection,
        subscription: Subscription,
        source_id: int,
        arrivals: Sequence[Arrival],
        now: datetime,
    ) -> int:
        """Queue what passes, the oldest first; more than `max_posts` go into one catch-up post."""
        if arrivals and _is_muted(connection, subscription, source_id):
            reason = "people who manage this channel muted the source that brought it"
            for arrival in arrivals:
                self._skip(connection, subscription, arrival.story_id, MUTED, reason, now)
            return 0
        poll_began = min((arrival.entry_id for arrival in arrivals), default=0)
        by_story: dict[int, Arrival] = {}
        for arrival in sorted(arrivals, key=lambda arrival: arrival.news_at):
            if arrival.story_id not in by_story and self._wanted(
                connection, subscription, arrival, poll_began, now
            ):
                by_story[arrival.story_id] = arrival
        wanted = list(by_story.values())
        excess = len(wanted) - self._max_posts if self._max_posts else 0
        if excess <= 0:
            return sum(self._add(connection, subscription, arrival, now) for arrival in wanted)
        queued = self._catch_up(connection, subscription, source_id, wanted[:excess], now)
        return queued + sum(
            self._add(connection, subscription, arrival, now) for arrival in wanted[excess:]
        )

    def _wanted(
        self,
        connection: Connection,
        subscription: Subscription,
        arrival: Arrival,
        poll_began: int,
        now: datetime,
    ) -> bool:
        """Whether an entry is news to this subscription; if not, keep the rule that decided."""
        known = outbox.of_subject(connection, subscription.id, _subject_name(arrival.story_id))
        if known is not None and not (
            known.state is DeliveryState.SKIPPED and known.rule in ("filter", MUTED)
        ):
            return False
        seen_until = poll_began if known is None else 0
        rule, reason = self._objection(connection, subscription, arrival, seen_until)
        if rule:
            self._skip(connection, subscription, arrival.story_id, rule, reason, now)
        return not rule

    def _objection(
        self,
        connection: Connection,
        subscription: Subscription,
        arrival: Arrival,
        seen_until: int,
    ) -> tuple[str, str]:
        """The rule against posting and its sentence; two empty strings when there is none.

        A story counts as seen when an entry before `seen_until` brought it to this subscription.
        """
        if subscription.state == "paused":
            return "paused", "the subscription was paused"
        own = judged(self._filter(subscription), arrival)
        if own.rule:
            return own
        told_by = outbox.told_in(connection, subscription.channel, arrival.story_id)
        if told_by is not None:
            return "channel", f"told in this channel already, by subscription {told_by}"
        earlier = subscriptions.seen_before(
            connection, subscription.id, arrival.story_id, seen_until
        )
        if earlier is not None:
            return "seen", f"the story counts as seen since entry {earlier}"
        return "", ""

    def _catch_up(
        self,
        connection: Connection,
        subscription: Subscription,
        source_id: int,
        arrivals: Sequence[Arrival],
        now: datetime,
    ) -> int:
        """One post that lists these stories, each counted as told."""
        story_ids = list(dict.fromkeys(arrival.story_id for arrival in arrivals))
        subject = f"catchup:{source_id}:{story_ids[0]}-{story_ids[-1]}"
        row = NewDelivery(
            key=delivery_key(connection, subscription.key, subject),
            subscription_id=subscription.id,
            channel=subscription.channel,
            kind="catchup",
            subject=subject,
        )
        delivery_id = outbox.add(connection, row, now)
        if delivery_id is None:
            return 0
        outbox.add_items(connection, delivery_id, story_ids)
        reason = f"more than {self._max_posts} at once: listed in catch-up post {row.key}"
        for story_id in story_ids:
            self._skip(connection, subscription, story_id, "catchup", reason, now)
        return 1

    def _add(
        self,
        connection: Connection,
        subscription: Subscription,
        arrival: Arrival,
        now: datetime,
    ) -> int:
        if outbox.told_in(connection, subscription.channel, arrival.story_id) is not None:
            return 0
        row = self._row(connection, subscription, arrival.story_id)
        return int(outbox.add(connection, row, now) is not None)

    def _skip(
        self,
        connection: Connection,
        subscription: Subscription,
        story_id: int,
        rule: str,
        reason: str,
        now: datetime,
    ) -> None:
        row = self._row(connection, subscription, story_id)
        skipped = row._replace(state=DeliveryState.SKIPPED, rule=rule, reason=reason)
        outbox.add(connection, skipped, now)

    def _row(
        self, connection: Connection, subscription: Subscription, story_id: int
    ) -> NewDelivery:
        identity = entries.first_of_story(connection, story_id)
        return NewDelivery(
            key=delivery_key(connection, subscription.key, identity),
            subscription_id=subscription.id,
            channel=subscription.channel,
            kind="story",
            subject=_subject_name(story_id),
            story_id=story_id,
        )

    def _filter(self, subscription: Subscription) -> Filter:
        """The subscription's filter, compiled once."""
        compiled = self._filters.get(subscription)
        if compiled is None:
            compiled = filter_of(subscription)
            self._filters[subscription] = compiled
        return compiled


def _is_muted(connection: Connection, subscription: Subscription, source_id: int) -> bool:
    """Whether a channel wants no more of a source. What the settings file says, holds."""
    if subscription.origin == "file":
        return False
    return source_id in chat.muted(connection, subscription.channel)


def filter_of(subscription: Subscription | DeclaredSubscription) -> Filter:
    """A subscription's filter, compiled."""
    return compile_filter(
        include=subscription.include,
        exclude=subscription.exclude,
        min_score=subscription.min_score,
        languages=subscription.languages,
    )


def delivery_key(connection: Connection, subscription_key: str, identity: str) -> str:
    """A short name that this delivery has in every database that holds the same things.

    A file archive that outlives its database is so written again, not doubled.
    """
    seed = f"{subscription_key}\n{identity}"
    key = blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).hexdigest()
    while outbox.key_taken(connection, key):  # a publisher used one guid for two entries
        key = blake2b(key.encode(), digest_size=KEY_BYTES).hexdigest()
    return key


def _subject_name(story_id: int) -> str:
    return f"story:{story_id}"


class Judgement(NamedTuple):
    """The short name of the rule against an entry, empty where it passes; and why."""

    rule: str
    reason: str


def judged(chosen: Filter, arrival: Arrival) -> Judgement:
    """What a subscription with this filter makes of an entry, whatever its channel had before."""
    if _is_pinned(arrival):
        return Judgement("stickied", "moderators pinned it: a notice of the place, not its news")
    verdict = chosen.verdict(_subject(arrival))
    return Judgement("" if verdict.passes else "filter", verdict.rule)


def opens(chosen: Filter, arrival: Arrival) -> bool:
    """Whether an entry that was there before may be among a subscription's first posts."""
    return not judged(chosen, arrival).rule


def arrival_of(row: LatestRow, submission: Submission | None) -> Arrival:
    """A stored entry as filters see it."""
    return Arrival(
        entry_id=row.id,
        story_id=row.story_id,
        title=row.title,
        text=row.text,
        language=row.language,
        news_at=row.news_at,
        submission=submission,
    )


def _is_pinned(arrival: Arrival) -> bool:
    """Weekly threads and rules come back for weeks; who wants them reads the place itself."""
    return arrival.submission is not None and Trait.STICKIED in arrival.submission.traits


def _subject(arrival: Arrival) -> FilterSubject:
    """What filters look at; a submission's flair stands among its tags."""
    submission = arrival.submission
    return FilterSubject(
        title=arrival.title,
        text=without_addresses(arrival.text),
        tags=_tags(submission) if submission else (),
        language=arrival.language,
        score=submission.score if submission else None,
    )


def _tags(submission: Submission) -> tuple[str, ...]:
    marks = ("NSFW",) if Trait.NSFW in submission.traits else ()
    return (submission.flair, *marks) if submission.flair else marks
