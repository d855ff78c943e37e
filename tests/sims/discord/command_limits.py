"""The documented limits of application commands (interactions/application-commands)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from tests.sims.discord.component_limits import size
from tests.sims.discord.errors import Fault, bad_length, required, too_long
from tests.sims.discord.things import Json

SLASH, USER, MESSAGE = 1, 2, 3
_MOST = {SLASH: 100, USER: 15, MESSAGE: 15}
_GROUP, _SUBCOMMAND, _STRING, _INTEGER, _NUMBER = 2, 1, 3, 4, 10
_LOCALES = """
    id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru
    uk hi th zh-CN ja zh-TW ko
"""
_HOLDS = {_GROUP: {_SUBCOMMAND}, _SUBCOMMAND: set(range(3, 12))}
LOCALES = frozenset(_LOCALES.split())


def commands_faults(commands: list[Json]) -> Iterator[Fault]:
    """What is wrong with a whole set of commands."""
    kinds = Counter(one.get("type") or SLASH for one in commands)
    for kind, most in _MOST.items():
        if kinds[kind] > most:
            yield Fault("commands", "APPLICATION_COMMANDS_LIMIT", f"at most {most} of type {kind}")
    names = Counter((one.get("type") or SLASH, one.get("name")) for one in commands)
    for (_, name), times in names.items():
        if times > 1:
            words = f"{name!r} is used {times} times"
            yield Fault("commands", "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
    for number, one in enumerate(commands):
        yield from command_faults(f"{number}.", one)


def command_faults(where: str, command: Json) -> Iterator[Fault]:
    """What is wrong with a command; `where` is put before each place."""
    kind = command.get("type") or SLASH
    yield from _names(where, command, is_slash=kind == SLASH)
    if kind == SLASH:
        yield from _descriptions(where, command)
        yield from _options(where, command.get("options") or [], parent=0)
    elif command.get("description"):
        words = "context menu commands have no description"
        yield Fault(f"{where}description", "APPLICATION_COMMAND_DESCRIPTION", words)
    if _sum(command) > 8_000:
        words = "Command exceeds maximum size (8000)"
        yield Fault(f"{where}name", "APPLICATION_COMMAND_TOO_LARGE", words)
    allowed = command.get("default_member_permissions")
    if allowed is not None and not str(allowed).isdecimal():
        yield Fault(f"{where}default_member_permissions", "PERMISSIONS", "a number in a string")
    for key, known in (("contexts", {0, 1, 2}), ("integration_types", {0, 1})):
        if set(command.get(key) or []) - known:
            yield Fault(f"{where}{key}", "BASE_TYPE_CHOICES", f"one of {sorted(known)}")


def is_name(name: object) -> bool:
    r"""`^[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]{1,32}$`, in lower case where there is one."""
    if not isinstance(name, str) or not 1 <= len(name) <= 32 or name != name.lower():
        return False
    return all(one in "-_'" or unicodedata.category(one)[0] in "LN" or _script(one) for one in name)


def _script(one: str) -> bool:
    return "\u0900" <= one <= "\u097f" or "\u0e00" <= one <= "\u0e7f"


def _names(where: str, one: Json, *, is_slash: bool) -> Iterator[Fault]:
    names = {"": one.get("name")} | _localized(one, "name")
    for locale, name in names.items():
        place = f"{where}name_localizations.{locale}" if locale else f"{where}name"
        good = is_name(name) if is_slash else isinstance(name, str) and 1 <= size(name) <= 32
        if not good:
            words = f"Command name is invalid: {name!r}"
            yield Fault(place, "APPLICATION_COMMAND_INVALID_NAME", words)
        if locale and locale not in LOCALES:
            yield Fault(place, "BASE_TYPE_CHOICES", "no such locale")


def _localized(one: Json, key: str) -> dict[str, str]:
    return dict(one.get(f"{key}_localizations") or {})


def _descriptions(where: str, one: Json) -> Iterator[Fault]:
    texts = {"": one.get("description")} | _localized(one, "description")
    for locale, text in texts.items():
        place = f"{where}description" + (f"_localizations.{locale}" if locale else "")
        if not isinstance(text, str) or not 1 <= size(text) <= 100:
            yield bad_length(place, 1, 100)
        if locale and locale not in LOCALES:
            yield Fault(place, "BASE_TYPE_CHOICES", "no such locale")


def _options(where: str, options: list[Json], *, parent: int) -> Iterator[Fault]:
    if len(options) > 25:
        yield bad_length(f"{where}options", 0, 25)
    for name, times in Counter(one.get("name") for one in options).items():
        if times > 1:
            words = f"{name!r} is used {times} times"
            yield Fault(f"{where}options", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", words)
    nested = {one.get("type") in {_SUBCOMMAND, _GROUP} for one in options}
    if len(nested) > 1:
        words = "sub-command and sub-command group option types are mutually exclusive"
        yield Fault(f"{where}options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)
    was_optional = False
    for number, one in enumerate(options):
        place = f"{where}options.{number}."
        if one.get("required") and was_optional:
            words = "Required options must be placed before non-required options"
            yield Fault(f"{place}required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        was_optional = was_optional or not one.get("required")
        yield from _option(place, one, parent)


def _option(where: str, one: Json, parent: int) -> Iterator[Fault]:
    yield from _names(where, one, is_slash=True)
    yield from _descriptions(where, one)
    kind = one.get("type")
    if not isinstance(kind, int) or not 1 <= kind <= 11:
        yield required(f"{where}type")
        return
    if parent and kind not in _HOLDS[parent]:
        words = "groups hold sub-commands, and these hold values"
        yield Fault(f"{where}type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)
    if kind in {_SUBCOMMAND, _GROUP}:
        yield from _options(where, one.get("options") or [], parent=kind)
        return
    yield from _choices(where, one)
    yield from _ranges(where, one)


def _choices(where: str, one: Json) -> Iterator[Fault]:
    choices = one.get("choices") or []
    if len(choices) > 25:
        yield bad_length(f"{where}choices", 0, 25)
    if choices and one.get("autocomplete"):
        words = "autocomplete cannot be set together with choices"
        yield Fault(f"{where}autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", words)
    for number, choice in enumerate(choices):
        names = {"": choice.get("name")} | _localized(choice, "name")
        for locale, name in names.items():
            place = f"{where}choices.{number}.name" + (f"_localizations.{locale}" if locale else "")
            if not isinstance(name, str) or not 1 <= size(name) <= 100:
                yield bad_length(place, 1, 100)
        value = choice.get("value")
        if one.get("type") == _STRING and not (isinstance(value, str) and 1 <= size(value) <= 100):
            yield bad_length(f"{where}choices.{number}.value", 1, 100)


def _ranges(where: str, one: Json) -> Iterator[Fault]:
    for key, least in (("min_length", 0), ("max_length", 1)):
        value = one.get(key)
        if value is not None and not least <= value <= 6_000:
            yield Fault(f"{where}{key}", "NUMBER_TYPE_RANGE", f"between {least} and 6000")
    if one.get("autocomplete") and one.get("type") not in {_STRING, _INTEGER, _NUMBER}:
        words = "only for strings and numbers"
        yield Fault(f"{where}autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_TYPE", words)
    if size(str(one.get("name", ""))) > 32:
        yield too_long(f"{where}name", 32)


def _sum(one: Json) -> int:
    """Names, descriptions and values of a command, the longest localisation of each counted."""
    total = _longest(one, "name") + _longest(one, "description")
    for option in one.get("options") or []:
        total += _sum(option)
    for choice in one.get("choices") or []:
        total += _longest(choice, "name") + size(str(choice.get("value", "")))
    return total


def _longest(one: Json, key: str) -> int:
    texts = [one.get(key) or "", *_localized(one, key).values()]
    return max(size(str(text)) for text in texts)
