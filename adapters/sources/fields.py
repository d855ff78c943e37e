"""What all feed formats share: identity, addresses, titles and text of an entry."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from urllib.parse import urljoin

from bot.model import RawEntry

_MAX_ENTRIES = 10_000  # whole archives have some thousands; a hostile document has a million
_CONSTANT_FROM = 4  # entries, and what share of all, that one guid must stand for to be no guid
_CONSTANT_SHARE = 0.75
_MAX_TAGS = 50
_MAX_TAG_LENGTH = 100

_LINE_BREAKS = re.compile(r"\s*[\r\n\t]\s*")
_WEB = ("http://", "https://")
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|cite|code|del|div|em|figure|font|h[1-6]|hr|i|iframe|img|ins|li|mark|ol|p|pre"
    r"|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|tr|tt|u|ul|var|video"
    r"|wbr)(?:\s[^<>]*)?/?>|<!--|<!\[CDATA\[",
    re.IGNORECASE,
)
_MAIL_AND_NAME = re.compile(r"\s*[^\s()<>]+@[^\s()<>]+\s*\(([^()]+)\)\s*$")
_NAME_AND_MAIL = re.compile(
    r"\s*([^<>()]*[^<>()\s])\s*[<(]\s*(?:mailto:)?[^\s()<>]+@[^\s()<>]+[>)]\s*$"
)


def is_web_url(text: str) -> bool:
    return text[:8].lower().startswith(_WEB)


def absolute(reference: str | None, base: str) -> str | None:
    """`reference` as an http(s) URL, or None when it is none and `base` makes it none."""
    if not reference:
        return None
    if not reference.isprintable():  # broken over lines
        reference = _LINE_BREAKS.sub("", reference)
    reference = reference.strip()
    if reference.startswith(_WEB) or is_web_url(reference):
        return reference
    try:
        joined = urljoin(base, reference) if reference else ""
    except ValueError:  # a bracket that opens no IPv6 address
        return None
    return joined if is_web_url(joined) else None


def identified(entries: Iterable[RawEntry]) -> tuple[RawEntry, ...]:
    """The entries of one document, each with a guid that stands for it alone.

    An entry without one (guid "") gets its link; without a link a hash that says what it is made
    of. Where that link is the page all entries point to (a changelog), or where a publisher's
    guid is a constant, a hash of the entry goes behind it.
    """
    found = [_with_fallback(entry) for entry in islice(entries, _MAX_ENTRIES)]
    groups: dict[str, list[RawEntry]] = defaultdict(list)
    for entry, _ in found:
        groups[entry.guid].append(entry)
    shared = {guid for guid, group in groups.items() if len(group) > 1}
    if not shared:
        return tuple(entry for entry, _ in found)
    constant = {guid for guid in shared if _is_constant(groups[guid], len(found))}
    return tuple(
        _told_apart(entry) if entry.guid in (shared if is_fallback else constant) else entry
        for entry, is_fallback in found
    )


def _with_fallback(entry: RawEntry) -> tuple[RawEntry, bool]:
    if entry.guid:
        return entry, False
    return replace(entry, guid=entry.url or "hash:" + _made_of(entry)), True


def _made_of(entry: RawEntry) -> str:
    """Title and date; the content, which is edited most, only where there is neither."""
    date = entry.published_at.isoformat() if entry.published_at else ""
    named = entry.title or date
    return _digest(entry.title, date, "" if named else entry.html or entry.summary_html)


def _is_constant(group: list[RawEntry], total: int) -> bool:
    """A few of one guid may be an entry and its edits; most of a document, all new, are not."""
    titles = {entry.title for entry in group}
    urls = {entry.url for entry in group}
    return min(len(titles), len(urls)) >= max(_CONSTANT_FROM, _CONSTANT_SHARE * total)


def _told_apart(entry: RawEntry) -> RawEntry:
    return replace(entry, guid=f"{entry.guid}#hash:{_digest(entry.title, entry.url or '')}")


def title_markup(text: str) -> str:
    """A title as markup: what only looks like a tag ("Vec<T>") is text."""
    text = text.strip()
    return text if "<" not in text or _MARKUP.search(text) else text.replace("<", "&lt;")


def text_markup(text: str) -> str:
    """Content declared as plain text, as markup. Publishers often declare so and send HTML."""
    if "<" in text and _MARKUP.search(text):
        return text
    return html.escape(text, quote=False).replace("\n\n", "<p>")


def author_name(text: str) -> str | None:
    """The name alone where RSS asked for an address with the name behind it."""
    if "@" not in text or len(text) > 500:
        return text.strip() or None
    found = _MAIL_AND_NAME.match(text) or _NAME_AND_MAIL.match(text)
    return (found[1] if found else text).strip() or None


def tag_list(tags: Iterable[str | None]) -> tuple[str, ...]:
    names = (" ".join(tag.split()) for tag in tags if tag)
    kept = dict.fromkeys(name for name in names if 0 < len(name) <= _MAX_TAG_LENGTH)
    return tuple(kept)[:_MAX_TAGS]


def first_date(dates: Iterable[datetime | None]) -> datetime | None:
    return next((date for date in dates if date is not None), None)


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()
