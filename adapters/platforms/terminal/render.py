"""A post for the eyes of somebody at a terminal.

A coloured bar runs down the left of each post and no frame closes on the right: titles in scripts
whose width a terminal guesses wrongly (emoji, right-to-left) cannot break it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text as RichText

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
from bot.posts.safety import clean_line, clean_run, clean_text, safe_url
from bot.posts.words import Words, age_text, words_for

MAX_WIDTH = 96  # longer lines are hard to read, however wide the window
_BAR = "▌ "
_ASCII_BAR = "| "
_BAR_STYLES = {
    "story": "cyan",
    "catchup": "blue",
    "digest": "magenta",
    "thread": "green",
    "notice": "yellow",
}
_TEXT_STYLES = {
    "plain": "",
    "strong": "bold",
    "emphasis": "italic",
    "code": "cyan",
    "strike": "strike",
}


def render_terminal(post: Post, now: datetime) -> RenderableType:
    """The post as something that a rich console prints. Actions are left out: nothing clicks."""
    words = words_for(post.language)
    parts: list[RenderableType] = [_title(post, words)]
    for block in (*post.blocks, *post.details):
        parts += ["", _block(block, words, now)]
    if post.fields:
        parts += ["", _fields(post.fields, words, now)]
    if url := safe_url(post.url):
        parts.append(RichText(url, style=Style(dim=True, link=url), overflow="fold"))
    return _Barred(Group(*parts), style=_BAR_STYLES[post.kind])


class _Barred:
    """Content with a bar to its left."""

    def __init__(self, content: RenderableType, *, style: str) -> None:
        self._content = content
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = _ASCII_BAR if options.ascii_only else _BAR
        bar = Segment(text, console.get_style(self._style))
        width = max(min(options.max_width, MAX_WIDTH) - len(text), 10)
        for line in console.render_lines(
            self._content, options.update(width=width, height=None), pad=False
        ):
            yield bar
            yield from _without_padding(line)
            yield Segment.line()


def _without_padding(line: list[Segment]) -> list[Segment]:
    """A line that ends where its text does: what is copied from a terminal has no blanks then."""
    kept = list(line)
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    if kept:
        text, style, control = kept[-1]
        kept[-1] = Segment(text.rstrip(), style, control)
    return kept


def _title(post: Post, words: Words) -> RichText:
    title = RichText(clean_line(post.title) or words.untitled)
    title.stylize(Style(bold=True, strike=post.struck, link=safe_url(post.url)))
    return title


def _block(block: Block, words: Words, now: datetime) -> RenderableType:
    match block:
        case Heading():
            return RichText(clean_line(block.text), style="bold underline")
        case Paragraph():
            return _spans(block.spans, words, now)
        case Listing():
            return _listing(block.items, words, now, ordered=block.ordered, start=block.start)
        case Quote():
            return Padding(_quote(block), (0, 0, 0, 2))


def _spans(spans: Iterable[Span], words: Words, now: datetime) -> RichText:
    """A run of spans. `Text` objects throughout: nothing in them is read as rich's markup."""
    line = RichText()
    for span in spans:
        match span:
            case Text():
                line.append(clean_run(span.text), style=_TEXT_STYLES[span.style])
            case Time():
                line.append(age_text(words, span.at, now))
            case Link():
                url = safe_url(span.url)
                style = Style(underline=True, link=url) if url else Style.null()
                line.append(clean_line(span.text) or url or "", style=style)
    return line


def _listing(
    items: Iterable[ListingItem],
    words: Words,
    now: datetime,
    *,
    ordered: bool,
    start: int = 1,
) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    for number, item in enumerate(items, start):
        content: list[RenderableType] = [_spans(item.spans, words, now)]
        if item.items:
            content.append(_below(item.items, words, now))
        table.add_row(f"{number}." if ordered else "•", Group(*content))
    return table


def _below(items: tuple[ListingItem, ...], words: Words, now: datetime) -> RenderableType:
    """What stands below an item: a single remark needs no bullet."""
    if len(items) == 1 and not items[0].items:
        return _spans(items[0].spans, words, now)
    return _listing(items, words, now, ordered=False)


def _quote(block: Quote) -> RenderableType:
    return Group(*_quote_lines(block))


def _quote_lines(block: Quote) -> Iterator[RichText]:
    for line in clean_text(block.text).split("\n"):
        yield RichText(clean_line(line), style="italic")
    if author := clean_line(block.author or ""):
        yield RichText(f"— {author}", style=Style(dim=True, link=safe_url(block.url)))


def _fields(fields: Iterable[PostField], words: Words, now: datetime) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    for field in fields:
        table.add_row(RichText(clean_line(field.label)), _spans(field.spans, words, now))
    return table
