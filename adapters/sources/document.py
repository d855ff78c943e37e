"""Bytes to a feed: which format, and which reader.

The strict reader (libxml2) goes first and is right for nearly every document. What is not
well-formed is mended and tried again; what still is not goes to the lenient reader, and the one of
the two guesses that found more entries stands. A well-formed document in which the strict reader
finds nothing although it names entries goes the same way.
"""

from __future__ import annotations

import re

from lxml import etree

from adapters.sources.decoding import as_xml, mended, unpacked
from adapters.sources.json_feed import looks_like_json, read_json_feed
from adapters.sources.xml_feed import (
    NotWellFormedError,
    TooDeepError,
    feed_root,
    parse_tree,
    read_tree,
)
from bot.errors import SourceError
from bot.model import FeedDocument

# The lenient reader takes ten seconds for a megabyte of the worst garbage.
_MAX_LENIENT_BYTES = 1_000_000

_DECLARES_ENTITIES = re.compile(rb"(?:[^<]|<(?!\w|!ENTITY))*+<!ENTITY", re.IGNORECASE)
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_ENTRY_TAG = re.compile(rb"<(?:[\w.-]{1,30}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_FEED_TAG = re.compile(
    rb"<(?:[\w.-]{1,30}:)?(?:rss|feed|rdf|channel|item|entry)[\s>/]", re.IGNORECASE
)


def parse_document(body: bytes, *, url: str, content_type: str = "") -> FeedDocument:
    """Read a feed of any known format. Raises `SourceError` saying why it is none.

    Nothing is fetched and nothing is expanded, whatever the document asks for.
    """
    body = unpacked(body)
    if not body.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise SourceError("document is empty")
    if looks_like_json(body):
        return read_json_feed(body, url=url)
    return _read_xml(as_xml(body, content_type), url=url, content_type=content_type)


def looks_like_html(body: bytes) -> bool:
    """Whether the document is a page and no feed."""
    head = body[:4096]
    html = _HTML.search(head)
    feed = _FEED_TAG.search(head)
    return html is not None and (feed is None or html.start() < feed.start())


def _read_xml(xml: bytes, *, url: str, content_type: str) -> FeedDocument:
    try:
        root = parse_tree(xml)
    except NotWellFormedError:
        return _read_damaged(mended(xml, content_type), url=url)
    document = _read_root(root, xml, url)
    if not document.entries and _ENTRY_TAG.search(xml):
        return _better(document, _lenient(xml, url)) or document
    return document


def _read_damaged(xml: bytes, *, url: str) -> FeedDocument:
    try:
        root = parse_tree(xml)
    except TooDeepError as exc:  # the lenient reader would need minutes for it
        raise SourceError(f"document is not a feed: {exc}") from exc
    except NotWellFormedError as exc:
        return _guessed(xml, url, exc)
    return _read_root(root, xml, url)


def _guessed(xml: bytes, url: str, damage: NotWellFormedError) -> FeedDocument:
    if looks_like_html(xml):
        raise SourceError("document is an HTML page, not a feed")
    if _DECLARES_ENTITIES.match(xml):  # the lenient reader would expand them
        raise SourceError("document declares entities of its own, which feeds may not do")
    recovered = _recovered(xml, url)
    document = _better(recovered, _lenient(xml, url))
    if document is None or not (document.entries or document.title):
        raise SourceError(f"document is not a feed: {' '.join(str(damage).split())[:120]}")
    return document


def _recovered(xml: bytes, url: str) -> FeedDocument | None:
    try:
        return _read_root(parse_tree(xml, recover=True), xml, url)
    except (NotWellFormedError, SourceError):
        return None


def _lenient(xml: bytes, url: str) -> FeedDocument | None:
    if len(xml) > _MAX_LENIENT_BYTES or not _FEED_TAG.search(xml):
        return None
    from adapters.sources.lenient import read_leniently  # feedparser takes 90 ms to import

    return read_leniently(xml, url=url)


def _better(strict: FeedDocument | None, lenient: FeedDocument | None) -> FeedDocument | None:
    if strict is None or lenient is None:
        return strict or lenient
    return strict if len(strict.entries) > len(lenient.entries) else lenient


def _read_root(root: etree._Element, xml: bytes, url: str) -> FeedDocument:
    feed = feed_root(root)
    if feed is None:
        raise SourceError(_no_feed(xml, root))
    return read_tree(feed, url=url, has_bases=b"xml:base" in xml)


def _no_feed(xml: bytes, root: etree._Element) -> str:
    tag = str(root.tag).rpartition("}")[2]
    if looks_like_html(xml) or tag.lower() == "html":
        return "document is an HTML page, not a feed"
    return f"document is XML but no feed: its root element is <{tag[:40]}>"
