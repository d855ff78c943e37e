"""A post's text in pages, each the description of one embed."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.platforms.discord.blocks import render_block, render_blocks, render_spans
from adapters.platforms.discord.limits import units
from bot.model import Block, Paragraph, Post, PostField, Text
from bot.posts.split import split_blocks

PAGE = 4_000  # below a description's 4,096
CATCHUP_PAGE = 2_500  # a channel sees the first headlines, the thread all of them
SHORT = 1_000  # a digest up to this long needs no thread
MAX_FACTS = 3_000


def paged(post: Post, facts: Sequence[PostField]) -> list[str]:
    """The text in pages: the first for the channel (it may be empty), the others for a thread.

    `facts` stand in small print below the first page. Where they are longer than that they come
    last instead; nothing is left out.
    """
    blocks, details = post.blocks, post.details
    small = "\n".join(f"-# {render_spans(_fact(field).spans)}" for field in facts)
    if units(small) > MAX_FACTS:
        small, details = "", (*details, *(_fact(field) for field in facts))
    room = min(PAGE - units(small) - 2, CATCHUP_PAGE if post.kind == "catchup" else PAGE)
    if _size(*blocks, *details) <= min(SHORT, room):
        blocks, details = (*blocks, *details), ()
    first, rest = _first_page(blocks, room)
    text = "\n\n".join(part for part in (render_blocks(first), small) if part)
    more = split_blocks((*rest, *details), size=_size, limit=PAGE)
    return [text, *(page for blocks in more if (page := render_blocks(blocks)))]


def _fact(field: PostField) -> Paragraph:
    label = Text(text=f"{field.label}:", style="strong")
    return Paragraph(spans=(label, Text(text=" "), *field.spans))


def _size(*blocks: Block) -> int:
    return sum(units(render_block(block)) for block in blocks) + 2 * max(0, len(blocks) - 1)


def _first_page(blocks: Sequence[Block], room: int) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """What fits into `room`, and the rest."""
    pages = split_blocks(blocks, size=_size, limit=room)
    if not pages or _size(*pages[0]) > room:  # a link that is longer than what facts leave
        return (), tuple(blocks)
    return pages[0], tuple(block for page in pages[1:] for block in page)
