"""Permission bits and their computation (discord-api-docs, topics/permissions)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sims.discord.things import Channel, Guild, Member

MANAGE_CHANNELS = 1 << 4
ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
SEND_TTS_MESSAGES = 1 << 12
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_EXTERNAL_EMOJIS = 1 << 18
CHANGE_NICKNAME = 1 << 26
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
USE_EXTERNAL_APPS = 1 << 50
PIN_MESSAGES = 1 << 51

ALL = (1 << 53) - 1
EVERYONE = (
    ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_EXTERNAL_EMOJIS
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | SEND_MESSAGES_IN_THREADS
    | USE_EXTERNAL_APPS
)
MINIMAL_BOT = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | READ_MESSAGE_HISTORY  # 84992
_NEED_SENDING = MENTION_EVERYONE | SEND_TTS_MESSAGES | ATTACH_FILES | EMBED_LINKS


def in_guild(guild: Guild, member: Member) -> int:
    """What the member's roles allow in the whole guild."""
    if member.user.id == guild.owner.id:
        return ALL
    allowed = guild.everyone.permissions
    for role_id in member.roles:
        allowed |= guild.roles[role_id].permissions
    return ALL if allowed & ADMINISTRATOR else allowed


def in_channel(channel: Channel, member: Member) -> int:
    """What the member may do in a channel or thread, overwrites and implied denials included."""
    guild = member.guild
    allowed = in_guild(guild, member)
    if allowed == ALL:
        return ALL
    overwrites = channel.rules.overwrites
    everyone = overwrites.get(guild.id)
    if everyone is not None:
        allowed = allowed & ~everyone.deny | everyone.allow
    of_roles = [one for role_id in member.roles if (one := overwrites.get(role_id))]
    allow = deny = 0
    for one in of_roles:
        allow, deny = allow | one.allow, deny | one.deny
    allowed = allowed & ~deny | allow
    own = overwrites.get(member.user.id)
    if own is not None:
        allowed = allowed & ~own.deny | own.allow
    if member.silent_until is not None and member.silent_until > datetime.now(UTC):
        allowed &= VIEW_CHANNEL | READ_MESSAGE_HISTORY
    return _implied(channel, allowed)


def _implied(channel: Channel, allowed: int) -> int:
    if not allowed & VIEW_CHANNEL:
        return 0
    sending = SEND_MESSAGES_IN_THREADS if channel.is_thread else SEND_MESSAGES
    return allowed if allowed & sending else allowed & ~_NEED_SENDING
