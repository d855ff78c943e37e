"""What ordinary users do with an app: commands, buttons, menus, modals."""

from __future__ import annotations

import secrets

from tests.sims.discord import asking, payloads, permissions
from tests.sims.discord.asking import Values
from tests.sims.discord.changes import Changes
from tests.sims.discord.interactions import Asking, Interaction
from tests.sims.discord.things import Channel, Guild, Json, Message, User

NotOfferedError = asking.NotOfferedError


class People(Changes):
    """Each method sends an interaction and returns it at once; await what comes of it:

    `await (await sim.command(guild, channel, user, "news list")).answer()`.

    They raise `NotOfferedError` where Discord's program would not offer it to the user. In direct
    messages `guild` is None. A guild where the bot is no member stands for a user install.
    """

    async def command(
        self,
        guild: Guild | None,
        channel: Channel,
        user: User,
        name: str,
        options: Values | None = None,
        *,
        locale: str = "en-US",
    ) -> Interaction:
        """`name` with its sub-commands: "news subscribe". Users, channels, roles as objects."""
        words = name.split()
        command = asking.find_command(self, guild, words[0])
        asking.check_sees(self, channel, user)
        asking.check_offered(command, guild, channel, user)
        nested, resolved = asking.nested_options(command, words[1:], options or {})
        data = _command_data(command, nested, resolved)
        return self._ask(Asking.COMMAND, guild, channel, user, data, locale)

    async def autocomplete(
        self,
        guild: Guild | None,
        channel: Channel,
        user: User,
        name: str,
        focused: str,
        typed: str = "",
        options: Values | None = None,
        *,
        locale: str = "en-US",
    ) -> Interaction:
        """While `typed` stands in the option `focused`; read `.choices` when it is acked."""
        words = name.split()
        command = asking.find_command(self, guild, words[0])
        asking.check_sees(self, channel, user)
        asking.check_offered(command, guild, channel, user)
        values = (options or {}) | {focused: typed}
        nested, _ = asking.nested_options(command, words[1:], values, focused=focused)
        data = _command_data(command, nested, {})
        return self._ask(Asking.AUTOCOMPLETE, guild, channel, user, data, locale)

    async def message_menu(
        self, name: str, message: Message, user: User, *, locale: str = "en-US"
    ) -> Interaction:
        """A command of a message's context menu: the app gets that message's content."""
        channel, guild = message.channel, message.channel.guild
        command = asking.find_command(self, guild, name, kind=3)
        asking.check_sees(self, channel, user)
        asking.check_offered(command, guild, channel, user)
        data = _command_data(command, [], {}) | {"target_id": str(message.id)}
        data["resolved"] = {"messages": {str(message.id): payloads.message(message)}}
        return self._ask(Asking.COMMAND, guild, channel, user, data, locale)

    async def press(
        self,
        message: Message,
        custom_id: str,
        user: User,
        values: list[str] | None = None,
        *,
        locale: str = "en-US",
    ) -> Interaction:
        """A button, or a menu with `values`. The beginning of a custom id is enough."""
        asking.check_sees(self, message.channel, user)
        if message.shown_to not in {None, user}:
            raise NotOfferedError(f"{user.name} does not see this ephemeral message")
        if message.deleted:
            raise NotOfferedError("the message was deleted")
        component = asking.find_component(message, custom_id)
        data = asking.press_data(component, values)
        guild = message.channel.guild
        return self._ask(Asking.COMPONENT, guild, message.channel, user, data, locale, message)

    async def submit_modal(
        self, opened: Interaction, values: Values | None = None, *, locale: str = "en-US"
    ) -> Interaction:
        """Fills the modal that an interaction opened: values by custom id, lists for menus."""
        await opened.until(lambda: opened.modal is not None, what="a modal")
        assert opened.modal is not None
        data = asking.modal_data(opened.modal, values or {})
        where = (opened.guild, opened.channel, opened.user)
        return self._ask(Asking.MODAL, *where, data, locale, opened.message)

    def expire_tokens(self) -> None:
        """As if all interactions up to now were more than fifteen minutes old."""
        for one in self.interactions.values():
            one.expires_at = 0.0

    def _ask(
        self,
        kind: Asking,
        guild: Guild | None,
        channel: Channel,
        user: User,
        data: Json,
        locale: str,
        message: Message | None = None,
    ) -> Interaction:
        token = secrets.token_urlsafe(32)
        asked = Interaction(self, self.ids.next(), token, kind, user, channel, guild, data, message)
        asked.user_installed = guild is not None and not guild.present
        self.interactions[token] = asked
        payload = self._payload(asked, locale)
        self.gateway.publish("INTERACTION_CREATE", payload, guild=guild)
        return asked

    def _payload(self, asked: Interaction, locale: str) -> Json:
        guild, channel, user = asked.guild, asked.channel, asked.user
        payload: Json = {
            "id": str(asked.id),
            "application_id": str(self.bot.id),
            "type": int(asked.kind),
            "token": asked.token,
            "version": 1,
            "data": asked.data,
            "channel_id": str(channel.id),
            "locale": locale,
            "context": asking.context_of(guild),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "attachment_size_limit": 10 * 2**20,
            "authorizing_integration_owners": _owners(asked),
        }
        if asked.message is not None:
            payload["message"] = payloads.message(asked.message, reader=self.bot)
        if guild is None:
            payload |= {"user": payloads.user(user), "channel": payloads.channel(channel)}
            return payload | {"app_permissions": str(permissions.ALL)}
        acting = guild.members[user.id]
        allowed = permissions.in_channel(channel, acting)
        return payload | {
            "guild_id": str(guild.id),
            "guild_locale": guild.locale,
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": guild.features},
            "member": payloads.acting_member(acting, channel),
            "channel": payloads.acting_channel(channel, allowed),
            "app_permissions": str(self._app_permissions(asked, allowed)),
        }

    def _app_permissions(self, asked: Interaction, allowed: int) -> int:
        if not asked.user_installed:
            return self.bot_may(asked.channel)
        external = permissions.EMBED_LINKS | permissions.ATTACH_FILES
        return allowed & (external | permissions.MENTION_EVERYONE)


def _command_data(command: Json, options: list[Json], resolved: Json) -> Json:
    data: Json = {
        "id": command["id"],
        "name": command["name"],
        "type": command.get("type") or 1,
        "options": options,
    }
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data | {"resolved": resolved} if resolved else data


def _owners(asked: Interaction) -> dict[str, str]:
    """Who installed the app: the guild, the user, or in direct messages the bot's user ("0")."""
    if asked.user_installed:
        return {"1": str(asked.user.id)}
    return {"0": str(asked.guild.id) if asked.guild else "0"}
