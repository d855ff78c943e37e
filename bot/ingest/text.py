"""Foreign markup in, readable text out.

Text is plain: paragraphs apart by a blank line, list items begin with `- ` (indented two spaces per
level), code blocks stand word for word between fences, table cells are apart by ` | `. Links keep
their words; the text of an entry also has their addresses, behind them in parentheses, where they
add something (`bot.ingest.links`). Only where nothing else is left, pictures' descriptions or else
links' addresses stand.

Everything is one pass over the tags, so that a megabyte of hostile markup costs no more than a
megabyte of a good one; what is longer than `MAX_MARKUP` is cut, reading stops at `markup.MAX_TEXT`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.ingest.boilerplate import without_tail
from bot.ingest.characters import clean_characters
from bot.ingest.links import with_addresses
from bot.ingest.markup import (
    decoded,
    is_escaped_markup,
    linked_markup_text,
    markup_text,
    plain_text,
)

MAX_MARKUP = 1_000_000
MAX_TITLE = 500

# Tags that titles are dressed in; any other angle brackets are what the title is about.
_DRESS = (
    *(
        "b",
        "i",
        "em",
        "strong",
        "span",
        "font",
        "a",
        "u",
        "s",
        "sup",
        "sub",
        "small",
        "big",
        "mark",
    ),
    *("code", "tt", "q", "cite", "abbr", "del", "ins", "bdi", "bdo", "kbd", "var"),
)
_WRAP = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "title", "body", "html")
_TITLE_TAG = re.compile(rf"<(/?)({'|'.join((*_DRESS, *_WRAP))})(?:\s[^<>]*)?>", re.IGNORECASE)
_VOID_TAG = re.compile(r"<(?:br|wbr|img|hr)(?:\s[^<>]*|\s*/)?>", re.IGNORECASE)


def readable_text(html: str) -> str:
    """HTML or plain text as plain paragraphs; see the module for what is kept."""
    html = html[:MAX_MARKUP]
    if "&" in html and is_escaped_markup(html):
        html = decoded(html)
    if "<" in html:
        return without_tail(markup_text(html))
    return without_tail(plain_text(decoded(html) if "&" in html else html))


class LinkedText(NamedTuple):
    """A text twice: to be read, with its links' addresses, and its `words` alone."""

    text: str
    words: str


def linked_text(html: str, own_url: str | None) -> LinkedText:
    """`readable_text` with and without addresses. `own_url`: the page that the text stands on."""
    html = html[:MAX_MARKUP]
    if "&" in html and is_escaped_markup(html):
        html = decoded(html)
    if "<a " not in html and "<A " not in html:
        words = readable_text(html)
        return LinkedText(words, words)
    text, anchors = linked_markup_text(html)
    words = without_tail(text)
    if not words.startswith(text[: len(words)]):  # its last sign stands for what was cut off
        anchors = [anchor for anchor in anchors if anchor.end < len(words)]
    return LinkedText(with_addresses(words, anchors, own_url), words)


def clean_title(raw: str) -> str:
    """A title as one line of plain text.

    Doubly encoded ones are decoded. Tags of dress (`<b>…</b>`) go, while `How to use <div>` keeps
    its words: a tag counts as markup only where it is closed again.
    """
    title = raw[: 8 * MAX_TITLE]
    if "<" in title:
        title = _undressed(title)
    if "&" in title:
        title = decoded(title)
        if "<" in title:
            title = _undressed(title)
        if "&" in title:
            title = decoded(title)
    title = " ".join(clean_characters(title).split())
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


def _undressed(title: str) -> str:
    title = _VOID_TAG.sub(" ", title)
    if "</" not in title:
        return title
    opened: list[re.Match[str]] = []
    drop: list[re.Match[str]] = []
    for tag in _TITLE_TAG.finditer(title):
        if not tag[1]:
            opened.append(tag)
        elif opened and opened[-1][2].lower() == tag[2].lower():
            pair = opened.pop(), tag
            if _is_dress(title, *pair):
                drop.extend(pair)
    return _without(title, sorted(drop, key=lambda tag: tag.start()))


def _is_dress(title: str, start: re.Match[str], end: re.Match[str]) -> bool:
    if start[2].lower() not in _WRAP:
        return end.start() > start.end()
    around = f"{title[: start.start()]}{title[end.end() :]}"
    return not _TITLE_TAG.sub("", around).strip()


def _without(title: str, tags: list[re.Match[str]]) -> str:
    parts: list[str] = []
    position = 0
    for tag in tags:
        parts.append(title[position : tag.start()])
        position = tag.end()
    return "".join((*parts, title[position:]))
