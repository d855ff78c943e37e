"""Which of the extracted lines belong to the article: asked of the page they came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from adapters.sources.page_text import Line, LineKind
from bot.summarize.boilerplate import is_furniture, opens_tail

Tree = etree._Element

# If links make up more of a text than this, they are what the article is about.
LINKS_SHARE = 0.35
# A tail of related stories is shorter than what it follows.
TAIL_SHARE = 0.35

_CAPTIONED = re.compile(r"caption|credit|photo-?by|image-?desc", re.IGNORECASE)
_ENDED = re.compile(r"[.!?。！？…][\"'”’)\]»]*$")
_ABOUT = re.compile(
    r"(?:about|über|à\spropos\sd[eu]|acerca\sde|sobre)\b(?:\s\S+){1,5}", re.IGNORECASE
)
_TAGS = re.compile(
    r"(?:tags?|topics?|keywords?|categor(?:y|ies)|schlagw\S+|etiquetas)\s*:?", re.IGNORECASE
)
_BRACKETED_END = re.compile(r"\s*[\[(][^\[\]()]{1,20}[\])]$")
_LONGEST_CAPTION = 400
_LONGEST_LINK = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Texts of the page, folded, by what they are there."""

    links: frozenset[str]
    captions: frozenset[str]


def page_facts(tree: Tree) -> PageFacts:
    """What the page marks as link or caption. Links within the page are its contents, no links."""
    links = set()
    captions = set()
    for element in tree.iter(
        "a", "figcaption", "img", "p", "div", "span", "td", "small", "em", "li"
    ):
        if element.tag == "a":
            if not (element.get("href") or "#").startswith("#"):
                links.add(_folded(_text(element, _LONGEST_LINK)))
        elif element.tag == "img":
            captions.add(_folded(element.get("alt") or ""))
            captions.add(_folded(element.get("title") or ""))
        elif element.tag == "figcaption" or _CAPTIONED.search(element.get("class") or ""):
            captions.update(_caption_texts(element))
    return PageFacts(links=frozenset(links - {""}), captions=frozenset(captions - {""}))


def _caption_texts(element: Tree) -> set[str]:
    whole = _text(element, _LONGEST_CAPTION)
    return {_folded(whole), *(_folded(_text(child, _LONGEST_CAPTION)) for child in element)}


def _text(element: Tree, most: int) -> str:
    """The element's text, or nothing where it is longer than such an element's can be."""
    pieces = []
    size = 0
    for text in element.itertext():
        pieces.append(str(text))
        size += len(pieces[-1])
        if size > 2 * most:
            return ""
    joined = " ".join("".join(pieces).split())
    return joined if len(joined) <= most else ""


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def article_lines(lines: Sequence[Line], facts: PageFacts, titles: Sequence[str]) -> list[Line]:
    """The lines that are the article's: no title, captions, prompts, links to other stories."""
    folded_titles = {_folded(title) for title in titles} - {""}
    kept = [line for line in _without_tags(lines) if not _is_other(line, facts, folded_titles)]
    kept = _without_links(kept, facts)
    return _without_tail(kept)


def _without_tags(lines: Sequence[Line]) -> list[Line]:
    """Without a list of keywords under its own heading."""
    kept: list[Line] = []
    for line in lines:
        if kept and _TAGS.fullmatch(kept[-1].text.strip()) and _lists_keywords(line.text):
            kept.pop()
            continue
        kept.append(line)
    return kept


def _lists_keywords(text: str) -> bool:
    keywords = text.split(",")
    return not _ENDED.search(text) and all(len(word.split()) <= 7 for word in keywords)


def _is_other(line: Line, facts: PageFacts, folded_titles: set[str]) -> bool:
    if line.kind is LineKind.CODE:
        return False
    folded = _folded(line.text)
    if not folded or folded in folded_titles:
        return True
    return folded in facts.captions or is_furniture(line.text)


def _without_links(lines: list[Line], facts: PageFacts) -> list[Line]:
    """Without lines that are nothing but a link to another story."""
    links = [_is_link(line, facts) for line in lines]
    linked = [line for line, is_link in zip(lines, links, strict=True) if is_link]
    if _size(linked) > LINKS_SHARE * _size(lines):
        return lines
    return [line for line, is_link in zip(lines, links, strict=True) if not is_link]


def _is_link(line: Line, facts: PageFacts) -> bool:
    if line.kind not in (LineKind.TEXT, LineKind.ITEM) or _ENDED.search(line.text.rstrip("?!")):
        return False
    folded = _folded(line.text)
    if line.text.startswith(("http://", "https://")):
        return False  # an address written out is a reference
    if len(folded.split()) < 3 and not _is_spaceless(folded):
        return False
    return folded in facts.links or _folded(_BRACKETED_END.sub("", line.text)) in facts.links


def _is_spaceless(text: str) -> bool:
    return len(text) >= 8 and text[0] >= "\u1100"


def _without_tail(lines: list[Line]) -> list[Line]:
    """Without what follows the heading of an appendix, where little and nothing whole follows."""
    total = _size(lines)
    before = 0
    for place, line in enumerate(lines):
        rest = lines[place + 1 :]
        if before >= (1 - TAIL_SHARE) * total and _begins_appendix(line, rest):
            return lines[:place]
        before += len(line.text)
    return lines


def _begins_appendix(line: Line, rest: list[Line]) -> bool:
    if opens_tail(line.text):
        return not any(_ENDED.search(other.text) for other in rest)
    # A company's paragraph on itself, under every one of its announcements.
    return bool(rest) and len(line.text) <= 60 and bool(_ABOUT.fullmatch(line.text.rstrip(" :")))


def _size(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)
