"""A `rich_text` block as Slack shows it: its texts are literal, its styles are flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from markupsafe import Markup

from adapters.web.look.markup import NOTHING, Piece, joined, link, tag
from adapters.web.look.moments import marked, moment_of, slack_date
from adapters.web.look.scene import Body, part, parts, words

_STYLES = (("code", "code"), ("strike", "s"), ("italic", "em"), ("bold", "strong"))
_CALLED = {
    "user": "@member",
    "usergroup": "@group",
    "channel": "#channel",
    "team": "@team",
}
_MAX_INDENT = 8


def show_rich_text(block: Body, now: datetime) -> Markup:
    """Sections, lists, quotes and preformatted text, one below the other."""
    return tag("div", *_elements(parts(block.get("elements")), now), class_="sl-rich")


def _elements(elements: Sequence[Body], now: datetime) -> Iterator[Piece]:
    for element in elements:
        inside = parts(element.get("elements"))
        match element.get("type"):
            case "rich_text_section":
                yield tag("div", _run(inside, now), class_="sl-section")
            case "rich_text_quote":
                yield tag("blockquote", _run(inside, now))
            case "rich_text_preformatted":
                yield tag("pre", _run(inside, now))
            case "rich_text_list":
                yield _list(element, inside, now)


def _list(element: Body, items: Sequence[Body], now: datetime) -> Markup:
    """Lists do not nest: each says how far it is indented, and at which number it begins."""
    indent = element.get("indent")
    depth = min(indent, _MAX_INDENT) if isinstance(indent, int) and indent > 0 else 0
    shown = [tag("li", _run(parts(item.get("elements")), now)) for item in items]
    if element.get("style") != "ordered":
        return tag("ul", *shown, class_=f"sl-in{depth}")
    offset = element.get("offset")
    start = offset + 1 if isinstance(offset, int) and offset > 0 else None
    return tag("ol", *shown, class_=f"sl-in{depth}", start=start)


def _run(elements: Sequence[Body], now: datetime) -> Markup:
    return joined([_styled(element, _inline(element, now)) for element in elements])


def _inline(element: Body, now: datetime) -> Piece:
    kind = words(element.get("type"))
    match kind:
        case "text":
            return words(element.get("text"))
        case "link":
            url = words(element.get("url"))
            return link(url, words(element.get("text")) or url)
        case "date":
            return _date(element, now)
        case "emoji":
            return _emoji(element)
        case "broadcast":
            return tag("span", f"@{words(element.get('range'))}", class_="sl-mention")
        case "color":
            return words(element.get("value"))
        case _ if kind in _CALLED:
            return tag("span", _CALLED[kind], class_="sl-mention")
    return NOTHING


def _styled(element: Body, shown: Piece) -> Piece:
    style = part(element.get("style"))
    for name, element_name in _STYLES:
        if style.get(name):
            shown = tag(element_name, shown)
    return shown


def _date(element: Body, now: datetime) -> Piece:
    unix = element.get("timestamp")
    at = moment_of(unix) if isinstance(unix, int) else None
    if at is None:
        return words(element.get("fallback"))
    shown = marked(at, slack_date(words(element.get("format")), at, now), "sl-date")
    return link(element.get("url"), shown) if element.get("url") else shown


def _emoji(element: Body) -> str:
    """By its code points where the payload has them, else by its name."""
    try:
        return "".join(chr(int(one, 16)) for one in words(element.get("unicode")).split("-"))
    except (ValueError, OverflowError):
        return f":{words(element.get('name'))}:"
