"""The state of the local Discord: who and what there is, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from tests.sims.discord import gateway as gw
from tests.sims.discord import payloads, permissions
from tests.sims.discord.errors import refusal
from tests.sims.discord.signal import Signal
from tests.sims.discord.things import (
    Channel,
    Guild,
    Json,
    Kind,
    Member,
    Message,
    Role,
    Snowflakes,
    Tag,
    User,
)

if TYPE_CHECKING:
    from tests.sims.discord.interactions import Interaction

T = TypeVar("T")

MESSAGE_CONTENT_FLAG = 1 << 19  # GATEWAY_MESSAGE_CONTENT_LIMITED of the application
MEMBERS_FLAG = 1 << 15
PRESENCE_FLAG = 1 << 13


class World:
    """Attributes may be changed at any time, but things that the bot should hear of only through
    the methods of `Changes` and `People`."""

    port = 0

    def __init__(self, *, token: str = "sim.bot.token", bot_name: str = "Threadwire") -> None:
        self.ids = Snowflakes()
        self.signal = Signal()
        self.token = token
        self.token_revoked = False
        self.portal_intents = 0  # the privileged intents switched on in the developer portal
        self.bot = User(self.ids.next(), bot_name, bot=True)
        self.owner = self._user("owner")
        self.users: dict[int, User] = {one.id: one for one in (self.bot, self.owner)}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.commands: dict[int | None, list[Json]] = {None: []}
        self.command_syncs = 0
        self.interactions: dict[str, Interaction] = {}
        self.violations: list[str] = []
        self.files: dict[str, bytes] = {}
        self.nonces: dict[str, tuple[float, Message]] = {}
        self.nonce_window_s = 180.0
        self.ack_within_s = 3.0
        self.token_life_s = 900.0
        self.require_allowed_mentions = True
        self.most_active_threads = 1_000
        self.command_creates_left = 200
        self.closed_to_bots: set[int] = set()  # users who take no direct messages
        self.gateway = gw.Gateway(self)

    # Addresses

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    # What a test reads

    def check(self) -> None:
        """Raises for each request that Discord would refuse as wrong, or does not know."""
        assert not self.violations, "\n".join(self.violations)

    def violate(self, what: str) -> None:
        self.violations.append(what)

    async def until(
        self, check: Callable[[], T], timeout_s: float = 15.0, what: str = "what was waited for"
    ) -> T:
        """What `check` returns as soon as it is true; looked at after each change and request."""
        return await self.signal.until(check, timeout_s, what)

    async def ready(self, shards: int = 1, timeout_s: float = 15.0) -> None:
        """Returns when that many shards listen."""
        await self.until(
            lambda: len(self.gateway.connected) >= shards, timeout_s, f"{shards} shards listening"
        )

    # Making things; the bot hears of them only if it is connected, through `Changes`

    def _user(self, name: str) -> User:
        return User(self.ids.next(), name)

    def add_user(self, name: str, *, shown: str | None = None, bot: bool = False) -> User:
        user = User(self.ids.next(), name, shown, bot)
        self.users[user.id] = user
        return user

    def add_guild(
        self,
        name: str = "guild",
        *,
        owner: User | None = None,
        bot_permissions: int = permissions.MINIMAL_BOT,
        present: bool = True,
        locale: str = "en-US",
    ) -> Guild:
        """A guild with its owner, and the bot with a role of its own unless not `present`."""
        guild = Guild(self.ids.next(), name, owner or self.owner, locale=locale, present=present)
        self.guilds[guild.id] = guild
        guild.members[guild.owner.id] = Member(guild.owner, guild)
        if present:
            role = Role(self.ids.next(), guild, self.bot.name, bot_permissions)
            guild.roles[role.id] = role
            guild.members[self.bot.id] = Member(self.bot, guild, {role.id})
            if self.gateway.sessions:
                self.announce(guild)
        return guild

    def announce(self, guild: Guild, *, is_new: bool = True) -> None:
        """The bot came to a guild, or it is available again."""
        shown = payloads.guild_create(guild, self.bot)
        if is_new:
            del shown["unavailable"]  # by this key alone the two are told apart
        self.gateway.publish("GUILD_CREATE", shown, guild=guild, intent=gw.GUILDS)

    def new_channel(
        self,
        guild: Guild,
        name: str,
        kind: Kind,
        *,
        parent: Channel | None = None,
        channel_id: int | None = None,
    ) -> Channel:
        number = channel_id or self.ids.next()
        channel = Channel(number, kind, name, guild, parent)
        channel.position = len(guild.channels)
        guild.channels[number] = self.channels[number] = channel
        return channel

    def new_tags(self, *names: str) -> list[Tag]:
        return [Tag(self.ids.next(), name) for name in names]

    def direct(self, user: User) -> Channel:
        """The direct messages between the bot and a user."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.ids.next(), Kind.DM, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def new_message(
        self, channel: Channel, author: User, *, at: datetime | None = None, **parts: object
    ) -> Message:
        message = Message(self.ids.next(at), channel, author, **parts)  # type: ignore[arg-type]
        if not message.ephemeral:
            channel.messages[message.id] = message
        return message

    # Who may what

    def accepts(self, token: object) -> bool:
        return token == self.token and not self.token_revoked

    def revoke_token(self) -> None:
        """401 for every request from now on, and the gateway closes with 4004."""
        self.token_revoked = True
        self.gateway.forget_sessions()
        self.gateway.drop(4004)

    @property
    def application_flags(self) -> int:
        pairs = (
            (gw.MESSAGE_CONTENT, MESSAGE_CONTENT_FLAG),
            (gw.GUILD_MEMBERS, MEMBERS_FLAG),
            (gw.GUILD_PRESENCES, PRESENCE_FLAG),
        )
        return sum(flag for intent, flag in pairs if self.portal_intents & intent)

    def bot_may(self, channel: Channel) -> int:
        """The bot's permissions in a channel."""
        return self.may(channel, self.bot)

    def may(self, channel: Channel, user: User) -> int:
        """A user's permissions in a channel; in their own direct messages everything."""
        if channel.guild is None:
            return permissions.ALL if user in {self.bot, channel.recipient} else 0
        member = channel.guild.members.get(user.id)
        return permissions.in_channel(channel, member) if member else 0

    def bot_sees(self, channel: Channel) -> bool:
        return self.sees(channel, self.bot)

    def sees(self, channel: Channel, user: User) -> bool:
        """Whether a channel is there for a user; private threads only for their members."""
        allowed = self.may(channel, user)
        if not allowed & permissions.VIEW_CHANNEL:
            return False
        if channel.kind is not Kind.PRIVATE_THREAD:
            return True
        return bool(allowed & permissions.MANAGE_THREADS) or user.id in channel.joined

    def is_readable(self, message: Message, intents: int | None = None) -> bool:
        """Whether the app gets a message's content: by an intent, or because it concerns it."""
        granted = self.portal_intents if intents is None else intents
        return bool(
            granted & gw.MESSAGE_CONTENT
            or message.author is self.bot
            or message.channel.guild is None
            or self.bot in message.mentions
        )

    # Finding things, with Discord's errors

    def channel_of(self, channel_id: str) -> Channel:
        """Raises 10003 for what does not exist and 50001 for what the bot may not see."""
        channel = self.channels.get(int(channel_id)) if channel_id.isdecimal() else None
        if channel is None:
            raise refusal(10003)
        if not self.bot_sees(channel):
            raise refusal(50001)
        return channel

    def message_of(self, channel: Channel, message_id: str) -> Message:
        message = channel.messages.get(int(message_id)) if message_id.isdecimal() else None
        if message is None:
            raise refusal(10008)
        return message

    def guild_of(self, guild_id: str) -> Guild:
        guild = self.guilds.get(int(guild_id)) if guild_id.isdecimal() else None
        if guild is None or not guild.present:
            raise refusal(10004)
        return guild

    def demand(self, channel: Channel, wanted: int) -> None:
        """Raises 50013 unless the bot has all these permissions there."""
        if self.bot_may(channel) & wanted != wanted:
            raise refusal(50013)
