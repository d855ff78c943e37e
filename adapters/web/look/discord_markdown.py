"""Discord's Markdown by lines: headings, small print, lists, quotes, code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from adapters.web.look.discord_inline import show_inline
from adapters.web.look.markup import Piece, joined, tag

_FENCED = re.compile(r"```(?:[a-z0-9_+\-.#]+\n)?\n*([^\n][\s\S]*?)\n*```", re.IGNORECASE)
_HEADING = re.compile(r"(#{1,3})\s+(?=\S)")
_SMALL = re.compile(r"-#\s+(?=\S)")
_LONG_QUOTE = re.compile(r">>> ")
_ITEM = re.compile(r"( *)([*-]|\d{1,9}\.) +(?=\S)")
_MAX_NESTING = 10  # deeper items stand as deep as this


def show_markdown(text: str, now: datetime) -> Markup:
    """A message's or an embed's text. `now`: what moments are told against."""
    return joined(list(_parts(text, now, may_quote=True)))


def _parts(text: str, now: datetime, *, may_quote: bool) -> Iterator[Piece]:
    """Code blocks, and what stands between them."""
    at = 0
    for fenced in _FENCED.finditer(text):
        yield from _blocks(text[at : fenced.start()], now, may_quote=may_quote)
        yield tag("pre", tag("code", fenced[1]))
        at = fenced.end()
    yield from _blocks(text[at:], now, may_quote=may_quote)


def _blocks(text: str, now: datetime, *, may_quote: bool) -> Iterator[Piece]:
    lines = text.strip("\n").split("\n") if text.strip("\n") else []
    plain: list[str] = []
    at = 0
    while at < len(lines):
        found = _block(lines, at, now, may_quote=may_quote)
        if found is None:
            plain.append(lines[at])
            at += 1
            continue
        yield from _run([*plain, ""] if plain[-1:] == [""] else plain, now)  # an end is no gap
        plain = []
        block, at = found
        yield block
    yield from _run(plain, now)


def _run(lines: Sequence[str], now: datetime) -> Iterator[Piece]:
    """Lines of plain text; styles may span them, and an empty one is a gap."""
    if lines:
        yield tag("div", show_inline("\n".join(lines), now), class_="dc-run")


def _block(
    lines: Sequence[str], at: int, now: datetime, *, may_quote: bool
) -> tuple[Piece, int] | None:
    """The block that begins with this line, and the line after it."""
    line = lines[at]
    if found := _HEADING.match(line):
        shown = show_inline(line[found.end() :], now)
        return tag("div", shown, class_=f"dc-h dc-h{len(found[1])}"), at + 1
    if found := _SMALL.match(line):
        return tag("div", show_inline(line[found.end() :], now), class_="dc-small"), at + 1
    if may_quote and line.startswith(">"):
        return _quote(lines, at, now)
    if _ITEM.match(line):
        return _list(lines, at, now)
    return None


def _quote(lines: Sequence[str], at: int, now: datetime) -> tuple[Piece, int] | None:
    """`> ` quotes its line, `>>> ` all that follows. Quotes in quotes are text."""
    if _LONG_QUOTE.match(lines[at]):
        quoted = [lines[at][4:], *lines[at + 1 :]]
        end = len(lines)
    else:
        end = at
        while end < len(lines) and lines[end].startswith("> "):
            end += 1
        quoted = [line[2:] for line in lines[at:end]]
    if not quoted:
        return None
    inside = joined(list(_parts("\n".join(quoted), now, may_quote=False)))
    return tag("blockquote", inside), end


@dataclass
class _Item:
    """An item of a list, with the lines it goes on for and the lists below it."""

    indent: int
    number: str  # empty in a list without numbers
    lines: list[str]
    below: list[_Item] = field(default_factory=list)


def _list(lines: Sequence[str], at: int, now: datetime) -> tuple[Piece, int]:
    """A list and the lists in it: what is indented further belongs to the item above."""
    roots: list[_Item] = []
    open_items: list[_Item] = []
    while at < len(lines):
        line = lines[at]
        found = _ITEM.match(line)
        if found is None and not (open_items and line.startswith("  ") and line.strip()):
            break
        if found is None:
            open_items[-1].lines.append(line.strip())
        else:
            item = _Item(len(found[1]), found[2].rstrip(".*-"), [line[found.end() :]])
            _place(item, roots, open_items)
        at += 1
    return joined(list(_lists(roots, now))), at


def _place(item: _Item, roots: list[_Item], open_items: list[_Item]) -> None:
    while open_items and open_items[-1].indent >= item.indent:
        open_items.pop()
    del open_items[_MAX_NESTING:]
    (open_items[-1].below if open_items else roots).append(item)
    open_items.append(item)


def _lists(items: Sequence[_Item], now: datetime) -> Iterator[Markup]:
    """A list for each run of items of one sort; the first number counts, as in Discord."""
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and bool(items[end].number) == bool(items[at].number):
            end += 1
        shown = [_item(item, now) for item in items[at:end]]
        number = items[at].number
        yield tag("ol", *shown, start=int(number)) if number else tag("ul", *shown)
        at = end


def _item(item: _Item, now: datetime) -> Markup:
    return tag("li", show_inline("\n".join(item.lines), now), *_lists(item.below, now))
