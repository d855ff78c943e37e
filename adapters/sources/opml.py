"""Feed lists in OPML, read as they are found in the wild; `adapters.opml` writes them."""

from __future__ import annotations

from lxml import etree

from adapters.opml import OpmlFeed
from adapters.sources.decoding import as_xml, mended, unpacked
from adapters.sources.fields import absolute, tag_list
from adapters.sources.xml_feed import NotWellFormedError, parse_tree
from adapters.sources.xml_names import local_name
from bot.errors import SourceError

_URL_ATTRIBUTES = ("xmlurl", "url", "feedurl")


def read_opml(body: bytes) -> tuple[OpmlFeed, ...]:
    """The feeds of a list, each address once. Raises `SourceError` when it is none.

    A bare `&` and other damage is mended; what even then is not well-formed is read as far as it
    goes. Addresses other than http(s) are left out.
    """
    root = _root(as_xml(unpacked(body)))
    if root is None or local_name(str(root.tag)) not in ("opml", "outlines", "body"):
        raise SourceError("document is no OPML: a feed list has <opml> as its root element")
    feeds: dict[str, OpmlFeed] = {}
    for outline in root.iter(etree.Element):
        feed = _feed(outline) if local_name(str(outline.tag)) == "outline" else None
        if feed is not None:
            feeds.setdefault(feed.url, feed)
    return tuple(feeds.values())


def _root(xml: bytes) -> etree._Element | None:
    try:
        return parse_tree(xml)
    except NotWellFormedError:
        pass
    try:
        return parse_tree(mended(xml), recover=True)
    except NotWellFormedError:
        return None


def _feed(outline: etree._Element) -> OpmlFeed | None:
    attributes = _attributes(outline)
    url = next((attributes[name] for name in _URL_ATTRIBUTES if attributes.get(name)), None)
    url = absolute(url, "")
    is_link = attributes.get("type", "").lower() == "link" and "xmlurl" not in attributes
    if url is None or is_link:
        return None
    categories = (path.rpartition("/")[2] for path in attributes.get("category", "").split(","))
    return OpmlFeed(
        url=url,
        title=_name(attributes),
        site_url=absolute(attributes.get("htmlurl"), ""),
        tags=tag_list([*_folders(outline), *categories]),
    )


def _folders(outline: etree._Element) -> list[str]:
    above = [_name(_attributes(parent)) for parent in outline.iterancestors("outline")]
    return above[::-1]


def _attributes(outline: etree._Element) -> dict[str, str]:
    return {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}


def _name(attributes: dict[str, str]) -> str:
    return attributes.get("title") or attributes.get("text") or ""
