"""Long posts in pieces that a platform takes: cut at section borders where that is possible.

A link is never cut, and a quote neither: one that is longer than a piece is shortened, with '…'
and its link. Only what is too long for a piece by itself is cut inside a section.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise

from bot.model import Block, Heading, Listing, ListingItem, Paragraph, Quote, Span, Text
from bot.posts.safety import clip

# Good enough for where a line may break; nothing is dropped at it.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")

Size = Callable[[Block], int]


def split_blocks(
    blocks: Sequence[Block], *, size: Size, limit: int, between: int = 2
) -> list[tuple[Block, ...]]:
    """The blocks in pieces of at most `limit`, by `size` of each and `between` any two.

    `size` is what a platform counts (characters, bytes) of a block as it renders it. A heading
    stays with what follows it.
    """
    size = _remembered(size)
    pages: list[tuple[Block, ...]] = []
    page: tuple[Block, ...] = ()
    for section in _sections(blocks):
        if _total((*page, *section), size, between) <= limit:
            page = (*page, *section)
            continue
        pages.append(page)
        *full, page = _pages(section, size, limit, between)
        pages += full
    return [one for one in (*pages, page) if one]


def _remembered(size: Size) -> Size:
    """Each block is rendered once to be measured, however often it is asked about."""
    known: dict[int, tuple[Block, int]] = {}  # with the block, so that its id stays its own

    def measure(block: Block) -> int:
        if id(block) not in known:
            known[id(block)] = block, size(block)
        return known[id(block)][1]

    return measure


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """A heading with all that stands below it; what stands before the first one."""
    starts = [number for number, block in enumerate(blocks) if isinstance(block, Heading)]
    borders = [0, *(number for number in starts if number), len(blocks)]
    for start, end in pairwise(borders):
        if end > start:
            yield tuple(blocks[start:end])


def _total(blocks: Sequence[Block], size: Size, between: int) -> int:
    return sum(size(block) for block in blocks) + between * max(0, len(blocks) - 1)


def _pages(
    section: Sequence[Block], size: Size, limit: int, between: int
) -> list[tuple[Block, ...]]:
    """One section in as few pages as its blocks allow."""
    pages: list[tuple[Block, ...]] = [()]
    for block in section:
        for part in _parts(block, size, limit - _heading_room(pages[-1], size, between)):
            page = pages[-1]
            if _total((*page, part), size, between) <= limit or _is_heading(page):
                pages[-1] = (*page, part)
            elif page and isinstance(page[-1], Heading):
                pages[-1] = page[:-1]
                pages.append((page[-1], part))
            else:
                pages.append((part,))
    return pages


def _is_heading(page: tuple[Block, ...]) -> bool:
    return len(page) == 1 and isinstance(page[0], Heading)


def _heading_room(page: tuple[Block, ...], size: Size, between: int) -> int:
    """What a part must leave free for the heading that it has to stand with."""
    last = page[-1] if page else None
    return size(last) + between if isinstance(last, Heading) else 0


def _parts(block: Block, size: Size, limit: int) -> Iterator[Block]:
    """The block, or where it is too long by itself what it can be cut into."""
    if size(block) <= limit:
        yield block
        return
    match block:
        case Heading():
            yield _fitted(block, size, limit)
        case Paragraph():
            yield from _paragraphs(block.spans, size, limit)
        case Listing():
            yield from _listings(block, size, limit)
        case Quote():
            yield _fitted(block, size, limit)


def _fitted(block: Heading | Quote, size: Size, limit: int) -> Block:
    """Shortened until it fits; escapes may make text longer than it is."""
    room = min(len(block.text), max(limit, 1))
    while room > 1 and size(shorter := _clipped(block, room)) > limit:
        room = room * 3 // 4
        del shorter
    return _clipped(block, room)


def _clipped(block: Heading | Quote, room: int) -> Heading | Quote:
    return block.model_copy(update={"text": clip(block.text, room)})


def _paragraphs(spans: Sequence[Span], size: Size, limit: int) -> Iterator[Paragraph]:
    """Whole spans, then whole sentences, then words.

    Each piece is measured once, by itself: measuring what has come together after every word takes
    minutes for a long text.
    """
    kept: list[Span] = []
    room = limit
    for span in (piece for one in spans for piece in _pieces(one, size, limit)):
        taken = size(Paragraph(spans=(span,))) + 1  # with the space at its end
        if kept and taken > room:
            yield from _joined(kept, size, limit)
            kept, room = [], limit
        kept.append(span)
        room -= taken
    if kept:
        yield from _joined(kept, size, limit)


def _joined(spans: Sequence[Span], size: Size, limit: int) -> Iterator[Paragraph]:
    """One paragraph, or several where together they come out longer than one by one."""
    whole = Paragraph(spans=tuple(_run_together(spans)))
    if size(whole) <= limit:
        yield whole
    else:
        yield from (Paragraph(spans=(span,)) for span in spans)


def _run_together(spans: Sequence[Span]) -> Iterator[Span]:
    """The spans, with the pieces of a text one text again."""
    for style, group in groupby(spans, key=lambda span: isinstance(span, Text) and span.style):
        if style:
            text = "".join(span.text for span in group if isinstance(span, Text))
            yield Text.model_validate({"text": text, "style": style})
        else:
            yield from group


def _pieces(span: Span, size: Size, limit: int) -> Iterator[Span]:
    """A span, or the sentences and words of a text that is too long."""
    if not isinstance(span, Text) or size(Paragraph(spans=(span,))) <= limit:
        yield span
        return
    for sentence in _SENTENCE_END.split(span.text):
        piece = span.model_copy(update={"text": f"{sentence} "})
        if size(Paragraph(spans=(piece,))) <= limit:
            yield piece
            continue
        for word in sentence.split(" "):
            yield from _words(span.model_copy(update={"text": f"{word} "}), size, limit)


def _words(span: Text, size: Size, limit: int) -> Iterator[Text]:
    """A word, cut only where it is longer than a whole piece."""
    text, step = span.text, len(span.text)
    while step > 1 and size(Paragraph(spans=(span.model_copy(update={"text": text[:step]}),))) > (
        limit
    ):
        step = step * 3 // 4
    for start in range(0, len(text), step):
        yield span.model_copy(update={"text": text[start : start + step]})


def _listings(listing: Listing, size: Size, limit: int) -> Iterator[Block]:
    """Whole items; one that is too long by itself as paragraphs of its own, its items below."""
    kept: list[ListingItem] = []
    start, room = listing.start, limit
    for number, item in enumerate(listing.items, listing.start):
        taken = size(_listed(listing, (item,), number)) + 1  # with its line break
        if kept and taken > room:
            yield from _parted(listing, kept, start, size, limit)
            kept = []
        if taken > limit + 1:
            yield from _paragraphs(item.spans, size, limit)
            if item.items:
                yield from _parts(Listing(items=item.items), size, limit)
            continue
        if not kept:
            start, room = number, limit
        kept.append(item)
        room -= taken
    if kept:
        yield from _parted(listing, kept, start, size, limit)


def _parted(
    listing: Listing, items: Sequence[ListingItem], start: int, size: Size, limit: int
) -> Iterator[Listing]:
    """One list, or several where together its items come out longer than one by one."""
    whole = _listed(listing, tuple(items), start)
    if size(whole) <= limit:
        yield whole
    else:
        for number, item in enumerate(items, start):
            yield _listed(listing, (item,), number)


def _listed(listing: Listing, items: tuple[ListingItem, ...], start: int) -> Listing:
    return Listing(items=items, ordered=listing.ordered, start=start if listing.ordered else 1)
