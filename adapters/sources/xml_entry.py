"""One `item` or `entry` of an XML feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from adapters.sources.dates import parse_date
from adapters.sources.fields import absolute, author_name, is_web_url, tag_list
from adapters.sources.xml_names import Names
from adapters.sources.xml_text import (
    LANG,
    Fields,
    first_text,
    gather,
    markup_of,
    plain_text,
    title_of,
)
from bot.model import RawEntry

_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"

# In the order of trust; the first that can be read counts.
_PUBLISHED = (
    "pubdate",
    "published",
    "issued",
    "dcterms:issued",
    "atom:published",
    "atom:issued",
    "dc:date",
    "created",
    "dcterms:created",
    "atom:created",
    "date",
)
_UPDATED = (
    "updated",
    "modified",
    "atom:updated",
    "atom:modified",
    "dcterms:modified",
    "lastbuilddate",
)
_CONTENT = ("content:encoded", "content", "atom:content", "xhtml:body", "xhtml:div", "fullitem")
_TAGS = ("category", "dc:subject", "atom:category")
_SUMMARY = ("description", "summary", "atom:summary", "dc:description", "itunes:summary")


@dataclass(frozen=True, slots=True)
class Context:
    """What an entry takes from its document."""

    names: Names
    base: str
    document_url: str
    has_bases: bool
    author: str | None


def read_entry(item: etree._Element, context: Context) -> RawEntry:
    fields = gather(item, context.names)
    own_base = absolute(item.base, context.document_url) if context.has_bases else None
    base = own_base or context.base
    media = _media(fields, context.names) if _has_media(fields) else {}
    url = _url(item, fields, base)
    title = _title(fields) or _title(media)
    content = _first_markup(fields, _CONTENT)
    summary = _first_markup(fields, _SUMMARY) or _first_markup(media, ("media:description",))
    published, updated = _dates(fields, _PUBLISHED), _dates(fields, _UPDATED)
    return RawEntry(
        guid=first_text(fields, "guid", "id", "atom:id") or (item.get(_RDF_ABOUT) or "").strip(),
        url=url,
        title=title,
        author=_author(fields, context.names) or context.author,
        published_at=published or updated,
        updated_at=updated,
        html=content,
        summary_html=summary,
        image_url=absolute(_image(fields, media), base),
        comments_url=absolute(_comments(fields), base),
        num_comments=_count(first_text(fields, "slash:comments", "thr:total")),
        tags=_tags(fields),
        language=item.get(LANG) or first_text(fields, "dc:language"),
    )


def alternate_link(fields: Fields) -> str | None:
    """The Atom link to the page itself, an HTML one rather than another form of it."""
    other = None
    for link in _atom_links(fields):
        if link.get("rel", "alternate").lower() in ("alternate", ""):
            if "html" in link.get("type", "html"):
                return link.get("href")
            other = other or link.get("href")
    return other


def _atom_links(fields: Fields) -> Iterator[etree._Element]:
    for name in ("link", "atom:link"):
        for link in fields.get(name, ()):
            if link.get("href"):
                yield link


def _url(item: etree._Element, fields: Fields, base: str) -> str | None:
    """Where the entry leads: its link; a guid that is one; what it encloses."""
    url = absolute(_link_text(fields) or alternate_link(fields), base)
    if url:
        return url
    permalinks = (plain_text(guid) for guid in fields.get("guid", ()) if _is_permalink(guid))
    for text in permalinks:
        if is_web_url(text):
            return text
    about = item.get(_RDF_ABOUT) or ""
    if is_web_url(about):
        return about
    return next((absolute(file.get("url"), base) for file in fields.get("enclosure", ())), None)


def _is_permalink(guid: etree._Element) -> bool:
    return guid.get("isPermaLink", guid.get("ispermalink", "true")).strip().lower() != "false"


def _link_text(fields: Fields) -> str | None:
    for link in fields.get("link", ()):
        text = (link.text or "").strip()
        if text:
            return text
    return None


def _title(fields: Fields) -> str:
    for name in ("title", "atom:title", "dc:title", "media:title"):
        for element in fields.get(name, ()):
            title = title_of(element)
            if title:
                return title
    return ""


def _first_markup(fields: Fields, names: tuple[str, ...]) -> str:
    for name in names:
        for element in fields.get(name, ()):
            markup = markup_of(element)
            if markup:
                return markup
    return ""


def _dates(fields: Fields, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        if name in fields:
            for element in fields[name]:
                moment = parse_date(plain_text(element))
                if moment is not None:
                    return moment
    return None


def _author(fields: Fields, names: Names) -> str | None:
    for name in ("author", "dc:creator", "atom:author", "itunes:author", "dc:author"):
        for element in fields.get(name, ()):
            text = _person(element, names)
            if text:
                return author_name(text)
    return None


def _person(element: etree._Element, names: Names) -> str | None:
    if len(element) == 0:
        return plain_text(element)
    return first_text(gather(element, names), "name", "atom:name", "email", "atom:email")


def _tags(fields: Fields) -> tuple[str, ...]:
    elements = [e for name in _TAGS if name in fields for e in fields[name]]
    return tag_list(e.get("term") or e.get("label") or plain_text(e) for e in elements)


def _comments(fields: Fields) -> str | None:
    page = first_text(fields, "comments")
    if page:
        return page
    replies = [link for link in _atom_links(fields) if link.get("rel") == "replies"]
    return next((link.get("href") for link in replies if "html" in link.get("type", "html")), None)


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _has_media(fields: Fields) -> bool:
    return "media:group" in fields or "media:content" in fields or "media:thumbnail" in fields


def _media(fields: Fields, names: Names) -> Fields:
    """The media elements of an entry, those in a group and inside a `media:content` included."""
    found: Fields = {}
    for name, elements in fields.items():
        if name.startswith("media:"):
            for element in elements:
                found.setdefault(name, []).append(element)
                for inner in element.iterdescendants(etree.Element):
                    found.setdefault(names[inner.tag], []).append(inner)
    return found


def _image(fields: Fields, media: Fields) -> str | None:
    for element in media.get("media:content", ()):
        if element.get("medium") == "image" or element.get("type", "").startswith("image/"):
            return element.get("url")
    for element in media.get("media:thumbnail", ()):
        return element.get("url")
    for element in fields.get("itunes:image", ()):
        return element.get("href")
    for element in fields.get("enclosure", ()):
        if element.get("type", "").startswith("image/"):
            return element.get("url")
    return None
