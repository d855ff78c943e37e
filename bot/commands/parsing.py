"""Options from one line of text, for platforms whose commands are text (Slack).

    /news subscribe r/MachineLearning daily 9:00 min:50

`name:value` or `name=value` sets an option, its name may be cut short; a value of several words
stands in quotes or runs on to the next name. Other words go where they fit: one of an option's
choices, a schedule, a time zone; what is left belongs to the first option that nothing was said of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.commands.completing import is_zone
from bot.commands.kit import Ask, Command, Completes, Option, Said
from bot.commands.schedules import cron_of
from bot.commands.words import said, told
from bot.errors import UserError

_TOKEN = re.compile(r'[^\s"“”]*["“”][^"“”]*["“”]\S*|\S+')
_NAMED = re.compile(r"([a-z_]+)[:=](.*)", re.DOTALL)
_MISSING: Said = said(
    "{option} is missing. The form is: {form}", "Es fehlt {option}. So geht es: {form}"
)
_SUCH_AS: Said = said("{form}, such as {example}", "{form}, zum Beispiel {example}")
_TOO_MUCH: Said = said(
    "“{text}” is too much. The form is: {form}", "„{text}“ ist zu viel. So geht es: {form}"
)
_NO_NUMBER: Said = said(
    "{option} must be a whole number. The form is: {form}",
    "{option} muss eine ganze Zahl sein. So geht es: {form}",
)


def typed_values(command: Command, text: str, ask: Ask) -> dict[str, str]:
    """The options that a line of text sets. Raises `UserError` that shows the right form."""
    command = command.on(ask.platform)
    values: dict[str, str] = {}
    free: list[str] = []
    open_name: str | None = None
    for token in _TOKEN.findall(text):
        name, value = _named(command, token)
        if name is not None:
            values[name] = value
            open_name = name if _runs_on(command, name) else None
        elif open_name is not None and not _fits_elsewhere(command, token, values):
            values[open_name] = f"{values[open_name]} {_unquoted(token)}".strip()
        else:
            open_name = None
            free.append(token)
    _place(command, free, values, ask)
    _check(command, values, ask)
    return values


def form_of(command: Command) -> str:
    """The command with all that may follow it: `/news pause subscription`."""
    parts = [option.name if option.required else f"[{option.name}:…]" for option in command.options]
    return " ".join((f"/{command.name}", *parts))


def _right_form(command: Command, ask: Ask) -> str:
    """The form of the command and, where it has one, an example of it."""
    if not command.example:
        return form_of(command)
    return told(_SUCH_AS, ask, form=form_of(command), example=f"/{command.name} {command.example}")


def _named(command: Command, token: str) -> tuple[str | None, str]:
    """(the option that a token names, its value); `hn:front` and `https://…` name none."""
    found = _NAMED.fullmatch(token)
    if found is None:
        return None, ""
    names = [option.name for option in command.options]
    exact = [name for name in names if name == found[1]]
    begun = [name for name in names if len(found[1]) > 1 and name.startswith(found[1])]
    matching = exact or begun
    if len(matching) != 1 or found[2].startswith("//"):
        return None, ""
    return matching[0], _unquoted(found[2])


def _unquoted(text: str) -> str:
    return text.strip('"“”')


def _runs_on(command: Command, name: str) -> bool:
    """Whether an option's value may be several words without quotes."""
    option = next(one for one in command.options if one.name == name)
    return option.kind == "text" and not option.choices


def _fits_elsewhere(command: Command, token: str, values: dict[str, str]) -> bool:
    return any(token.lower() in one.choices for one in command.options if one.name not in values)


def _place(command: Command, free: list[str], values: dict[str, str], ask: Ask) -> None:
    """Put the words that name no option where they fit."""
    open_options = [option for option in command.options if option.name not in values]
    for option in open_options:
        if option.choices:
            _take_choice(option, free, values)
        elif option.completes is Completes.TIMEZONE:
            _take_zone(option, free, values)
        elif option.completes is Completes.SCHEDULE:
            _take_schedule(option, free, values)
    if not free:
        return
    first = next((one for one in command.options if one.name not in values), None)
    if first is None or first.kind != "text" or first.choices:
        form = _right_form(command, ask)
        raise UserError(told(_TOO_MUCH, ask, text=" ".join(free)[:80], form=form))
    # In a name quotes only hold words together; in a search they mean something.
    kept = free if first.completes is None else [_unquoted(word) for word in free]
    values[first.name] = " ".join(kept)


def _take_choice(option: Option, free: list[str], values: dict[str, str]) -> None:
    found = next((word for word in free if word.lower() in option.choices), None)
    if found is not None and option.choices != ("yes", "no"):
        free.remove(found)
        values[option.name] = found.lower()


def _take_zone(option: Option, free: list[str], values: dict[str, str]) -> None:
    found = next((word for word in free if is_zone(word)), None)
    if found is not None:
        free.remove(found)
        values[option.name] = found


def _take_schedule(option: Option, free: list[str], values: dict[str, str]) -> None:
    """The first run of words that is a schedule, as long as it can be."""
    for start in range(len(free)):
        for end in range(len(free), start, -1):
            run = " ".join(free[start:end])
            if cron_of(run) is not None or _is_cron(free[start:end]):
                values[option.name] = run
                del free[start:end]
                return


def _is_cron(words: Sequence[str]) -> bool:
    return len(words) == 5 and all(re.fullmatch(r"[\d*/,a-zA-Z-]+", word) for word in words)


def _check(command: Command, values: dict[str, str], ask: Ask) -> None:
    for option in command.options:
        value = values.get(option.name)
        if option.required and not value:
            form = _right_form(command, ask)
            raise UserError(told(_MISSING, ask, option=option.name, form=form))
        if value and option.kind == "whole" and not re.fullmatch(r"[+-]?\d{1,9}", value):
            form = _right_form(command, ask)
            raise UserError(told(_NO_NUMBER, ask, option=option.name, form=form))
