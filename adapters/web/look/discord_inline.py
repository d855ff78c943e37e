"""Discord's Markdown within lines, as its clients show it.

Its dialect is not CommonMark: `__` underlines, `||` hides, a backslash escapes any sign, styles may
span lines, and there are mentions and moments. The rules stand in the order in which clients try
them at each place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup

from adapters.web.look.discord_labels import Labels, address_in
from adapters.web.look.markup import Piece, joined, link, tag, web_address
from adapters.web.look.moments import discord_time, marked, moment_of

MAX_DEPTH = 12  # styles inside styles; deeper ones are shown as they are written

_RULES = (
    ("drawn", re.compile(r"([*_~|`])\1{9,}")),  # a line of stars: each could begin a style
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("address", re.compile(r"<(https?://[^\s<>]+)>")),
    ("address", re.compile(r"(https?://[^\s<]+[^<.,:;\"')\]\s])")),
    ("moment", re.compile(r"<t:(-?\d{1,17})(?::([tTdDfFR]))?>")),
    ("role", re.compile(r"<@&\d+>")),
    ("person", re.compile(r"<@!?\d+>")),
    ("channel", re.compile(r"<#\d+>")),
    ("command", re.compile(r"<(/[\w -]{1,100}):\d+>")),
    ("emoji", re.compile(r"<a?(:\w+:)\d+>")),
    ("everybody", re.compile(r"@(?:everyone|here)")),
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("emphasis", re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")),
    (
        "emphasis",
        re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
    ),
    ("strike", re.compile(r"~~([\s\S]+?)~~(?!_)")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
    ("code", re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")),
)
_BEGINS = re.compile(r"[\\<h\[@*_~|`]")  # what a rule can begin with
_STYLES = {
    "strong": ("strong", None),
    "underline": ("u", None),
    "emphasis": ("em", None),
    "strike": ("s", None),
    "spoiler": ("span", "dc-spoiler"),
}
_NAMES = {"role": "@role", "person": "@member", "channel": "#channel"}


def show_inline(text: str, now: datetime, *, in_link: bool = False) -> Markup:
    """What a text shows, without regard to lines. `now`: what moments are told against."""
    return _Reader(text, now, in_link=in_link).read()


class _Reader:
    """Reads one text; what is inside a style or a label is a text of its own, one level deeper."""

    def __init__(self, text: str, now: datetime, *, in_link: bool, depth: int = 0) -> None:
        self._text = text
        self._now = now
        self._in_link = in_link
        self._depth = depth
        self._labels = Labels(text)

    def read(self) -> Markup:
        """The pieces from the left to the right."""
        pieces: list[Piece] = []
        at, plain_from = 0, 0
        while (begin := _BEGINS.search(self._text, at)) is not None:
            at = begin.start()
            found = self._link(at) if begin[0] == "[" else self._piece(at)
            if found is None:
                at += 1
                continue
            piece, end = found
            pieces += [self._text[plain_from:at], piece]
            at = plain_from = end
        return joined([*pieces, self._text[plain_from:]])

    def _piece(self, at: int) -> tuple[Piece, int] | None:
        """What begins here, and where it ends; None where it is a sign like any other."""
        for name, rule in _RULES:
            match = rule.match(self._text, at)
            if match is None or (self._in_link and name == "address"):
                continue
            piece = self._shown(name, match)
            if piece is not None:
                return piece, match.end()
        return None

    def _shown(self, name: str, match: re.Match[str]) -> Piece | None:
        if name in _STYLES:
            if self._depth == MAX_DEPTH:
                return None
            element, class_ = _STYLES[name]
            return tag(element, self._deeper(match[1], in_link=self._in_link), class_=class_)
        if name == "moment":
            return self._moment(match)
        return _plain_piece(name, match)

    def _deeper(self, text: str, *, in_link: bool) -> Markup:
        return _Reader(text, self._now, in_link=in_link, depth=self._depth + 1).read()

    def _link(self, at: int) -> tuple[Piece, int] | None:
        """A masked link. One whose label holds an address is shown as it is written
        (discord-api-docs issue 7721), and so is one that leads nowhere.
        """
        found = self._labels.target(at)
        if self._in_link or self._depth == MAX_DEPTH or found is None:
            return None
        label, address = self._text[at + 1 : found.start() - 1], address_in(found)
        is_masked = label.strip() and not re.search(r"https?://\w\w", label)
        if not is_masked or web_address(address) is None:
            return None
        return link(address, self._deeper(label, in_link=True)), found.end()

    def _moment(self, match: re.Match[str]) -> Piece | None:
        at = moment_of(match[1])
        if at is None:
            return None
        return marked(at, discord_time(at, match[2] or "f", self._now), "dc-moment")


def _plain_piece(name: str, match: re.Match[str]) -> Piece:
    writers: dict[str, Callable[[], Piece]] = {
        "drawn": lambda: match[0],
        "escape": lambda: match[1],
        "address": lambda: link(match[1], match[1]),
        "code": lambda: tag("code", match[2].strip() or match[2]),
        "emoji": lambda: match[1],
        "command": lambda: tag("span", match[1], class_="dc-mention"),
        "everybody": lambda: tag("span", match[0], class_="dc-mention"),
    }
    if name in writers:
        return writers[name]()
    return tag("span", _NAMES[name], class_="dc-mention")
