"""A post as HTML: the same blocks, in the same order, that the channels got.

Everything foreign is escaped by `Markup.format`; links lead to http and https only. Each claim (a
paragraph, a list item, a quote) has an anchor made of its words, so that a link to it survives a
revision that leaves it as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count

from markupsafe import Markup, escape

from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Post, Quote, Span, Time
from bot.posts.safety import clean_line, clean_text, safe_url
from bot.posts.words import Words, time_text, words_for

STYLES = {"strong": "strong", "emphasis": "em", "code": "code", "strike": "s"}
EMPTY = Markup("")


class Anchors:
    """Names for the parts of one page, each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def name(self, words: str) -> str:
        """A name made of what the part says."""
        stem = "c-" + hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:10]
        numbered = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
        name = next(one for one in numbered if one not in self._given)
        self._given.add(name)
        return name


class Unlinked(Anchors):
    """Names nothing: for where parts cannot be linked to, as in a feed."""

    def name(self, words: str) -> str:
        return ""


def post_html(post: Post, *, anchors: Anchors | None = None, top_level: int = 2) -> Markup:
    """The post's body, details included, without its title. `top_level`: of its main headings."""
    words = words_for(post.language)
    anchors = anchors or Anchors()
    blocks = (*post.blocks, *post.details)
    # Where a post has headings of lower levels alone, none is left out between its title and them.
    top_level -= (
        min((max(one.level, 2) for one in blocks if isinstance(one, Heading)), default=2) - 2
    )
    parts = [picture_html(post.image_url)]
    parts += [block_html(block, words, anchors, top_level) for block in blocks]
    parts.append(fields_html(post, words))
    return EMPTY.join(part for part in parts if part)


def block_html(block: Block, words: Words, anchors: Anchors, top_level: int = 2) -> Markup:
    match block:
        case Heading():
            return _heading(block, anchors, top_level)
        case Paragraph():
            return _claim("p", spans_html(block.spans, words), plain(block.spans), anchors)
        case Listing():
            items = EMPTY.join(_item(item, words, anchors) for item in block.items)
            if not block.ordered:
                return Markup("<ul>{}</ul>\n").format(items)
            start = Markup(' start="{}"').format(block.start) if block.start != 1 else EMPTY
            return Markup("<ol{}>{}</ol>\n").format(start, items)
        case Quote():
            return _quote(block, anchors)


def _heading(block: Heading, anchors: Anchors, top_level: int) -> Markup:
    level = min(max(block.level, 2) - 2 + top_level, 6)
    text = clean_line(block.text)
    return Markup("<h{0}{1}>{2}</h{0}>\n").format(level, _id(anchors.name(text)), text)


def _claim(tag: str, content: Markup, words: str, anchors: Anchors) -> Markup:
    if not words.strip():
        return EMPTY
    name = anchors.name(words)
    return Markup("<{0}{1}>{2}{3}</{0}>\n").format(tag, _id(name), content, _self_link(name))


def _id(name: str) -> Markup:
    return Markup(' id="{}"').format(name) if name else EMPTY


def _self_link(name: str) -> Markup:
    if not name:
        return EMPTY
    return Markup(' <a class="anchor" href="#{}" aria-label="Link to this">#</a>').format(name)


def _item(item: ListingItem, words: Words, anchors: Anchors) -> Markup:
    text = plain(item.spans)
    name = anchors.name(text)
    inner = EMPTY.join(_item(one, words, anchors) for one in item.items)
    below = Markup("<ul>{}</ul>").format(inner) if item.items else EMPTY
    return Markup("<li{}>{}{}{}</li>").format(
        _id(name), spans_html(item.spans, words), _self_link(name), below
    )


def _quote(block: Quote, anchors: Anchors) -> Markup:
    lines = Markup("<br>").join(line for line in clean_text(block.text).split("\n"))
    author = clean_line(block.author or "")
    link = safe_url(block.url)
    if author and link:
        said = _link(author, link)
    elif link:
        said = _link("source", link)
    else:
        said = escape(author)
    by = Markup("<footer>— <cite>{}</cite></footer>").format(said) if said else EMPTY
    name = anchors.name(block.text)
    return Markup("<blockquote{}><p>{}{}</p>{}</blockquote>\n").format(
        _id(name), lines, _self_link(name), by
    )


def fields_html(post: Post, words: Words) -> Markup:
    """The facts below a post, as a list of names and values."""
    rows = EMPTY.join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(
            clean_line(field.label), spans_html(field.spans, words)
        )
        for field in post.fields
    )
    return Markup('<dl class="facts">{}</dl>\n').format(rows) if rows else EMPTY


def spans_html(spans: Iterable[Span], words: Words) -> Markup:
    return EMPTY.join(_span(span, words) for span in spans)


def _span(span: Span, words: Words) -> Markup:
    match span:
        case Link():
            link = safe_url(span.url)
            return _link(clean_line(span.text), link) if link else escape(clean_line(span.text))
        case Time():
            return time_html(span.at, words)
    text = escape(_spaced(span.text))
    tag = STYLES.get(span.style)
    return Markup("<{0}>{1}</{0}>").format(tag, text) if tag else text


def _link(text: str, url: str) -> Markup:
    return Markup('<a href="{}" rel="noopener nofollow">{}</a>').format(url, text or url)


def _spaced(text: str) -> str:
    """One line, whose edges keep a space: it is a part of a sentence."""
    line = clean_line(text)
    return f"{' ' * text[:1].isspace()}{line}{' ' * (text[-1:].isspace() and bool(line))}"


def time_html(at: datetime, words: Words | None = None) -> Markup:
    """A moment, in UTC."""
    exact = at.astimezone(UTC)
    shown = time_text(words or words_for("en"), at)
    return Markup('<time datetime="{}">{}</time>').format(f"{exact:%Y-%m-%dT%H:%M:%SZ}", shown)


def picture_html(url: str | None) -> Markup:
    """A picture of somebody else's, in a box that has its place before it is there."""
    link = safe_url(url)
    if link is None or not link.startswith("https://"):
        return EMPTY
    return Markup(
        '<img class="lead" src="{}" alt="" width="640" height="360" loading="lazy" '
        'decoding="async" referrerpolicy="no-referrer">\n'
    ).format(link)


def plain(spans: Iterable[Span]) -> str:
    """What a run of spans says, without markup."""
    return "".join(_said(spans))


def _said(spans: Iterable[Span]) -> Iterator[str]:
    for span in spans:
        yield f"{span.at:%Y-%m-%d %H:%M}" if isinstance(span, Time) else span.text
