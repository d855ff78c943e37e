"""`[[sources]]` and `[[subscriptions]]`: their keys, and how the two lists fit together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from config.source_forms import SourceForm, SourceName, SubscribedName, source_form
from config.source_packs import read_pack
from config.types import (
    ChannelName,
    Cron,
    Duration,
    Filter,
    Language,
    Section,
    Tag,
    TimeZone,
    Whole,
    conflict,
    did_you_mean,
    parse_duration,
)

DIGEST_SCHEDULE = "0 9 * * *"


class SourceSettings(Section):
    """One source. Polled whether or not anything subscribes to it."""

    url: SourceName = Field(
        description='A feed or page, "r/<subreddit>", "hn:front", an OPML file, or "pack:<name>".',
        examples=["pack:ai"],
    )
    tags: tuple[Tag, ...] = Field(
        (), description='What subscriptions find it by, as "tag:<tag>".', examples=[("ai",)]
    )
    interval: Duration | None = Field(
        None,
        description="Time between two polls of this source. Left out: poll.interval.",
        examples=[parse_duration("30m")],
    )


class SubscriptionSettings(Section):
    """What goes to one channel. Read-only in chat; those made in chat live beside these."""

    channel: ChannelName = Field(
        description='"discord:<channel id>", "slack:<channel id>", "terminal", or "files".',
        examples=["terminal"],
    )
    sources: tuple[SubscribedName, ...] = Field(
        min_length=1,
        description='Sources as written in [[sources]], or "tag:<tag>". One that is not listed '
        "there is polled with the default interval.",
        examples=[("tag:ai",)],
    )
    post: Literal["instant", "community", "outlook", "roundup"] = Field(
        "instant", description="Each story at once, or a kind of digest."
    )
    schedule: Cron | None = Field(
        None,
        description="When a digest is made: minute, hour, day of month, month, day of week (names, "
        f'or 0-7 with Sunday = 0 and 7). Left out: "{DIGEST_SCHEDULE}". Instant posts have none.',
        examples=["0 9 * * mon"],
    )
    timezone: TimeZone = Field("UTC", description="Time zone of the schedule and of the dates.")
    language: Language = Field(
        "en", description="Language of our own words and summaries. Filters nothing."
    )
    languages: tuple[Language, ...] = Field(
        (), description="Only entries in these languages. Empty: all, unknown ones too."
    )
    min_score: Whole = Field(
        0, description="Least score, for sources that have scores (Reddit, Hacker News)."
    )
    include: tuple[Filter, ...] = Field(
        (), description="Words or /regex/ (RE2); an entry must match at least one. Empty: all."
    )
    exclude: tuple[Filter, ...] = Field(
        (), description="Words or /regex/ (RE2); an entry that matches any is not posted."
    )

    @property
    def effective_schedule(self) -> str | None:
        """Cron schedule of a digest; None for instant posts."""
        return None if self.post == "instant" else self.schedule or DIGEST_SCHEDULE


Sources = Sequence[SourceSettings]
Subscriptions = Sequence[SubscriptionSettings]


def known_tags(sources: Sources) -> frozenset[str] | None:
    """Every tag that a source has. None: an OPML file may bring more, so nobody knows."""
    tags: set[str] = set()
    for source in sources:
        form = source_form(source.url)
        if form is SourceForm.OPML:
            return None
        tags.update(source.tags)
        if form is SourceForm.PACK:
            for member in read_pack(source.url.removeprefix("pack:")):
                tags.update(member.tags)
    return frozenset(tags)


def unlisted(sources: Sources, subscriptions: Subscriptions) -> list[tuple[int, str]]:
    """Sources that only a subscription names, with that subscription's index."""
    listed = {source.url for source in sources}
    return [
        (index, name)
        for index, subscription in enumerate(subscriptions)
        for name in subscription.sources
        if name not in listed and not name.startswith("tag:")
    ]


def refuse_repeated_sources(sources: Sources) -> None:
    """A source twice would be polled by two rules. Raises for pydantic to report."""
    first: dict[str, int] = {}
    for index, source in enumerate(sources):
        if source.url in first:
            text = f"expected each source once; sources[{first[source.url]}] is the same"
            raise conflict(text, "sources", index, "url")
        first[source.url] = index


def refuse_unknown_tags(sources: Sources, subscriptions: Subscriptions) -> None:
    """A misspelt tag would never post anything. Raises for pydantic to report.

    A tag that resembles none here may be one of a source that was added elsewhere: see `remarks`.
    """
    for number, index, _, hint in _tags_not_here(sources, subscriptions):
        if hint:
            tags = ", ".join(sorted(known_tags(sources) or ()))
            text = f"expected a tag that a source has ({tags}){hint}"
            raise conflict(text, "subscriptions", number, "sources", index)


def _tags_not_here(
    sources: Sources, subscriptions: Subscriptions
) -> list[tuple[int, int, str, str]]:
    """(subscription, place, `tag:<tag>`, what may be meant) of each tag that no source here has."""
    known = known_tags(sources)
    if known is None:
        return []
    choices = [f"tag:{tag}" for tag in sorted(known)]
    return [
        (number, index, name, did_you_mean(name, choices))
        for number, subscription in enumerate(subscriptions)
        for index, name in enumerate(subscription.sources)
        if name.startswith("tag:") and name not in choices
    ]


def remarks(sources: Sources, subscriptions: Subscriptions) -> tuple[str, ...]:
    """What is allowed but probably not meant, a line each."""
    listed = [source.url for source in sources]
    idle = [
        f"subscriptions[{index}].schedule has no effect: instant posts need none"
        for index, subscription in enumerate(subscriptions)
        if subscription.post == "instant" and subscription.schedule is not None
    ]
    extra = [
        f"subscriptions[{index}].sources: {url} is not in [[sources]], polled by default settings"
        + did_you_mean(url, listed, cutoff=0.9)
        for index, url in unlisted(sources, subscriptions)
    ]
    tags = [
        f"subscriptions[{number}].sources[{index}]: no source in [[sources]] has {name}"
        for number, index, name, _ in _tags_not_here(sources, subscriptions)
    ]
    return (*idle, *extra, *tags)
