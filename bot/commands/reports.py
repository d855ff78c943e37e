"""What the store knows, as JSON of a fixed shape for programs and as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bot.commands.why import Stage
from bot.model import Delivery, DeliveryState, Entry, Source, Story, Subscription
from bot.posts.safety import clean_line


def iso(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def story_json(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": story.title,
        "url": story.url,
        "first_seen_at": iso(story.first_seen_at),
        "updated_at": iso(story.updated_at),
        "entries": [
            {
                "id": entry.id,
                "source": entry.source,
                "guid": entry.guid,
                "url": entry.url,
                "title": entry.title,
                "published_at": iso(entry.published_at),
                "reason": entry.reason,
            }
            for entry in story.entries
        ],
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "author": entry.author,
        "published_at": iso(entry.published_at),
        "text": entry.text,
        "canonical_url": entry.canonical_url,
        "language": entry.language,
        "tags": list(entry.tags),
    }


def deliveries_json(counts: dict[str, int], rows: Iterable[Delivery]) -> dict[str, Any]:
    return {"counts": counts, "rows": [_delivery_json(row) for row in rows]}


def _delivery_json(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.key,
        "subscription": row.subscription_id,
        "channel": row.channel,
        "kind": row.kind,
        "story": row.story_id,
        "state": row.state.value,
        "attempts": row.attempts,
        "rule": row.rule,
        "reason": row.reason,
        "message_id": row.message_id,
        "sent_at": iso(row.sent_at),
    }


class SourceRow(NamedTuple):
    """A source and how many entries it has brought."""

    source: Source
    entries: int


def source_json(row: SourceRow) -> dict[str, Any]:
    source = row.source
    return {
        "url": source.url,
        "feed_url": source.fetch_url,
        "title": source.title,
        "kind": source.kind,
        "tags": list(source.tags),
        "state": source.state.value,
        "error": source.last_error,
        "habits": list(source.habits),
        "entries": row.entries,
        "last_ok_at": iso(source.last_ok_at),
        "next_poll_at": iso(source.next_poll_at),
        "publish_gap_s": source.publish_gap_s,
        "from": source.origin,
    }


def source_table(rows: Sequence[SourceRow]) -> str:
    """A line a source, below it what is odd about it."""
    if not rows:
        return "no sources yet: `threadwire sources add URL`, or put them into threadwire.toml"
    lines = []
    for source, count in rows:
        tags = f" [{', '.join(source.tags)}]" if source.tags else ""
        checked = iso(source.last_ok_at) or "never"
        name = f"{source.state.value:8} {one_line(source.url)}{tags}"
        lines.append(f"{name}  {count} entries, last read {checked}{_rhythm(source)}")
        if source.last_error:
            lines.append(f"         {one_line(source.last_error)}")
        lines += [f"         habit: {one_line(habit)}" for habit in source.habits]
    return "\n".join(lines)


def _rhythm(source: Source) -> str:
    """How often the source brings news, as far as that is known, and when it is asked again."""
    gap = "" if source.publish_gap_s is None else f", news every {_about(source.publish_gap_s)}"
    due = None if source.state == "gone" else iso(source.next_poll_at)
    return f"{gap}, next {due}" if due else gap


def _about(seconds: float) -> str:
    """A duration in its largest whole unit: minutes, hours or days."""
    for unit, length in (("d", 86_400), ("h", 3_600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f}{unit}"
    return f"{max(seconds / 60, 1):.0f}m"


def subscription_json(row: Subscription) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "sources": list(row.sources),
        "post": row.post,
        "schedule": row.schedule,
        "timezone": row.timezone,
        "language": row.language,
        "min_score": row.min_score,
        "include": list(row.include),
        "exclude": list(row.exclude),
        "state": row.state,
        "next_run_at": iso(row.next_run_at),
        "from": row.origin,
    }


def subscription_table(rows: Sequence[Subscription]) -> str:
    if not rows:
        return "no subscriptions yet: `threadwire subscriptions add terminal URL`"
    return "\n".join(_subscription_line(row) for row in rows)


def _subscription_line(row: Subscription) -> str:
    parts = [f"{row.id:4} {row.channel}  {row.post}"]
    if row.schedule and row.post != "instant":
        parts.append(f"at {row.schedule} ({row.timezone})")
    parts.append(f"of {', '.join(row.sources)}")
    if row.include:
        parts.append(f"with {', '.join(row.include)}")
    if row.exclude:
        parts.append(f"without {', '.join(row.exclude)}")
    if row.state != "active":
        parts.append(f"({row.state})")
    if row.origin == "file":
        parts.append("(settings file)")
    return "  ".join(one_line(part) for part in parts)


def story_table(found: Sequence[Story]) -> str:
    """A line a story, the members that joined it below."""
    if not found:
        return "no stories in this time"
    lines = []
    for story in found:
        lines.append(f"{story.id:6} {iso(story.first_seen_at)}  {one_line(story.title)}")
        lines += [
            f"       {'+' if number else ' '} {one_line(entry.source)}: {one_line(entry.title)}"
            + (f"  ({one_line(entry.reason)})" if number else "")
            for number, entry in enumerate(story.entries)
            if len(story.entries) > 1
        ]
    return "\n".join(lines)


def delivery_table(counts: dict[str, int], rows: Iterable[Delivery]) -> str:
    """Counts by state, then the rows that need a person or are on their way."""
    lines = ["  ".join(f"{state} {count}" for state, count in counts.items())]
    lines += [
        f"{row.key}  {row.channel}  {row.state.value}  {row.attempts} attempts  "
        f"{one_line(row.reason)}"
        for row in rows
        if row.state in _OPEN
    ]
    return "\n".join(lines)


_OPEN = (
    DeliveryState.SENDING,
    DeliveryState.RETRY,
    DeliveryState.UNCERTAIN,
    DeliveryState.DEAD,
)


def stage_line(stage: Stage) -> str:
    return f"{stage.at or '-':24}  {stage.stage:10}  {one_line(stage.text)}"


def one_line(text: str) -> str:
    """Foreign text for a terminal: one line, nothing that steers it."""
    return clean_line(text)
