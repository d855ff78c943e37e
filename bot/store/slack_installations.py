"""Slack workspaces that installed the app over the web. Tokens are stored sealed, never plain."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from bot.store.times import from_text, to_text


class InstallationRow(NamedTuple):
    """A workspace's installation. `sealed_token` is text that only the app's key opens."""

    team_id: str
    team_name: str
    bot_user_id: str
    scopes: str
    sealed_token: str
    installed_by: str
    installed_at: datetime


def put(connection: sqlite3.Connection, row: InstallationRow) -> None:
    """Keep an installation; an earlier one of the same workspace is replaced."""
    connection.execute(
        """
        INSERT INTO slack_installation
            (team_id, team_name, bot_user_id, scopes, sealed_token, installed_by, installed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (team_id) DO UPDATE SET
            team_name = excluded.team_name,
            bot_user_id = excluded.bot_user_id,
            scopes = excluded.scopes,
            sealed_token = excluded.sealed_token,
            installed_by = excluded.installed_by,
            installed_at = excluded.installed_at
        """,
        (*row[:6], to_text(row.installed_at)),
    )


def remove(connection: sqlite3.Connection, team_id: str) -> bool:
    """Forget a workspace's token; False when there was none."""
    cursor = connection.execute("DELETE FROM slack_installation WHERE team_id = ?", (team_id,))
    return cursor.rowcount > 0


def listed(connection: sqlite3.Connection) -> list[InstallationRow]:
    rows = connection.execute("SELECT * FROM slack_installation ORDER BY team_id")
    return [_row(row) for row in rows]


def spaces_of_channel(connection: sqlite3.Connection, channel: str) -> list[str]:
    """The workspaces that a channel's subscriptions were made in, those that still get posts first;
    several where workspaces share the channel.
    """
    rows = connection.execute(
        """
        SELECT space FROM subscription WHERE channel = ? AND space <> ''
        GROUP BY space
        ORDER BY MIN(state = 'removed'), MIN(id)
        """,
        (channel,),
    )
    return [row["space"] for row in rows]


def _row(row: sqlite3.Row) -> InstallationRow:
    return InstallationRow(
        row["team_id"],
        row["team_name"],
        row["bot_user_id"],
        row["scopes"],
        row["sealed_token"],
        row["installed_by"],
        from_text(row["installed_at"]),
    )
