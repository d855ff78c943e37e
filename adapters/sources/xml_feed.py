"""RSS 0.9x, 1.0 and 2.0 and Atom 0.3 and 1.0: the document around the entries."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from adapters.sources.fields import absolute, identified, title_markup
from adapters.sources.xml_entry import Context, alternate_link, read_entry
from adapters.sources.xml_names import Names, local_name
from adapters.sources.xml_text import LANG, Fields, first_text, gather, plain_text
from bot.model import FeedDocument

_ROOTS = frozenset({"rss", "rdf", "feed", "channel", "entry"})
_ENTRIES = frozenset({"item", "entry"})
_PERIODS_S = {
    "hourly": 3600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
    "monthly": 2_592_000.0,
    "yearly": 31_536_000.0,
}
_MAX_NESTED = 2  # items inside items; each level could repeat what is inside it once more
_MAX_TTL_S = 31_536_000.0


class NotWellFormedError(ValueError):
    """The bytes are no XML, or XML that only guessing can read."""


class TooDeepError(NotWellFormedError):
    """Elements inside elements beyond libxml2's limit of 256; no feed is, unclosed tags are."""


def parse_tree(xml: bytes, *, recover: bool = False) -> etree._Element:
    """The root element. No network, no entities, libxml2's limits on depth and size.

    Raises `NotWellFormedError`. An undeclared prefix is let pass: common and harmless.
    """
    # A parser of its own: lxml makes threads that share one wait for each other.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        recover=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise NotWellFormedError(str(exc)) from exc
    if root is None:
        raise NotWellFormedError("no element in it")
    if not recover:
        _raise_for(parser.error_log)
    return root


def _raise_for(log: Iterable[etree._LogEntry]) -> None:
    damage = [error for error in log if error.domain != etree.ErrorDomains.NAMESPACE]
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in damage):
        raise TooDeepError("elements are nested too deeply")
    if damage:
        raise NotWellFormedError(f"{damage[0].message} (line {damage[0].line})")


def feed_root(root: etree._Element) -> etree._Element | None:
    """The element that is the feed: the root, or a feed that somebody wrapped in a page."""
    if local_name(str(root.tag)) in _ROOTS:
        return root
    inner: etree._Element | None = root.find(".//{*}feed")
    return root.find(".//{*}rss") if inner is None else inner


def read_tree(root: etree._Element, *, url: str, has_bases: bool) -> FeedDocument:
    """The feed under `root`. `has_bases`: the document uses `xml:base` somewhere."""
    names = Names(str(root.tag))
    channel = _channel(root, names)
    fields = gather(channel, names)
    own_base = absolute(channel.base, url) if has_bases else None
    site_url = _site_url(fields, own_base or url)
    context = Context(
        names=names,
        base=own_base or site_url or url,
        document_url=url,
        has_bases=has_bases,
        author=_feed_author(fields, names),
    )
    return FeedDocument(
        title=title_markup(first_text(fields, "title", "atom:title", "dc:title") or ""),
        site_url=site_url,
        language=_language(fields, channel, root),
        ttl_s=_ttl_s(fields),
        skip_hours=_skip_hours(fields, names),
        hub_url=_linked(fields, "hub", own_base or url),
        self_url=_linked(fields, "self", own_base or url),
        format=_format(root),
        entries=identified(read_entry(item, context) for item in _items(root, channel, names)),
    )


def _channel(root: etree._Element, names: Names) -> etree._Element:
    """The element that describes the feed: in RDF it is beside the items, not around them."""
    for child in root:
        if names[child.tag] == "channel":
            return child
    return root


def _items(root: etree._Element, channel: etree._Element, names: Names) -> list[etree._Element]:
    if local_name(str(root.tag)) == "entry":
        return [root]
    items = [child for child in channel if names[child.tag] in _ENTRIES]
    if channel is not root:
        items += [child for child in root if names[child.tag] in _ENTRIES]
    if items:
        return _with_nested(root, items) if names[items[0].tag] == "item" else items
    deep = [element for element in root.iter(etree.Element) if names[element.tag] in _ENTRIES]
    return [item for item in deep if _depth(item, item.tag) <= _MAX_NESTED]


def _with_nested(root: etree._Element, items: list[etree._Element]) -> list[etree._Element]:
    """The items and those inside them: a generator that forgets to close its items nests them."""
    tag = items[0].tag
    every = list(root.iter(tag))
    if len(every) == len(items):
        return items
    return [item for item in every if _depth(item, tag) <= _MAX_NESTED]


def _depth(item: etree._Element, tag: str) -> int:
    return sum(1 for _ in item.iterancestors(tag))


def _site_url(fields: Fields, base: str) -> str | None:
    for link in fields.get("link", ()):
        text = plain_text(link)
        if text:
            return absolute(text, base)
    return absolute(alternate_link(fields), base)


def _language(fields: Fields, channel: etree._Element, root: etree._Element) -> str | None:
    own = first_text(fields, "language", "dc:language")
    return own or channel.get(LANG) or root.get(LANG)


def _feed_author(fields: Fields, names: Names) -> str | None:
    """An Atom entry without an author has its feed's (RFC 4287 section 4.2.1)."""
    people = (gather(author, names) for author in fields.get("author", ()))
    return next((name for name in (first_text(p, "name") for p in people) if name), None)


def _linked(fields: Fields, relation: str, base: str) -> str | None:
    for name in ("link", "atom:link"):
        for link in fields.get(name, ()):
            if link.get("rel") == relation:
                return absolute(link.get("href"), base)
    return None


def _ttl_s(fields: Fields) -> float | None:
    """The longest of `ttl` (minutes) and the syndication module's period by frequency."""
    waits = []
    minutes = _number(first_text(fields, "ttl"))
    if minutes:
        waits.append(minutes * 60)
    period_s = _PERIODS_S.get((first_text(fields, "sy:updateperiod") or "").lower())
    if period_s:
        waits.append(period_s / (_number(first_text(fields, "sy:updatefrequency")) or 1.0))
    return min(max(waits), _MAX_TTL_S) if waits else None


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _skip_hours(fields: Fields, names: Names) -> tuple[int, ...]:
    """Hours that the publisher sleeps, GMT. RSS 0.91 counted 1 to 24, RSS 2.0 counts 0 to 23."""
    hours = set()
    for block in fields.get("skiphours", ()):
        for hour in block:
            number = _number(plain_text(hour)) if names[hour.tag] == "hour" else None
            if number is not None and number <= 24:
                hours.add(int(number) % 24)
    return tuple(sorted(hours))


def _format(root: etree._Element) -> str:
    local = local_name(str(root.tag))
    if local in ("feed", "entry"):
        return "atom03" if "purl.org/atom" in str(root.tag) else "atom10"
    if local == "rdf":
        return "rss090" if any("netscape" in uri for uri in root.nsmap.values()) else "rss10"
    version = "".join(mark for mark in root.get("version", "") if mark.isdigit())
    return f"rss{version[:3]}"
