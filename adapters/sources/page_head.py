"""What a page says about itself in its head: title, site, author, date, picture, language.

schema.org's JSON-LD is asked first, then Open Graph and its relatives, then the visible page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

from lxml import etree

from adapters.sources.dates import parse_date

Tree = etree._Element

MAX_TITLE_CHARS = 300
MAX_JSON_CHARS = 1_000_000
MAX_JSON_NODES = 2_000
MAX_ELEMENTS_SEARCHED = 5_000
# The web is not older; a page that claims to be is counting from 1970.
EARLIEST = datetime(1992, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(days=2)

_ARTICLE_TYPES = ("article", "posting", "report", "review")
_SEPARATORS = re.compile(r"\s+[|–—·•»:~-]+\s+|\s*\|\s*|\s+::\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """The page's own words on its article; nothing here is guessed from the text."""

    title: str = ""
    site: str = ""
    description: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    image_url: str | None = None
    language: str | None = None
    article_body: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """Everything the page says, before anything of it is believed."""

    meta: Mapping[str, str]
    linked: Mapping[str, object] = field(default_factory=dict)

    def first(self, *names: str) -> str:
        return next((self.meta[name] for name in names if self.meta.get(name)), "")

    def text(self, name: str) -> str:
        return _text_of(self.linked.get(name))


def read_head(tree: Tree, url: str, now: datetime) -> PageHead:
    """The head of a parsed page. A date after `now` or before the web is no date."""
    said = _Said(_metas(tree), _article_data(tree))
    site = _site(said, url)
    return PageHead(
        title=_title(tree, said, site, url),
        site=site,
        description=_line(said.first("og:description", "description", "twitter:description"))
        or None,
        author=_author(said),
        published_at=_published_at(tree, said, url, now),
        image_url=_image(said, url),
        language=_language(tree, said),
        article_body=_linked_body(said),
    )


def own_address(tree: Tree) -> str:
    """The address that a page gives as its own; empty where it names none."""
    links = [e.get("href") or "" for e in tree.iter("link") if e.get("rel") == "canonical"]
    for address in (*links, _metas(tree).get("og:url", "")):
        if address.startswith(("http://", "https://")) and _host(address):
            return address
    return ""


def _metas(tree: Tree) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _article_data(tree: Tree) -> Mapping[str, object]:
    """The JSON-LD object that describes an article, or nothing."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        source = (script.text or "").strip()
        for node in _json_nodes(source[:MAX_JSON_CHARS]):
            if any(_names_article(kind) for kind in _as_list(node.get("@type"))):
                return node
    return {}


def _json_nodes(source: str) -> Iterator[Mapping[str, object]]:
    try:
        pending = [json.loads(source.strip().rstrip(";"), strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(MAX_JSON_NODES):
        if not pending:
            return
        node = pending.pop(0)
        if isinstance(node, dict):
            yield node
            pending.extend(
                node[key] for key in ("@graph", "mainEntity", "itemListElement") if key in node
            )
        elif isinstance(node, list):
            pending.extend(node)


def _names_article(kind: object) -> bool:
    return isinstance(kind, str) and kind.lower().endswith(_ARTICLE_TYPES)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _text_of(value: object) -> str:
    """A JSON-LD value as text: a string, or the name or url of an object, or of the first one."""
    for one in _as_list(value):
        if isinstance(one, dict):
            one = one.get("name") or one.get("url") or one.get("@value")
        if isinstance(one, str) and one.strip():
            return one.strip()
    return ""


def _line(text: str) -> str:
    return " ".join(re.sub(r"<[^<>]{1,200}>", " ", unescape(text)).split())


def _site(said: _Said, url: str) -> str:
    named = said.first("og:site_name", "application-name") or said.text("publisher")
    named = _SEPARATORS.split(_line(named))[0] if named else ""
    if named and len(named) <= 60 and not named.startswith(("http:", "https:", "@")):
        return named
    return _host(url)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _title(tree: Tree, said: _Said, site: str, url: str) -> str:
    tag = _line(_inner(next(tree.iter("title"), None)))
    headings = [text for h1 in tree.iter("h1") if (text := _line(_inner(h1)))]
    shared = _line(said.first("og:title", "twitter:title", "dc.title"))
    candidates = [_line(said.text("headline")), shared, *headings[:1], tag]
    for candidate in candidates:
        if _bare(candidate) == _bare(site):
            continue
        if candidate and len(candidate) <= MAX_TITLE_CHARS:
            title = without_site(candidate, site, _host(url))
            return next((h for h in headings if _is_head_of(h, title)), title)
    return next((candidate[:MAX_TITLE_CHARS] for candidate in candidates if candidate), "")


def _is_head_of(heading: str, title: str) -> bool:
    """Whether `title` is a heading of the page with something hung on behind it."""
    return (
        len(heading) >= 15
        and title.startswith(heading)
        and bool(_SEPARATORS.match(title, len(heading)))
    )


def without_site(title: str, site: str, host: str = "") -> str:
    """The title without the site's name before or behind it."""
    pieces = list(_SEPARATORS.finditer(title))
    names = {_bare(site), _bare(host), _bare(host.rsplit(".", 1)[0])} - {""}
    if pieces and _bare(title[pieces[-1].end() :]) in names:
        return title[: pieces[-1].start()].strip()
    if pieces and _bare(title[: pieces[0].start()]) in names:
        return title[pieces[0].end() :].strip()
    return title


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower()).removeprefix("the")


def _inner(element: Tree | None) -> str:
    return "" if element is None else " ".join(str(text) for text in element.itertext())


def _author(said: _Said) -> str | None:
    named = _line(said.text("author") or said.first("author", "article:author", "dc.creator"))
    is_name = 1 < len(named) <= 80 and not named.startswith(("http:", "https:", "@"))
    return named if is_name else None


def _published_at(tree: Tree, said: _Said, url: str, now: datetime) -> datetime | None:
    claimed = [
        said.text("datePublished"),
        said.first("article:published_time", "og:article:published_time"),
        said.first("datepublished", "date", "dc.date", "dc.date.issued", "dcterms.date", "pubdate"),
        said.first("publish-date", "parsely-pub-date", "sailthru.date", "article.published"),
    ]
    claimed.extend(
        element.get("datetime") or element.get("content") or ""
        for element in tree.iter("time", "span", "meta", "abbr")
        if element.get("itemprop") == "datePublished" or element.get("pubdate") is not None
    )
    for text in claimed:
        moment = parse_date(text) if text else None
        if moment is not None and EARLIEST <= moment <= now + CLOCK_SKEW:
            return moment
    return _guessed_date(tree, url, now)


def _guessed_date(tree: Tree, url: str, now: datetime) -> datetime | None:
    """The day that the address or the visible page names."""
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS_SEARCHED:
        return None  # htmldate's cleaning is quadratic in siblings
    from htmldate import find_date  # heavy, and seldom needed

    found = find_date(
        deepcopy(tree),
        url=url,
        extensive_search=False,
        original_date=True,
        min_date=EARLIEST.strftime("%Y-%m-%d"),
        max_date=now.strftime("%Y-%m-%d"),
    )
    return parse_date(found) if found else None


def _image(said: _Said, url: str) -> str | None:
    found = said.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image")
    found = found or said.first("twitter:image:src") or _text_of(said.linked.get("image"))
    try:
        absolute = urljoin(url, found) if found else ""
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in ("http", "https") and parts.hostname else None


def _language(tree: Tree, said: _Said) -> str | None:
    declared = (
        tree.get("lang")
        or said.text("inLanguage")
        or said.first("og:locale", "language", "content-language", "dc.language")
    )
    code = re.match(r"[a-zA-Z]{2}(?![a-zA-Z])", declared or "")
    return code.group().lower() if code else None


def _linked_body(said: _Said) -> str:
    body = said.linked.get("articleBody")
    return body.strip() if isinstance(body, str) else ""
