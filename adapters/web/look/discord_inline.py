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

from adapters.web.look.markup import Piece, joined, link, tag, web_address
from adapters.web.look.moments import discord_time, marked, moment_of

MAX_DEPTH = 12  # styles inside styles; deeper ones are shown as they are written
MAX_LABEL = 1_000

_TARGET = re.compile(r"\(\s*<?((?:\\.|[^\s\\])*?)>?(?:\s+(?:'[^'\n]*'|\"[^\"\n]*\"))?\s*\)")
_UP_TO_BRACKET = re.compile(r"[^\[\]]*")
_CLOSING = re.compile(r"\]+")
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
    return _Reader(now).read(text, in_link=in_link, depth=0)


class _Reader:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def read(self, text: str, *, in_link: bool, depth: int) -> Markup:
        """The pieces from the left to the right."""
        pieces: list[Piece] = []
        at, plain_from = 0, 0
        while (begin := _BEGINS.search(text, at)) is not None:
            at = begin.start()
            found = self._piece(text, at, in_link=in_link, depth=depth)
            if found is None:
                at += 1
                continue
            piece, end = found
            pieces += [text[plain_from:at], piece]
            at = plain_from = end
        return joined([*pieces, text[plain_from:]])

    def _piece(self, text: str, at: int, *, in_link: bool, depth: int) -> tuple[Piece, int] | None:
        """What begins here, and where it ends; None where it is a sign like any other."""
        if text[at] == "[":
            return None if in_link else self._link(text, at, depth)
        for name, rule in _RULES:
            match = rule.match(text, at)
            if match is None or (in_link and name == "address"):
                continue
            piece = self._shown(name, match, in_link=in_link, depth=depth)
            if piece is not None:
                return piece, match.end()
        return None

    def _shown(self, name: str, match: re.Match[str], *, in_link: bool, depth: int) -> Piece | None:
        if name in _STYLES:
            if depth == MAX_DEPTH:
                return None
            element, class_ = _STYLES[name]
            inside = self.read(match[1], in_link=in_link, depth=depth + 1)
            return tag(element, inside, class_=class_)
        if name == "moment":
            return self._moment(match)
        return _plain_piece(name, match)

    def _link(self, text: str, at: int, depth: int) -> tuple[Piece, int] | None:
        """A masked link. One whose label holds an address is shown as it is written
        (discord-api-docs issue 7721), and so is one that leads nowhere.
        """
        for end in reversed(_label_ends(text, at)):
            if text.find(")", end) > 0 and (found := _TARGET.match(text, end + 1)):
                break
        else:
            return None
        label = text[at + 1 : end]
        target = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", found[1])
        is_masked = label.strip() and not re.search(r"https?://\w\w", label)
        if not is_masked or depth == MAX_DEPTH or web_address(target) is None:
            return None
        return link(target, self.read(label, in_link=True, depth=depth + 1)), found.end()

    def _moment(self, match: re.Match[str]) -> Piece | None:
        at = moment_of(match[1])
        if at is None:
            return None
        return marked(at, discord_time(at, match[2] or "f", self._now), "dc-moment")


def _label_ends(text: str, at: int) -> list[int]:
    """Where the label of a link that begins here may end: at a `]` before a `(`.

    Brackets in it are counted, escaped or not: one that opens reaches to the next that closes, and
    one that closes belongs to the label where another follows before the next that opens.
    """
    ends: list[int] = []
    at = _end(_UP_TO_BRACKET, text, at + 1)
    while at < len(text):
        if text[at] == "[":
            closing = text.find("]", at)
            if closing < 0:
                break
            at = closing + 1
        else:
            at = _end(_CLOSING, text, at)
            if text.startswith("(", at):
                ends.append(at - 1)
            closing, opening = text.find("]", at), text.find("[", at)
            if closing < 0 or -1 < opening < closing:
                break
        at = _end(_UP_TO_BRACKET, text, at)
    return ends


def _end(rule: re.Pattern[str], text: str, at: int) -> int:
    found = rule.match(text, at)
    assert found is not None  # both rules match the place that they are asked about
    return found.end()


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
