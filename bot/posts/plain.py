"""A post as plain text: for pipes, logs, and notifications. No markup, every link written out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.model import (
    Block,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Quote,
    Span,
    Text,
    Time,
)
from bot.posts.safety import clean_line, clean_text, safe_url
from bot.posts.words import Words, age_text, time_text, words_for

NO_WRAP = 1_000_000


def render_plain(post: Post, *, width: int | None = 80, now: datetime | None = None) -> str:
    """The post as lines of at most `width` characters, ending in a newline; None: no wrapping.

    Links are longer where they are longer. Times are ages where `now` is given, else dates.
    """
    renderer = _Plain(words_for(post.language), width or NO_WRAP, now)
    return "\n".join(renderer.lines(post)) + "\n"


class _Plain:
    """What one rendering goes by."""

    def __init__(self, words: Words, width: int, now: datetime | None) -> None:
        self._words = words
        self._width = width
        self._now = now

    def lines(self, post: Post) -> Iterator[str]:
        yield from self._wrapped(clean_line(post.title) or self._words.untitled)
        if url := safe_url(post.url):
            yield url
        for block in (*post.blocks, *post.details):
            yield ""
            yield from self._block(block)
        if post.fields:
            yield ""
        for field in post.fields:
            yield from self._field(field)

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Heading():
                yield from self._wrapped(clean_line(block.text).upper())
            case Paragraph():
                yield from self._spans(block.spans)
            case Listing():
                yield from self._items(block.items, ordered=block.ordered, start=block.start)
            case Quote():
                yield from self._quote(block)

    def _spans(self, spans: Sequence[Span], first: str = "", rest: str = "") -> Iterator[str]:
        """A run of spans; the links' addresses follow, each once, on its own line."""
        yield from self._wrapped(self._text(spans), first, rest)
        found = (safe_url(span.url) for span in spans if isinstance(span, Link))
        yield from (rest + url for url in dict.fromkeys(found) if url)

    def _items(
        self,
        items: Sequence[ListingItem],
        indent: str = "",
        *,
        ordered: bool = False,
        start: int = 1,
    ) -> Iterator[str]:
        for number, item in enumerate(items, start):
            marker = f"{number}. " if ordered else "- "
            below = indent + " " * len(marker)
            yield from self._spans(item.spans, indent + marker, below)
            yield from self._items(item.items, below)

    def _quote(self, block: Quote) -> Iterator[str]:
        for line in clean_text(block.text).split("\n"):
            yield from self._wrapped(clean_line(line), "> ", "> ")
        if author := clean_line(block.author or ""):
            yield f"> — {author}"
        if url := safe_url(block.url):
            yield f"> {url}"

    def _field(self, field: PostField) -> Iterator[str]:
        yield from self._spans(field.spans, f"{clean_line(field.label)}: ", "  ")

    def _text(self, spans: Iterable[Span]) -> str:
        return clean_line("".join(self._span(span) for span in spans))

    def _span(self, span: Span) -> str:
        match span:
            case Text() | Link():
                return span.text
            case Time() if self._now:
                return age_text(self._words, span.at, self._now)
            case Time():
                return time_text(self._words, span.at)

    def _wrapped(self, text: str, first: str = "", rest: str = "") -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [first.rstrip()]
