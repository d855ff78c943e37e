"""Stars: what people marked for the roundup, with their name and, if they left one, a remark."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from bot.store.times import from_text, to_text


class StarRow(NamedTuple):
    """`person` is the platform's id of who starred (`discord:42`), `name` how they are called."""

    story_id: int
    person: str
    name: str
    place: str
    remark: str
    at: datetime


def put(connection: sqlite3.Connection, star: StarRow) -> bool:
    """Star a story; False when this person had. A remark replaces the one before."""
    known = connection.execute(
        "SELECT 1 FROM star WHERE story_id = ? AND person = ?", (star.story_id, star.person)
    ).fetchone()
    connection.execute(
        """
        INSERT INTO star (story_id, person, name, place, remark, at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (story_id, person) DO UPDATE SET name = excluded.name,
            remark = CASE WHEN excluded.remark = '' THEN star.remark ELSE excluded.remark END
        """,
        (star.story_id, star.person, star.name, star.place, star.remark, to_text(star.at)),
    )
    return known is None


def take_back(connection: sqlite3.Connection, story_id: int, person: str) -> bool:
    """Remove a person's star; False when there was none."""
    cursor = connection.execute(
        "DELETE FROM star WHERE story_id = ? AND person = ?", (story_id, person)
    )
    return cursor.rowcount > 0


def of_story(connection: sqlite3.Connection, story_id: int) -> list[StarRow]:
    """A story's stars, the first one first."""
    rows = connection.execute(
        "SELECT * FROM star WHERE story_id = ? ORDER BY at, person", (story_id,)
    )
    return [
        StarRow(
            story_id=row["story_id"],
            person=row["person"],
            name=row["name"],
            place=row["place"],
            remark=row["remark"],
            at=from_text(row["at"]),
        )
        for row in rows
    ]
