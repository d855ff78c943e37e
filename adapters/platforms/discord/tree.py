"""The commands as Discord wants them registered. Pure; sent by `sync` only when they changed.

`/news latest` is a subcommand: Discord fixes permissions, contexts and installation types per
top-level command (interactions/application-commands). So `/news` is open to everyone and who may
change subscriptions is checked when it is used; and because `/news search` works in direct messages
and for people who installed the bot for themselves, Discord offers its siblings there too, and they
answer that they need a server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from adapters.platforms.discord.localisation import NEWS, localised
from bot.commands.kit import Command, MessageCommand, Option, Said

Payload = dict[str, Any]

GUILD_INSTALL, USER_INSTALL = 0, 1
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2
CHAT_INPUT, MESSAGE = 1, 3  # command types
SUBCOMMAND, SUBCOMMAND_GROUP = 1, 2  # option types
STRING, INTEGER, ROLE = 3, 4, 8
OPTION_TYPES: Final = {"text": STRING, "whole": INTEGER, "role": ROLE}
GROUPS: Final[dict[str, Said]] = {"news": NEWS}

DESCRIPTION_LIMIT = 100
TEXT_LIMIT = 6_000  # max_length of a STRING option
CHOICES_LIMIT = 25


def build_tree(
    commands: Sequence[Command],
    message_commands: Sequence[MessageCommand],
    *,
    user_install: bool = True,
) -> list[Payload]:
    """The bodies for `PUT /applications/{id}/commands`, in a stable order."""
    names = dict.fromkeys(command.name.split()[0] for command in commands)
    tops = [
        _top(name, [one for one in commands if one.name.split()[0] == name], user_install)
        for name in names
    ]
    return tops + [_of_messages(command, user_install) for command in message_commands]


def fingerprint(tree: Iterable[Payload]) -> str:
    """Changes when anything in the tree does."""
    text = json.dumps(list(tree), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _top(name: str, commands: Sequence[Command], user_install: bool) -> Payload:
    alone = commands[0] if commands[0].name == name else None
    anywhere = any(command.anywhere for command in commands)
    options = (
        _options(alone.options) if alone else [_subcommand(command, name) for command in commands]
    )
    return {
        "type": CHAT_INPUT,
        "name": name,
        **_described(alone.description if alone else GROUPS[name]),
        "options": options,
        **_where(anywhere, user_install),
    }


def _subcommand(command: Command, top: str) -> Payload:
    return {
        "type": SUBCOMMAND,
        "name": command.name.removeprefix(top).strip(),
        **_described(command.description),
        "options": _options(command.options),
    }


def _of_messages(command: MessageCommand, user_install: bool) -> Payload:
    return {"type": MESSAGE, "name": command.name, **_where(True, user_install)}


def _where(anywhere: bool, user_install: bool) -> Payload:
    """Where it is offered, and to whom: null permissions mean everyone there."""
    installs = [GUILD_INSTALL, USER_INSTALL] if anywhere and user_install else [GUILD_INSTALL]
    contexts = [IN_GUILD, IN_BOT_DM] if anywhere else [IN_GUILD]
    if USER_INSTALL in installs:
        contexts.append(IN_PRIVATE)
    return {
        "default_member_permissions": None,
        "integration_types": installs,
        "contexts": contexts,
        "nsfw": False,
    }


def _options(options: Sequence[Option]) -> list[Payload]:
    """Required ones first, as Discord demands."""
    ordered = sorted(options, key=lambda option: not option.required)
    return [_option(option) for option in ordered]


def _option(option: Option) -> Payload:
    payload: Payload = {
        "type": OPTION_TYPES[option.kind],
        "name": option.name,
        **_described(option.description),
        "required": option.required,
    }
    if option.choices:
        payload["choices"] = [
            {"name": choice, "value": choice} for choice in option.choices[:CHOICES_LIMIT]
        ]
    elif option.kind == "text":
        payload["max_length"] = min(option.max_length, TEXT_LIMIT)
        payload["autocomplete"] = option.completes is not None
    return payload


def _described(said: Said) -> Payload:
    return {
        "description": said["en"][:DESCRIPTION_LIMIT],
        "description_localizations": {
            locale: text[:DESCRIPTION_LIMIT] for locale, text in localised(said).items()
        },
    }
