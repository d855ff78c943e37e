"""What language models were paid, and their answers, kept so that nothing is paid twice.

Money is whole nano-dollars. A call is written down as `held`, with the most it can cost, before it
is made, and with its true cost afterwards; one whose end nobody saw stays at the most.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.times import to_text

NANOS = 1_000_000_000
BOOKS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a day (UTC) may cost in all and for one channel; None = no limit."""

    day_nanos: int | None = None
    channel_nanos: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBudget:
    """Why a call cannot be paid. `used` includes what is held for calls on their way."""

    used_nanos: int
    limit_nanos: int
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A day's books, for `status` and `doctor`."""

    calls: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    cost_nanos: int


def hold(
    connection: sqlite3.Connection,
    *,
    purpose: str,
    channel: str,
    model: str,
    most_nanos: int,
    limits: Limits,
    now: datetime,
) -> int | OverBudget:
    """Set `most_nanos` aside; returns the row to settle, or what speaks against it."""
    day = _day(now)
    checks: list[tuple[int | None, str | None]] = [(limits.day_nanos, None)]
    if channel:
        checks.append((limits.channel_nanos, channel))
    for limit, of_channel in checks:
        used = _used(connection, day, of_channel)
        if limit is not None and used + most_nanos > limit:
            return OverBudget(used_nanos=used, limit_nanos=limit, channel=of_channel)
    cursor = connection.execute(
        """
        INSERT INTO model_use (day, at, purpose, channel, model, state, cost_nanos)
        VALUES (?, ?, ?, ?, ?, 'held', ?)
        """,
        (day, to_text(now), purpose, channel, model, most_nanos),
    )
    row: int = cursor.lastrowid or 0
    return row


def settle(
    connection: sqlite3.Connection,
    row: int,
    *,
    tokens_in: int,
    tokens_cached: int,
    tokens_out: int,
    cost_nanos: int,
) -> None:
    """Replace what was held by what it did cost. A call that used nothing leaves no trace."""
    if not tokens_in and not tokens_out:
        connection.execute("DELETE FROM model_use WHERE id = ?", (row,))
        return
    connection.execute(
        """
        UPDATE model_use
        SET state = 'settled', tokens_in = ?, tokens_cached = ?, tokens_out = ?, cost_nanos = ?
        WHERE id = ?
        """,
        (tokens_in, tokens_cached, tokens_out, cost_nanos, row),
    )


def spent(connection: sqlite3.Connection, now: datetime) -> Spending:
    """Today's books (UTC), calls on their way included at their most."""
    row = connection.execute(
        """
        SELECT COUNT(*) AS calls,
            COALESCE(SUM(tokens_in), 0) AS tokens_in,
            COALESCE(SUM(tokens_cached), 0) AS tokens_cached,
            COALESCE(SUM(tokens_out), 0) AS tokens_out,
            COALESCE(SUM(cost_nanos), 0) AS cost_nanos
        FROM model_use
        WHERE day = ?
        """,
        (_day(now),),
    ).fetchone()
    return Spending(**dict(row))


def answer(connection: sqlite3.Connection, key: str, now: datetime) -> tuple[str, str] | None:
    """A kept answer as JSON and the model that gave it."""
    row = connection.execute(
        "SELECT answer, model FROM model_answer WHERE key = ? AND expires_at > ?",
        (key, to_text(now)),
    ).fetchone()
    return None if row is None else (row["answer"], row["model"])


def keep_answer(
    connection: sqlite3.Connection,
    key: str,
    *,
    answer_json: str,
    model: str,
    purpose: str,
    is_private: bool,
    now: datetime,
    keep_for: timedelta,
) -> None:
    connection.execute(
        """
        INSERT INTO model_answer (key, answer, model, purpose, is_private, made_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET
            answer = excluded.answer,
            model = excluded.model,
            is_private = excluded.is_private,
            made_at = excluded.made_at,
            expires_at = excluded.expires_at
        """,
        (
            key,
            answer_json,
            model,
            purpose,
            int(is_private),
            to_text(now),
            to_text(now + keep_for),
        ),
    )


def forget_expired(connection: sqlite3.Connection, now: datetime) -> int:
    """Delete answers past their time, and old books; returns how many answers."""
    connection.execute("DELETE FROM model_use WHERE day < ?", (_day(now - BOOKS_KEPT),))
    cursor = connection.execute("DELETE FROM model_answer WHERE expires_at <= ?", (to_text(now),))
    return cursor.rowcount


def forget_answers(
    connection: sqlite3.Connection, purposes: Sequence[str], before: datetime
) -> int:
    """Delete answers on such material given before then; returns how many."""
    marks = ", ".join("?" * len(purposes))
    cursor = connection.execute(
        f"DELETE FROM model_answer WHERE purpose IN ({marks}) AND made_at < ?",  # noqa: S608  # marks
        (*purposes, to_text(before)),
    )
    return cursor.rowcount


def forget_answers_older(connection: sqlite3.Connection, before: datetime) -> int:
    """Delete answers given before then; returns how many."""
    cursor = connection.execute("DELETE FROM model_answer WHERE made_at < ?", (to_text(before),))
    return cursor.rowcount


def shrink_answers(connection: sqlite3.Connection, most_bytes: int) -> int:
    """Delete the oldest answers until no more than so much is kept; returns how many."""
    cursor = connection.execute(
        """
        DELETE FROM model_answer
        WHERE key IN (
            SELECT key
            FROM (
                SELECT key, SUM(LENGTH(answer) + LENGTH(key))
                    OVER (ORDER BY made_at DESC, key) AS kept
                FROM model_answer
            ) AS newest
            WHERE kept > ?
        )
        """,
        (most_bytes,),
    )
    return cursor.rowcount


def forget_private(connection: sqlite3.Connection) -> int:
    """Delete every answer to material from private chats; returns how many."""
    return connection.execute("DELETE FROM model_answer WHERE is_private = 1").rowcount


def _used(connection: sqlite3.Connection, day: str, channel: str | None) -> int:
    used: int = connection.execute(
        """
        SELECT COALESCE(SUM(cost_nanos), 0)
        FROM model_use
        WHERE day = ? AND (? IS NULL OR channel = ?)
        """,
        (day, channel, channel),
    ).fetchone()[0]
    return used


def _day(now: datetime) -> str:
    return to_text(now)[:10]
