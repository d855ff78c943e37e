"""A reader of Discord's Markdown: what a client would make of a text.

Written from how its clients read messages (the rules of simple-markdown with Discord's own), apart
from our renderer. It finds every thing that could be found: names of emoji are all taken as known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LABEL = r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
_TARGET = r"\(\s*<?((?:[^\s\\]|\\.)*?)>?(?:\s+['\"]([\s\S]*?)['\"])?\s*\)"
_RULES = (
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("autolink", re.compile(r"<([^: >]+:/[^ >]+)>|<([^ >]+@[^ >]+)>|<(\+\d[^>]*)>")),
    ("url", re.compile(r"([A-Za-z][\w+.-]*://[^\s<]+[^<.,:;\"')\]\s])")),
    ("link", re.compile(_LABEL + _TARGET)),
    (
        "mention",
        re.compile(
            r"<@[!&]?\d+>|<#\d+>|<t:-?\d+(?::\w)?>|</[^>]+:\d+>|<a?:\w+:\d+>|<id:\w+>"
            r"|@everyone|@here|:[\w+-]+:"
        ),
    ),
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("emphasis", re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")),
    (
        "emphasis",
        re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
    ),
    ("strike", re.compile(r"~~([\s\S]+?)~~(?!_)")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
    ("code", re.compile(r"(?:(`+)([\s\S]*?[^`])\1(?!`))")),
)
_BLOCKS = (
    ("heading", re.compile(r"#{1,3}\s+(?=\S)")),
    ("small", re.compile(r"-#\s+(?=\S)")),
    ("quote", re.compile(r"(?:>>>|>)\s")),
    ("item", re.compile(r"\s*(?:[*-]|\d+\.)\s+(?=\S)")),
)


@dataclass(frozen=True)
class Piece:
    """A piece of shown text: how it is styled, and what it is (a link's target, a mention)."""

    text: str
    style: str = ""
    url: str | None = None
    is_mention: bool = False


def read_line(line: str) -> tuple[tuple[str, ...], list[Piece]]:
    """The blocks that a line opens, outermost first, and what it shows."""
    opened: list[str] = []
    while found := next(((name, m) for name, rule in _BLOCKS if (m := rule.match(line))), None):
        opened.append(found[0])
        line = line[found[1].end() :]
    return tuple(opened), read_inline(line)


def read_inline(text: str) -> list[Piece]:
    """What a text shows, taken without regard to its lines."""
    return list(_joined(_read(text)))


def _read(text: str, style: str = "", url: str | None = None) -> Iterator[Piece]:
    at = 0
    while at < len(text):
        name, match = _next(text, at, in_link=url is not None)
        at = match.end() if match else at + 1
        if match is None:
            yield Piece(text[at - 1], style, url)
        else:
            yield from _found(name, match, style, url)


def _next(text: str, at: int, *, in_link: bool) -> tuple[str, re.Match[str] | None]:
    for name, rule in _RULES:
        match = rule.match(text, at)
        if match and name == "link" and (in_link or not _is_masked(match)):
            continue
        if match:
            return name, match
    return "", None


def _is_masked(match: re.Match[str]) -> bool:
    """Discord shows links as written whose labels hold an address (its docs' issue 7721)."""
    label, target = match[1], _target(match)
    is_web = re.match(r"https?://", target) is not None
    return is_web and bool(label.strip()) and not re.search(r"https?://\w\w", label)


def _target(link: re.Match[str]) -> str:
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", link[2])


def _found(name: str, match: re.Match[str], style: str, url: str | None) -> Iterator[Piece]:
    match name:
        case "escape":
            yield Piece(match[1], style, url)
        case "link":
            yield from _read(match[1], style, _target(match))
        case "url" | "autolink":
            yield Piece(match[0], style, match[0])
        case "mention":
            yield Piece(match[0], style, url, is_mention=True)
        case "code":
            yield Piece(match[2], "code", url)
        case _:
            yield from _read(match[1], name, url)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for piece in pieces:
        if last is None:
            last = piece
        elif _looks(last) == _looks(piece) and not piece.is_mention:
            last = Piece(last.text + piece.text, last.style, last.url)
        else:
            yield last
            last = piece
    if last is not None:
        yield last


def _looks(piece: Piece) -> tuple[str, str | None, bool]:
    return (piece.style, piece.url, piece.is_mention)
