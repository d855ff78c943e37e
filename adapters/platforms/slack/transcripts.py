"""Slack messages, as the Web API gives them, as a discussion to summarise. Pure.

Left out are bots, our own messages, commands and Slack's notices (somebody joined); every comment
links to its message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from adapters.platforms.slack.asks import plain_text
from bot.posts.safety import clean_line, clip
from bot.thread_model import Comment, Thread

RawMessage = Mapping[str, Any]

MAX_TITLE = 80

# Subtypes that are a person's words all the same (reference: message events).
_WORDS: Final = frozenset({"", "file_share", "me_message", "thread_broadcast"})
_COMMAND: Final = re.compile(r"[!/][a-z][\w-]*(\s|$)", re.IGNORECASE)
_CALL: Final = re.compile(r"\s*<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_USER: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where messages stand. `url`: the workspace's own address; `people` are names by user id."""

    channel_id: str
    title: str
    url: str = ""
    workspace: str = ""
    thread_ts: str | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()
    somebody: str = "somebody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """`left_out` counts bots, commands and messages without words."""

    thread: Thread
    left_out: int


def is_by_person(message: RawMessage) -> bool:
    """Whether a person wrote this, and not as a command."""
    if message.get("subtype", "") not in _WORDS or message.get("bot_id"):
        return False
    return bool(message.get("user")) and not _COMMAND.match(message.get("text") or "")


def authors(messages: Iterable[RawMessage]) -> list[str]:
    """The ids of the people who wrote or were named, each once."""
    found: dict[str, None] = {}
    for message in messages:
        if is_by_person(message):
            found[str(message["user"])] = None
            found.update(dict.fromkeys(_USER.findall(message.get("text") or "")))
    return list(found)


def transcribe(
    messages: Iterable[RawMessage], place: Place, *, now: datetime, unread: int = 0
) -> Transcript:
    """Put messages together as a discussion: a chat thread's first one is what it is about."""
    ordered = sorted(messages, key=_order)
    people = [m for m in ordered if is_by_person(m) and not _is_for_us(m, place)]
    kept = [m for m in people if read_text(m, place)]
    opening = _opening(ordered, place)
    about = opening if opening in kept else None
    comments = tuple(_comment(m, place) for m in kept if m is not opening)
    thread = Thread(
        kind="slack",
        id=f"{place.channel_id}:{place.thread_ts}" if place.thread_ts else place.channel_id,
        title=_title(about, place),
        url=permalink(place, place.thread_ts) if place.thread_ts else _channel_url(place),
        place=place.workspace,
        text=read_text(about, place) if about else "",
        author=_name(about, place) if about else None,
        num_comments=len(comments) + unread,
        created_at=_at(ordered[0]) if ordered else None,
        comments=comments,
        unread=unread,
        measured_at=now,
    )
    return Transcript(thread=thread, left_out=len(ordered) - len(kept))


def _is_for_us(message: RawMessage, place: Place) -> bool:
    """Whether one of our own, or a call to us: nothing that the others are told."""
    called = _CALL.match(message.get("text") or "")
    return str(message["user"]) in place.bots or bool(called and called[1] in place.bots)


def read_text(message: RawMessage, place: Place) -> str:
    """A message's words, with mentions as the names that people see."""
    text = str(message.get("text") or "")
    named = _USER.sub(lambda found: "@" + (place.people.get(found[1]) or place.somebody), text)
    return plain_text(named).strip()


def permalink(place: Place, ts: str | None) -> str | None:
    """A message's own address, as chat.getPermalink answers it."""
    if not place.url or not ts:
        return None
    link = f"{place.url.rstrip('/')}/archives/{place.channel_id}/p{ts.replace('.', '')}"
    if place.thread_ts and ts != place.thread_ts:
        link += f"?thread_ts={place.thread_ts}&cid={place.channel_id}"
    return link


def _channel_url(place: Place) -> str | None:
    return f"{place.url.rstrip('/')}/archives/{place.channel_id}" if place.url else None


def _title(about: RawMessage | None, place: Place) -> str:
    """A chat thread is called by how it begins."""
    words = clean_line(read_text(about, place)) if about else ""
    return f"{place.title}: {clip(words, MAX_TITLE)}" if words else place.title


def _opening(ordered: Sequence[RawMessage], place: Place) -> RawMessage | None:
    if place.thread_ts is None:
        return None
    return next((m for m in ordered if m["ts"] == place.thread_ts), None)


def _order(message: RawMessage) -> tuple[float, float]:
    """By age, answers below what they answer."""
    return float(message.get("thread_ts") or message["ts"]), float(message["ts"])


def _comment(message: RawMessage, place: Place) -> Comment:
    own, head = str(message["ts"]), str(message.get("thread_ts") or message["ts"])
    answers = place.thread_ts is None and head != own
    return Comment(
        id=own,
        text=read_text(message, place),
        parent_id=head if answers else None,
        depth=int(answers),
        author=_name(message, place),
        created_at=_at(message),
        permalink=permalink(replace(place, thread_ts=head), own),
    )


def _name(message: RawMessage, place: Place) -> str:
    profile = message.get("user_profile") or {}
    inline = profile.get("display_name") or profile.get("real_name")
    return place.people.get(str(message["user"])) or inline or str(message["user"])


def _at(message: RawMessage) -> datetime:
    return datetime.fromtimestamp(float(message["ts"]), UTC)
