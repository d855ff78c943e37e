"""What Discord's own program checks before it lets somebody ask, and how it writes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sims.discord import payloads, permissions
from tests.sims.discord.component_limits import SELECTS, Part
from tests.sims.discord.things import Channel, Guild, Json, Message, User, walk

if TYPE_CHECKING:
    from tests.sims.discord.world import World

Values = dict[str, Any]
_SUBCOMMAND, _GROUP = 1, 2
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER = 3, 4, 5, 6, 7, 8, 9, 10


class NotOfferedError(Exception):
    """Discord would not let the user do this: no such command, not permitted, no such button."""


def find_command(world: World, guild: Guild | None, name: str, kind: int = 1) -> Json:
    """A registered command by its first word; a guild's own wins."""
    scopes = [guild.id, None] if guild else [None]
    for scope in scopes:
        for one in world.commands.get(scope, []):
            if one["name"] == name and (one.get("type") or 1) == kind:
                return one
    known = [one["name"] for one in world.commands[None]]
    raise NotOfferedError(f"no command {name!r} is registered, only {known}")


def check_sees(world: World, channel: Channel, user: User) -> None:
    """Raises for somebody who does not see the channel."""
    if not world.sees(channel, user):
        raise NotOfferedError(f"{user.name} does not see {channel.name or 'the chat'}")


def check_offered(command: Json, guild: Guild | None, channel: Channel, user: User) -> None:
    """Raises unless Discord shows the command to this user in this place."""
    contexts = command.get("contexts")
    context = context_of(guild)
    if contexts and context not in contexts:
        raise NotOfferedError(f"{command['name']} is not offered in context {context}")
    install = 0 if guild is None or guild.present else 1
    if install not in (command.get("integration_types") or [0]):
        raise NotOfferedError(f"{command['name']} is not offered for installation {install}")
    if guild is None:
        return
    allowed = permissions.in_channel(channel, guild.members[user.id])
    needed = int(command.get("default_member_permissions") or 0)
    if not allowed & permissions.USE_APPLICATION_COMMANDS:
        raise NotOfferedError(f"{user.name} may not use commands there")
    if allowed & needed != needed:
        raise NotOfferedError(f"{user.name} lacks {needed & ~allowed:#x} for {command['name']}")


def context_of(guild: Guild | None) -> int:
    return 0 if guild else 1


def nested_options(
    command: Json, words: list[str], values: Values, *, focused: str | None = None
) -> tuple[list[Json], Json]:
    """The `options` of an interaction for `/command words… values`, and who they resolve to."""
    level: Json = command
    for word in words:
        inner = {one["name"]: one for one in level.get("options") or []}
        if inner.get(word, {}).get("type") not in {_SUBCOMMAND, _GROUP}:
            raise NotOfferedError(f"no {word!r} below {level['name']}")
        level = inner[word]
    known = {one["name"]: one for one in level.get("options") or []}
    if any(one["type"] in {_SUBCOMMAND, _GROUP} for one in known.values()):
        raise NotOfferedError(f"{level['name']} wants a sub-command")
    if focused is None:
        _check_required(level["name"], known, values)
    resolved: Json = {}
    given = [
        _value(known, name, value, name == focused, resolved) for name, value in values.items()
    ]
    inner_level: list[Json] = given
    kinds = [_SUBCOMMAND] if len(words) == 1 else [_GROUP, _SUBCOMMAND]
    for word, kind in reversed(list(zip(words, kinds, strict=False))):
        inner_level = [{"name": word, "type": kind, "options": inner_level}]
    return inner_level, resolved


def _check_required(name: str, known: dict[str, Json], values: Values) -> None:
    missing = [key for key, one in known.items() if one.get("required") and key not in values]
    if missing:
        raise NotOfferedError(f"{name} needs {missing}")


def _value(known: dict[str, Json], name: str, value: Any, is_focused: bool, resolved: Json) -> Json:
    option = known.get(name)
    if option is None:
        raise NotOfferedError(f"no option {name!r}, only {sorted(known)}")
    kind = option["type"]
    if kind in {_USER, _CHANNEL, _ROLE, _MENTIONABLE}:
        _resolve(value, resolved)
        value = str(value.id)
    elif not is_focused:
        _check_value(option, value)
    given: Json = {"name": name, "type": kind, "value": value}
    return given | {"focused": True} if is_focused else given


_PYTHON: dict[int, type | tuple[type, ...]] = {
    _STRING: str,
    _INTEGER: int,
    _BOOLEAN: bool,
    _NUMBER: (int, float),
}


def _check_value(option: Json, value: Any) -> None:
    if not isinstance(value, _PYTHON[option["type"]]):
        raise NotOfferedError(f"{option['name']} takes no {value!r}")
    choices = [one["value"] for one in option.get("choices") or []]
    if choices and value not in choices:
        raise NotOfferedError(f"{option['name']} is one of {choices}")
    _check_size(option, value)


def _check_size(option: Json, value: Any) -> None:
    unit, size = ("length", len(value)) if isinstance(value, str) else ("value", value)
    least, most = option.get(f"min_{unit}"), option.get(f"max_{unit}")
    if (least is not None and size < least) or (most is not None and size > most):
        raise NotOfferedError(f"{option['name']} takes {least} to {most}")


def _resolve(value: Any, resolved: Json) -> None:
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = payloads.user(value)
    elif isinstance(value, Channel):
        shown = payloads.acting_channel(value, permissions.ALL)
        resolved.setdefault("channels", {})[str(value.id)] = shown
    else:
        resolved.setdefault("roles", {})[str(value.id)] = payloads.role(value)


def find_component(message: Message, custom_id: str) -> Json:
    """A button or menu that can be used. `custom_id` may be cut short after a part of it."""
    usable = [one for one in walk(message.components) if one.get("custom_id")]
    exact = [one for one in usable if one["custom_id"] == custom_id]
    begun = exact or [one for one in usable if one["custom_id"].startswith(custom_id)]
    if len(begun) != 1:
        known = [one["custom_id"] for one in usable]
        raise NotOfferedError(f"{len(begun)} components are {custom_id!r} among {known}")
    if begun[0].get("disabled"):
        raise NotOfferedError(f"{custom_id} is disabled")
    return begun[0]


def press_data(component: Json, values: list[str] | None) -> Json:
    """The data of a button or menu; raises for values that are not on offer."""
    data: Json = {
        "custom_id": component["custom_id"],
        "component_type": component["type"],
        "id": component["id"],
    }
    if component["type"] not in SELECTS:
        return data
    chosen = values or []
    least = component.get("min_values")
    least, most = 1 if least is None else least, component.get("max_values") or 1
    if not least <= len(chosen) <= most:
        raise NotOfferedError(f"choose {least} to {most}, not {len(chosen)}")
    if component["type"] == Part.STRING_SELECT:
        offered = {one["value"] for one in component["options"]}
        if set(chosen) - offered:
            raise NotOfferedError(f"{chosen} is not among {sorted(offered)}")
    return data | {"values": chosen}


def modal_data(modal: Json, values: Values) -> Json:
    """What a filled modal sends; raises for fields that it lacks or that are too short or long."""
    left = dict(values)
    number = iter(range(1, 100))
    parts = []
    for one in modal["components"]:
        if one["type"] == Part.TEXT:
            parts.append({"type": one["type"], "id": next(number)})
        elif one["type"] == Part.LABEL:
            filled = _filled(one["component"], left, next(number))
            parts.append({"type": one["type"], "id": next(number), "component": filled})
        else:
            filled = _filled(one["components"][0], left, next(number))
            parts.append({"type": one["type"], "id": next(number), "components": [filled]})
    if left:
        raise NotOfferedError(f"the modal has no {sorted(left)}")
    return {"custom_id": modal["custom_id"], "components": parts}


def _filled(part: Json, left: Values, number: int) -> Json:
    custom_id = part["custom_id"]
    shown: Json = {"type": part["type"], "id": number, "custom_id": custom_id}
    needed = part.get("required", True)
    if part["type"] == Part.TEXT_INPUT:
        value = left.pop(custom_id, part.get("value") or "")
        least, most = part.get("min_length") or 0, part.get("max_length") or 4_000
        if (needed and not value) or (value and not least <= len(value) <= most):
            raise NotOfferedError(f"{custom_id} takes {least} to {most} characters")
        return shown | {"value": value}
    options = part.get("options") or []
    preset = [one["value"] for one in options if one.get("default")]
    chosen = left.pop(custom_id, preset)
    if part["type"] == Part.CHECKBOX:
        return shown | {"value": bool(chosen)}
    if options and set(chosen) - {one["value"] for one in options}:
        raise NotOfferedError(f"{custom_id} does not offer {chosen}")
    if needed and not chosen:
        raise NotOfferedError(f"{custom_id} must be filled")
    if part["type"] == Part.RADIO:
        return shown | {"value": chosen[0] if chosen else None}
    return shown | {"values": list(chosen)}
