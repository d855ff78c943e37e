"""A post as Markdown that reads the same in every common renderer.

The target is CommonMark with GFM's tables, strike-through and automatic links, as read by GitHub,
Hugo (goldmark), Jekyll (kramdown after Liquid), and notes programs. Foreign text is escaped so that
it comes out as the characters it is made of and cannot make a heading, link, image, HTML, code
fence, table, front matter, template tag or automatic link. Escapes are put where a renderer could
misread, and only there: the file should be a pleasure to read as it is.

One thing is left: GitHub itself turns a mail address into a link whatever stands before the @, and
no escape prevents it. It shows the address that it leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

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
from bot.posts.safety import clean_line, clean_run, clean_text, domain_of, safe_url
from bot.posts.words import Words, time_text, words_for

_MARKERS = {"strong": "**", "emphasis": "*", "strike": "~~"}
_ESCAPED = re.compile(
    r"[\\`*\[\]{<|~]"
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"  # snake_case stays as it is
    r"|(?<!\S)\#"  # the end of a heading, a tag in notes programs
    r"|!\Z"  # a link may follow, and would become an image
    r"|(?<=\]):"  # kramdown: a definition, even behind an escaped bracket
    r"|&(?=\#?[0-9A-Za-z]+;)"  # a character reference
    r"|@(?=\S)"  # mentions, e-mail addresses
    r"|(?<=\{)%|%(?=\})"  # template tags are read before Markdown is
    r"|(?<=[A-Za-z]):(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\."  # automatic links
    r"|\$(?!\d)|(?<![\s(])\$"  # mathematics; prices stay as they are
    r"|-(?=-)|\.(?=\.\.)|>(?=>)",  # Hugo and Jekyll make dashes, … and » of them
    re.IGNORECASE,
)
_LINE_START = re.compile(r"[-+=>:^%]")
_NUMBERED = re.compile(r"(\d+)([.)])(?=\s|\Z)")
_TEMPLATE = re.compile(r"\{[{%#]|[%#}]\}")
_BACKTICKS = re.compile(r"`+")
# Backslashes before these are shown by kramdown, which takes fewer escapes than CommonMark does.
_REFERENCES = {"&": "&amp;", "@": "&#64;", "%": "&#37;", "^": "&#94;"}
_CHARACTERS = {reference: character for character, reference in _REFERENCES.items()}
_WRITTEN = re.compile(r"\\([!-/:-@\[-`{-~])|" + "|".join(_CHARACTERS))
# The same for URLs, where also brackets and stars are better not seen.
_URL_ENCODED = {"(": "%28", ")": "%29", "*": "%2A", "~~": "%7E%7E"}


def render_markdown(post: Post, *, heading: bool = True) -> str:
    """The post as a Markdown document, ending in a newline.

    Without `heading` the title is left to the page around it, and its link stands on a line of its
    own. Actions are left out: a file has no buttons.
    """
    words = words_for(post.language)
    parts = [_title(post, words) if heading else _read_at(post, words), _image(post)]
    second = False  # of two lists that touch
    for block in (*post.blocks, *post.details):
        if rendered := render_block(block, words, second=second):
            parts.append(rendered)
            second = isinstance(block, Listing) and not second
    parts.append(_fields(post.fields, words, bullet="*" if second else "-"))
    return "\n\n".join(part for part in parts if part) + "\n"


def render_block(block: Block, words: Words, *, second: bool = False) -> str:
    """One block, without blank lines around it. `second`: a list must not join the one above."""
    match block:
        case Heading():
            text = escape(block.text)
            return f"{'#' * min(max(block.level, 1), 6)} {text}" if text else ""
        case Paragraph():
            return _line(render_spans(block.spans, words))
        case Listing():
            marker = ("{})" if second else "{}.") if block.ordered else "*" if second else "-"
            return "\n".join(_items(block.items, words, marker, block.start))
        case Quote():
            return _quote(block)


def render_spans(spans: Iterable[Span], words: Words) -> str:
    """A run of spans as one line; not yet safe as the start of a line."""
    merged = _merged(spans, words)
    parts: list[str] = []
    for index, span in enumerate(merged):
        before = merged[index - 1] if index else None
        after = merged[index + 1] if index + 1 < len(merged) else None
        parts.append(_span(span, before, after))
    return "".join(parts).strip()


def escape(text: str) -> str:
    """Foreign text as Markdown that shows exactly this text, within a line."""
    return _escape_run(clean_line(text))


def escape_line(text: str) -> str:
    """The same for text that begins a line or a list item: it cannot start a block of its own."""
    return _line(escape(text))


def unescape(markdown: str) -> str:
    """The text that `escape` or `escape_line` was given, as one cleaned line."""
    return _WRITTEN.sub(lambda match: match[1] or _CHARACTERS[match[0]], markdown)


def markdown_url(url: str | None) -> str | None:
    """The URL as a link destination; None where it must not be a link."""
    link = safe_url(url)
    if link is None:
        return None
    for character, encoded in _URL_ENCODED.items():
        link = link.replace(character, encoded)
    return re.sub(r"&(?=#?[0-9A-Za-z]+;)", "&amp;", link)


def _escape_run(text: str) -> str:
    return _ESCAPED.sub(lambda match: _escape_character(match[0]), text)


def _escape_character(character: str) -> str:
    return _REFERENCES.get(character, "\\" + character)


def _line(rendered: str) -> str:
    """Keep a line from starting a block of its own: a list, a quote, front matter, a rule."""
    if _LINE_START.match(rendered):
        return _escape_character(rendered[0]) + rendered[1:]
    return _NUMBERED.sub(r"\1\\\2", rendered, count=1) if _NUMBERED.match(rendered) else rendered


def _merged(spans: Iterable[Span], words: Words) -> list[Text | Link]:
    """The spans that show something; texts of one style that touch are one."""
    merged: list[Text | Link] = []
    for span in spans:
        piece = _cleaned(span, words)
        last = merged[-1] if merged else None
        if isinstance(piece, Link):
            merged.append(piece)
        elif isinstance(last, Text) and last.style == piece.style:
            merged[-1] = Text(text=last.text + piece.text, style=piece.style)
        elif piece.text:
            merged.append(piece)
    return merged


def _cleaned(span: Span, words: Words) -> Text | Link:
    """A span with its text cleaned, edges kept; a link that may not be one as its text."""
    match span:
        case Time():
            return Text(text=time_text(words, span.at))
        case Text():
            return Text(text=clean_run(span.text), style=span.style)
        case Link():
            label = clean_line(span.text)
            if safe_url(span.url) is None:
                return Text(text=label)
            return Link(text=label, url=span.url)


def _span(span: Text | Link, before: Text | Link | None, after: Text | Link | None) -> str:
    if isinstance(span, Link):
        return _link(span.text, span.url)
    core = span.text.strip()
    if not core or span.style == "plain":
        return _escape_run(span.text)
    if span.style == "code":
        marked = _code(core)
    elif _may_style(core, span.text, before, after):
        marker = _MARKERS[span.style]
        marked = f"{marker}{_escape_run(core)}{marker}"
    else:
        marked = _escape_run(core)
    return span.text.replace(core, marked, 1) if core != span.text else marked


def _may_style(core: str, text: str, before: Text | Link | None, after: Text | Link | None) -> bool:
    """Whether markers around `core` would be read as such (CommonMark 0.31, section 6.2).

    They are where a space or nothing stands outside, or a letter inside. Two marked runs that touch
    would be read as one. Where in doubt the text goes without its style.
    """
    left = text[0] == " " or before is None or _is_spaced(before, -1)
    right = text[-1] == " " or after is None or _is_spaced(after, 0)
    return (left or (core[0].isalnum() and _is_plain(before))) and (
        right or (core[-1].isalnum() and _is_plain(after))
    )


def _is_spaced(neighbour: Text | Link, edge: int) -> bool:
    return isinstance(neighbour, Text) and neighbour.text[edge] == " "


def _is_plain(neighbour: Text | Link | None) -> bool:
    return isinstance(neighbour, Link) or (neighbour is not None and neighbour.style == "plain")


def _code(text: str) -> str:
    """A code span; plain text where template tags, read even inside code, stand in it."""
    if _TEMPLATE.search(text):
        return _escape_run(text)
    # kramdown ends a span at the first run that is long enough; others want exactly that length.
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _link(label: str, url: str | None) -> str:
    destination = markdown_url(url)
    text = escape(label)
    if destination is None:
        return text
    return f"[{text or _escape_run(domain_of(destination))}]({destination})"


def _items(
    items: Sequence[ListingItem], words: Words, marker: str, start: int = 1
) -> Iterator[str]:
    """The lines of a list; `{}` in the marker stands for the item's number."""
    number = start - 1
    for item in items:
        line = _line(render_spans(item.spans, words))
        below = list(_items(item.items, words, "-"))
        if line or below:
            number += 1
            mark = marker.format(number) + " "
            yield mark + (line or "…")
            yield from (" " * len(mark) + inner for inner in below)


def _quote(block: Quote) -> str:
    """Somebody's words line by line, then who said them."""
    text = "\n".join(_line(escape(line)) for line in clean_text(block.text).split("\n"))
    author = _link(block.author or "", block.url) if block.author or safe_url(block.url) else ""
    parts = [part for part in (text, f"— {author}" if author else "") if part]
    lines = "\n\n".join(parts).split("\n")
    following = [*lines[1:], ""]
    return "\n".join(
        f"> {line}  " if line and below else f"> {line}".rstrip()  # two blanks: a line break
        for line, below in zip(lines, following, strict=True)
        if parts
    )


def _title(post: Post, words: Words) -> str:
    title = _link(post.title, post.url) or escape(words.untitled)
    return f"# ~~{title}~~" if post.struck else f"# {title}"


def _read_at(post: Post, words: Words) -> str:
    link = safe_url(post.url)
    return _link(words.read_at.format(site=domain_of(link)), link) if link else ""


def _image(post: Post) -> str:
    destination = markdown_url(post.image_url)
    return f"![{escape(post.title)}]({destination})" if destination else ""


def _fields(fields: Sequence[PostField], words: Words, *, bullet: str) -> str:
    rendered = ((field.label, render_spans(field.spans, words)) for field in fields)
    return "\n".join(
        f"{bullet} **{escape(label)}:** {content}" for label, content in rendered if content
    )
