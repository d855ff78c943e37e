"""How the API shows what Discord keeps: the JSON of users, guilds, channels and messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.sims.discord import permissions
from tests.sims.discord.things import (
    FORUMS,
    Channel,
    Guild,
    Json,
    Kind,
    Member,
    Message,
    Overwrite,
    Role,
    Tag,
    User,
    made_at,
)

Sees = Callable[[Message], bool]


def user(one: User) -> Json:
    return {
        "id": str(one.id),
        "username": one.name,
        "global_name": one.shown,
        "discriminator": "0000" if one.bot else "0",
        "avatar": None,
        "bot": one.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def member(one: Member, *, with_user: bool = True) -> Json:
    shown: Json = {
        "nick": one.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role_id) for role_id in sorted(one.roles)],
        "joined_at": made_at(one.guild.id).isoformat(),
        "premium_since": None,
        "communication_disabled_until": one.silent_until and one.silent_until.isoformat(),
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
    }
    return shown | {"user": user(one.user)} if with_user else shown


def acting_member(one: Member, channel: Channel) -> Json:
    """A member as an interaction shows them: with what they may do in that channel."""
    return member(one) | {"permissions": str(permissions.in_channel(channel, one))}


def role(one: Role) -> Json:
    return {
        "id": str(one.id),
        "name": one.name,
        "description": None,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": one.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(one: Channel) -> Json:
    if one.kind is Kind.DM:
        return _direct(one)
    return _thread(one) if one.is_thread else _guild_channel(one)


def _direct(one: Channel) -> Json:
    assert one.recipient is not None
    return {
        "id": str(one.id),
        "type": int(one.kind),
        "last_message_id": _last_message(one),
        "flags": 0,
        "recipients": [user(one.recipient)],
    }


def _guild_channel(one: Channel) -> Json:
    assert one.guild is not None
    shown: Json = {
        "id": str(one.id),
        "type": int(one.kind),
        "guild_id": str(one.guild.id),
        "name": one.name,
        "position": one.position,
        "parent_id": str(one.parent.id) if one.parent else None,
        "nsfw": one.nsfw,
        "topic": one.topic,
        "flags": one.flags,
        "rate_limit_per_user": 0,
        "last_message_id": _last_message(one),
        "permission_overwrites": [_overwrite(rule) for rule in one.overwrites.values()],
    }
    if one.kind in FORUMS:
        shown |= {"available_tags": [_tag(tag) for tag in one.tags], "default_sort_order": None}
        shown |= {"default_reaction_emoji": None, "default_forum_layout": 0}
    return shown


def _overwrite(rule: Overwrite) -> Json:
    shown = {"id": str(rule.id), "type": rule.kind}
    return shown | {"allow": str(rule.allow), "deny": str(rule.deny)}


def _tag(tag: Tag) -> Json:
    moderated = {"moderated": tag.moderated, "emoji_id": None, "emoji_name": None}
    return {"id": str(tag.id), "name": tag.name} | moderated


def _last_message(one: Channel) -> str | None:
    return str(max(one.messages)) if one.messages else None


def _thread(one: Channel) -> Json:
    assert one.guild is not None
    assert one.parent is not None
    shown: Json = {
        "id": str(one.id),
        "type": int(one.kind),
        "guild_id": str(one.guild.id),
        "parent_id": str(one.parent.id),
        "owner_id": str(one.owner_id),
        "name": one.name,
        "flags": one.flags,
        "rate_limit_per_user": 0,
        "last_message_id": _last_message(one),
        "message_count": max(0, len(one.messages) - 1),
        "total_message_sent": max(0, len(one.messages) - 1),
        "member_count": min(50, len(one.joined)),
        "thread_metadata": {
            "archived": one.archived,
            "locked": one.locked,
            "auto_archive_duration": one.auto_archive,
            "archive_timestamp": made_at(one.id).isoformat(),
            "create_timestamp": made_at(one.id).isoformat(),
        },
    }
    if one.kind is Kind.PRIVATE_THREAD:
        shown["thread_metadata"]["invitable"] = True
    if one.parent.kind in FORUMS:
        shown["applied_tags"] = [str(tag) for tag in one.applied]
    return shown


def thread_member(one: Channel, user_id: int) -> Json:
    joined = made_at(one.id).isoformat()
    return {"id": str(one.id), "user_id": str(user_id), "join_timestamp": joined, "flags": 0}


def acting_channel(one: Channel, allowed: int) -> Json:
    """A channel as an interaction shows it: with the permissions of who acts."""
    return channel(one) | {"permissions": str(allowed)}


def guild(one: Guild) -> Json:
    return {
        "id": str(one.id),
        "name": one.name,
        "owner_id": str(one.owner.id),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "home_header": None,
        "features": list(one.features),
        "preferred_locale": one.locale,
        "roles": [role(each) for each in one.roles.values()],
        "emojis": [],
        "stickers": [],
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "premium_progress_bar_enabled_user_updated_at": None,
        "vanity_url_code": None,
        "application_id": None,
        "max_presences": None,
        "max_members": 500_000,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "incidents_data": None,
        "owner_configured_content_level": 0,
    }


def guild_create(one: Guild, bot: User) -> Json:
    """`GUILD_CREATE` as a bot without the members intent gets it: itself is its only member."""
    plain = [each for each in one.channels.values() if not each.is_thread]
    seen = [each for each in one.threads if not each.archived and _sees(each, one.members[bot.id])]
    return guild(one) | {
        "joined_at": made_at(one.id).isoformat(),
        "large": False,
        "unavailable": False,
        "member_count": len(one.members),
        "members": [member(one.members[bot.id])],
        "channels": [channel(each) for each in plain],
        "threads": [channel(each) for each in seen],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _sees(thread: Channel, bot: Member) -> bool:
    allowed = permissions.in_channel(thread, bot)
    if not allowed & permissions.VIEW_CHANNEL:
        return False
    is_private = thread.kind is Kind.PRIVATE_THREAD
    managing = allowed & permissions.MANAGE_THREADS
    return not is_private or bool(managing) or bot.user.id in thread.joined


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _always(one: Message) -> bool:
    return True


def message(one: Message, *, sees: Sees = _always, reader: User | None = None) -> Json:
    """A message; what an app may not read of it, `sees` says, comes empty."""
    full = sees(one)
    shown: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel.id),
        "author": user(one.author),
        "type": one.kind,
        "content": one.content if full else "",
        "embeds": one.embeds if full else [],
        "attachments": one.attachments if full else [],
        "components": one.components if full else [],
        "timestamp": made_at(one.id).isoformat(),
        "edited_timestamp": _iso(one.edited_at),
        "flags": one.flags,
        "tts": one.tts,
        "pinned": False,
        "mention_everyone": one.mention_everyone,
        "mentions": [user(each) for each in one.mentions],
        "mention_roles": [str(role_id) for role_id in one.mention_roles],
    }
    if one.reactions:
        shown["reactions"] = [
            _reaction(emoji, who, reader) for emoji, who in one.reactions.items() if who
        ]
    if one.thread is not None:
        shown["thread"] = channel(one.thread)
    if one.reference is not None and one.kind == 19:
        target = one.channel.messages.get(int(one.reference["message_id"]))
        shown["referenced_message"] = target and message(target, sees=sees, reader=reader)
    for key, value in (
        ("nonce", one.nonce),
        ("message_reference", one.reference),
        ("interaction_metadata", one.metadata),
        ("webhook_id", str(one.webhook_id) if one.webhook_id else None),
        ("application_id", str(one.author.id) if one.author.bot else None),
    ):
        if value is not None:
            shown[key] = value
    return shown


def _reaction(emoji: str, who: list[int], reader: User | None) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "me": reader is not None and reader.id in who,
        "burst_count": 0,
    }


def message_event(one: Message, *, sees: Sees) -> Json:
    """The same as an event carries it: with the guild and the author's membership.

    Events of ephemeral messages name no guild.
    """
    shown = message(one, sees=sees)
    guild_of = one.channel.guild
    if guild_of is None or one.ephemeral:
        return shown
    shown["guild_id"] = str(guild_of.id)
    known = guild_of.members.get(one.author.id)
    if known is not None:
        shown["member"] = member(known, with_user=False)
    return shown
