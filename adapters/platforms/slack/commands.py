"""`/news …` and `/tldr …`: from a line of text to one of our commands with its values."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from adapters.platforms.slack.asks import plain_text
from adapters.platforms.slack.words import GUESS, NO_GROUP, UNKNOWN, say
from bot.commands import dispatch
from bot.commands.kit import Ask, Command
from bot.commands.parsing import typed_values
from bot.errors import UserError

NEWS, TLDR = "/news", "/tldr"
HELP = "news help"
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^<>]*)?>")  # as Slack sends @group
_GROUP_ID = re.compile(r"S[A-Z0-9]{2,20}")
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
    line = plain_text(_GROUP.sub(r"\1", text)).strip()
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
    values = typed_values(typed.command, typed.rest, ask)
    role = values.get("role")
    if role and not _GROUP_ID.fullmatch(role):
        raise UserError(say(NO_GROUP, group=role[:40]))
    return values


def _known(name: str) -> Command:
    command = dispatch.find_command(name)
    assert command is not None
    return command


def _guess(word: str) -> str:
    names = [one.name.partition(" ")[2] for one in dispatch.commands()]
    near = difflib.get_close_matches(word.lower(), [name for name in names if name], 1)
    return say(GUESS, word=near[0]) if near else ""
