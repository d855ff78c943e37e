"""What people with power do to a server, so that the bot hears of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tests.sims.discord import gateway as gw
from tests.sims.discord import payloads, posting
from tests.sims.discord.rest_guilds import leave_guild, remove_channel, tell_changed
from tests.sims.discord.rest_messages import forget, put_reaction, send, take_reaction
from tests.sims.discord.things import (
    FORUMS,
    HAS_THREAD,
    REQUIRE_TAG,
    Channel,
    Guild,
    Json,
    Kind,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from tests.sims.discord.world import World


class Changes(World):
    """Each method changes the state and sends the events that Discord sends for it."""

    # Channels

    def add_channel(
        self, guild: Guild, name: str = "general", kind: Kind = Kind.TEXT, *tags: str
    ) -> Channel:
        """A channel; forums take the names of their tags."""
        channel = self.new_channel(guild, name, kind)
        if kind in FORUMS:
            channel.tags = self.new_tags(*tags)
        shown = payloads.channel(channel)
        self.gateway.publish("CHANNEL_CREATE", shown, guild=guild, intent=gw.GUILDS)
        return channel

    def require_tag(self, forum: Channel) -> None:
        forum.flags |= REQUIRE_TAG
        tell_changed(self, forum)

    def delete_channel(self, channel: Channel) -> None:
        remove_channel(self, channel)

    def rename(self, channel: Channel, name: str) -> None:
        channel.name = name
        tell_changed(self, channel)

    def set_permissions(
        self, channel: Channel, whom: Role | Member | User, *, allow: int = 0, deny: int = 0
    ) -> None:
        """An overwrite of a channel for a role or a member; with neither bits it is removed."""
        target = whom.user if isinstance(whom, Member) else whom
        place = channel.rules
        was_seen = self.bot_sees(place)
        if allow or deny:
            kind: Literal[0, 1] = 0 if isinstance(target, Role) else 1
            place.overwrites[target.id] = Overwrite(target.id, kind, allow, deny)
        else:
            place.overwrites.pop(target.id, None)
        tell_changed(self, place)
        if not was_seen and self.bot_sees(place):
            self._tell_threads(place)

    def _tell_threads(self, channel: Channel) -> None:
        """The active threads of a channel that the bot came to see."""
        assert channel.guild is not None
        of_it = [one for one in channel.guild.threads if one.parent is channel]
        data = {
            "guild_id": str(channel.guild.id),
            "channel_ids": [str(channel.id)],
            "threads": [payloads.channel(one) for one in of_it if not one.archived],
            "members": [],
        }
        self.gateway.publish("THREAD_LIST_SYNC", data, guild=channel.guild, intent=gw.GUILDS)

    def forbid_bot(self, channel: Channel, deny: int) -> None:
        """Takes permissions from the bot in one channel."""
        self.set_permissions(channel, self.bot, deny=deny)

    def allow_bot(self, channel: Channel) -> None:
        """Removes what `forbid_bot` set."""
        self.set_permissions(channel, self.bot)

    # Threads

    def add_thread(
        self,
        parent: Channel,
        name: str = "thread",
        *,
        owner: User | None = None,
        on: Message | None = None,
        private: bool = False,
    ) -> Channel:
        """A thread that a user opens, on a message where one is given."""
        assert parent.guild is not None
        kind = Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD
        if parent.kind is Kind.ANNOUNCEMENT:
            kind = Kind.ANNOUNCEMENT_THREAD
        number = on.id if on else None
        thread = self.new_channel(parent.guild, name, kind, parent=parent, channel_id=number)
        thread.owner_id = (owner or self.owner).id
        thread.joined.add(thread.owner_id)
        if on is not None:
            on.thread, on.flags = thread, on.flags | HAS_THREAD
        data = payloads.channel(thread) | {"newly_created": True}
        self.gateway.publish_in("THREAD_CREATE", data, thread, (gw.GUILDS, 0))
        return thread

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        thread.archived, thread.locked = True, locked
        tell_changed(self, thread)

    def unarchive(self, thread: Channel) -> None:
        thread.archived = thread.locked = False
        tell_changed(self, thread)

    # Guilds, members, roles

    def kick_bot(self, guild: Guild) -> None:
        leave_guild(self, guild)

    def invite_bot(self, guild: Guild) -> None:
        """The bot comes (back), with the roles that bear its name."""
        guild.present = True
        roles = {role.id for role in guild.roles.values() if role.name == self.bot.name}
        guild.members[self.bot.id] = Member(self.bot, guild, roles)
        self.announce(guild)

    def set_available(self, guild: Guild, available: bool) -> None:
        """An outage of Discord for one guild, and its end."""
        guild.available = available
        if available:
            self.announce(guild, is_new=False)
        else:
            data = {"id": str(guild.id), "unavailable": True}
            self.gateway.publish("GUILD_DELETE", data, guild=guild, intent=gw.GUILDS)

    def add_member(
        self,
        guild: Guild,
        user: User | str,
        *roles: Role,
        permissions: int = 0,
        nick: str | None = None,
    ) -> User:
        """A member; with `permissions` they get a role of their own that has them."""
        person = self.add_user(user) if isinstance(user, str) else user
        member = Member(person, guild, {role.id for role in roles}, nick)
        guild.members[person.id] = member
        if permissions:
            member.roles.add(self.add_role(guild, f"{person.name}'s", permissions=permissions).id)
        data = payloads.member(member) | {"guild_id": str(guild.id)}
        self.gateway.publish("GUILD_MEMBER_ADD", data, guild=guild, intent=gw.GUILD_MEMBERS)
        return person

    def add_role(
        self, guild: Guild, name: str, *, permissions: int = 0, mentionable: bool = False
    ) -> Role:
        role = Role(self.ids.next(), guild, name, permissions, len(guild.roles), mentionable)
        guild.roles[role.id] = role
        self._tell_role("GUILD_ROLE_CREATE", role)
        return role

    def set_role(self, role: Role, permissions: int) -> None:
        role.permissions = permissions
        self._tell_role("GUILD_ROLE_UPDATE", role)

    def bot_role(self, guild: Guild) -> Role:
        """The role that the bot came with."""
        return next(role for role in guild.roles.values() if role.name == self.bot.name)

    def delete_role(self, role: Role) -> None:
        guild = role.guild
        del guild.roles[role.id]
        for member in guild.members.values():
            member.roles.discard(role.id)
        data = {"guild_id": str(guild.id), "role_id": str(role.id)}
        self.gateway.publish("GUILD_ROLE_DELETE", data, guild=guild, intent=gw.GUILDS)

    def _tell_role(self, event: str, role: Role) -> None:
        data = {"guild_id": str(role.guild.id), "role": payloads.role(role)}
        self.gateway.publish(event, data, guild=role.guild, intent=gw.GUILDS)

    def set_roles(self, guild: Guild, user: User, *roles: Role) -> None:
        """The bot hears of its own roles always, of others' with the members intent."""
        guild.members[user.id].roles = {role.id for role in roles}
        data = payloads.member(guild.members[user.id]) | {"guild_id": str(guild.id)}
        intent = 0 if user is self.bot else gw.GUILD_MEMBERS
        self.gateway.publish("GUILD_MEMBER_UPDATE", data, guild=guild, intent=intent)

    def time_out_bot(self, guild: Guild, until: datetime) -> None:
        """A moderator keeps the bot from writing."""
        guild.members[self.bot.id].silent_until = until
        self.set_roles(guild, self.bot, *self._roles_of(guild, self.bot))

    def _roles_of(self, guild: Guild, user: User) -> list[Role]:
        return [guild.roles[role_id] for role_id in guild.members[user.id].roles]

    # Messages and reactions of people

    def say(
        self,
        channel: Channel,
        user: User,
        content: str = "",
        *,
        at: datetime | None = None,
        reply_to: Message | None = None,
        kind: int = 0,
        body: Json | None = None,
    ) -> Message:
        """A message of a user (or another bot); `kind` makes it a system message."""
        message = self.new_message(channel, user, at=at, kind=kind)
        if reply_to is not None:
            message.reference = {"message_id": str(reply_to.id), "channel_id": str(channel.id)}
            message.reference["type"] = 0
            message.kind = kind or 19
        posting.apply(self, message, {"content": content} | (body or {}), {})
        send(self, message)
        return message

    def edit_message(self, message: Message, content: str) -> None:
        posting.edit(self, message, {"content": content}, {})
        self.gateway.publish_message("MESSAGE_UPDATE", message)

    def delete_message(self, message: Message) -> None:
        """As a moderator does."""
        forget(self, message)

    def react(self, message: Message, user: User, emoji: str = "⭐") -> None:
        put_reaction(self, message, emoji, user)

    def unreact(self, message: Message, user: User, emoji: str = "⭐") -> None:
        take_reaction(self, message, emoji, user)
