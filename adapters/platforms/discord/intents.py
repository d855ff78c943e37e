"""Whether the texts of messages may be read: Discord's Message Content Intent."""

from __future__ import annotations

from typing import Final, Literal

import discord

Wanted = Literal["auto"] | bool

REFUSED: Final = (
    "Discord refused the message content intent: turn on Message Content Intent in the developer "
    "portal (Bot), or set discord.chat_threads = false"
)
UNSET: Final = (
    "Message Content Intent is off in Discord's developer portal (Bot): texts of chat threads "
    "cannot be read, /tldr works for links only"
)
OFF: Final = "chat threads are not read: turned off by discord.chat_threads"


def has_content(application: discord.Client | discord.AppInfo) -> bool:
    """Whether the portal's switch is on, by the application's flags (known after the login)."""
    if isinstance(application, discord.Client):
        flags = application.application_flags
    else:
        flags = application.flags
    return flags.gateway_message_content or flags.gateway_message_content_limited


def why_unreadable(client: discord.Client, wanted: Wanted) -> str:
    """Why chat threads cannot be read; empty where they can."""
    if wanted is False:
        return OFF
    if has_content(client):
        return ""
    return REFUSED if wanted is True else UNSET
