"""Chat channels that say what they are told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import UserError
from bot.ports import Room


@dataclass
class FakeRooms:
    """Implements `bot.commands.kit.Rooms`.

    `missing`: what we lack in a channel. `managers`: who may change what a channel gets.
    `rooms`: what can be read, by channel and person.
    """

    missing: dict[str, list[str]] = field(default_factory=dict)
    managers: dict[str, set[str]] = field(default_factory=dict)
    rooms: dict[tuple[str, str], Room] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    read_with: list[tuple[str, int | None, float | None]] = field(default_factory=list)

    async def lacks(self, channel: str, post: str) -> Sequence[str]:
        return self.missing.get(channel, [])

    async def read(
        self, channel: str, person: str, *, messages: int | None = None, hours: float | None = None
    ) -> Room:
        self.read_with.append((channel, messages, hours))
        room = self.rooms.get((channel, person))
        if room is None:
            raise UserError(f"you may not read {channel}")
        return room

    async def may_manage(self, channel: str, person: str) -> bool:
        return person in self.managers.get(channel, set())

    def name_of(self, channel: str) -> str:
        return self.names.get(channel, channel)

    def mention(self, channel: str) -> str:
        return f"<{channel}>"
