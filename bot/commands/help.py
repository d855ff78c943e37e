"""`/news help`: every command with what it does and an example, from the registry itself."""

from __future__ import annotations

from bot.commands import COMMANDS
from bot.commands.answers import code, item, listing, notice, paragraph
from bot.commands.kit import Access, Ask, Command, Desk, Option, Reply
from bot.commands.words import said, told
from bot.model import Block, ListingItem, Post

_TITLE = said("What I can do", "Was ich kann")
_INTRO = said(
    "I post what this channel subscribed to, each story once, and summarise articles, discussions "
    "and chat threads. Commands marked * change what a channel gets and are for those who may "
    "manage it (in Slack: its members).",
    "Ich poste, was dieser Kanal abonniert hat, jede Meldung einmal, und fasse Artikel, "
    "Diskussionen und Chat-Threads zusammen. Mit * markierte Befehle ändern, was ein Kanal "
    "bekommt, und sind für alle, die ihn verwalten dürfen (in Slack: seine Mitglieder).",
)
_MENU = said(
    "In a message's menu: Summarize thread. A story is starred with its button or a ⭐ reaction.",
    "Im Menü einer Nachricht: Summarize thread. Eine Meldung bekommt mit ihrem Knopf oder einer "
    "⭐-Reaktion einen Stern.",
)
_NO_SUCH = said("There is no command {name}.", "Es gibt keinen Befehl {name}.")
_CHOICES = said("one of {choices}", "eins von {choices}")
_REQUIRED = said("required", "nötig")


async def _help(desk: Desk, ask: Ask) -> Reply:
    from bot.commands.dispatch import commands

    wanted = ask.values.get("command", "").strip().lower().removeprefix("/").removeprefix("news ")
    known = {command.name.removeprefix("news "): command for command in commands()}
    if wanted:
        if wanted not in known:
            return Reply(posts=(notice(told(_NO_SUCH, ask, name=wanted[:40]), ask),))
        return Reply(posts=(_one(known[wanted].on(ask.platform), ask),))
    return Reply(
        posts=(
            notice(
                told(_TITLE, ask),
                ask,
                paragraph(told(_INTRO, ask)),
                listing([_line(command, ask) for command in known.values()]),
                paragraph(told(_MENU, ask)),
            ),
        )
    )


def _line(command: Command, ask: Ask) -> ListingItem:
    mark = " *" if command.access is Access.MANAGE else ""
    return item(code(usage(command)), f" – {told(command.description, ask)}{mark}")


def usage(command: Command) -> str:
    """The command with its example: `/news subscribe r/MachineLearning`."""
    return f"/{command.name} {command.example}".strip()


def _one(command: Command, ask: Ask) -> Post:
    blocks: list[Block] = [paragraph(told(command.description, ask))]
    if command.options:
        blocks.append(listing([_option(option, ask) for option in command.options]))
    return notice(usage(command), ask, *blocks)


def _option(option: Option, ask: Ask) -> ListingItem:
    notes = [told(_REQUIRED, ask)] if option.required else []
    if option.choices:
        notes.append(told(_CHOICES, ask, choices=", ".join(option.choices)))
    ending = f" ({'; '.join(notes)})" if notes else ""
    return item(code(option.name), f": {told(option.description, ask)}{ending}")


COMMAND = Command(
    name="news help",
    description=said("What I can do, with examples", "Was ich kann, mit Beispielen"),
    handle=_help,
    options=(
        Option(
            name="command",
            description=said("A command to explain", "Ein Befehl, der erklärt werden soll"),
            choices=tuple(name.removeprefix("news ") for name in COMMANDS),
            max_length=40,
        ),
    ),
    anywhere=True,
)
