"""The feeds that a page names in its head, and the addresses where feeds usually are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from lxml import etree

from adapters.sources.decoding import decoded
from adapters.sources.fields import absolute

_FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/x.atom+xml",
        "text/rss+xml",
    }
)
# Types that a feed may have and other things mostly have: taken where the address says feed.
_VAGUE_TYPES = frozenset({"application/json", "application/xml", "text/xml"})
_FEED_WORD = re.compile(r"feed|rss|atom", re.IGNORECASE)
_COMMENTS = re.compile(r"\bcomments?\b", re.IGNORECASE)
_COMMON_PATHS = ("feed", "rss.xml", "atom.xml", "index.xml", "feed.xml")
_MAX_HTML_BYTES = 2_000_000
_MAX_LINKS = 20


def feed_links(body: bytes, *, url: str, content_type: str = "") -> tuple[str, ...]:
    """Addresses of the feeds that the page `body` offers, in its order, each once.

    Feeds of comments are left out. Hrefs are resolved against `<base>` or `url`.
    """
    text = decoded(body[:_MAX_HTML_BYTES], content_type)
    parser = etree.HTMLParser(no_network=True, recover=True, remove_comments=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    if root is None:
        return ()
    base = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    found = (absolute(href, absolute(base, url) or url) for href in _hrefs(root))
    return tuple(dict.fromkeys(link for link in found if link))[:_MAX_LINKS]


def common_feed_urls(url: str) -> tuple[str, ...]:
    """Where to look when a page names no feed: beside the page first, then at the site's root."""
    address = urlsplit(url)
    root = f"{address.scheme}://{address.netloc}/"
    folder = url.split("?")[0].split("#")[0].rstrip("/") + "/"
    candidates = [urljoin(root, path) for path in _COMMON_PATHS]
    if folder != root and "." not in address.path.rpartition("/")[2]:
        candidates = [urljoin(folder, "feed"), *candidates[:-1]]
    return tuple(candidates)


def _hrefs(root: etree._Element) -> Iterator[str]:
    for link in root.iter("link"):
        rels = (link.get("rel") or "").lower().split()
        href = (link.get("href") or "").strip()
        if href and ("alternate" in rels or "feed" in rels) and _is_feed(link, href):
            yield href


def _is_feed(link: etree._Element, href: str) -> bool:
    declared = (link.get("type") or "").partition(";")[0].strip().lower()
    if declared not in _FEED_TYPES and not (declared in _VAGUE_TYPES and _FEED_WORD.search(href)):
        return False
    return not (_COMMENTS.search(link.get("title") or "") or "/comments/" in href)
