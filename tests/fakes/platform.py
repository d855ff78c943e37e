"""A platform that keeps what it gets and fails when told to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import DeliveryError
from bot.model import Post
from bot.ports import Sent


@dataclass
class FakePlatform:
    """Implements `bot.ports.Platform`.

    `failures` are raised by the next sends, one each, `faulty` by those in one channel. A failure
    with `doubtful` is raised after the post was taken where `takes_doubtful` is set, before it
    otherwise.
    """

    name: str = "fake"
    can_edit: bool = True
    same_key_s: float = 0.0
    has_history: bool = True
    takes_doubtful: bool = False
    failures: list[DeliveryError] = field(default_factory=list)
    faulty: dict[str, list[DeliveryError]] = field(default_factory=dict)
    posts: list[tuple[str, str, Post]] = field(default_factory=list)
    edits: list[tuple[str, Post]] = field(default_factory=list)
    attempts: int = 0
    looks: int = 0

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        self.attempts += 1
        waiting = self.faulty.get(channel) or self.failures
        failure = waiting.pop(0) if waiting else None
        if failure is None or (failure.doubtful and self.takes_doubtful):
            self.posts.append((channel, key, post))
        if failure is not None:
            raise failure
        return Sent(message_id=f"m-{key}")

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        self.edits.append((message_id, post))

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        self.looks += 1
        if not self.has_history:
            raise DeliveryError("no history here", permanent=True)
        return Sent(message_id=f"m-{key}") if key in self.keys() else None

    def keys(self) -> list[str]:
        return [key for _, key, _ in self.posts]

    def titles(self, channel: str | None = None) -> list[str]:
        return [post.title for where, _, post in self.posts if channel in (None, where)]

    def fail(self, failures: Iterable[DeliveryError]) -> None:
        self.failures += failures
