"""The lenient reader: feedparser, for documents that are not well-formed.

It is some fifty times slower than the strict one, so it is asked second. What it fills in by
itself is taken out again: an Atom id is no link, and a date is read by our own rules.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.sax import SAXException  # only the name: feedparser raises it

import feedparser

from adapters.sources.dates import parse_date
from adapters.sources.fields import (
    absolute,
    author_name,
    first_date,
    identified,
    is_web_url,
    tag_list,
    title_markup,
)
from bot.model import FeedDocument, RawEntry

# What feedparser itself trips over in garbage: an end tag `</height>` alone gives a TypeError.
_BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    SAXException,
    TypeError,
    ValueError,
)
_PUBLISHED = ("published", "created")
_UPDATED = ("updated",)


def read_leniently(xml: bytes, *, url: str) -> FeedDocument | None:
    """Whatever entries can be told apart in a damaged document; None when even this fails."""
    try:
        return _read(_parsed(xml), url)
    except _BUGS:
        return None


def _read(parsed: Any, url: str) -> FeedDocument:
    feed = parsed.get("feed", {})
    site_url = absolute(_text(feed, "link"), url)
    return FeedDocument(
        title=title_markup(_text(feed, "title")),
        site_url=site_url,
        language=_text(feed, "language") or None,
        ttl_s=_ttl_s(feed),
        hub_url=next((absolute(link.get("href"), url) for link in _links(feed, "hub")), None),
        self_url=next((absolute(link.get("href"), url) for link in _links(feed, "self")), None),
        format=_text(parsed, "version") or "unknown",
        entries=identified(_entry(entry, site_url or url) for entry in parsed.get("entries", ())),
    )


def _parsed(xml: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return feedparser.parse(
            xml,
            # Our own cleaning does both, and later knows more.
            sanitize_html=False,
            resolve_relative_uris=False,
            # Bytes must never be taken for the name of a file or an address.
            response_headers={"content-type": "application/xml; charset=utf-8"},
        )


def _entry(entry: Any, base: str) -> RawEntry:
    url = absolute(_link(entry), base)
    title = title_markup(_text(entry, "title"))
    content = next((_text(part, "value") for part in entry.get("content", ())), "")
    published, updated = _date(entry, _PUBLISHED), _date(entry, _UPDATED)
    summary = _text(entry, "summary")
    return RawEntry(
        guid=_text(entry, "id"),
        url=url,
        title=title,
        author=author_name(_text(entry, "author")),
        published_at=published or updated,
        updated_at=updated,
        html=content,
        summary_html=summary,
        image_url=absolute(_image(entry), base),
        comments_url=absolute(_text(entry, "comments"), base),
        num_comments=_count(_text(entry, "slash_comments")),
        tags=tag_list(tag.get("term") for tag in entry.get("tags", ())),
        language=_text(entry.get("title_detail", {}), "language") or None,
    )


def _link(entry: Any) -> str | None:
    """The link, unless it is only the id in its place (which an Atom id may not be taken for)."""
    for link in _links(entry, "alternate"):
        if link.get("href"):
            return str(link["href"])
    link = _text(entry, "link")
    if link == _text(entry, "id"):
        return link if entry.get("guidislink") and is_web_url(link) else None
    return link or None


def _links(holder: Any, rel: str) -> Iterator[Any]:
    return (link for link in holder.get("links", ()) if link.get("rel") == rel)


def _date(entry: Any, names: tuple[str, ...]) -> datetime | None:
    # feedparser answers `get("updated")` with `published`; dict.get() asks for what is there.
    texts = (dict.get(entry, name) for name in names)
    return first_date(parse_date(text) for text in texts if isinstance(text, str))


def _image(entry: Any) -> str | None:
    for image in (*entry.get("media_thumbnail", ()), *entry.get("media_content", ())):
        if image.get("url") and image.get("medium", "image") == "image":
            return str(image["url"])
    return None


def _ttl_s(feed: Any) -> float | None:
    minutes = _count(_text(feed, "ttl"))
    return minutes * 60.0 if minutes else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _text(holder: Any, key: str) -> str:
    value = holder.get(key)
    return value.strip() if isinstance(value, str) else ""
