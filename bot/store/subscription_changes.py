"""What people do with a subscription once it is there: end, pause, resume, change it."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bot.store import subscriptions
from bot.store.subscriptions import DeclaredSubscription
from bot.store.times import to_text, to_text_or_none


def unsubscribe(connection: sqlite3.Connection, subscription_id: int) -> None:
    """Remove it because a person said so: should it come back, it begins anew."""
    subscriptions.remove(connection, subscription_id)
    connection.execute(
        "UPDATE subscription_source SET started_at = NULL WHERE subscription_id = ?",
        (subscription_id,),
    )


def pause(connection: sqlite3.Connection, subscription_id: int) -> bool:
    """Post nothing until it is resumed; False when it was not active."""
    cursor = connection.execute(
        "UPDATE subscription SET state = 'paused' WHERE id = ? AND state = 'active'",
        (subscription_id,),
    )
    return cursor.rowcount > 0


def resume(
    connection: sqlite3.Connection, subscription_id: int, covered_until: datetime | None
) -> bool:
    """Go on posting; its next digest begins no earlier than `covered_until`, where that is given.
    False when it was not paused.
    """
    at = to_text_or_none(covered_until)
    cursor = connection.execute(
        """
        UPDATE subscription
        SET state = 'active', next_run_at = NULL,
            covered_until = CASE WHEN covered_until < ? THEN ? ELSE covered_until END
        WHERE id = ? AND state = 'paused'
        """,
        (at, at, subscription_id),
    )
    return cursor.rowcount > 0


def restore(connection: sqlite3.Connection, subscription_id: int) -> bool:
    """Take a removal back; sources that it alone named are polled again. False: not removed."""
    cursor = connection.execute(
        "UPDATE subscription SET state = 'active' WHERE id = ? AND state = 'removed'",
        (subscription_id,),
    )
    if not cursor.rowcount:
        return False
    connection.execute(
        """
        UPDATE source SET state = 'active'
        WHERE state = 'removed' AND origin = 'chat' AND id IN (
            SELECT source_id FROM subscription_source WHERE subscription_id = ?
        )
        """,
        (subscription_id,),
    )
    return True


def give_up_key(connection: sqlite3.Connection, subscription_id: int) -> None:
    """A removed subscription makes room for another one that becomes the same."""
    connection.execute(
        "UPDATE subscription SET key = key || ' #' || id WHERE id = ? AND state = 'removed'",
        (subscription_id,),
    )


def change(
    connection: sqlite3.Connection,
    subscription_id: int,
    declared: DeclaredSubscription,
    *,
    now: datetime,
) -> None:
    """Give a subscription other words, another rhythm, other filters. Its channel stays.

    One that becomes a digest covers what comes from now on. `declared.key` must be its own or free.
    """
    connection.execute(
        """
        UPDATE subscription
        SET covered_until = CASE WHEN post = ? THEN covered_until ELSE ? END,
            next_run_at = NULL, key = ?, sources = ?, post = ?, schedule = ?, timezone = ?,
            language = ?, min_score = ?, include = ?, exclude = ?, languages = ?, role = ?,
            publish = ?
        WHERE id = ?
        """,
        (
            declared.post,
            to_text(now),
            declared.key,
            json.dumps(declared.sources),
            declared.post,
            declared.schedule,
            declared.timezone,
            declared.language,
            declared.min_score,
            json.dumps(declared.include),
            json.dumps(declared.exclude),
            json.dumps(declared.languages),
            declared.role,
            declared.publish,
            subscription_id,
        ),
    )
