"""What the bot needs to be allowed where, and what of it it lacks (topics/permissions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import discord

INVITE_PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)

_ALWAYS = ("view_channel", "embed_links", "read_message_history")
_DETAILS_IN_THREADS = frozenset(("community", "outlook", "roundup"))
_NAMES = {  # where Discord's own name is not the attribute in words
    "view_channel": "View Channel",
    "send_messages_in_threads": "Send Messages in Threads",
}
_THREADS = (10, 11, 12)
_FORUMS = (15, 16)


def needed(channel_type: int, post: str) -> tuple[str, ...]:
    """Attribute names of the permissions that posts of this kind need in such a channel."""
    if channel_type in _THREADS:
        return (*_ALWAYS, "send_messages_in_threads")
    if post not in _DETAILS_IN_THREADS:
        return (*_ALWAYS, "send_messages")
    if channel_type in _FORUMS:
        return (*_ALWAYS, "send_messages", "send_messages_in_threads")
    return (*_ALWAYS, "send_messages", "create_public_threads", "send_messages_in_threads")


def lacking(channel: discord.abc.GuildChannel | discord.Thread, post: str) -> Sequence[str]:
    """What we lack there, by the gateway's knowledge of the server."""
    allowed = channel.permissions_for(channel.guild.me)
    return [name for name in needed(channel.type.value, post) if not getattr(allowed, name)]


def name_of_permission(name: str) -> str:
    """The permission as Discord's settings call it (`Send Messages`)."""
    return _NAMES.get(name) or name.replace("_", " ").title()


def names_of(names: Iterable[str]) -> str:
    return ", ".join(name_of_permission(name) for name in names)


def allowed_in(
    channel: Mapping[str, Any], guild: Mapping[str, Any], member: Mapping[str, Any]
) -> discord.Permissions:
    """A member's permissions in a channel, from REST's own objects.

    The rules are those of topics/permissions: roles add up, then the channel's overwrites for
    everyone, for roles, for the member; the owner and administrators may do everything.
    """
    mine = {guild["id"], *member.get("roles", ())}
    base = 0
    for role in guild.get("roles", ()):
        if role["id"] in mine:
            base |= int(role["permissions"])
    all_of_them = discord.Permissions.all()
    if member["user"]["id"] == guild.get("owner_id") or discord.Permissions(base).administrator:
        return all_of_them
    allow = deny = everyone_allow = everyone_deny = own_allow = own_deny = 0
    for overwrite in channel.get("permission_overwrites") or ():
        allowed, denied = int(overwrite["allow"]), int(overwrite["deny"])
        if overwrite["id"] == guild["id"]:
            everyone_allow, everyone_deny = allowed, denied
        elif overwrite["id"] == member["user"]["id"]:
            own_allow, own_deny = allowed, denied
        elif overwrite["id"] in mine:
            allow |= allowed
            deny |= denied
    value = (base & ~everyone_deny) | everyone_allow
    value = (value & ~deny) | allow
    value = (value & ~own_deny) | own_allow
    return discord.Permissions(value)


def timeout_until(member: Mapping[str, Any]) -> datetime | None:
    """Until when a moderator keeps this member from writing, where that is still to come."""
    until = discord.utils.parse_time(member.get("communication_disabled_until"))
    return until if until is not None and until > discord.utils.utcnow() else None
