"""Reading interactions: who wants what, where, and which values they gave. Pure.

The server that an interaction belongs to comes from its own field and from nowhere else: an id in a
value or a button's name never widens what may be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from adapters.platforms.discord.localisation import language_of
from bot.commands.kit import Ask, Person, Pointed

Raw = Mapping[str, Any]

PLATFORM = "discord"
SUBCOMMAND, SUBCOMMAND_GROUP = 1, 2
GUILD_INSTALL = 0  # key of authorizing_integration_owners: the bot itself is in that server
HAS_THREAD = 1 << 5
LINK: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+")
TRAILING: Final = ".,;:!?*_~"
PICTURES: Final = frozenset({"thumbnail", "image", "media", "icon_url", "footer", "provider"})
LINK_KEYS: Final = ("url", "content", "title", "description", "value")


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed: `news subscribe`, its values, and what is being typed now."""

    name: str
    values: Mapping[str, str]
    focused: str | None = None


def read_command(data: Raw) -> Typed:
    """The command and its options, out of the nested form that Discord sends them in."""
    words = [str(data["name"])]
    options: Sequence[Raw] = data.get("options") or ()
    while options and options[0].get("type") in (SUBCOMMAND, SUBCOMMAND_GROUP):
        words.append(str(options[0]["name"]))
        options = options[0].get("options") or ()
    values = {str(o["name"]): str(o["value"]) for o in options if o.get("value") is not None}
    focused = next((str(o["name"]) for o in options if o.get("focused")), None)
    return Typed(" ".join(words), values, focused)


def read_choices(data: Raw) -> dict[str, str]:
    """What was chosen in a menu; empty for a button."""
    return {"": "\n".join(data["values"])} if "values" in data else {}


def read_form(data: Raw) -> dict[str, str]:
    """A form's fields by name, whatever they are wrapped in."""
    return dict(_fields(data.get("components") or ()))


def is_here(interaction: discord.Interaction[Any]) -> bool:
    """Whether this came from a server that the bot itself is in.

    A post that another server follows, or a person's own installation, bring ours elsewhere.
    """
    guild_id = interaction.guild_id
    if guild_id is None:
        return False
    known = interaction.client.get_guild(guild_id) is not None
    return known or interaction._integration_owners.get(GUILD_INSTALL) == guild_id


def build_ask(
    interaction: discord.Interaction[Any],
    *,
    values: Mapping[str, str] | None = None,
    message: Pointed | None = None,
    **more: Any,
) -> Ask:
    """Who asks, where, in which language, and what the server lets them do there.

    For a thread Discord's own `permissions` are those of its parent with the thread's own rules.
    """
    user = interaction.user
    here = is_here(interaction)
    return Ask(
        platform=PLATFORM,
        space=f"{PLATFORM}:{interaction.guild_id}" if here else "",
        channel=f"{PLATFORM}:{interaction.channel_id}" if interaction.channel_id else "",
        person=Person(
            id=f"{PLATFORM}:{user.id}",
            name=user.display_name,
            language=language_of(str(interaction.locale)),
        ),
        may_manage=here and interaction.permissions.manage_channels,
        values=dict(values or {}),
        message=message,
        **more,
    )


def pressed_message(interaction: discord.Interaction[Any]) -> Pointed | None:
    """The message that a button, menu or form belongs to."""
    message = interaction.message
    if message is None:
        return None
    raw: Raw = {
        "id": str(message.id),
        "content": message.content,
        "embeds": [embed.to_dict() for embed in message.embeds],
        "components": [component.to_dict() for component in message.components],
        "flags": message.flags.value,
    }
    return point_at(raw, interaction)


def target_message(interaction: discord.Interaction[Any]) -> Pointed | None:
    """The message that a message command was used on."""
    data: Raw = interaction.data or {}
    messages: Raw = (data.get("resolved") or {}).get("messages") or {}
    raw = messages.get(str(data.get("target_id")))
    return point_at(raw, interaction) if raw is not None else None


def point_at(raw: Raw, interaction: discord.Interaction[Any]) -> Pointed:
    """A message with its links and the chat thread that it opens or stands in."""
    channel = interaction.channel
    channel_id = raw.get("channel_id") or interaction.channel_id
    room = None
    if raw.get("flags", 0) & HAS_THREAD or raw.get("thread"):
        room = f"{PLATFORM}:{raw['id']}"  # a thread has the id of the message it was begun on
    elif isinstance(channel, discord.Thread):
        room = f"{PLATFORM}:{channel_id}"
    return Pointed(
        channel=f"{PLATFORM}:{channel_id}",
        id=str(raw["id"]),
        links=tuple(find_links(raw)),
        text=str(raw.get("content") or ""),
        room=room,
    )


def find_links(raw: Raw) -> list[str]:
    """What a message links to, in its text, embeds and components; pictures are no links."""
    parts = [raw.get(part) for part in ("content", "embeds", "components")]
    return list(dict.fromkeys(_links(parts)))


def _links(part: object) -> Iterator[str]:
    if isinstance(part, str):
        for match in LINK.finditer(part):
            yield _unwrapped(match.group())
    elif isinstance(part, Mapping):
        for key in sorted(part, key=_link_rank):
            if key in LINK_KEYS or (key not in PICTURES and not isinstance(part[key], str)):
                yield from _links(part[key])
    elif isinstance(part, Iterable):
        for one in part:
            yield from _links(one)


def _link_rank(key: str) -> int:
    return LINK_KEYS.index(key) if key in LINK_KEYS else len(LINK_KEYS)


def _unwrapped(url: str) -> str:
    """Without the bracket that closes a Markdown link, and what ends a sentence."""
    url = url.rstrip(TRAILING)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(TRAILING)
    return url


def _fields(components: Iterable[Raw]) -> Iterator[tuple[str, str]]:
    for component in components:
        if "custom_id" in component and ("value" in component or "values" in component):
            values = component.get("values")
            text = "\n".join(values) if values is not None else component.get("value")
            yield str(component["custom_id"]), str(text or "")
        yield from _fields(component.get("components") or ())
        if inner := component.get("component"):
            yield from _fields((inner,))
