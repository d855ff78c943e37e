"""The addresses that a page's main text links to: the paper, the code, what it speaks of.

The extraction keeps text only, and giving it the links changes which text it finds. So the links
are looked up on the page afterwards: one counts where the words around it are in the main text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml import html

from adapters.sources.page_text import Line

MAX_LINKS = 50
MAX_LOOKED_AT = 1_000  # a list of links is no article
MAX_SEARCHED_CHARS = 200_000
MAX_URL_CHARS = 2_000
_AROUND_CHARS = 60
_TELLING_CHARS = 20  # fewer words may stand anywhere: "GitHub" in a footer, and in the text
_BLOCKS = frozenset(("p", "li", "td", "th", "dd", "dt", "blockquote", "figcaption", "div", "body",
                     "h1", "h2", "h3", "h4", "h5", "h6", "section", "article"))  # fmt: skip


def main_links(tree: html.HtmlElement, lines: Sequence[Line], url: str) -> tuple[str, ...]:
    """Web addresses linked from the main text, in its order, each once; never the page itself."""
    texts = {line.text for line in lines}
    whole = "\n".join(line.text for line in lines)[:MAX_SEARCHED_CHARS]
    found: dict[str, None] = {}
    for anchor in islice(tree.iter("a"), MAX_LOOKED_AT):
        address = _address(str(anchor.get("href") or ""), url)
        if address and address not in found and _is_inside(anchor, texts, whole):
            found[address] = None
            if len(found) == MAX_LINKS:
                break
    return tuple(found)


def _address(href: str, url: str) -> str:
    """The absolute web address; empty for anything else, and for a place on the page itself."""
    href = href.strip()
    if not href or href.startswith("#") or len(href) > MAX_URL_CHARS:
        return ""
    try:
        address = urljoin(url, href)
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and parts.hostname
    return address if is_web and address.partition("#")[0] != url.partition("#")[0] else ""


def _is_inside(anchor: html.HtmlElement, texts: set[str], whole: str) -> bool:
    around = _words(_around(anchor))
    if len(around) >= _TELLING_CHARS and around in whole:
        return True
    return bool(around) and _words(_block_text(anchor)) in texts


def _around(anchor: html.HtmlElement) -> Iterator[str]:
    """The link's words with the whole words next to them."""
    parent, before = anchor.getparent(), anchor.getprevious()
    ahead = before.tail if before is not None else parent.text if parent is not None else ""
    yield (ahead or "")[-_AROUND_CHARS:].partition(" ")[2]
    yield from map(str, anchor.itertext())
    yield (anchor.tail or "")[:_AROUND_CHARS].rpartition(" ")[0]


def _block_text(anchor: html.HtmlElement) -> Iterator[str]:
    """The text of the block that the link stands in, if that is a short one."""
    block = next((one for one in anchor.iterancestors() if one.tag in _BLOCKS), None)
    if block is None:
        return
    length = 0
    for text in map(str, block.itertext()):
        yield text
        length += len(text)
        if length > 2_000:  # no line of links, and not to be read once for each link in it
            return


def _words(texts: Iterator[str]) -> str:
    return " ".join("".join(texts).split())
