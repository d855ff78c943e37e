"""Feed lists in OPML, written well-formed; `adapters.sources.opml` reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from adapters.xml_out import legal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """One subscription of a list. `tags` are the folders it lies in, the outermost first."""

    url: str
    title: str = ""
    site_url: str | None = None
    tags: tuple[str, ...] = ()


def write_opml(feeds: Iterable[OpmlFeed], *, title: str = "Threadwire") -> bytes:
    """An OPML 2.0 document; feeds lie in the folder of their first tag, and all their tags are
    named in `category`, as OPML has it.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = legal(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        name = legal(feed.tags[0]) if feed.tags else ""
        if name and name not in folders:
            folders[name] = etree.SubElement(body, "outline", text=name, title=name)
        _write_feed(folders.get(name, body), feed)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _write_feed(parent: etree._Element, feed: OpmlFeed) -> None:
    url = legal(feed.url)
    title = legal(feed.title) or url
    outline = etree.SubElement(parent, "outline", type="rss", text=title, title=title)
    outline.set("xmlUrl", url)
    if feed.site_url:
        outline.set("htmlUrl", legal(feed.site_url))
    if feed.tags:
        outline.set("category", ",".join(f"/{legal(tag).replace(',', ' ')}" for tag in feed.tags))
