"""Blocks of a post as a `rich_text` block, whose texts are literal: nothing in them is read as
markup, so that nothing has to be escaped and quotes stay word for word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adapters.platforms.slack.mrkdwn import link_target, without_calls
from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Quote, Span, Text, Time
from bot.posts.safety import clean_line, clean_run, clean_text, clip, domain_of

Element = dict[str, Any]

MAX_LABEL = 300
MAX_INDENT = 8
_STYLES = {"strong": "bold", "emphasis": "italic", "strike": "strike", "code": "code"}


def rich_text(blocks: Sequence[Block]) -> Element | None:
    """One `rich_text` block; None where there is nothing to show."""
    elements = [element for block in blocks for element in _elements(block)]
    return {"type": "rich_text", "elements": _spaced(elements)} if elements else None


def _elements(block: Block) -> Iterator[Element]:
    match block:
        case Heading():
            if text := clean_line(block.text):
                yield _section([_text(text, "strong")])
        case Paragraph():
            if inline := _inline(block.spans):
                yield _section(inline)
        case Listing():
            yield from _lists(block.items, 0, ordered=block.ordered, start=block.start)
        case Quote():
            yield from _quote(block)


def _spaced(elements: Sequence[Element]) -> list[Element]:
    """Sections end their line, and a blank line parts two of them."""
    spaced: list[Element] = []
    for number, element in enumerate(elements):
        is_section = element["type"] == "rich_text_section"
        if is_section and number + 1 < len(elements):
            gap = "\n\n" if elements[number + 1]["type"] == "rich_text_section" else "\n"
            element = _section([*element["elements"], {"type": "text", "text": gap}])
        spaced.append(element)
    return spaced


def _section(inline: list[Element]) -> Element:
    return {"type": "rich_text_section", "elements": inline}


def _inline(spans: Iterable[Span]) -> list[Element]:
    found = [element for span in spans if (element := _span(span)) is not None]
    if found and found[0]["type"] == "text":
        found[0]["text"] = found[0]["text"].lstrip() or " "
    return found


def _span(span: Span) -> Element | None:
    match span:
        case Link():
            return _link(span.text, span.url)
        case Time():
            return {
                "type": "date",
                "timestamp": int(span.at.timestamp()),
                "format": "{date_short_pretty} {time}",
                "fallback": span.at.strftime("%Y-%m-%d %H:%M UTC"),
            }
        case Text():
            text = clean_run(span.text)
            return _text(text, span.style) if text else None


def _text(text: str, style: str = "plain") -> Element:
    element: Element = {"type": "text", "text": without_calls(text)}
    if style in _STYLES and text.strip():
        element["style"] = {_STYLES[style]: True}
    return element


def _link(label: str, url: str | None) -> Element | None:
    target = link_target(url)
    text = clip(clean_line(label), MAX_LABEL)
    if target is None:
        return _text(text) if text else None
    shown = without_calls(text) or domain_of(target)
    return {"type": "link", "url": target, "text": shown}


def _lists(
    items: Sequence[ListingItem], indent: int, *, ordered: bool, start: int = 1
) -> Iterator[Element]:
    """Slack nests no lists: a list of each level, one after the other. A list that is interrupted,
    or goes on counting, has its numbers in the text: Slack would count it anew.
    """
    if ordered and (start != 1 or any(item.items for item in items[:-1])):
        for number, item in enumerate(items, start):
            yield _section([_text(f"{number}. "), *_shown(item)])
            yield from _lists(item.items, indent + 1, ordered=False)
        return
    waiting: list[Element] = []
    for item in items:
        waiting.append(_section(_shown(item)))
        if item.items:
            yield _list(waiting, indent, ordered=ordered)
            waiting = []
            yield from _lists(item.items, indent + 1, ordered=False)
    if waiting:
        yield _list(waiting, indent, ordered=ordered)


def _shown(item: ListingItem) -> list[Element]:
    return _inline(item.spans) or [_text("…")]


def _list(sections: list[Element], indent: int, *, ordered: bool) -> Element:
    return {
        "type": "rich_text_list",
        "style": "ordered" if ordered else "bullet",
        "indent": min(indent, MAX_INDENT),
        "elements": sections,
    }


def _quote(block: Quote) -> Iterator[Element]:
    """Somebody's words, then who said them."""
    text = clean_text(block.text)
    inline = [_text(text)] if text else []
    said_by = _link(block.author or "", block.url) if block.author or block.url else None
    if said_by is not None:
        inline += [_text("\n— " if inline else "— "), said_by]
    if inline:
        yield {"type": "rich_text_quote", "elements": inline}
