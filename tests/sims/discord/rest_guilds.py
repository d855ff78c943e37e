"""Guilds, channels and threads over REST (resources/channel, topics/threads)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.sims.discord import gateway as gw
from tests.sims.discord import payloads, permissions, posting
from tests.sims.discord.component_limits import size
from tests.sims.discord.errors import Fault, bad_length, refusal
from tests.sims.discord.rest_messages import found, send, shown
from tests.sims.discord.things import (
    FORUMS,
    HAS_THREAD,
    REQUIRE_TAG,
    Channel,
    Guild,
    Json,
    Kind,
    Message,
)
from tests.sims.discord.wire import Call, Reply, route

if TYPE_CHECKING:
    from tests.sims.discord.world import World

_ARCHIVE_MINUTES = {60, 1_440, 4_320, 10_080}


@route("GET", "/guilds/{guild_id}")
def guild(world: World, call: Call) -> Any:
    return payloads.guild(world.guild_of(call.params["guild_id"]))


@route("GET", "/guilds/{guild_id}/channels")
def channels(world: World, call: Call) -> Any:
    every = world.guild_of(call.params["guild_id"]).channels.values()
    return [payloads.channel(one) for one in every if not one.is_thread]


@route("GET", "/guilds/{guild_id}/roles")
def roles(world: World, call: Call) -> Any:
    every = world.guild_of(call.params["guild_id"]).roles.values()
    return [payloads.role(one) for one in every]


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def member(world: World, call: Call) -> Any:
    members = world.guild_of(call.params["guild_id"]).members
    found_member = members.get(int(call.params["user_id"]))
    if found_member is None:
        raise refusal(10007)
    return payloads.member(found_member)


@route("GET", "/guilds/{guild_id}/threads/active")
def active(world: World, call: Call) -> Any:
    every = world.guild_of(call.params["guild_id"]).threads
    seen = [one for one in every if not one.archived and world.bot_sees(one)]
    return {"threads": [payloads.channel(one) for one in seen], "members": []}


@route("DELETE", "/users/@me/guilds/{guild_id}")
def leave(world: World, call: Call) -> Any:
    leave_guild(world, world.guild_of(call.params["guild_id"]))


def leave_guild(world: World, left: Guild) -> None:
    left.present = False
    left.members.pop(world.bot.id, None)
    world.gateway.publish("GUILD_DELETE", {"id": str(left.id)}, guild=left, intent=gw.GUILDS)


@route("GET", "/channels/{channel_id}")
def channel(world: World, call: Call) -> Any:
    return payloads.channel(world.channel_of(call.params["channel_id"]))


@route("PATCH", "/channels/{channel_id}")
def change(world: World, call: Call) -> Any:
    one = world.channel_of(call.params["channel_id"])
    body: Json = call.body
    if not one.is_thread:
        world.demand(one, permissions.MANAGE_CHANNELS)
    else:
        _check_thread_change(world, one, body)
    if "name" in body:
        posting.reject(world, list(_name_faults(body)))
        one.name = body["name"]
    one.topic = body.get("topic", one.topic)
    one.archived = bool(body.get("archived", one.archived))
    one.locked = bool(body.get("locked", one.locked))
    one.auto_archive = body.get("auto_archive_duration", one.auto_archive)
    one.applied = [int(tag) for tag in body.get("applied_tags", one.applied)]
    tell_changed(world, one)
    return payloads.channel(one)


def _check_thread_change(world: World, one: Channel, body: Json) -> None:
    allowed = world.bot_may(one)
    managing = bool(allowed & permissions.MANAGE_THREADS)
    if one.archived and body.get("archived") is not False:
        raise refusal(50083)
    if body.get("archived") is False and not one.locked and len(body) == 1:
        world.demand(one, permissions.SEND_MESSAGES_IN_THREADS)
    elif not managing and (one.owner_id != world.bot.id or "locked" in body or one.locked):
        raise refusal(50013)


def tell_changed(world: World, one: Channel) -> None:
    event = "THREAD_UPDATE" if one.is_thread else "CHANNEL_UPDATE"
    world.gateway.publish(event, payloads.channel(one), guild=one.guild, intent=gw.GUILDS)


@route("DELETE", "/channels/{channel_id}")
def delete(world: World, call: Call) -> Any:
    one = world.channel_of(call.params["channel_id"])
    wanted = permissions.MANAGE_THREADS if one.is_thread else permissions.MANAGE_CHANNELS
    world.demand(one, wanted)
    answer = payloads.channel(one)
    remove_channel(world, one)
    return answer


def remove_channel(world: World, one: Channel) -> None:
    """Deletes a channel with its threads and tells of it."""
    assert one.guild is not None
    for thread in [each for each in one.guild.threads if each.parent is one]:
        remove_channel(world, thread)
    del one.guild.channels[one.id], world.channels[one.id]
    for message in one.messages.values():
        message.deleted = True
    shown_channel = payloads.channel(one)
    if one.is_thread:
        keys = ("id", "guild_id", "parent_id", "type")
        shown_channel = {key: shown_channel[key] for key in keys}
    event = "THREAD_DELETE" if one.is_thread else "CHANNEL_DELETE"
    world.gateway.publish(event, shown_channel, guild=one.guild, intent=gw.GUILDS)


@route("POST", "/channels/{channel_id}/typing")
def typing(world: World, call: Call) -> Any:
    one = world.channel_of(call.params["channel_id"])
    sending = permissions.SEND_MESSAGES_IN_THREADS if one.is_thread else permissions.SEND_MESSAGES
    world.demand(one, sending)


# Threads


@route("POST", "/channels/{channel_id}/messages/{message_id}/threads")
def thread_from_message(world: World, call: Call) -> Any:
    parent, message = found(world, call)
    if parent.kind not in {Kind.TEXT, Kind.ANNOUNCEMENT}:
        raise refusal(50024)
    world.demand(parent, permissions.CREATE_PUBLIC_THREADS | permissions.READ_MESSAGE_HISTORY)
    if message.id in world.channels:
        raise refusal(160004)
    is_news = parent.kind is Kind.ANNOUNCEMENT
    kind = Kind.ANNOUNCEMENT_THREAD if is_news else Kind.PUBLIC_THREAD
    thread = _new_thread(world, parent, kind, call.body, thread_id=message.id)
    message.thread = thread
    message.flags |= HAS_THREAD
    _tell_created(world, thread)
    world.gateway.publish_message("MESSAGE_UPDATE", message)
    starter = world.new_message(thread, message.author, kind=21)
    starter.reference = {"message_id": str(message.id), "channel_id": str(parent.id), "type": 0}
    return Reply(201, payloads.channel(thread))


@route("POST", "/channels/{channel_id}/threads")
def start_thread(world: World, call: Call) -> Any:
    parent = world.channel_of(call.params["channel_id"])
    if parent.kind in FORUMS:
        return _forum_post(world, parent, call)
    if parent.kind not in {Kind.TEXT, Kind.ANNOUNCEMENT}:
        raise refusal(50024)
    is_private = call.body.get("type", 12) == Kind.PRIVATE_THREAD
    private, public = permissions.CREATE_PRIVATE_THREADS, permissions.CREATE_PUBLIC_THREADS
    world.demand(parent, private if is_private else public)
    thread = _new_thread(world, parent, Kind(call.body.get("type", 12)), call.body)
    _tell_created(world, thread)
    if not is_private:
        # The channel shows who started a thread; with threads on messages it does not.
        note = world.new_message(parent, world.bot, kind=18, content=thread.name)
        note.reference = {"channel_id": str(thread.id), "type": 0}
        world.gateway.publish_message("MESSAGE_CREATE", note)
    return Reply(201, payloads.channel(thread))


def _forum_post(world: World, forum: Channel, call: Call) -> Reply:
    body: Json = call.body
    first: Json = body.get("message") or {}
    wanted = permissions.SEND_MESSAGES
    wanted |= permissions.EMBED_LINKS if first.get("embeds") else 0
    world.demand(forum, wanted | (permissions.ATTACH_FILES if call.files else 0))
    if posting.is_empty(first, call.files):
        raise refusal(50006)
    flags = first.get("flags") or 0
    posting.check_body(world, first, call.files, flags=flags, where="message.")
    applied = _tags(world, forum, body)
    thread = _new_thread(world, forum, Kind.PUBLIC_THREAD, body)
    thread.applied = applied
    message = Message(thread.id, thread, world.bot, flags=flags)
    thread.messages[message.id] = message
    posting.apply(world, message, first, call.files)
    _tell_created(world, thread)
    send(world, message)
    return Reply(201, payloads.channel(thread) | {"message": shown(world, message)})


def _tags(world: World, forum: Channel, body: Json) -> list[int]:
    applied = [int(tag) for tag in body.get("applied_tags") or []]
    if len(applied) > 5:
        posting.reject(world, [bad_length("applied_tags", 0, 5)])
    if forum.flags & REQUIRE_TAG and not applied:
        raise refusal(40067)
    if set(applied) - {tag.id for tag in forum.tags}:
        raise refusal(10087)
    return applied


def _name_faults(body: Json) -> Iterator[Fault]:
    if not 1 <= size((body.get("name") or "").strip()) <= 100:
        yield bad_length("name", 1, 100)
    minutes = body.get("auto_archive_duration")
    if minutes is not None and minutes not in _ARCHIVE_MINUTES:
        yield Fault("auto_archive_duration", "BASE_TYPE_CHOICES", f"one of {_ARCHIVE_MINUTES}")


def _new_thread(
    world: World, parent: Channel, kind: Kind, body: Json, *, thread_id: int | None = None
) -> Channel:
    posting.reject(world, list(_name_faults(body)))
    assert parent.guild is not None
    if sum(not one.archived for one in parent.guild.threads) >= world.most_active_threads:
        raise refusal(160006)
    name = body["name"].strip()
    # A thread on a message has the message's id.
    thread = world.new_channel(parent.guild, name, kind, parent=parent, channel_id=thread_id)
    thread.owner_id = world.bot.id
    thread.joined.add(world.bot.id)
    thread.auto_archive = body.get("auto_archive_duration") or 4_320
    return thread


def _tell_created(world: World, thread: Channel) -> None:
    data = payloads.channel(thread) | {"newly_created": True}
    world.gateway.publish_in("THREAD_CREATE", data, thread, (gw.GUILDS, 0))


def _archived(world: World, call: Call, kind: set[Kind]) -> Any:
    parent = world.channel_of(call.params["channel_id"])
    world.demand(parent, permissions.READ_MESSAGE_HISTORY)
    assert parent.guild is not None
    threads = [one for one in parent.guild.threads if one.parent is parent and one.archived]
    mine = [payloads.channel(one) for one in threads if one.kind in kind]
    return {"threads": mine, "members": [], "has_more": False}


@route("GET", "/channels/{channel_id}/threads/archived/public")
def archived_public(world: World, call: Call) -> Any:
    return _archived(world, call, {Kind.PUBLIC_THREAD, Kind.ANNOUNCEMENT_THREAD})


@route("GET", "/channels/{channel_id}/threads/archived/private")
def archived_private(world: World, call: Call) -> Any:
    one = world.channel_of(call.params["channel_id"])
    world.demand(one, permissions.MANAGE_THREADS)
    return _archived(world, call, {Kind.PRIVATE_THREAD})


def _thread_of(world: World, call: Call) -> Channel:
    thread = world.channel_of(call.params["channel_id"])
    if not thread.is_thread:
        raise refusal(50024)
    return thread


@route("PUT", "/channels/{channel_id}/thread-members/@me")
def join(world: World, call: Call) -> Any:
    thread = _thread_of(world, call)
    if thread.archived:
        raise refusal(50083)
    thread.joined.add(world.bot.id)


@route("DELETE", "/channels/{channel_id}/thread-members/@me")
def part(world: World, call: Call) -> Any:
    _thread_of(world, call).joined.discard(world.bot.id)


@route("GET", "/channels/{channel_id}/thread-members")
def thread_members(world: World, call: Call) -> Any:
    thread = _thread_of(world, call)
    return [payloads.thread_member(thread, one) for one in sorted(thread.joined)]


@route("GET", "/channels/{channel_id}/thread-members/{user_id}")
def thread_member(world: World, call: Call) -> Any:
    thread = _thread_of(world, call)
    if int(call.params["user_id"]) not in thread.joined:
        raise refusal(10007)
    return payloads.thread_member(thread, int(call.params["user_id"]))
