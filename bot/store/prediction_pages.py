"""Forecasts as the predictions page shows them: those of digests that the audience may see.

The ledger knows the scope that told a forecast, not the digest. So a scope's forecasts are shown
where each outlook of it that is kept may be seen: one hidden outlook hides them all.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from bot.store.paging import Place
from bot.store.public import PUBLIC_DIGEST_OF_ALL, Audience
from bot.store.times import from_text, to_text

_SHOWN = f"""
    (? = 1 OR prediction.scope IN (
        SELECT digest.scope
        FROM digest
        WHERE digest.kind = 'outlook'
        GROUP BY digest.scope
        HAVING MIN({PUBLIC_DIGEST_OF_ALL}) = 1
    ))
"""  # noqa: S608  # everything, then three times its bound


class ShownForecast(NamedTuple):
    """A forecast, once however many digests told it."""

    id: int
    event_key: str
    event: str
    year: int
    confidence: str
    reason: str
    made_at: datetime
    made_by: str
    by_model: bool
    url: str | None
    quote: str


def forecasts(
    connection: sqlite3.Connection,
    audience: Audience,
    limit: int,
    *,
    event_key: str = "",
    before: Place | None = None,
) -> list[ShownForecast]:
    """The newest forecasts; of one event, and after a place in the list."""
    is_event, event = ("AND prediction.event_key = ?", (event_key,)) if event_key else ("", ())
    goes_on, place = "", tuple[object, ...]()
    if before is not None:
        goes_on = "HAVING (made_at, MIN(id)) < (?, ?)"
        place = (to_text(before.at), before.id)
    rows = connection.execute(
        f"""
        SELECT prediction.*
        FROM (
            SELECT MIN(id) AS id, made_at
            FROM prediction
            WHERE {_SHOWN} {is_event}
            GROUP BY made_at, event_key, made_by, year
            {goes_on}
            ORDER BY made_at DESC, MIN(id) DESC
            LIMIT ?
        ) AS told
        JOIN prediction ON prediction.id = told.id
        ORDER BY told.made_at DESC, told.id DESC
        """,  # noqa: S608  # our own conditions
        (int(audience.everything), *3 * audience.bound, *event, *place, limit),
    )
    return [_forecast(row) for row in rows]


def _forecast(row: sqlite3.Row) -> ShownForecast:
    return ShownForecast(
        id=row["id"],
        event_key=row["event_key"],
        event=row["event"],
        year=row["year"],
        confidence=row["confidence"],
        reason=row["reason"],
        made_at=from_text(row["made_at"]),
        made_by=row["made_by"],
        by_model=bool(row["by_model"]),
        url=row["url"],
        quote=row["quote"],
    )
