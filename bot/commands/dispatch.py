"""From what a person did to who answers it. Whatever happens, they get an answer.

Access is checked here, for commands and for what is pressed alike: a button can be pressed by
anybody who sees it, and long after it was made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TypeVar

import structlog

from bot.commands import COMMANDS, MESSAGE_COMMANDS, STORY_BUTTONS, completing
from bot.commands.answers import MAX_LINE, line
from bot.commands.kit import (
    Access,
    Ask,
    Choice,
    Command,
    Completes,
    Desk,
    Handler,
    MessageCommand,
    Press,
    Reply,
)
from bot.commands.reasons import in_language
from bot.commands.words import (
    NEEDS_SPACE,
    NOT_ALLOWED,
    OLD_BUTTON,
    UNKNOWN_COMMAND,
    WENT_WRONG,
    told,
)
from bot.errors import OutsideError, UserError
from bot.posts.safety import clip
from bot.store import spaces

MAX_TYPED = 4_000

log = structlog.get_logger(__name__)

T = TypeVar("T")


def commands() -> list[Command]:
    """Every slash command, in the order of the help."""
    return [_loaded(dotted, Command) for dotted in COMMANDS.values()]


def message_commands() -> list[MessageCommand]:
    return [_loaded(dotted, MessageCommand) for dotted in MESSAGE_COMMANDS.values()]


def presses() -> list[Press]:
    """Everything that can be pressed."""
    return list(_presses().values())


def find_command(name: str) -> Command | None:
    """The command of this name (`news subscribe`)."""
    dotted = COMMANDS.get(name)
    return _loaded(dotted, Command) if dotted else None


def find_message_command(name: str) -> MessageCommand | None:
    dotted = MESSAGE_COMMANDS.get(name)
    return _loaded(dotted, MessageCommand) if dotted else None


def find_press(action: str) -> Press | None:
    """Who handles an action (`name` or `name:argument`)."""
    return _presses().get(action.partition(":")[0])


async def answer_command(desk: Desk, name: str, ask: Ask) -> Reply:
    """Have a command answered. Raises nothing."""
    command = find_command(name)
    if command is None:
        return line(told(UNKNOWN_COMMAND, ask, name=name[:40]), ask)
    return await _answered(
        desk, name, command.handle, command.access, ask, anywhere=command.anywhere
    )


async def answer_press(desk: Desk, action: str, ask: Ask) -> Reply:
    """Have a button, a menu or a form answered; what follows the colon is its argument."""
    press = find_press(action)
    if press is None:
        return line(told(OLD_BUTTON, ask), ask)
    ask = replace(ask, argument=action.partition(":")[2])
    return await _answered(desk, press.name, press.handle, press.access, ask)


async def answer_message_command(desk: Desk, name: str, ask: Ask) -> Reply:
    """Have an entry of a message's menu answered; `ask.message` is the message."""
    command = find_message_command(name)
    if command is None or ask.message is None:
        return line(told(UNKNOWN_COMMAND, ask, name=name[:40]), ask)
    return await _answered(desk, name, command.handle, Access.EVERYONE, ask)


async def complete(desk: Desk, completes: Completes, typed: str, ask: Ask) -> list[Choice]:
    """What can be chosen for an option, at most 25. Raises nothing; empty where that fails."""
    try:
        return await completing.choices(desk, completes, _plain(typed), ask)
    except Exception:  # supervisor: a person can type on without it
        log.exception("completion crashed", completes=completes.value)
        return []


async def reaction(desk: Desk, ask: Ask, added: bool) -> bool:
    """A star was put on `ask.message` or taken off; False where that message tells no story."""
    from bot.commands.star import react

    try:
        return await react(desk, _tidied(ask), added)
    except UserError:
        return False
    except Exception:  # supervisor: nobody waits for an answer
        log.exception("reaction crashed")
        return False


async def _answered(
    desk: Desk, name: str, handle: Handler, access: Access, ask: Ask, *, anywhere: bool = True
) -> Reply:
    try:
        if not anywhere and not ask.space and not await _is_subscribed(desk, ask):
            return _failed(told(NEEDS_SPACE, ask), ask)
        if access is Access.MANAGE and not ask.may_manage:
            return _failed(ask.why_not or told(NOT_ALLOWED, ask), ask)
        return await _logged(name, ask, handle(desk, _tidied(ask)))
    except UserError as exc:
        return _failed(str(exc), ask)
    except OutsideError as exc:
        log.info("command failed outside", command=name, error=str(exc))
        return _failed(str(exc), ask)
    except Exception:  # supervisor: the person gets an answer, we get the trace
        log.exception("command crashed", command=name, platform=ask.platform)
        return _failed(told(WENT_WRONG, ask), ask)


def _failed(text: str, ask: Ask) -> Reply:
    told_so = in_language(text, ask.person.language)
    return replace(line(clip(told_so, MAX_LINE), ask), failed=True)


async def _is_subscribed(desk: Desk, ask: Ask) -> bool:
    """Whether the settings file has this very channel, a direct message say, get something."""
    return bool(await desk.database.read(spaces.subscriptions_of, ask.viewer))


def _tidied(ask: Ask) -> Ask:
    """What was typed, as text that can be stored: JSON may carry half characters and zeros."""
    values = {name: _plain(value) for name, value in ask.values.items()}
    person = replace(ask.person, name=_plain(ask.person.name))
    return replace(ask, values=values, argument=_plain(ask.argument), person=person)


def _plain(text: str) -> str:
    return text[:MAX_TYPED].replace("\0", "").encode("utf-8", "replace").decode()


async def _logged(name: str, ask: Ask, work: Awaitable[Reply]) -> Reply:
    reply = await work
    log.info("command answered", command=name, platform=ask.platform, space=ask.space)
    return reply


@cache
def _presses() -> dict[str, Press]:
    found = [_loaded(dotted, Press) for dotted in STORY_BUTTONS.values()]
    found += [press for command in commands() for press in command.presses]
    return _by_name(found)


def _by_name(found: Iterable[Press]) -> dict[str, Press]:
    named: dict[str, Press] = {}
    for press in found:
        assert named.setdefault(press.name, press) is press, press.name
    return named


@cache
def _loaded(dotted: str, kind: type[T]) -> T:
    module, _, name = dotted.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, kind)
    return found
