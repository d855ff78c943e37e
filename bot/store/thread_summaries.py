"""Summaries of public discussions, by what was read: an unchanged thread is summarised once."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.model import ThreadSummary
from bot.store.times import to_text


def find(connection: sqlite3.Connection, thread: str, content_hash: str) -> ThreadSummary | None:
    """The summary of a thread as it was read; `thread` is its kind and id."""
    row = connection.execute(
        "SELECT result FROM thread_summary WHERE thread = ? AND content_hash = ?",
        (thread, content_hash),
    ).fetchone()
    return ThreadSummary.model_validate_json(row["result"]) if row else None


def keep(
    connection: sqlite3.Connection,
    thread: str,
    content_hash: str,
    summary: ThreadSummary,
    now: datetime,
) -> None:
    connection.execute(
        """
        INSERT INTO thread_summary (thread, content_hash, method, result, made_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (thread) DO UPDATE
        SET content_hash = excluded.content_hash, method = excluded.method,
            result = excluded.result, made_at = excluded.made_at
        """,
        (thread, content_hash, summary.method, summary.model_dump_json(), to_text(now)),
    )


def forget(connection: sqlite3.Connection, thread: str) -> None:
    """Drop a thread's summary with the quotes in it."""
    connection.execute("DELETE FROM thread_summary WHERE thread = ?", (thread,))


def forget_older(connection: sqlite3.Connection, kind: str, before: datetime) -> None:
    """Drop summaries of one kind of thread (`%` = all) made before then, with the quotes and names
    in them.
    """
    connection.execute(
        "DELETE FROM thread_summary WHERE thread LIKE ? AND made_at < ?",
        (f"{kind}:%", to_text(before)),
    )
