"""Pages that a site shows instead of what was asked for. They read like articles and are none.

Reddit's are known by their own words (old and new site, 2025-26): a wall for programs and an
address's bad name, and a riddle for browsers.
"""

from __future__ import annotations

import re

from lxml import html

_BLOCKED = re.compile(
    r"whoa there, pardner|blocked by network security|blocked due to a network policy",
    re.IGNORECASE,
)
_RIDDLE = re.compile(r"reddit\b.{0,20}\b(?:please wait for verification|prove your humanity)",
                     re.IGNORECASE)  # fmt: skip
# An article about such pages is longer, and does not begin with their words.
_MOST_CHARS = 3_000
_BEGINS_WITHIN = 300
_WHAT_TO_DO = (
    "save the discussion's .json in a browser that is logged in, or give Reddit's credentials in "
    "the settings"
)


def block_page(tree: html.HtmlElement) -> str:
    """What the page is, in one line with what to do; empty where it is what was asked for."""
    title = " ".join(str(tree.findtext(".//title") or "").split())
    if _RIDDLE.search(title):
        return f"this is Reddit's check for people, not what stands behind it: {_WHAT_TO_DO}"
    body = tree.find("body")
    words = _words(tree if body is None else body)
    begins = f"{title} {words[:_BEGINS_WITHIN]}"
    if len(words) <= _MOST_CHARS and _BLOCKED.search(begins):
        return f"this is Reddit's block page, not what was asked for: {_WHAT_TO_DO}"
    return ""


def _words(element: html.HtmlElement) -> str:
    """The text, as far as it takes to see that there is too much of it."""
    words, length = [], 0
    for one in element.iter():
        own = None if one.tag in ("script", "style") else one.text
        for text in (own, one.tail):
            found = " ".join((text or "").split())
            words.append(found)
            length += len(found) + bool(found)
        if length > _MOST_CHARS + 1:
            break
    return " ".join(filter(None, words))
