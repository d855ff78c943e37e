"""Blocks of a post as Discord's Markdown, as embeds and messages show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters.platforms.discord.escaping import (
    as_line,
    escape_line,
    escape_run,
    fitted,
    link,
    link_target,
    unlinked,
)
from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Quote, Span, Text, Time
from bot.posts.safety import clean_line, clean_run, clean_text

MAX_HEADING = 600
_MARKERS = {"strong": "**", "emphasis": "*", "strike": "~~"}


def render_blocks(blocks: Sequence[Block]) -> str:
    """The blocks one below the other."""
    rendered: list[str] = []
    last: Block | None = None
    for block in blocks:
        if text := render_block(block):
            rendered.append(f"{_between(last, block)}{text}" if last else text)
            last = block
    return "".join(rendered)


def _between(above: Block, below: Block) -> str:
    """Headings and lists bring their own space; what belongs together stands together."""
    if isinstance(above, Quote) and isinstance(below, Quote):  # else they are one
        return "\n\n"
    touches = isinstance(above, Heading) or isinstance(below, (Heading, Quote, Listing))
    return "\n" if touches else "\n\n"


def render_block(block: Block) -> str:
    """One block, without line breaks around it; empty where it shows nothing."""
    match block:
        case Heading():
            text = fitted(block.text, MAX_HEADING)
            return f"### {text}" if text else ""  # larger ones outshout the title of an embed
        case Paragraph():
            return as_line(render_spans(block.spans))
        case Listing():
            marker = "{}." if block.ordered else "-"
            return "\n".join(_items(block.items, marker, block.start))
        case Quote():
            return _quote(block)


def render_spans(spans: Iterable[Span]) -> str:
    """A run of spans as one line; not yet safe as the start of a line."""
    parts: list[str] = []
    is_styled = False  # whether the piece before ends with a marker that ours would run into
    for span in _merged(spans):
        rendered = _span(span, may_style=not is_styled)
        is_styled = isinstance(span, Text) and span.style != "plain" and not rendered[-1:].isspace()
        parts.append(rendered)
    return "".join(parts).strip()


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans that show something; texts of one style that touch are one."""
    merged: list[Span] = []
    for span in spans:
        piece = _cleaned(span)
        last = merged[-1] if merged else None
        if isinstance(last, Text) and isinstance(piece, Text) and last.style == piece.style:
            merged[-1] = Text(text=clean_run(last.text + piece.text), style=piece.style)
        elif not isinstance(piece, Text) or piece.text:
            merged.append(piece)
    return merged


def _cleaned(span: Span) -> Span:
    match span:
        case Text():
            return Text(text=clean_run(span.text), style=span.style)
        case Link() if link_target(span.url) is None:
            return Text(text=unlinked(span.text, span.url))
        case _:
            return span


def _span(span: Span, *, may_style: bool) -> str:
    match span:
        case Link():
            return link(span.text, span.url)
        case Time():
            return f"<t:{int(span.at.timestamp())}:R>"
        case Text():
            return _text(span, may_style=may_style or span.text.startswith(" "))


def _text(span: Text, *, may_style: bool) -> str:
    core = span.text.strip()
    if not core or not may_style or span.style == "plain":
        return escape_run(span.text)
    before, _, after = span.text.partition(core)
    if span.style == "code":
        return f"{before}{_code(core)}{after}"
    if span.style == "strike" and "~" in core:  # escapes mean nothing between its markers
        return escape_run(span.text)
    marker = _MARKERS[span.style]
    return f"{before}{marker}{escape_run(core)}{marker}{after}"


def _code(text: str) -> str:
    """A code span; plain text where backticks would end it, or a link before it end in it."""
    if "](" in text or "``" in text or ("`" in text and "`" in (text[0], text[-1])):
        return escape_run(text)
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def _items(items: Sequence[ListingItem], marker: str, start: int = 1) -> Iterator[str]:
    """The lines of a list; `{}` in the marker stands for the item's number."""
    number = start - 1
    for item in items:
        line = as_line(render_spans(item.spans))
        below = list(_items(item.items, "-"))
        if line or below:
            number += 1
            mark = marker.format(number) + " "
            yield mark + (line or "…")
            yield from (" " * len(mark) + inner for inner in below)


def _quote(block: Quote) -> str:
    """Somebody's words line by line, then who said them."""
    lines = [escape_line(line) for line in clean_text(block.text).split("\n")]
    target = link_target(block.url)
    if target or clean_line(block.author or ""):
        lines.append(f"— {link(block.author or '', block.url)}")
    return "\n".join(f"> {line}" for line in lines if line)
