"""The main text of a page: several extractions of it, the one that most of them agree with.

trafilatura's modes fail on different pages: precision drops paragraphs, the comparison with other
extractors sometimes takes the longest article of a list for the page's own. Each is a vote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from lxml import etree

Tree = etree._Element

# Above this size only one extraction is made: it is the time of three.
VOTING_ELEMENTS = 8_000
# Below it an extraction is a fragment, and the thorough (slow) mode is asked.
FRAGMENT_CHARS = 250

_BLOCKS = frozenset(("p", "head", "item", "quote", "row", "list", "table", "div", "code", "body"))


class LineKind(StrEnum):
    """What a line was on the page."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    CODE = "code"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, heading, list item, table row or piece of code."""

    text: str
    kind: LineKind = LineKind.TEXT


class Mode(NamedTuple):
    """How trafilatura reads. `fast`: without comparing with other extractors."""

    fast: bool = False
    precision: bool = False
    recall: bool = False


# The first decides between equals: alone it is the best of them on the pages marked by people.
_VOTERS = (
    Mode(fast=True),
    Mode(fast=True, precision=True),
    Mode(precision=True),
    Mode(recall=True),
)


def extract_lines(tree: Tree, url: str, linked_body: str = "") -> list[Line]:
    """The page's main text, line by line; empty where there is none.

    `linked_body` is what the page's metadata gives as its text: it stands in where the
    extraction finds much less.
    """
    is_small = sum(1 for _ in tree.iter()) <= VOTING_ELEMENTS
    modes = _VOTERS if is_small else _VOTERS[:1]
    votes = [lines for mode in modes if (lines := _extracted(tree, url, mode))]
    chosen = _most_agreed(votes)
    if _length(chosen) < FRAGMENT_CHARS and is_small:
        chosen = max(chosen, _extracted(tree, url, Mode()), key=_length)
    if len(linked_body) > 2 * max(FRAGMENT_CHARS, _length(chosen)):
        return [Line(text) for line in linked_body.splitlines() if (text := " ".join(line.split()))]
    return chosen


def _extracted(tree: Tree, url: str, mode: Mode) -> list[Line]:
    # Heavy, and needed by the worker that extracts only.
    from trafilatura import bare_extraction

    document = bare_extraction(
        tree,
        url=url,
        include_comments=False,
        fast=mode.fast,
        favor_precision=mode.precision,
        favor_recall=mode.recall,
    )
    body = getattr(document, "body", None)
    return [] if body is None else [line for line in _lines(body) if line.text]


def _length(lines: list[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _most_agreed(votes: list[list[Line]]) -> list[Line]:
    """The extraction that is closest to all others; of two equally close ones, the earlier."""
    if len(votes) < 2:
        return votes[0] if votes else []
    grams = [_pairs(vote) for vote in votes]
    scores = [round(sum(_agreement(own, other) for other in grams), 2) for own in grams]
    return votes[scores.index(max(scores))]


def _pairs(lines: list[Line]) -> Counter[tuple[str, str]]:
    words = " ".join(line.text for line in lines).split()
    return Counter(pairwise(words)) if len(words) > 1 else Counter([(words[0], "")])


def _agreement(a: Counter[tuple[str, str]], b: Counter[tuple[str, str]]) -> float:
    return 2 * (a & b).total() / (a.total() + b.total())


def _lines(body: Tree) -> Iterator[Line]:
    """trafilatura's XML as lines; nested blocks are lines of their own."""
    for element, text in _runs(body):
        kind = _kind(element)
        if kind is LineKind.CODE:
            yield Line(text.strip("\n"), kind)
            continue
        for piece in text.split("\n"):
            yield Line(" ".join(piece.split()), kind)


def _kind(element: Tree) -> LineKind:
    return {
        "head": LineKind.HEADING,
        "item": LineKind.ITEM,
        "row": LineKind.ROW,
        "code": LineKind.CODE,
    }.get(str(element.tag), LineKind.TEXT)


def _runs(body: Tree) -> Iterator[tuple[Tree, str]]:
    """Each block with the text that is directly its own, in document order."""
    open_blocks = [body]
    pieces: list[str] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if element is body:
            continue
        is_block = _is_block(element)
        if is_block and pieces:
            yield open_blocks[-1], "".join(pieces)
            pieces = []
        if event == "start":
            if is_block:
                open_blocks.append(element)
            pieces.append(_opening(element))
            continue
        if is_block:
            open_blocks.pop()
        pieces.append(_inline(element.tail or "", open_blocks[-1]))
    if pieces:
        yield open_blocks[-1], "".join(pieces)


def _is_block(element: Tree) -> bool:
    if element.tag == "code":
        parent = element.getparent()
        return any("\n" in str(text) for text in element.itertext()) or (
            parent is not None and parent.tag == "body"
        )
    return element.tag in _BLOCKS


def _opening(element: Tree) -> str:
    lead = {"lb": "\n", "cell": " | " if element.getprevious() is not None else ""}
    return lead.get(str(element.tag), "") + _inline(element.text or "", element)


def _inline(text: str, parent: Tree) -> str:
    """Line breaks of the markup are spaces, except in code."""
    if parent.tag == "code" and _is_block(parent):
        return text
    return text.replace("\n", " ")
