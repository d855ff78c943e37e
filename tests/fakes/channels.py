"""A service that only remembers what it is told of its channels."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class FakeChannels:
    """Implements `bot.ports.Channels`: remembers what it was told."""

    told: list[str | None] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def mended(self, channel: str | None) -> None:
        self.told.append(channel)

    def gone(self, channel: str, reason: str) -> None:
        self.lost.append(channel)
