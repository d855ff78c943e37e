"""Feeds as documents: Atom (RFC 4287) and JSON Feed 1.1. Pure: a feed in, text out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from markupsafe import Markup

from adapters.xml_out import legal

ATOM = "http://www.w3.org/2005/Atom"
_A = f"{{{ATOM}}}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
JSON_FEED = "https://jsonfeed.org/version/1.1"
NAME = "Threadwire"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A story or a digest. `id` never changes; `about` is what a story is told of, elsewhere."""

    id: str
    url: str
    title: str
    published_at: datetime
    updated_at: datetime
    content: Markup
    summary: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str
    about: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its items, the newest first. `url` is its own address, `site_url` its page's."""

    id: str
    url: str
    site_url: str
    title: str
    subtitle: str
    icon_url: str
    items: tuple[Item, ...]

    @property
    def updated_at(self) -> datetime:
        return max((item.updated_at for item in self.items), default=NEVER)


def atom(feed: Feed) -> str:
    """The feed as Atom. What XML cannot hold is left out of its texts."""
    root = etree.fromstring(f'<feed xmlns="{ATOM}" xml:lang="en"/>')
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", _time(feed.updated_at))
    _link(root, "self", feed.url, "application/atom+xml")
    _link(root, "alternate", feed.site_url, "text/html")
    _person(root, NAME)
    _text(root, "icon", feed.icon_url)
    _text(root, "generator", NAME)
    for item in feed.items:
        _entry(etree.SubElement(root, _A + "entry"), item)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True).decode()


def _entry(entry: etree._Element, item: Item) -> None:
    entry.set(XML_LANG, legal(item.language))
    _text(entry, "id", item.id)
    _text(entry, "title", item.title)
    _link(entry, "alternate", item.url, "text/html")
    if item.about:
        _link(entry, "related", item.about)
    _text(entry, "published", _time(item.published_at))
    _text(entry, "updated", _time(item.updated_at))
    for name in item.authors:
        _person(entry, name)
    for tag in item.tags:
        etree.SubElement(entry, _A + "category", term=legal(tag))
    if item.summary:
        _text(entry, "summary", item.summary)
    _text(entry, "content", str(item.content)).set("type", "html")


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, _A + name)
    element.text = legal(text)
    return element


def _link(parent: etree._Element, relation: str, url: str, kind: str = "") -> None:
    link = etree.SubElement(parent, _A + "link", rel=relation, href=legal(url))
    if kind:
        link.set("type", kind)


def _person(parent: etree._Element, name: str) -> None:
    _text(etree.SubElement(parent, _A + "author"), "name", name)


def _time(at: datetime) -> str:
    """RFC 3339, which is what Atom's dates are, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def json_feed(feed: Feed) -> str:
    """The feed as JSON Feed 1.1."""
    document = {
        "version": JSON_FEED,
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.site_url,
        "feed_url": feed.url,
        "icon": feed.icon_url,
        "language": "en",
        "authors": [{"name": NAME}],
        "items": [_item(item) for item in feed.items],
    }
    return json.dumps(_clean(document), ensure_ascii=False, indent=1) + "\n"


def _clean(value: Any) -> Any:
    """The same without characters that only JSON can hold: readers put them into XML and HTML."""
    match value:
        case str():
            return legal(value)
        case list():
            return [_clean(one) for one in value]
        case dict():
            return {name: _clean(one) for name, one in value.items()}
    return value


def _item(item: Item) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": item.id,
        "url": item.url,
        "external_url": item.about,
        "title": item.title,
        "content_html": str(item.content),
        "summary": item.summary,
        "image": item.image_url,
        "date_published": _time(item.published_at),
        "date_modified": _time(item.updated_at),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.tags),
        "language": item.language,
    }
    return {name: value for name, value in facts.items() if value}
