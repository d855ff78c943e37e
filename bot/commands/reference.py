"""docs/commands.md, from the registry: `python -m bot.commands.reference > docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bot.commands import MESSAGE_COMMANDS, STORY_BUTTONS
from bot.commands.dispatch import commands, find_message_command
from bot.commands.help import usage
from bot.commands.kit import Access, Command, Option
from bot.posts.compose import MUTE, STAR, SUMMARIZE, WHY

_HEAD = """\
# Chat commands

The same commands on Discord (typed options, completed while you type) and on Slack (text after the
command: `/news subscribe r/MachineLearning daily 9:00 min:50`). Answers are for the asker alone
unless it says otherwise, in English or German as their client is set.

Generated from the registry (`python -m bot.commands.reference`), as are the commands themselves and
`/news help`.
"""
_MANAGE = (
    "Changes what the channel gets: needs Manage Channels on Discord, membership of the channel on "
    "Slack."
)
_ANYWHERE = "Works in direct messages and where only you installed the bot, too."
_BUTTONS = {
    SUMMARIZE: "what the story's discussion says, else its article",
    STAR: "marks the story for the roundup with your name; again, or un-reacting ⭐, takes it back",
    MUTE: "who manages the channel has it post no more of that source; `/news list` undoes it",
    WHY: "each stage of the story's way and the rule that decided",
}
_TAIL = """\
## Sources

A feed or page (`https://…`; the feed behind a page is found), `r/MachineLearning`, `hn:front`,
`pack:ai`, `tag:research` (a tag of the settings file), or the title of a source that is known here.
Several at once stand with spaces or commas between them.

## Schedules

In words or as cron: `daily 9:00`, `weekdays 8:30`, `mondays 9am`, `mon, thu 18:00`, `monthly 9:00`,
`monthly 15th 9:00`, `hourly`, `30 8 * * 1-5`; in German as well (`werktags 8:30`, `montags 9 Uhr`).
Who gives a schedule and no kind of post gets the community digest.

## What a server or workspace sees

Its own subscriptions, and of the sources those that the settings file (or the command line) names
and those that its own subscriptions name. Nothing of another server's: not in lists, searches,
`why`, completions or posts. Subscriptions of the settings file can be seen in their channel, not
changed.
`/news list`, `/news status` and `/news why` tell of other channels' subscriptions and posts only to
who manages those; of a channel that is gone, to who manages the one they ask in.

## Summaries of conversations

`/tldr` without a link, and `Summarize thread` on a message with a thread, read what the asker may
read. Nothing of it is stored; a language model's answer is cached for an hour. Who manages a
channel can switch this off for the whole server or workspace with a button in `/news status`.
"""


def reference_markdown() -> str:
    """The page."""
    parts = [_HEAD, *(_command(command) for command in commands()), _menus(), _buttons(), _TAIL]
    return "\n".join(parts)


def _command(command: Command) -> str:
    return "\n".join([f"## `/{command.name}`", "", *_body(command), ""])


def _body(command: Command) -> Iterator[str]:
    yield f"{command.description['en']}."
    if command.access is Access.MANAGE:
        yield _MANAGE
    if command.anywhere:
        yield _ANYWHERE
    yield ""
    yield f"Example: `{usage(command)}`"
    if command.options:
        yield ""
        yield "| option | |"
        yield "|---|---|"
        yield from (_option(option) for option in command.options)


def _option(option: Option) -> str:
    notes = ["required"] if option.required else []
    if option.choices:
        notes.append("one of " + ", ".join(f"`{choice}`" for choice in option.choices))
    if option.only_on:
        notes.append(f"{option.only_on.title()} only")
    if option.kind == "whole":
        notes.append("a whole number")
    ending = f" ({'; '.join(notes)})" if notes else ""
    return f"| `{option.name}` | {option.description['en']}{ending} |"


def _menus() -> str:
    lines = ["## In a message's menu", ""]
    for name in MESSAGE_COMMANDS:
        command = find_message_command(name)
        assert command is not None
        lines.append(f"- `{name}`: {command.description['en']}")
    return "\n".join([*lines, ""])


def _buttons() -> str:
    assert {"summarize", "star", "mute", "why"} <= STORY_BUTTONS.keys()
    lines = ["## Below a story's post", ""]
    lines += [f"- `{label}`: {text}" for label, text in _BUTTONS.items()]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(reference_markdown())
