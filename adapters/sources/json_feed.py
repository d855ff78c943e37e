"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read with the distrust that JSON needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adapters.sources.dates import parse_date
from adapters.sources.fields import absolute, identified, tag_list, text_markup, title_markup
from bot.errors import SourceError
from bot.model import FeedDocument, RawEntry

_MAX_DIGITS = 64

Json = dict[str, Any]


def looks_like_json(body: bytes) -> bool:
    start = body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    return start.startswith((b"{", b"["))


def read_json_feed(body: bytes, *, url: str) -> FeedDocument:
    """Raises `SourceError` for what is no JSON, or no feed."""
    feed = _loaded(body)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise SourceError("document is JSON but no JSON Feed: it has no list of items")
    version = feed.get("version")
    if not (isinstance(version, str) and "jsonfeed.org" in version) and not _has_feed_shape(feed):
        raise SourceError("document is JSON but no JSON Feed: it names no version of the format")
    site_url = absolute(_text(feed, "home_page_url"), url)
    author = _author(feed)
    entries = (
        _entry(item, site_url or url, author) for item in feed["items"] if isinstance(item, dict)
    )
    return FeedDocument(
        title=title_markup(_text(feed, "title")),
        site_url=site_url,
        language=_text(feed, "language") or None,
        hub_url=_hub_url(feed, url),
        self_url=absolute(_text(feed, "feed_url"), url) if feed.get("feed_url") else None,
        format="json",
        entries=identified(entries),
    )


def _loaded(body: bytes) -> object:
    try:
        text = body.decode(json.detect_encoding(body), "replace")
        return json.loads(
            text.removeprefix("\ufeff"), parse_constant=_no_number, parse_int=_integer, strict=False
        )
    except (ValueError, RecursionError) as exc:
        reason = "nested too deeply" if isinstance(exc, RecursionError) else _one_line(exc)
        raise SourceError(f"document is damaged JSON: {reason}") from exc


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _no_number(_name: str) -> None:
    """NaN and Infinity, which Python would let pass."""


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _has_feed_shape(feed: Json) -> bool:
    items = [item for item in feed["items"] if isinstance(item, dict)]
    return "home_page_url" in feed or any("content_html" in i or "content_text" in i for i in items)


def _entry(item: Json, base: str, feed_author: str | None) -> RawEntry:
    url = absolute(_text(item, "url"), base) or absolute(_text(item, "external_url"), base)
    title = title_markup(_text(item, "title"))
    content = _text(item, "content_html") or text_markup(_text(item, "content_text"))
    published = parse_date(_text(item, "date_published"))
    updated = parse_date(_text(item, "date_modified"))
    return RawEntry(
        guid=_id(item.get("id")),
        url=url,
        title=title,
        author=_author(item) or feed_author,
        published_at=published or updated,
        updated_at=updated,
        html=content,
        summary_html=text_markup(_text(item, "summary")),
        image_url=absolute(_text(item, "image") or _text(item, "banner_image"), base),
        tags=tag_list(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        language=_text(item, "language") or None,
    )


def _id(value: object) -> str:
    """The specification wants strings and tells readers to take numbers as well."""
    if isinstance(value, bool):
        return ""
    return _whole(str(value)).strip() if isinstance(value, str | int | float) else ""


def _author(holder: Json) -> str | None:
    """1.1 lists authors, 1.0 had one."""
    for author in (*_list(holder, "authors"), holder.get("author")):
        name = _text(author, "name") if isinstance(author, dict) else author
        if isinstance(name, str) and name.strip():
            return name.strip()
    return None


def _hub_url(feed: Json, url: str) -> str | None:
    hubs: Iterator[Json] = (hub for hub in _list(feed, "hubs") if isinstance(hub, dict))
    return next((absolute(_text(hub, "url"), url) for hub in hubs), None)


def _text(holder: Json, key: str) -> str:
    value = holder.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _whole(value).strip() if isinstance(value, str) else ""


def _whole(text: str) -> str:
    r"""Without the halves of characters that `\ud800` can leave, which no encoding takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _list(holder: Json, key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []
