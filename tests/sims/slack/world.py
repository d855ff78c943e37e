"""The state of the local Slack: workspaces, channels, people and messages."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from adapters.platforms.slack.manifest import SCOPES

Json = dict[str, Any]

ALL_SCOPES = frozenset(SCOPES)  # an app that was made of our manifest


class SlackError(Exception):
    """An answer with `ok: false`. `more` goes along with it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(kw_only=True)
class Person:
    id: str
    name: str
    is_bot: bool = False
    locale: str = "en-US"
    timezone: str = "Europe/Amsterdam"
    is_admin: bool = False


@dataclass(kw_only=True)
class Said:
    """A message. `body` is what was sent; `versions` are the bodies before it was edited."""

    ts: str
    user: str
    body: Json
    thread_ts: str | None = None
    bot_id: str | None = None
    versions: list[Json] = field(default_factory=list)

    def shown(self, *, with_metadata: bool = False) -> Json:
        """As `conversations.history` gives it."""
        shown = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.body.get("text", ""),
            **({"blocks": self.body["blocks"]} if self.body.get("blocks") else {}),
            **({"bot_id": self.bot_id} if self.bot_id else {}),
            **({"thread_ts": self.thread_ts} if self.thread_ts else {}),
        }
        if with_metadata and self.body.get("metadata"):
            shown["metadata"] = self.body["metadata"]
        return shown


@dataclass(kw_only=True)
class Room:
    """A channel. `restricted`: only admins may post there."""

    id: str
    name: str
    team: Team
    is_private: bool = False
    is_archived: bool = False
    restricted: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[Said] = field(default_factory=list)

    def posts(self) -> list[Said]:
        """The messages of the channel itself, the oldest first."""
        return [one for one in self.messages if one.thread_ts in (None, one.ts)]

    def thread(self, ts: str) -> list[Said]:
        """The answers below a message."""
        return [one for one in self.messages if one.thread_ts == ts and one.ts != ts]


@dataclass(kw_only=True)
class Team:
    id: str
    name: str
    token: str
    bot: Person
    bot_id: str
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    revoked: str = ""  # the error that every call gets
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)


class World:
    """Attributes may be changed at any time."""

    def __init__(self) -> None:
        self.teams: dict[str, Team] = {}
        self.violations: list[str] = []
        self._numbers = itertools.count(1)
        self._last_ts = 0

    def add_team(self, name: str = "Acme") -> Team:
        number = next(self._numbers)
        bot = Person(id=f"UBOT{number}", name="threadwire", is_bot=True)
        team = Team(
            id=f"T{number:04}",
            name=name,
            token=f"xoxb-{number}-simulated",
            bot=bot,
            bot_id=f"B{number:04}",
            people={bot.id: bot},
        )
        self.teams[team.id] = team
        return team

    def add_channel(
        self, team: Team, name: str = "news", *, private: bool = False, joined: bool = True
    ) -> Room:
        """A channel; the bot is in it where `joined`."""
        room = Room(id=f"C{next(self._numbers):05}", name=name, team=team, is_private=private)
        if joined:
            room.members.add(team.bot.id)
        team.rooms[room.id] = room
        return room

    def add_person(self, team: Team, name: str, *rooms: Room, admin: bool = False) -> Person:
        person = Person(id=f"U{next(self._numbers):05}", name=name, is_admin=admin)
        team.people[person.id] = person
        for room in rooms:
            room.members.add(person.id)
        return person

    def say(
        self, room: Room, person: Person, text: str, *, thread: str | None = None, **more: Any
    ) -> Said:
        """A person writes a message."""
        said = Said(
            ts=self.next_ts(), user=person.id, body={"text": text, **more}, thread_ts=thread
        )
        room.messages.append(said)
        return said

    def next_ts(self) -> str:
        """A timestamp that no other message has."""
        self._last_ts = max(self._last_ts + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def team_of(self, token: str) -> Team:
        for team in self.teams.values():
            if team.token == token:
                if team.revoked:
                    raise SlackError(team.revoked)
                return team
        raise SlackError("invalid_auth" if token else "not_authed")

    def violate(self, what: str) -> None:
        self.violations.append(what)

    def check(self) -> None:
        """Raises for everything that Slack would refuse as wrong, or does not know."""
        assert not self.violations, "\n".join(self.violations)
