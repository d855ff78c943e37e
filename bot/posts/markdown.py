"""A post as Markdown that reads the same in every common renderer.

The target is CommonMark with GFM's tables, strike-through and automatic links, as read by GitHub,
Hugo (goldmark), Jekyll (kramdown after Liquid), and notes programs. Foreign text is escaped so that
it comes out as the characters it is made of and cannot make a heading, link, image, HTML, code
fence, table, front matter, template tag or automatic link. Escapes are put where a renderer could
misread, and only there: the file should be a pleasure to read as it is.
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
from bot.posts.safety import clean_line, clean_text, domain_of, safe_url
from bot.posts.words import Words, time_text, words_for

_MARKERS = {"strong": "**", "emphasis": "*", "strike": "~~"}
_ESCAPED = re.compile(
    r"[\\`*\[\]{<|~]"
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"  # snake_case stays as it is
    r"|(?<!\S)\#"  # the end of a heading, a tag in notes programs
    r"|!\Z"  # a link may follow, and would become an image
    r"|&(?=\#?[0-9A-Za-z]+;)"  # a character reference
    r"|@(?=\S)"  # mentions, e-mail addresses
    r"|(?<=\{)%|%(?=\})"  # template tags are read before Markdown is
    r"|(?<=[A-Za-z]):(?=//)|(?<=mailto):|(?<=xmpp):|(?<=\bwww)\."  # automatic links
    r"|\$(?!\d)|(?<![\s(])\$",  # mathematics; prices stay as they are
    re.IGNORECASE,
)
_LINE_START = re.compile(r"[-+=>:^%]")
_NUMBERED = re.compile(r"(\d+)([.)])(?=\s|\Z)")
_TEMPLATE = re.compile(r"\{[{%#]|[%#}]\}")
_SPACES = re.compile(r"\s+")
_BACKTICKS = re.compile(r"`+")
# Backslashes before these are shown by kramdown, which takes fewer escapes than CommonMark does.
_REFERENCES = {"&": "&amp;", "@": "&#64;", "%": "&#37;", "^": "&#94;"}
# The same for URLs, where also brackets and stars are better not seen.
_URL_ENCODED = {"(": "%28", ")": "%29", "*": "%2A", "~~": "%7E%7E"}


def render_markdown(post: Post, *, heading: bool = True) -> str:
    """The post as a Markdown document, ending in a newline.

    Without `heading` the title is left to the page around it, and its link stands on a line of its
    own. Actions are left out: a file has no buttons.
    """
    words = words_for(post.language)
    parts = [_title(post, words) if heading else _read_at(post, words), _image(post)]
    last: Block | None = None
    for block in post.blocks:
        parts.append(render_block(block, words, after_list=isinstance(last, Listing)))
        last = block
    parts.append(_fields(post.fields, words, after_list=isinstance(last, Listing)))
    return "\n\n".join(part for part in parts if part) + "\n"


def render_block(block: Block, words: Words, *, after_list: bool = False) -> str:
    """One block, without blank lines around it. `after_list`: it must not join a list before."""
    match block:
        case Heading():
            text = escape(block.text)
            return f"{'#' * min(max(block.level, 1), 6)} {text}" if text else ""
        case Paragraph():
            return _line(render_spans(block.spans, words))
        case Listing():
            bullet = "*" if after_list else "-"
            return "\n".join(_items(block.items, words, "" if block.ordered else bullet))
        case Quote():
            return _quote(block)


def render_spans(spans: Iterable[Span], words: Words) -> str:
    """A run of spans as one line; not yet safe as the start of a line."""
    merged = list(_merged(spans, words))
    parts: list[str] = []
    for index, span in enumerate(merged):
        before = merged[index - 1] if index else None
        after = merged[index + 1] if index + 1 < len(merged) else None
        parts.append(_span(span, before, after))
    return "".join(parts).strip()


def escape(text: str) -> str:
    """Foreign text as Markdown that shows exactly this text, within a line."""
    return _escape_run(clean_line(text))


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


def _merged(spans: Iterable[Span], words: Words) -> Iterator[Text | Link]:
    """The spans that show something; texts of one style that touch are one."""
    open_text: Text | None = None
    for span in spans:
        piece = _cleaned(span, words)
        if isinstance(piece, Text):
            if open_text and open_text.style == piece.style:
                piece = Text(text=open_text.text + piece.text, style=piece.style)
            elif open_text:
                yield open_text
            open_text = piece if piece.text else None
            continue
        if open_text:
            yield open_text
        open_text = None
        yield piece
    if open_text:
        yield open_text


def _cleaned(span: Span, words: Words) -> Text | Link:
    """A span with its text cleaned, edges kept; a link that may not be one as its text."""
    match span:
        case Time():
            return Text(text=time_text(words, span.at))
        case Text():
            return Text(text=_keep_edges(span.text), style=span.style)
        case Link():
            label = clean_line(span.text)
            if safe_url(span.url) is None:
                return Text(text=label)
            return Link(text=label, url=span.url)


def _keep_edges(text: str) -> str:
    line = clean_line(text)
    if not line:
        return " " if text.isspace() else ""
    return f"{' ' if text[0].isspace() else ''}{line}{' ' if text[-1].isspace() else ''}"


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
    runs = {len(run) for run in _BACKTICKS.findall(text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _link(label: str, url: str | None) -> str:
    destination = markdown_url(url)
    text = escape(label)
    if destination is None:
        return text
    return f"[{text or _escape_run(domain_of(destination))}]({destination})"


def _items(items: Sequence[ListingItem], words: Words, bullet: str) -> Iterator[str]:
    """The lines of a list; `bullet` is empty for a numbered one."""
    for number, item in enumerate(items, 1):
        marker = f"{bullet or f'{number}.'} "
        line = _line(render_spans(item.spans, words))
        if not line and not item.items:
            continue
        yield marker + (line or "…")
        for below in _items(item.items, words, "-"):
            yield " " * len(marker) + below


def _quote(block: Quote) -> str:
    """Somebody's words line by line, then who said them."""
    lines = [_line(escape(line)) for line in clean_text(block.text).split("\n")]
    author = _link(block.author or "", block.url) if block.author or block.url else ""
    lines += ["", f"— {author}"] if author else []
    quoted = [f"> {line}  " if line and nxt else f"> {line}" for line, nxt in _pairs(lines)]
    return "\n".join(line.rstrip() if line == "> " else line for line in quoted)


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from zip(lines, [*lines[1:], ""], strict=True)


def _title(post: Post, words: Words) -> str:
    return f"# {_link(post.title, post.url) or escape(words.untitled)}"


def _read_at(post: Post, words: Words) -> str:
    link = safe_url(post.url)
    return _link(words.read_at.format(site=domain_of(link)), link) if link else ""


def _image(post: Post) -> str:
    destination = markdown_url(post.image_url)
    return f"![{escape(post.title)}]({destination})" if destination else ""


def _fields(fields: Sequence[PostField], words: Words, *, after_list: bool) -> str:
    bullet = "*" if after_list else "-"
    return "\n".join(
        f"{bullet} **{escape(field.label)}:** {render_spans(field.spans, words)}"
        for field in fields
    )
