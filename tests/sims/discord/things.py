"""What Discord keeps: guilds, channels, members and messages as plain objects."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Literal

from tests.sims.discord.permissions import EVERYONE

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
EPHEMERAL = 1 << 6
LOADING = 1 << 7
CROSSPOSTED = 1 << 0
HAS_THREAD = 1 << 5
COMPONENTS_V2 = 1 << 15
SUPPRESS_EMBEDS = 1 << 2
REQUIRE_TAG = 1 << 4


class Kind(IntEnum):
    """Channel types."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15
    MEDIA = 16


THREADS = {Kind.ANNOUNCEMENT_THREAD, Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD}
FORUMS = {Kind.FORUM, Kind.MEDIA}


class Snowflakes:
    """Ids that carry their time, each greater than the one before unless a time is asked for."""

    def __init__(self) -> None:
        self._last = 0
        self._serial = 0

    def next(self, at: datetime | None = None) -> int:
        if at is not None:
            self._serial += 1
            return (int(at.timestamp() * 1000) - EPOCH_MS << 22) + self._serial % (1 << 22)
        now = time.time_ns() // 1_000_000 - EPOCH_MS << 22
        self._last = max(self._last + 1, now)
        return self._last


def made_at(snowflake: int) -> datetime:
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)


@dataclass(eq=False)
class User:
    id: int
    name: str
    shown: str | None = None
    bot: bool = False

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False)
class Role:
    id: int
    guild: Guild
    name: str
    permissions: int = 0
    position: int = 1
    mentionable: bool = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(eq=False)
class Member:
    user: User
    guild: Guild
    roles: set[int] = field(default_factory=set)
    nick: str | None = None
    silent_until: datetime | None = None  # a moderator's timeout


@dataclass
class Overwrite:
    id: int
    kind: Literal[0, 1]  # 0 a role, 1 a member
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Tag:
    id: int
    name: str
    moderated: bool = False


@dataclass(eq=False)
class Channel:
    """A channel or thread; `guild` is None in direct messages, whose other side is `recipient`."""

    id: int
    kind: Kind
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    topic: str | None = None
    nsfw: bool = False
    flags: int = 0
    position: int = 0
    tags: list[Tag] = field(default_factory=list)
    recipient: User | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    # of threads
    owner_id: int = 0
    archived: bool = False
    locked: bool = False
    auto_archive: int = 4320
    applied: list[int] = field(default_factory=list)
    joined: set[int] = field(default_factory=set)

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def rules(self) -> Channel:
        """Where the permission overwrites of this channel are kept."""
        return self.parent if self.is_thread and self.parent else self

    def history(self) -> list[Message]:
        """What everybody may see, oldest first."""
        return sorted(self.messages.values(), key=lambda message: message.id)


@dataclass(eq=False)
class Message:
    """`shown_to` is set on ephemeral messages; `versions` keeps each state before an edit."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    nonce: str | int | None = None
    tts: bool = False
    reactions: dict[str, list[int]] = field(default_factory=dict)
    thread: Channel | None = None
    reference: Json | None = None
    edited_at: datetime | None = None
    deleted: bool = False
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    shown_to: User | None = None
    metadata: Json | None = None
    webhook_id: int | None = None
    versions: list[Json] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def url(self) -> str:
        """The link that leads people to it."""
        guild = self.channel.guild
        return f"https://discord.com/channels/{guild.id if guild else '@me'}/{self._place}"

    @property
    def _place(self) -> str:
        return f"{self.channel.id}/{self.id}"

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)

    @property
    def pings(self) -> bool:
        """Whether anybody is notified by what stands in it."""
        return bool(self.mentions or self.mention_roles or self.mention_everyone)

    @property
    def text(self) -> str:
        """All words a reader sees: content, embeds, text displays and labels, a line each."""
        return "\n".join(
            [part for part in [self.content] if part]
            + [part for embed in self.embeds for part in embed_texts(embed)]
            + [part for part in component_texts(self.components) if part]
        )

    @property
    def custom_ids(self) -> list[str]:
        return [one["custom_id"] for one in walk(self.components) if one.get("custom_id")]


def walk(components: list[Json]) -> Iterator[Json]:
    """Each component of a tree, parents first."""
    for one in components:
        yield one
        yield from walk(one.get("components") or [])
        for key in ("accessory", "component"):
            if isinstance(one.get(key), dict):
                yield from walk([one[key]])


def embed_texts(embed: Json) -> list[str]:
    pairs = [(one.get("name"), one.get("value")) for one in embed.get("fields") or []]
    parts = [
        (embed.get("author") or {}).get("name"),
        embed.get("title"),
        embed.get("description"),
        *(part for pair in pairs for part in pair),
        (embed.get("footer") or {}).get("text"),
    ]
    return [part for part in parts if part]


def component_texts(components: list[Json]) -> list[str]:
    keys = ("content", "label", "placeholder", "description")
    return [one[key] for one in walk(components) for key in keys if isinstance(one.get(key), str)]


@dataclass(eq=False)
class Guild:
    """`present`: the bot is a member. `available`: Discord can show it just now."""

    id: int
    name: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    features: list[str] = field(default_factory=list)
    locale: str = "en-US"
    present: bool = True
    available: bool = True

    def __post_init__(self) -> None:
        self.roles[self.id] = Role(self.id, self, "@everyone", EVERYONE, position=0)

    @property
    def everyone(self) -> Role:
        return self.roles[self.id]

    @property
    def threads(self) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.is_thread]
