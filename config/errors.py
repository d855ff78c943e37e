"""The one error of this package. `config` lies below `bot.errors`, so the app translates it."""

from __future__ import annotations


class SettingsError(Exception):
    """A setting or secret is wrong. Exit status 2 on the command line.

    The message is one line, safe to show, and complete: which file or variable, which key, what is
    expected. Line breaks and control characters that a value brought are escaped here.
    """

    def __init__(self, message: str) -> None:
        super().__init__("".join(map(_printable, message)))


def _printable(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode()
