"""`/news …` and `/tldr …`: from a line of text to one of our commands with its values."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from adapters.platforms.slack.asks import plain_text
from adapters.platforms.slack.words import GUESS, UNKNOWN, say
from bot.commands import dispatch
from bot.commands.kit import Ask, Command
from bot.commands.parsing import typed_values
from bot.errors import UserError

NEWS, TLDR = "/news", "/tldr"
HELP = "news help"
SUBSCRIBE = "news subscribe"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed; `rest` is what follows its name."""

    command: Command
    rest: str

    @property
    def asks_for_form(self) -> bool:
        return self.command.name == SUBSCRIBE and not self.rest


def find_typed(slash: str, text: str) -> Typed:
    """Which command a person means. Raises `UserError` that names the nearest one."""
    line = plain_text(text).strip()
    if slash == TLDR:
        return Typed(_known("tldr"), line)
    word, _, rest = line.partition(" ")
    if not word:
        return Typed(_known(HELP), "")
    command = dispatch.find_command(f"news {word.lower()}")
    if command is None:
        raise UserError(say(UNKNOWN, word=word[:40], guess=_guess(word)))
    return Typed(command, rest.strip())


def values_of(typed: Typed, ask: Ask) -> dict[str, str]:
    """The options that were typed. Raises `UserError` that shows the right form."""
    return typed_values(typed.command, typed.rest, ask)


def _known(name: str) -> Command:
    command = dispatch.find_command(name)
    assert command is not None
    return command


def _guess(word: str) -> str:
    names = [one.name.partition(" ")[2] for one in dispatch.commands()]
    near = difflib.get_close_matches(word.lower(), [name for name in names if name], 1)
    return say(GUESS, word=near[0]) if near else ""
