"""Reddit's JSON, taken with care: a field that is missing or of an odd type is nothing.

Reddit leaves fields out by the year an answer was recorded, by the kind of app that asks and by
what moderators did, so that no answer is refused for a field that nobody needs.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from bot.ingest.markup import decoded, plain_text
from bot.ingest.text import readable_text

Json = dict[str, Any]

SITE = "https://www.reddit.com"
# What stands in the place of a text or a name that is gone.
_GONE = re.compile(
    r"\s*(?:\[\s*(?:deleted|removed|unavailable)(?:\s+by\s+[^\]\n]{1,40})?\s*\]"
    r"|comment\ (?:deleted\ by\ user|removed\ by\ moderator))\s*",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTE_PART = re.compile(r"<(/?blockquote|p)\b[^<>]*>", re.IGNORECASE)
_LATEST_S = 4_102_444_800.0  # the year 2100


def children(payload: object) -> list[Json]:
    """What a Listing holds; nothing where the payload is none."""
    listing = data_of(payload) if isinstance(payload, dict) else {}
    found = listing.get("children")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def data_of(thing: Json) -> Json:
    """The fields of a thing (`{"kind": …, "data": {…}}`)."""
    found = thing.get("data")
    return found if isinstance(found, dict) else {}


def string(holder: Json, key: str) -> str:
    found = holder.get(key)
    return found if isinstance(found, str) else ""


def integer(holder: Json, key: str) -> int | None:
    found = holder.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def flag(holder: Json, key: str) -> bool:
    return holder.get(key) is True


def listed(holder: Json, key: str) -> list[Json]:
    """The objects in a list field."""
    found = holder.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def moment(holder: Json, key: str) -> datetime | None:
    """Seconds since 1970 as a time; `edited` is False where nothing was."""
    found = holder.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return datetime.fromtimestamp(found, UTC) if 0 < found < _LATEST_S else None


def author(holder: Json) -> str | None:
    """The author's name; None where the account is gone."""
    name = string(holder, "author").strip()
    return name if name and not is_gone(name) else None


def is_gone(text: str) -> bool:
    """Whether this is the mark that Reddit leaves where a text was deleted or removed."""
    return _GONE.fullmatch(text) is not None


def web_url(text: str) -> str | None:
    """An address as Reddit gives it: escaped without `raw_json`, relative for its own pages."""
    url = unescape(text).strip()
    if url.startswith("/") and not url.startswith("//"):
        return SITE + url
    return url if url.startswith(("http://", "https://")) else None


def rich_text(holder: Json, html_key: str, markdown_key: str) -> str:
    """A body as readable text: of its HTML, which is the same in the API and in `.rss`."""
    html = string(holder, html_key)
    if html:
        return quoted_text(html)
    return plain_text(decoded(string(holder, markdown_key)))


def quoted_text(html: str) -> str:
    """HTML of a comment as text, with `> ` before the paragraphs that quote somebody else.

    Without that mark the words of whom a comment answers would count as its author's own.
    """
    if "<" not in html and "&lt;" in html:
        html = unescape(html)
    if "<blockquote" not in html:
        return readable_text(html)
    depth = 0

    def marked(tag: re.Match[str]) -> str:
        nonlocal depth
        name = tag[1].lower()
        if name == "blockquote":
            depth += 1
        elif name == "/blockquote":
            depth = max(0, depth - 1)
        elif depth:
            return f"{tag[0]}{'&gt;' * min(depth, 3)} "
        return tag[0]

    return readable_text(_QUOTE_PART.sub(marked, html))
