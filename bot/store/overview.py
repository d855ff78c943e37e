"""How the store stands as a whole, for health checks and metrics."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model import SourceState
from bot.store import model_use, outbox, platform_notes, websub
from bot.store.times import from_text_or_none, to_text

SERVICE = "service"  # our own place among the platforms' notes
NOTE_PROBED, NOTE_BACKUP = "probed", "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts of the whole store. `waiting_since`: when the oldest post that waits was wished."""

    sources: Mapping[str, int]
    deliveries: Mapping[str, int]
    leases: Mapping[str, int]
    waiting_since: datetime | None
    last_polled_at: datetime | None
    backup_at: datetime | None
    spent_today_nanos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNote:
    """How a platform's connection stood when it last changed, in its own words."""

    state: str
    reason: str
    at: datetime | None


def overview(connection: sqlite3.Connection, now: datetime) -> Overview:
    """Everything at one moment."""
    waiting = connection.execute(
        """
        SELECT MIN(created_at) AS since
        FROM delivery
        WHERE state IN ('pending', 'sending', 'retry')
        """
    ).fetchone()
    polled = connection.execute("SELECT MAX(last_polled_at) AS at FROM source").fetchone()
    return Overview(
        sources=_sources(connection),
        deliveries=outbox.counts(connection),
        leases=websub.counts(connection),
        waiting_since=from_text_or_none(waiting["since"]),
        last_polled_at=from_text_or_none(polled["at"]),
        backup_at=last_backup(connection),
        spent_today_nanos=model_use.spent(connection, now).cost_nanos,
    )


def _sources(connection: sqlite3.Connection) -> dict[str, int]:
    rows = connection.execute("SELECT state, COUNT(*) AS n FROM source GROUP BY state")
    found = {row["state"]: row["n"] for row in rows}
    return {state.value: found.get(state.value, 0) for state in SourceState}


def probe(connection: sqlite3.Connection, now: datetime) -> None:
    """Write a row as any step would: it fails where the disk is full or the file gone bad."""
    platform_notes.put(connection, SERVICE, NOTE_PROBED, to_text(now))


def backed_up(connection: sqlite3.Connection, now: datetime) -> None:
    """A backup is whole and in its place."""
    platform_notes.put(connection, SERVICE, NOTE_BACKUP, to_text(now))


def last_backup(connection: sqlite3.Connection) -> datetime | None:
    """When the last backup was made."""
    return from_text_or_none(platform_notes.get(connection, SERVICE, NOTE_BACKUP))


def link(connection: sqlite3.Connection, platform: str) -> LinkNote | None:
    """What a platform's connection last noted of itself; None where it never has."""
    note = platform_notes.get(connection, platform, "link")
    if note is None:
        return None
    read = json.loads(note)
    return LinkNote(
        state=str(read.get("link", "")),
        reason=str(read.get("reason", "")),
        at=from_text_or_none(read.get("at")),
    )
