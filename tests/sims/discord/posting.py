"""How a body becomes a message: checked against the limits, its mentions found, its parts kept."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.sims.discord import permissions
from tests.sims.discord.component_limits import breaks_byte_limit
from tests.sims.discord.errors import ApiError, Fault, invalid_form, refusal, required
from tests.sims.discord.limits import message_faults
from tests.sims.discord.things import (
    COMPONENTS_V2,
    LOADING,
    SUPPRESS_EMBEDS,
    Channel,
    Json,
    Kind,
    Message,
    User,
    walk,
)

if TYPE_CHECKING:
    from tests.sims.discord.world import World

Files = dict[str, tuple[str, bytes]]
EVERYTHING = frozenset({"users", "roles", "everyone"})
USERS_ONLY = frozenset({"users"})


def check_body(
    world: World, body: Json, files: Files, *, flags: int, where: str = "", pings: bool = True
) -> None:
    """Raises 50035 for a body that breaks a limit, and notes it as a violation.

    `flags` are those of the message after this request. `pings`: the body shows text to people,
    so it has to say whom it may mention.
    """
    faults = message_faults(body, files=len(files), flags=flags)
    faults += _missing_files(body, files)
    shows = any(body.get(key) for key in ("content", "embeds", "components"))
    if pings and shows and world.require_allowed_mentions and not body.get("allowed_mentions"):
        faults.append(required("allowed_mentions"))
    reject(world, [Fault(where + one.where, one.code, one.message) for one in faults])
    if breaks_byte_limit(body.get("components") or []):
        world.violate("components: more than 10,170 bytes of text displays")
        raise ApiError(500, 0, "500: Internal Server Error")


def reject(world: World, faults: list[Fault]) -> None:
    """Raises 50035 if there are faults, and notes each as a violation."""
    for fault in faults:
        world.violate(str(fault))
    if faults:
        raise invalid_form(faults)


def _missing_files(body: Json, files: Files) -> list[Fault]:
    names = {name for name, _ in files.values()} | {
        one.get("filename") for one in body.get("attachments") or []
    }
    media = [one["media"] for one in walk(body.get("components") or []) if one.get("media")]
    media += [
        embed[key]
        for embed in body.get("embeds") or []
        for key in ("image", "thumbnail")
        if embed.get(key)
    ]
    wanted = [str(one.get("url")) for one in media]
    return [
        Fault("attachments", "ATTACHMENT_NOT_FOUND", f"{url} is not among the files")
        for url in wanted
        if url.startswith("attachment://") and url.removeprefix("attachment://") not in names
    ]


def is_empty(body: Json, files: Files) -> bool:
    keys = ("content", "embeds", "components", "sticker_ids", "poll", "attachments")
    content = body.get("content")
    filled = [body.get(key) for key in keys if key != "content"]
    return not (files or any(filled) or (isinstance(content, str) and content.strip()))


def apply(
    world: World,
    message: Message,
    body: Json,
    files: Files,
    *,
    default_parse: frozenset[str] = EVERYTHING,
) -> None:
    """Puts a checked body into a message; what the body does not name stays."""
    if "content" in body:
        message.content = (body["content"] or "").strip()
    if "embeds" in body:
        message.embeds = [{"type": "rich"} | copy.deepcopy(one) for one in body["embeds"] or []]
    if "components" in body:
        message.components = _with_ids(copy.deepcopy(body["components"] or []))
    if "attachments" in body or files:
        message.attachments = _kept_files(message, body) + _store_files(world, message, body, files)
    message.tts = bool(body.get("tts", message.tts))
    _find_mentions(world, message, body.get("allowed_mentions"), default_parse)


def edit(
    world: World,
    message: Message,
    body: Json,
    files: Files,
    *,
    default_parse: frozenset[str] = EVERYTHING,
) -> None:
    """A checked edit: keeps the state before, tells the time, clears a waiting placeholder."""
    flags = flags_after(message, body)
    if flags & COMPONENTS_V2:
        _check_left_overs(world, message, body)
    message.versions.append(state_of(message))
    apply(world, message, body, files, default_parse=default_parse)
    if not message.loading:
        message.edited_at = datetime.now(UTC)
    message.flags = flags & ~LOADING


def flags_after(message: Message, body: Json) -> int:
    """An edit hides or shows embeds; the flag for components, once set, is never unset."""
    if body.get("flags") is None:
        return message.flags
    wanted: int = body["flags"] & (COMPONENTS_V2 | SUPPRESS_EMBEDS)
    return message.flags & ~SUPPRESS_EMBEDS | wanted


def _check_left_overs(world: World, message: Message, body: Json) -> None:
    if (message.content and "content" not in body) or (message.embeds and "embeds" not in body):
        words = "content and embeds must be emptied when IS_COMPONENTS_V2 is set"
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        reject(world, [Fault("flags", code, words)])


def state_of(message: Message) -> Json:
    return {
        "content": message.content,
        "embeds": copy.deepcopy(message.embeds),
        "components": copy.deepcopy(message.components),
        "flags": message.flags,
    }


def _with_ids(components: list[Json]) -> list[Json]:
    """Discord numbers components that come without an id, in the order they are read."""
    taken = {one["id"] for one in walk(components) if one.get("id")}
    number = 0
    for one in walk(components):
        if one.get("id"):
            continue
        number += 1
        while number in taken:
            number += 1
        one["id"] = number
    return components


def _kept_files(message: Message, body: Json) -> list[Json]:
    if "attachments" not in body:
        return message.attachments
    kept = {str(one.get("id")) for one in body["attachments"] or []}
    return [one for one in message.attachments if one["id"] in kept]


def _store_files(world: World, message: Message, body: Json, files: Files) -> list[Json]:
    described = {str(one.get("id")): one for one in body.get("attachments") or []}
    stored = []
    for field_name, (name, data) in files.items():
        number = re.sub(r"\D", "", field_name)
        file_id = str(world.ids.next())
        path = f"/attachments/{message.channel.id}/{file_id}/{name}"
        world.files[path] = data
        url = f"http://127.0.0.1:{world.port}{path}"
        shown: Json = {"id": file_id, "filename": name, "size": len(data)}
        shown |= {"url": url, "proxy_url": url}
        if (about := described.get(number, {}).get("description")) is not None:
            shown["description"] = about
        stored.append(shown)
    return stored


def _find_mentions(
    world: World, message: Message, allowed: Any, default_parse: frozenset[str]
) -> None:
    """Whom the text names and may notify (resources/message, allowed mentions)."""
    text = "\n".join(
        [message.content, *(one["content"] for one in walk(message.components) if "content" in one)]
    )
    rules: Json = {"parse": sorted(default_parse)} if allowed is None else allowed
    parse = rules.get("parse") or []
    users = {int(one) for one in rules.get("users") or []}
    roles = {int(one) for one in rules.get("roles") or []}
    named = {int(one) for one in re.findall(r"<@!?(\d+)>", text)}
    message.mentions = [
        user
        for user_id, user in world.users.items()
        if user_id in named and ("users" in parse or user_id in users)
    ]
    answered = _answered(message) if rules.get("replied_user", allowed is None) else None
    if answered is not None and answered not in message.mentions:
        message.mentions.append(answered)
    named_roles = {int(one) for one in re.findall(r"<@&(\d+)>", text)}
    may = permissions.ALL if message.author is not world.bot else world.bot_may(message.channel)
    guild = message.channel.guild
    message.mention_roles = [
        role.id
        for role in (guild.roles.values() if guild else ())
        if role.id in named_roles
        and ("roles" in parse or role.id in roles)
        and (role.mentionable or may & permissions.MENTION_EVERYONE)
    ]
    message.mention_everyone = bool(
        re.search(r"@(everyone|here)\b", text)
        and "everyone" in parse
        and may & permissions.MENTION_EVERYONE
    )


def _answered(message: Message) -> User | None:
    """Whose message this one replies to."""
    if message.kind != 19 or message.reference is None:
        return None
    target = message.channel.messages.get(int(message.reference["message_id"]))
    return target.author if target else None


def check_may_send(world: World, channel: Channel, body: Json, files: Files) -> None:
    """Raises what stands between the bot and a message in a channel."""
    if channel.kind not in _SPEAKABLE:
        raise refusal(50008)
    wanted = (
        permissions.SEND_MESSAGES_IN_THREADS if channel.is_thread else permissions.SEND_MESSAGES
    )
    if body.get("embeds"):
        wanted |= permissions.EMBED_LINKS
    if files:
        wanted |= permissions.ATTACH_FILES
    if body.get("message_reference"):
        wanted |= permissions.READ_MESSAGE_HISTORY
    world.demand(channel, wanted)
    if channel.recipient is not None and channel.recipient.id in world.closed_to_bots:
        raise refusal(50007)
    managing = world.bot_may(channel) & permissions.MANAGE_THREADS
    if channel.is_thread and channel.locked and not managing:
        raise refusal(50083 if channel.archived else 160005)


_SPEAKABLE = {
    Kind.TEXT,
    Kind.DM,
    Kind.VOICE,
    Kind.ANNOUNCEMENT,
    Kind.ANNOUNCEMENT_THREAD,
    Kind.PUBLIC_THREAD,
    Kind.PRIVATE_THREAD,
}
