"""Digests as the archive lists and shows them."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from bot.store import digests
from bot.store.digests import StoredDigest
from bot.store.paging import Place
from bot.store.public import PUBLIC_DIGEST, Audience
from bot.store.times import from_text_or_none, to_text


class ShownDigest(NamedTuple):
    """A digest with the language that its channel reads. `channel` where the audience may know."""

    digest: StoredDigest
    language: str
    channel: str
    posted_at: datetime | None


def latest(
    connection: sqlite3.Connection,
    audience: Audience,
    limit: int,
    *,
    kind: str = "",
    before: Place | None = None,
) -> list[ShownDigest]:
    """The digests whose periods ended last; of one kind, and after a place in the list."""
    kind_is, kinds = ("AND digest.kind = ?", (kind,)) if kind else ("", ())
    goes_on, place = "", tuple[object, ...]()
    if before is not None:
        until = to_text(before.at)
        goes_on = "AND (digest.until < ? OR (digest.until = ? AND digest.id < ?))"
        place = (until, until, before.id)
    rows = connection.execute(
        f"""
        {_SHOWN}
        WHERE {PUBLIC_DIGEST} {kind_is} {goes_on}
        ORDER BY digest.until DESC, digest.id DESC
        LIMIT ?
        """,  # our own conditions
        (*audience.bound, *audience.bound, *kinds, *place, limit),
    )
    return [_shown(row, audience) for row in rows]


def one(connection: sqlite3.Connection, audience: Audience, digest_id: int) -> ShownDigest | None:
    """A digest, where the audience may see it."""
    row = connection.execute(
        f"{_SHOWN} WHERE digest.id = ? AND {PUBLIC_DIGEST}",  # our own conditions
        (digest_id, *audience.bound, *audience.bound),
    ).fetchone()
    return _shown(row, audience) if row else None


_SHOWN = """
    SELECT digest.*, subscription.language, subscription.channel, delivery.sent_at
    FROM digest
    LEFT JOIN subscription ON subscription.id = digest.subscription_id
    LEFT JOIN delivery ON delivery.subscription_id = digest.subscription_id
     AND delivery.subject = digest.subject
"""


def _shown(row: sqlite3.Row, audience: Audience) -> ShownDigest:
    return ShownDigest(
        digest=digests.from_row(row),
        language=row["language"] or "en",
        channel=(row["channel"] or "") if audience.everything else "",
        posted_at=from_text_or_none(row["sent_at"]),
    )
