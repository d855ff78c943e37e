"""Discord messages, as the interface gives them, as a discussion to summarise. Pure.

Left out are bots, webhooks, commands and Discord's own notices (a thread was opened, somebody
joined); replies hang below what they answer; every comment links to its message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bot.thread_model import Comment, Thread

RawMessage = Mapping[str, Any]

DEFAULT, REPLY, THREAD_STARTER = 0, 19, 21  # message types (resources/message); others are notices
FORWARD: Final = 1  # message_reference.type
COMMAND: Final = re.compile(r"[!/][a-z][\w-]*(\s|$)", re.IGNORECASE)
MARK: Final = re.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|\#(?P<channel>\d+)"
    r"|a?:(?P<emoji>\w+):\d+|t:(?P<time>\d{1,11})(?::[tTdDfFR])?|/(?P<command>[^:>]+):\d+)>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where messages stand, and what people and things there are called, by id."""

    guild_id: int | None
    channel_id: int
    title: str
    server: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """`left_out` counts bots, commands and messages without words.

    `is_blind`: Discord kept the texts from us. A person's message with nothing at all in it cannot
    exist; it is what those see who lack the message content intent.
    """

    thread: Thread
    left_out: int
    is_blind: bool


def is_by_person(message: RawMessage) -> bool:
    """Whether a person wrote this, and not as a command."""
    return _kind_fits(message) and not _is_automatic(message) and not _is_command(message)


def authors(messages: Iterable[RawMessage]) -> list[str]:
    """The ids of the people who wrote, each once."""
    return list(dict.fromkeys(m["author"]["id"] for m in messages if is_by_person(m)))


def find_opening(messages: Iterable[RawMessage], thread_id: int) -> RawMessage | None:
    """What a thread hangs below: a forum post's own first message, or the one it was begun on."""
    for message in messages:
        if message["id"] == str(thread_id):
            return message
        if message["type"] == THREAD_STARTER and message.get("referenced_message"):
            opening: RawMessage = message["referenced_message"]
            return opening
    return None


def transcribe(
    messages: Iterable[RawMessage],
    place: Place,
    *,
    opening: RawMessage | None = None,
    now: datetime,
) -> Transcript:
    """Put messages, in whatever order they were read, together as a discussion below `opening`."""
    ordered = sorted(messages, key=lambda message: int(message["id"]))
    said = [m for m in ordered if _kind_fits(m) and m is not opening]
    people = [m for m in said if is_by_person(m)]
    texts = {m["id"]: read_text(m, place) for m in people}
    kept = [m for m in people if texts[m["id"]]]
    hidden = sum(_is_impossible(m) for m in people)
    comments = _comments(kept, texts, place)
    thread = Thread(
        kind="discord",
        id=str(place.channel_id),
        title=place.title,
        url=place.url,
        place=place.server,
        text=_opening_text(opening, place),
        author=_name(opening, place) if opening and not _is_automatic(opening) else None,
        num_comments=len(comments),
        created_at=_at(ordered[0]) if ordered else None,
        comments=comments,
        measured_at=now,
    )
    return Transcript(
        thread=thread,
        left_out=len(said) - len(kept),
        is_blind=hidden > 0 and hidden >= len(people) / 2,
    )


def read_text(message: RawMessage, place: Place) -> str:
    """A message's words, with mentions as the names that people see."""
    text = message.get("content") or ""
    if not text:
        text = "\n".join(_forwarded(message))
    known = {user["id"]: _display_name(user) for user in message.get("mentions", ())}
    return MARK.sub(lambda match: _spoken(match, place, known), text).strip()


def _comments(
    kept: Sequence[RawMessage], texts: Mapping[str, str], place: Place
) -> tuple[Comment, ...]:
    depths: dict[str, int] = {}
    comments = []
    for message in kept:
        parent_id = _answered(message)
        parent_id = parent_id if parent_id in depths else None
        depth = depths[parent_id] + 1 if parent_id is not None else 0
        depths[message["id"]] = depth
        comments.append(
            Comment(
                id=message["id"],
                text=texts[message["id"]],
                parent_id=parent_id,
                depth=depth,
                author=_name(message, place),
                created_at=_at(message),
                permalink=f"{place.url}/{message['id']}",
            )
        )
    return tuple(comments)


def _opening_text(opening: RawMessage | None, place: Place) -> str:
    if opening is None or _is_automatic(opening):
        return ""
    return read_text(opening, place)


def _kind_fits(message: RawMessage) -> bool:
    return message["type"] in (DEFAULT, REPLY)


def _is_automatic(message: RawMessage) -> bool:
    return bool(message["author"].get("bot") or message.get("webhook_id"))


def _is_command(message: RawMessage) -> bool:
    return COMMAND.match(message.get("content") or "") is not None


def _is_impossible(message: RawMessage) -> bool:
    things = ("content", "attachments", "embeds", "components", "sticker_items", "poll")
    return not any(message.get(thing) for thing in (*things, "message_snapshots"))


def _answered(message: RawMessage) -> str | None:
    reference = message.get("message_reference") or {}
    answered: str | None = reference.get("message_id")
    return None if reference.get("type") == FORWARD else answered


def _forwarded(message: RawMessage) -> list[str]:
    snapshots = message.get("message_snapshots") or ()
    return [snapshot.get("message", {}).get("content") or "" for snapshot in snapshots]


def _name(message: RawMessage, place: Place) -> str:
    author = message["author"]
    return place.people.get(author["id"]) or _display_name(author)


def _display_name(user: Mapping[str, Any]) -> str:
    nick = (user.get("member") or {}).get("nick")
    name: str = nick or user.get("global_name") or user["username"]
    return name


def _at(message: RawMessage) -> datetime:
    return datetime.fromisoformat(message["timestamp"]).astimezone(UTC)


def _spoken(match: re.Match[str], place: Place, known: Mapping[str, str]) -> str:
    kind = match.lastgroup
    value = match.group(kind) if kind else ""
    if kind == "user":
        return "@" + (place.people.get(value) or known.get(value) or "somebody")
    if kind == "role":
        return "@" + place.roles.get(value, "role")
    if kind == "channel":
        return "#" + place.channels.get(value, "channel")
    if kind == "time":
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f":{value}:" if kind == "emoji" else f"/{value}"
