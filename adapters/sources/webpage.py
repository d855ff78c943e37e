"""Articles from web pages: fetched by the one way out, extracted beside the loop."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from adapters.sources.block_pages import block_page
from adapters.sources.page_head import own_address, read_head
from adapters.sources.page_lines import article_lines, page_facts
from adapters.sources.page_links import main_links
from adapters.sources.page_text import Line, LineKind, extract_lines
from bot.errors import SourceError
from bot.ports import Article, Clock, Fetcher, FetchRequest, Runner
from bot.summarize.language import guess_language

MAX_HTML_BYTES = 10_000_000
# About a second of extraction on one core; real articles have hundreds to a few thousand.
MAX_ELEMENTS = 20_000
MAX_PAGE_CHARS = 500_000
MAX_TEXT_CHARS = 200_000
# Less than this is a menu, an error message or a wall.
MIN_TEXT_CHARS = 80

_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
_NOT_HTML = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# What browsers read when a page says the former (WHATWG Encoding, "names and labels").
_SUPERSETS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252"}
_SUPERSETS |= {"ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949"}
_SUPERSETS |= {"euc-kr": "cp949", "shift_jis": "cp932", "x-sjis": "cp932", "big5": "big5hkscs"}
_FEED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,500}-->\s*)?"
    rb"<(?:rss|feed|rdf:RDF)[\s>]"
)
_UNSEEN = ("style", "svg", "noscript", "template", "iframe", "canvas", "script")
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 0xFEFF, 0x200B, 0x2060))
_CONTROL |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xAD))
# What a parser and an extractor were seen or are documented to raise on hostile markup.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    etree.LxmlError,
)


class WebpageReader:
    """Reads the article on a page. Implements `bot.ports.ArticleReader`."""

    def __init__(self, fetcher: Fetcher, run: Runner, clock: Clock) -> None:
        self._fetcher = fetcher
        self._run = run
        self._clock = clock

    async def read(self, url: str) -> Article:
        """Fetch and extract. Raises `SourceError` where there is no readable article."""
        response = await self._fetcher.fetch(FetchRequest(url=url, accept=_ACCEPT))
        if response.content_type.lower().startswith(_NOT_HTML):
            raise _unreadable(response.url)
        return await self._run(
            extract_article, response.body, response.url, response.content_type, self._clock.now()
        )


def extract_article(body: bytes, url: str, content_type: str, now: datetime) -> Article:
    """The article on a page that is at hand. Module-level, so that another process can run it.

    Raises `SourceError` where there is none; nothing else, whatever the bytes are. `now` bounds
    what is believed of dates. An empty `url` (a saved page) is read from the page.
    """
    if _FEED.match(body):
        raise SourceError("this is a feed and no article: preview it to see its entries")
    try:
        tree = parsed_page(body, content_type)
        if fault := block_page(tree):
            raise SourceError(f"{_shown(url)}: {fault}" if url else fault, permanent=True)
        article = _article(tree, url, now)
    except _BROKEN as exc:
        raise _unreadable(url) from exc
    if len(article.text) < MIN_TEXT_CHARS:
        raise _unreadable(url)
    return article


def _unreadable(url: str) -> SourceError:
    return SourceError(f"{_shown(url)} has no readable article", permanent=True)


def _shown(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the page"
    return f"{parts.hostname or ''}{parts.path}"[:200] or "the page"


def parsed_page(body: bytes, content_type: str) -> html.HtmlElement:
    """The page as a tree, cut at `MAX_HTML_BYTES`."""
    page = decode_html(body[:MAX_HTML_BYTES], content_type).replace("\x00", "")
    # As UTF-8 bytes: lxml refuses text whose XML declaration names an encoding.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)


def decode_html(body: bytes, content_type: str) -> str:
    """Bytes to text: byte order mark, then the header, then the page's own word, then UTF-8."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    declared = [
        *_CHARSET.findall(content_type.encode("ascii", "ignore")),
        *_CHARSET.findall(body[:4096])[:1],
    ]
    # A page that is valid UTF-8 is UTF-8, whatever it or its server says.
    for encoding in ("utf-8", *(_browser_name(name.decode("ascii")) for name in declared)):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    fallback = _browser_name(declared[0].decode("ascii")) if declared else "utf-8"
    try:
        return body.decode(fallback, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _browser_name(label: str) -> str:
    return _SUPERSETS.get(label.lower(), label)


def _article(tree: html.HtmlElement, url: str, now: datetime) -> Article:
    _bound_elements(tree)
    url = url or own_address(tree)
    head = read_head(tree, url, now)
    titles = [head.title, *(" ".join(map(str, h1.itertext())) for h1 in tree.iter("h1"))]
    _bound_text(tree)
    facts = page_facts(tree)
    lines = article_lines(extract_lines(tree, url, head.article_body), facts, titles)
    text = _joined(lines)[:MAX_TEXT_CHARS].translate(_CONTROL).strip()
    return Article(
        url=url,
        title=head.title.translate(_CONTROL),
        text=text,
        site=head.site,
        description=head.description,
        author=head.author,
        published_at=head.published_at,
        image_url=head.image_url,
        language=guess_language(text) or head.language,
        links=main_links(tree, lines, url),
    )


def _bound_elements(tree: html.HtmlElement) -> None:
    """Takes out whatever is beyond the number of elements that are read in time."""
    surplus = list(islice(tree.iter(), MAX_ELEMENTS, None))
    gone = set(surplus)
    for element in reversed(surplus):
        parent = element.getparent()
        if parent is not None and parent not in gone:
            parent.remove(element)  # with its tail; `drop_tree` is quadratic in siblings


def _bound_text(tree: html.HtmlElement) -> None:
    """Takes out what nobody reads, then text beyond what is read in time."""
    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    room = MAX_PAGE_CHARS
    for element in tree.iter():
        element.text, room = _within(element.text, room)
        element.tail, room = _within(element.tail, room)


def _within(text: str | None, room: int) -> tuple[str | None, int]:
    if text is None or len(text) <= room:
        return text, room - len(text or "")
    return text[:room], 0


def _joined(lines: list[Line]) -> str:
    """Paragraphs apart by an empty line; list items and table rows directly below each other."""
    pieces: list[str] = []
    previous: LineKind | None = None
    for line in lines:
        if pieces:
            together = line.kind is previous and line.kind in (LineKind.ITEM, LineKind.ROW)
            pieces.append("\n" if together else "\n\n")
        pieces.append(_shown_line(line))
        previous = line.kind
    return "".join(pieces)


def _shown_line(line: Line) -> str:
    if line.kind is LineKind.ITEM:
        return f"- {line.text}"
    return f"```\n{line.text}\n```" if line.kind is LineKind.CODE else line.text
