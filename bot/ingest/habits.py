"""What polls teach about a source: how it misbehaves, how much it brings, how far its dates count.

`SourceMemory` is all of it, small enough to be stored with the source as JSON. A habit is learned
when its sign was seen at `LEARNED_AFTER` informative polls in a row, told once, and forgotten after
`FORGOTTEN_AFTER` polls in a row without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

LEARNED_AFTER = 2
FORGOTTEN_AFTER = 10


class Habit(StrEnum):
    """A way of misbehaving that polls recognise and put up with."""

    GUIDS_CHANGE = "guids-change"
    GUIDS_SHARED = "guids-shared"
    LINKS_CHANGE = "links-change"
    TITLES_CHANGE = "titles-change"
    TEXTS_CHANGE = "texts-change"
    DATES_NOW = "dates-now"
    DATES_ALIKE = "dates-alike"
    DATES_FUTURE = "dates-future"
    BACKFILLS = "backfills"


_SENTENCES = {
    Habit.GUIDS_CHANGE: "ids change at every poll; entries are known by link and title",
    Habit.GUIDS_SHARED: "different entries share one id; entries are known by link and title",
    Habit.LINKS_CHANGE: "links change at every poll; entries are known by id",
    Habit.TITLES_CHANGE: "titles change at every poll; small changes are not recorded as edits",
    Habit.TEXTS_CHANGE: "texts change at every poll; small changes are not recorded as edits",
    Habit.DATES_NOW: "dates are always the time of the poll; first-seen times are used",
    Habit.DATES_ALIKE: "all entries carry the same old date; first-seen times are used",
    Habit.DATES_FUTURE: "dates lie in the future; first-seen times are used",
    Habit.BACKFILLS: "listed old entries as new; kept, not posted",
}
# These show themselves beyond doubt in a single document.
_LEARNED_AT_ONCE = frozenset((Habit.GUIDS_SHARED, Habit.DATES_ALIKE, Habit.BACKFILLS))
# An event rather than a way of being: once told, it stays told.
_NEVER_FORGOTTEN = frozenset((Habit.BACKFILLS, Habit.GUIDS_SHARED))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMemory:
    """What is known of a source's ways. A new source has `SourceMemory()`.

    `news` counts entries that came after the first poll, `most_at_once` the most of one ordinary
    poll. `newest_at` is the newest date that was believed. `signs` counts, per habit, polls in a
    row with its sign (positive) or without (negative). `notes` are the sentences told, by habit.
    """

    polls: int = 0
    entries: int = 0
    news: int = 0
    most_at_once: int = 0
    first_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    newest_at: datetime | None = None
    habits: frozenset[Habit] = frozenset()
    signs: Mapping[Habit, int] = field(default_factory=dict)
    notes: Mapping[Habit, str] = field(default_factory=dict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The habits in words, for `sources list` and `doctor`."""
        return tuple(self.notes.get(habit, _SENTENCES[habit]) for habit in sorted(self.habits))

    def to_json(self) -> str:
        return json.dumps(
            {
                "polls": self.polls,
                "entries": self.entries,
                "news": self.news,
                "most_at_once": self.most_at_once,
                "first_poll_at": _iso(self.first_poll_at),
                "last_poll_at": _iso(self.last_poll_at),
                "newest_at": _iso(self.newest_at),
                "habits": sorted(self.habits),
                "signs": dict(self.signs),
                "notes": dict(self.notes),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, stored: str | None) -> SourceMemory:
        """The stored memory; an empty one for None. Habits of other versions are left out."""
        if not stored:
            return cls()
        given = json.loads(stored)
        return cls(
            polls=given["polls"],
            entries=given["entries"],
            news=given["news"],
            most_at_once=given["most_at_once"],
            first_poll_at=_time(given["first_poll_at"]),
            last_poll_at=_time(given["last_poll_at"]),
            newest_at=_time(given["newest_at"]),
            habits=frozenset(_known(given["habits"])),
            signs={habit: given["signs"][habit] for habit in _known(given["signs"])},
            notes={habit: given["notes"][habit] for habit in _known(given["notes"])},
        )


def learned(
    memory: SourceMemory, signs: Mapping[Habit, bool], notes: Mapping[Habit, str]
) -> tuple[SourceMemory, tuple[str, ...]]:
    """The memory after one poll's signs, and the sentences on habits learned just now.

    `signs` holds the habits on which this poll said anything, and what. `notes` replaces the
    standard sentence of a habit.
    """
    counts = dict(memory.signs)
    habits = set(memory.habits)
    for habit, seen in signs.items():
        count = counts.get(habit, 0)
        counts[habit] = max(count, 0) + 1 if seen else min(count, 0) - 1
        if counts[habit] >= (1 if habit in _LEARNED_AT_ONCE else LEARNED_AFTER):
            habits.add(habit)
        elif counts[habit] <= -FORGOTTEN_AFTER and habit not in _NEVER_FORGOTTEN:
            habits.discard(habit)
    kept_notes = {**notes, **memory.notes}
    after = replace(
        memory,
        habits=frozenset(habits),
        signs=counts,
        notes={habit: kept_notes[habit] for habit in sorted(habits) if habit in kept_notes},
    )
    new = sorted(habits - memory.habits)
    return after, tuple(after.notes.get(habit, _SENTENCES[habit]) for habit in new)


def _known(names: Iterable[str]) -> Iterable[Habit]:
    known = {habit.value for habit in Habit}
    return (Habit(name) for name in names if name in known)


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _time(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
