"""Reading payloads: who wants what, where, and which values they gave. Pure.

The workspace comes from the payload's own team and from nowhere else: an id in a value or a
button's name never widens what may be seen.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.commands.kit import Pointed

Raw = Mapping[str, Any]

PLATFORM = "slack"
_LINK: Final = re.compile(r"https?://[^\s<>|\"`]+")
_TRAILING: Final = ".,;:!?*_~)"
_PICTURES: Final = frozenset({"image_url", "thumb_url", "accessory", "files", "icons", "value"})
_MARKED: Final = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who did something, where, and how they can be answered.

    `channel_id` is empty in a view. `thread_ts` is the chat thread it was done in. `is_ephemeral`:
    done on an answer of ours that only this person sees.
    """

    team_id: str
    user_id: str
    user_name: str = ""
    channel_id: str = ""
    channel_name: str = ""
    thread_ts: str | None = None
    message_ts: str | None = None
    response_url: str = ""
    trigger_id: str = ""
    is_ephemeral: bool = False

    @property
    def space(self) -> str:
        return f"{PLATFORM}:{self.team_id}"

    @property
    def channel(self) -> str:
        return f"{PLATFORM}:{self.channel_id}" if self.channel_id else ""

    @property
    def person_id(self) -> str:
        return f"{PLATFORM}:{self.user_id}"

    @property
    def is_direct(self) -> bool:
        return self.channel_id.startswith("D")


def scene_of_command(body: Raw) -> Scene:
    """A slash command's. It cannot be typed in a thread."""
    return Scene(
        team_id=str(body.get("team_id") or ""),
        user_id=str(body.get("user_id") or ""),
        user_name=str(body.get("user_name") or ""),
        channel_id=str(body.get("channel_id") or ""),
        channel_name=str(body.get("channel_name") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def scene_of_interaction(body: Raw) -> Scene:
    """A button's, a menu's, a shortcut's or a view's."""
    user: Raw = body.get("user") or {}
    team: Raw = body.get("team") or {}
    channel: Raw = body.get("channel") or {}
    container: Raw = body.get("container") or {}
    message: Raw = body.get("message") or {}
    thread = container.get("thread_ts") or message.get("thread_ts")
    if container and thread == container.get("message_ts"):
        thread = None  # a post that has a thread stands in the channel all the same
    view: Raw = body.get("view") or {}
    installed = view.get("app_installed_team_id")  # a form in a shared channel, from the other side
    return Scene(
        team_id=str(installed or team.get("id") or user.get("team_id") or ""),
        user_id=str(user.get("id") or ""),
        user_name=str(user.get("name") or user.get("username") or ""),
        channel_id=str(channel.get("id") or container.get("channel_id") or ""),
        channel_name=str(channel.get("name") or ""),
        thread_ts=str(thread) if thread else None,
        message_ts=container.get("message_ts") or body.get("message_ts"),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        is_ephemeral=bool(container.get("is_ephemeral")),
    )


def scene_of_event(body: Raw) -> Scene:
    """An event's, where a person and a channel are in it."""
    event: Raw = body.get("event") or {}
    item: Raw = event.get("item") or {}
    channel = event.get("channel") or item.get("channel") or ""
    return Scene(
        team_id=_receiving_team(body),
        user_id=str(event.get("user") or ""),
        channel_id=channel if isinstance(channel, str) else str(channel.get("id") or ""),
        thread_ts=event.get("thread_ts"),
        message_ts=event.get("ts") or item.get("ts") or event.get("message_ts"),
    )


def _receiving_team(body: Raw) -> str:
    """The workspace whose installation an event is for. In a channel that workspaces share,
    `team_id` may be the other's.
    """
    for authorization in body.get("authorizations") or ():
        if authorization.get("team_id"):
            return str(authorization["team_id"])
    return str(body.get("team_id") or "")


def read_choice(action: Raw) -> dict[str, str]:
    """What was chosen in a menu; empty for a button."""
    if option := action.get("selected_option"):
        return {"": str(option.get("value", ""))}
    if "selected_options" in action:
        chosen = [str(one.get("value", "")) for one in action["selected_options"] or ()]
        return {"": "\n".join(chosen)}
    return {}


def read_state(view: Raw) -> dict[str, str]:
    """A view's fields by the name of their block."""
    blocks: Raw = (view.get("state") or {}).get("values") or {}
    found = {}
    for name, fields in blocks.items():
        for field in fields.values():
            found[str(name)] = _value(field)
    return found


def point_at(message: Raw, channel_id: str, *, ts: str | None = None) -> Pointed:
    """A message with its links and the chat thread that it opens or stands in."""
    own = str(ts or message.get("ts") or "")
    thread = message.get("thread_ts") or (own if message.get("reply_count") else None)
    return Pointed(
        channel=f"{PLATFORM}:{channel_id}",
        id=own,
        links=tuple(find_links(message)),
        text=plain_text(str(message.get("text") or "")),
        room=room_name(channel_id, str(thread)) if thread else None,
    )


def room_name(channel_id: str, thread_ts: str) -> str:
    """How a chat thread is called here: `slack:C1:1767225900.000900`."""
    return f"{PLATFORM}:{channel_id}:{thread_ts}"


def find_links(message: Raw) -> list[str]:
    """What a message links to, in its text, blocks and attachments; pictures are no links."""
    parts = [message.get(part) for part in ("blocks", "text", "attachments")]
    return list(dict.fromkeys(_links(parts)))


def plain_text(text: str) -> str:
    """mrkdwn as people read it: links by their address, names as they stand, `&amp;` as `&`."""
    return html.unescape(_MARKED.sub(_spoken, text))


def _spoken(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target.startswith(("http://", "https://", "mailto:")):
        return target.removeprefix("mailto:")
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    return label or target.lstrip("!")


def _value(field: Raw) -> str:
    if option := field.get("selected_option"):
        return str(option.get("value", ""))
    for name in ("value", "selected_conversation", "selected_channel"):
        if field.get(name) is not None:
            return str(field[name])
    return ""


def _links(part: object) -> Iterator[str]:
    if isinstance(part, str):
        for match in _LINK.finditer(part):
            yield html.unescape(match.group().rstrip(_TRAILING))
    elif isinstance(part, Mapping):
        for key in part:
            if key not in _PICTURES:
                yield from _links(part[key])
    elif isinstance(part, Iterable):
        for one in part:
            yield from _links(one)
