"""Reads Markdown as its readers do (markdown-it), into a form that a post can be put into as well.

The form: one tuple per block, inline content as a list of text runs and links. Styles are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Quote, Span, Time
from bot.posts.safety import clean_line, clean_run, clean_text, domain_of, safe_url
from bot.posts.words import Words, time_text

Inline = tuple[tuple[str, str], ...]
Form = tuple[object, ...]

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read_markdown(text: str) -> list[Form]:
    return [_form(node) for node in SyntaxTreeNode(_PARSER.parse(text)).children]


def _form(node: SyntaxTreeNode) -> Form:
    match node.type:
        case "heading":
            return ("heading", int(node.tag[1]), _inline(node))
        case "paragraph":
            return ("paragraph", _inline(node))
        case "bullet_list" | "ordered_list":
            items = tuple(tuple(_form(part) for part in item.children) for item in node.children)
            return ("list", node.type == "ordered_list", items)
        case "blockquote":
            return ("quote", tuple(_form(part) for part in node.children))
    return ("unexpected", node.type, node.content if node.is_root is False else "")


def _inline(node: SyntaxTreeNode) -> Inline:
    runs = list(_runs(node.children[0].children)) if node.children else []
    return tuple(_joined(runs))


def _runs(nodes: Sequence[SyntaxTreeNode]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        match node.type:
            case "text" | "code_inline":
                yield ("", node.content)
            case "softbreak" | "hardbreak":
                yield ("", " ")
            case "strong" | "em" | "s":
                yield from _runs(node.children)
            case "link":
                label = "".join(text for _, text in _runs(node.children))
                yield (unquote(str(node.attrs["href"])), label)
            case _:
                yield (f"unexpected {node.type}", node.content)


def _joined(runs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbouring text is one run; spaces count once, at the edges of a line not at all."""
    merged: list[tuple[str, str]] = []
    for target, text in runs:
        if merged and not target and not merged[-1][0]:
            merged[-1] = ("", merged[-1][1] + text)
        else:
            merged.append((target, text))
    last = len(merged) - 1
    for index, (target, text) in enumerate(merged):
        single = " ".join(f".{text}.".split())[1:-1]
        single = single.lstrip() if index == 0 or target else single
        single = single.rstrip() if index == last or target else single
        if single:
            yield (target, single)


def block_form(block: Block, words: Words) -> Form | None:
    """What reading a rendered block should give; None where it shows nothing."""
    match block:
        case Heading():
            inline = inline_form_of_text(block.text)
            return ("heading", block.level, inline) if inline else None
        case Paragraph():
            inline = inline_form(block.spans, words)
            return ("paragraph", inline) if inline else None
        case Listing():
            items = _item_forms(block.items, words)
            return ("list", block.ordered, items) if items else None
        case Quote():
            return _quote_form(block)


def inline_form(spans: Iterable[Span], words: Words) -> Inline:
    return tuple(_joined(_span_runs(spans, words)))


def inline_form_of_text(text: str) -> Inline:
    return tuple(_joined([("", clean_line(text))]))


def _span_runs(spans: Iterable[Span], words: Words) -> Iterator[tuple[str, str]]:
    for span in spans:
        if isinstance(span, Time):
            yield ("", time_text(words, span.at))
        elif isinstance(span, Link):
            url = safe_url(span.url)
            label = clean_line(span.text)
            yield (unquote(url), label or domain_of(url)) if url else ("", label)
        else:
            yield ("", clean_run(span.text))


def _item_forms(items: Iterable[ListingItem], words: Words) -> tuple[Form, ...]:
    forms: list[Form] = []
    for item in items:
        inline = inline_form(item.spans, words)
        below = _item_forms(item.items, words)
        if inline or below:
            parts: tuple[Form, ...] = (("paragraph", inline or (("", "…"),)),)
            forms.append((*parts, ("list", False, below)) if below else parts)
    return tuple(forms)


def _quote_form(block: Quote) -> Form | None:
    paragraphs: list[list[str]] = [[]]
    for line in clean_text(block.text).split("\n"):
        if clean_line(line):
            paragraphs[-1].append(clean_line(line))
        else:
            paragraphs.append([])
    forms: list[Form] = [("paragraph", (("", " ".join(lines)),)) for lines in paragraphs if lines]
    author, url = clean_line(block.author or ""), safe_url(block.url)
    if url:
        forms.append(("paragraph", (("", "— "), (unquote(url), author or domain_of(url)))))
    elif author:
        forms.append(("paragraph", (("", f"— {author}"),)))
    return ("quote", tuple(forms)) if forms else None
