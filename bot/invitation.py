"""The address by which somebody invites our bot into their Discord server."""

from __future__ import annotations

import base64
import binascii
import os
from urllib.parse import urlencode

# View Channel, Send Messages, Embed Links, Read Message History, Create Public Threads, Send
# Messages in Threads: what posts need, and no more (topics/permissions).
PERMISSIONS = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 35 | 1 << 38
PLACEHOLDER = "YOUR_APPLICATION_ID"


def invite_url(token: str | None = None) -> str:
    """`token`: the bot's (default: DISCORD_TOKEN of the environment); its first part is its id."""
    token = os.environ.get("DISCORD_TOKEN", "") if token is None else token
    query = {
        "client_id": _application_id(token) or PLACEHOLDER,
        "scope": "bot applications.commands",
        "permissions": PERMISSIONS,
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def _application_id(token: str) -> str:
    """Bot and application share their id; tokens begin with it in base64."""
    head = token.partition(".")[0]
    try:
        found = base64.b64decode(head + "=" * (-len(head) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return found if found.isdigit() else ""
