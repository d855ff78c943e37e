"""Messages and reactions over REST (resources/message)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.sims.discord import gateway as gw
from tests.sims.discord import payloads, permissions, posting
from tests.sims.discord.errors import Fault, refusal
from tests.sims.discord.things import CROSSPOSTED, Channel, Json, Kind, Message, User
from tests.sims.discord.wire import Call, route

if TYPE_CHECKING:
    from tests.sims.discord.world import World

REACTIONS = (gw.GUILD_REACTIONS, gw.DIRECT_REACTIONS)


def shown(world: World, message: Message) -> Json:
    """A message as REST shows it to the app."""
    return payloads.message(message, sees=world.is_readable, reader=world.bot)


def found(world: World, call: Call) -> tuple[Channel, Message]:
    channel = world.channel_of(call.params["channel_id"])
    return channel, world.message_of(channel, call.params["message_id"])


@route("POST", "/channels/{channel_id}/messages")
def create(world: World, call: Call) -> Any:
    channel = world.channel_of(call.params["channel_id"])
    body: Json = call.body
    posting.check_may_send(world, channel, body, call.files)
    if posting.is_empty(body, call.files):
        raise refusal(50006)
    posting.check_body(world, body, call.files, flags=body.get("flags") or 0)
    earlier = _earlier(world, body)
    if earlier is not None:
        return shown(world, earlier)
    message = world.new_message(channel, world.bot, flags=body.get("flags") or 0)
    message.reference = _reference(world, channel, body)
    message.kind = 19 if message.reference else 0
    message.nonce = body.get("nonce")
    posting.apply(world, message, body, call.files)
    if message.nonce is not None:
        world.nonces[str(message.nonce)] = (time.monotonic(), message)
    send(world, message)
    return shown(world, message)


def send(world: World, message: Message) -> None:
    """Tells of a new message, and wakes the thread it was sent to."""
    channel = message.channel
    if channel.is_thread:
        channel.joined.add(message.author.id)
        if channel.archived:
            channel.archived = False
            shown_channel = payloads.channel(channel)
            world.gateway.publish_in("THREAD_UPDATE", shown_channel, channel, (gw.GUILDS, 0))
    world.gateway.publish_message("MESSAGE_CREATE", message)


def _earlier(world: World, body: Json) -> Message | None:
    """The message made with the same nonce, if it is to be enforced.

    Nonces count per author, so the channel does not matter; and after the message was deleted the
    retry is answered with Unknown Message, on purpose (docs PR 6647).
    """
    kept = world.nonces.get(str(body.get("nonce")))
    if not body.get("enforce_nonce") or kept is None:
        return None
    at, message = kept
    if time.monotonic() - at > world.nonce_window_s:
        return None
    if message.deleted:
        raise refusal(10008)
    return message


def _reference(world: World, channel: Channel, body: Json) -> Json | None:
    asked = body.get("message_reference")
    if not asked:
        return None
    target = channel.messages.get(int(asked["message_id"]))
    if target is None:
        if asked.get("fail_if_not_exists", True):
            fault = Fault("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            posting.reject(world, [fault])
        return None
    return {"type": 0, "message_id": str(target.id), "channel_id": str(channel.id)}


@route("GET", "/channels/{channel_id}/messages")
def history(world: World, call: Call) -> Any:
    channel = world.channel_of(call.params["channel_id"])
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        words = "int value should be between 1 and 100."
        posting.reject(world, [Fault("limit", "NUMBER_TYPE_RANGE", words)])
    # Without the permission to read history the list is empty, it is no error.
    if not world.bot_may(channel) & permissions.READ_MESSAGE_HISTORY:
        return []
    newest_first = channel.history()[::-1]
    return [shown(world, one) for one in _page(newest_first, call.query, limit)]


def _page(newest_first: list[Message], query: dict[str, str], limit: int) -> list[Message]:
    if "around" in query:
        middle = int(query["around"])
        newer = [one for one in newest_first if one.id > middle][-(limit // 2) :]
        rest = [one for one in newest_first if one.id <= middle]
        return newer + rest[: limit - len(newer)]
    if "before" in query:
        return [one for one in newest_first if one.id < int(query["before"])][:limit]
    if "after" in query:
        return [one for one in newest_first if one.id > int(query["after"])][-limit:]
    return newest_first[:limit]


@route("GET", "/channels/{channel_id}/messages/{message_id}")
def get(world: World, call: Call) -> Any:
    channel, message = found(world, call)
    world.demand(channel, permissions.READ_MESSAGE_HISTORY)
    return shown(world, message)


@route("PATCH", "/channels/{channel_id}/messages/{message_id}")
def edit(world: World, call: Call) -> Any:
    channel, message = found(world, call)
    if message.author is not world.bot:
        raise refusal(50005)
    if channel.archived:
        raise refusal(50083)
    flags = posting.flags_after(message, call.body)
    posting.check_body(world, call.body, call.files, flags=flags)
    posting.edit(world, message, call.body, call.files)
    world.gateway.publish_message("MESSAGE_UPDATE", message)
    return shown(world, message)


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def delete(world: World, call: Call) -> Any:
    channel, message = found(world, call)
    if message.author is not world.bot:
        world.demand(channel, permissions.MANAGE_MESSAGES)
    if channel.archived:
        raise refusal(50083)
    forget(world, message)


def forget(world: World, message: Message) -> None:
    """Deletes a message and tells of it."""
    channel = message.channel
    message.deleted = True
    channel.messages.pop(message.id, None)
    data: Json = {"id": str(message.id), "channel_id": str(channel.id)}
    if channel.guild is not None:
        data["guild_id"] = str(channel.guild.id)
    intents = (gw.GUILD_MESSAGES, gw.DIRECT_MESSAGES)
    world.gateway.publish_in("MESSAGE_DELETE", data, channel, intents)


@route("POST", "/channels/{channel_id}/messages/{message_id}/crosspost")
def crosspost(world: World, call: Call) -> Any:
    channel, message = found(world, call)
    if channel.kind is not Kind.ANNOUNCEMENT:
        raise refusal(50024)
    is_own = message.author is world.bot
    world.demand(channel, permissions.SEND_MESSAGES if is_own else permissions.MANAGE_MESSAGES)
    if message.flags & CROSSPOSTED:
        raise refusal(40033)
    message.flags |= CROSSPOSTED
    world.gateway.publish_message("MESSAGE_UPDATE", message)
    return shown(world, message)


_REACTION = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}"


@route("PUT", _REACTION + "/@me")
def react(world: World, call: Call) -> Any:
    channel, message = found(world, call)
    emoji = call.params["emoji_name"]
    wanted = permissions.READ_MESSAGE_HISTORY
    world.demand(channel, wanted if message.reactions.get(emoji) else wanted | _ADD)
    if channel.archived:
        raise refusal(50083)
    put_reaction(world, message, emoji, world.bot)


_ADD = permissions.ADD_REACTIONS


@route("DELETE", _REACTION + "/@me")
def unreact(world: World, call: Call) -> Any:
    _, message = found(world, call)
    take_reaction(world, message, call.params["emoji_name"], world.bot)


@route("DELETE", _REACTION + "/{user_id}")
def unreact_for(world: World, call: Call) -> Any:
    channel, message = found(world, call)
    world.demand(channel, permissions.MANAGE_MESSAGES)
    user = world.users.get(int(call.params["user_id"]))
    if user is not None:
        take_reaction(world, message, call.params["emoji_name"], user)


@route("GET", _REACTION)
def reactors(world: World, call: Call) -> Any:
    _, message = found(world, call)
    after = int(call.query.get("after", 0))
    limit = int(call.query.get("limit", 25))
    who = sorted(one for one in message.reactions.get(call.params["emoji_name"], []) if one > after)
    return [payloads.user(world.users[one]) for one in who[:limit]]


def put_reaction(world: World, message: Message, emoji: str, user: User) -> None:
    who = message.reactions.setdefault(emoji, [])
    if user.id in who:
        return
    who.append(user.id)
    data = _reaction_event(message, emoji, user)
    guild = message.channel.guild
    if guild is not None and user.id in guild.members:
        data["member"] = payloads.member(guild.members[user.id])
    data["message_author_id"] = str(message.author.id)
    world.gateway.publish_in("MESSAGE_REACTION_ADD", data, message.channel, REACTIONS)


def take_reaction(world: World, message: Message, emoji: str, user: User) -> None:
    who = message.reactions.get(emoji, [])
    if user.id not in who:
        return
    who.remove(user.id)
    data = _reaction_event(message, emoji, user)
    world.gateway.publish_in("MESSAGE_REACTION_REMOVE", data, message.channel, REACTIONS)


def _reaction_event(message: Message, emoji: str, user: User) -> Json:
    data: Json = {
        "user_id": str(user.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    guild = message.channel.guild
    return data | {"guild_id": str(guild.id)} if guild else data
