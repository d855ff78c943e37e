"""HTML to plain text in one pass over its tags.

No tree is built: feeds carry small, often broken fragments, and a tree costs ten times the text.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from bot.ingest.characters import clean_characters, is_plain

MAX_TEXT = 100_000

# A quote opens a value only behind `=`, else `<p title=5">` would swallow what follows. Nothing
# here can be read twice (possessive), so the scan is linear whatever the markup.
_TAG = re.compile(
    r"<!--|<!\[CDATA\[|\]\]>|<(?:[!?]|/(?![a-zA-Z]))[^<>]*+>|"
    r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)(>?)"
)
_HREF = re.compile(r"href\s*=\s*[\"']?(https?://[^\"'\s>]+)", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_ESCAPED_TAG = re.compile(
    r"&lt;(?:/(?:p|div|a|li|ul|ol|b|i|em|strong|span|h[1-6]|blockquote|table|figure)&gt;"
    r"|br\s*/?&gt;|img\s)",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});|&nbsp\b")

_SKIPPED = frozenset(
    ("script", "style", "nav", "template", "svg", "noscript", "iframe", "object", "form", "button",
     "select", "textarea", "head", "title", "audio", "video", "canvas", "map", "annotation",
     "annotation-xml")
)  # fmt: skip
_PARAGRAPHS = frozenset(
    ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote",
     "section", "article", "header", "footer", "main", "aside", "figure", "figcaption", "address",
     "details", "summary", "center", "fieldset", "hr", "body", "html", "caption", "hgroup", "dir",
     "menu", "thead", "tbody", "tfoot")
)  # fmt: skip
_LINES = frozenset(("br", "tr", "dt", "dd", "option", "legend"))
_CELLS = frozenset(("td", "th"))
_LISTS = frozenset(("ul", "ol"))
_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
     "embed", "font", "i", "img", "input", "ins", "kbd", "label", "link", "mark", "meta", "meter",
     "nobr", "output", "param", "picture", "progress", "q", "rp", "rt", "ruby", "s", "samp", "slot",
     "small", "source", "span", "strike", "strong", "sub", "sup", "time", "track", "tt", "u", "var",
     "wbr", "col", "colgroup", "area", "base", "math", "semantics", "mrow", "mi", "mo", "mn",
     "msup", "msub", "mtext", "mfrac", "msqrt", "mover", "munder", "mtable", "mtr", "mtd", "mstyle",
     "msubsup", "munderover", "mspace", "amp-img", "li", "pre", "listing", "xmp", "iframe",
     "basefont", "blink", "marquee", "frame", "frameset", "noframes", "spacer", "path", "g")
)  # fmt: skip
_KNOWN = _SKIPPED | _PARAGRAPHS | _LINES | _CELLS | _INLINE
_BREAKS = _PARAGRAPHS | _LINES | _CELLS | {"li", "pre"}

# Never a lone plain space: there is one in front of every word.
_INLINE_SPACES = re.compile(r"(?:[^\S\n ]| (?=[^\S\n]))[^\S\n]*")
_LINE_ENDS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_CLOSING = {
    name: re.compile(rf"</{name}(?:\s[^<>]*)?>", re.IGNORECASE) for name in (*_SKIPPED, "pre")
}
_CODE_TAG = re.compile(r"<(?:br|/?([a-zA-Z][a-zA-Z0-9]*+))(?:\s[^<>]*+)?/?>", re.IGNORECASE)
_BACKTICKS = re.compile(r"^`{3,}", re.MULTILINE)
_NEWLINES = "\r\n"
_NOTED = frozenset(("a", "img", "amp-img"))
_MAX_NOTES = 20

# Breaks that ordinary white space must not merge with, as noncharacters: no text may hold them.
_LINE, _PARAGRAPH, _CELL, _INDENT, _ITEM, _LINK = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
_MARK = re.compile("[\ufdd0-\ufdef]")
_EMPTY_ITEM = re.compile(f"{_INDENT}*{_ITEM}[ {_LINE}{_CELL}]*(?=[{_PARAGRAPH}{_INDENT}{_ITEM}]|$)")
_ITEM_START = re.compile(f"{_ITEM}[ {_LINE}{_PARAGRAPH}{_CELL}]*")
# A link ends with its last letter: behind a space its mark would keep two spaces apart.
_EDGE = "".join(map(chr, filter(lambda code: chr(code).isspace(), range(0x3001))))
_EDGE += f"\u200b\u200e\u200f\ufeff\xad{_LINE}{_PARAGRAPH}{_CELL}{_INDENT}{_ITEM}"
# What each break swallows beside it, and what it becomes.
_APART = (
    (_PARAGRAPH, f" {_LINE}{_CELL}", "\n\n"),
    (_LINE, f" {_CELL}", "\n"),
    (_CELL, " ", " | "),
)
_RENDERED = ((_INDENT, "  "), (_ITEM, "- "))


class Anchor(NamedTuple):
    """A link's words, its tag's attributes, and where in the text it ends."""

    end: int
    label: str
    attributes: str

    @property
    def address(self) -> str | None:
        """Where it leads, as it is written; None unless that is a whole http(s) address."""
        found = _HREF.search(self.attributes)
        return decoded(found[1]) if found else None


def is_escaped_markup(html: str) -> bool:
    """Whether this is HTML that was escaped once too often (no tag, but `&lt;/p&gt;`)."""
    return "<" not in html and _ESCAPED_TAG.search(html) is not None


def markup_text(html: str) -> str:
    """The text of an HTML fragment; of one without block tags, with its own line breaks."""
    if not html.isascii():
        html = _MARK.sub("", html)
    return _Reader(html).text()


def linked_markup_text(html: str) -> tuple[str, list[Anchor]]:
    """The same text, and the links with words that stand in it, in their order."""
    if not html.isascii():
        html = _MARK.sub("", html)
    reader = _Reader(html, marks_links=True)
    pieces = reader.text().split(_LINK)
    anchors, end = [], 0
    for piece, (label, attributes) in zip(pieces, reader.links, strict=False):
        end += len(piece)
        anchors.append(Anchor(end, label, attributes))
    return "".join(pieces), anchors[: len(pieces) - 1]


def decoded(text: str) -> str:
    """Entities as characters. Only those with a semicolon: `?a=1&copy=2` is no ©."""
    return _ENTITY.sub(_character, text)


def plain_text(text: str) -> str:
    """Text that has no markup: its own line breaks are its paragraphs."""
    text = clean_characters(text[:MAX_TEXT]).strip()
    if "\n" in text or "  " in text or "\t" in text or "\xa0" in text:
        text = _INLINE_SPACES.sub(" ", text)
        text = _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text))
    return text


class _Reader:
    """One pass over one fragment: `_parts` is the running text, `_done` what is final."""

    def __init__(self, html: str, *, marks_links: bool = False) -> None:
        self.links: list[tuple[str, str]] = []
        self._html = html
        self._marks_links = marks_links
        self._opened: tuple[int, str] | None = None
        self._parts: list[str] = []
        self._done: list[str] = []
        self._alts: list[str] = []
        self._hrefs: list[str] = []
        self._unclosed: set[str] = set()
        self._depth = 0
        self._has_breaks = False
        self._is_plain = True
        self._size = 0

    def text(self) -> str:
        """What the fragment says, white space as HTML means it."""
        self._read()
        self._flush()
        text = "\n\n".join(self._done)[:MAX_TEXT]
        if text:
            return text
        return plain_text(" ".join(self._alts)) or "\n".join(self._hrefs)

    def _read(self) -> None:
        html, position = self._html, 0
        next_tag = _TAG.search if "]]>" in html else _next_tag
        while tag := next_tag(html, position):
            start = tag.start()
            if start > position:
                self._append(html[position:start])
            position = self._step(tag)
            if self._size > MAX_TEXT:
                return
        self._append(html[position:])

    def _append(self, text: str) -> None:
        if "&" in text:
            text = decoded(text)
        if self._is_plain:  # our own marks are not ASCII: looked at together, nothing would be
            self._is_plain = is_plain(text)
        self._parts.append(text)
        self._size += len(text)

    def _step(self, tag: re.Match[str]) -> int:
        """Take one tag in; returns where to go on."""
        if tag[2] is None:
            return self._after(tag.end(), "-->") if tag[0] == "<!--" else tag.end()
        name = tag[2].lower()
        if not tag[4] or not (name in _KNOWN or ":" in name or "-" in name):
            # `a <b and c`, `List<String>`: not markup.
            self._append(tag[0])
        elif name in _SKIPPED:
            return tag.end() if tag[1] or tag[3].endswith("/") else self._after_element(name, tag)
        elif name == "pre" and not tag[1]:
            return self._code(tag)
        elif name in _BREAKS:
            self._break(name, closing=bool(tag[1]))
        elif name in _NOTED:
            self._note(name, tag)
        return tag.end()

    def _after(self, position: int, end: str) -> int:
        if end in self._unclosed:  # looked for once, else many openings cost a square
            return position
        found = self._html.find(end, position)
        if found < 0:
            self._unclosed.add(end)
            return position
        return found + len(end)

    def _after_element(self, name: str, tag: re.Match[str]) -> int:
        return self._closing(name, tag.end())[1]

    def _closing(self, name: str, position: int) -> tuple[int, int]:
        """Where the closing tag begins and ends; `position` twice where there is none."""
        if name in self._unclosed:
            return position, position
        found = _CLOSING[name].search(self._html, position)
        if not found:
            self._unclosed.add(name)
            return position, position
        return found.span()

    def _code(self, tag: re.Match[str]) -> int:
        start, end = self._closing("pre", tag.end())
        if end == tag.end():
            self._break("pre", closing=False)
            return end
        inner = self._html[tag.end() : min(start, tag.end() + MAX_TEXT)]
        code = clean_characters(decoded(_CODE_TAG.sub(_code_break, inner)))
        self._flush()
        if not self._done and end == len(self._html.rstrip()) and "<code" not in self._html:
            # A commit message or a mail, preformatted whole: no code.
            self._is_plain = False
            self._parts.append(code)
        elif code.strip():
            self._has_breaks = True
            fence = "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(code)), default=0))
            self._done.append(f"{fence}\n{code.strip(_NEWLINES).rstrip()}\n{fence}")
            self._size += len(self._done[-1])
        return end

    def _break(self, name: str, *, closing: bool) -> None:
        self._has_breaks = True
        if name in _LISTS:
            was_inside = self._depth > 0
            self._depth = max(0, self._depth + (-1 if closing else 1))
            self._parts.append(_LINE if was_inside and self._depth else _PARAGRAPH)
        elif name == "li":
            indent = _INDENT * min(max(0, self._depth - 1), 8)
            self._parts.append(_LINE if closing else f"{_LINE}{indent}{_ITEM}")
        elif name in _CELLS:
            self._parts.append(_CELL)
        else:
            self._parts.append(_LINE if self._depth or name in _LINES else _PARAGRAPH)

    def _note(self, name: str, tag: re.Match[str]) -> None:
        if name == "a":
            self._link(tag)
        elif not tag[1] and len(self._alts) < _MAX_NOTES:
            alt = _ALT.search(tag[3])
            if alt:
                self._alts.append(decoded(alt[1] or alt[2] or ""))

    def _link(self, tag: re.Match[str]) -> None:
        if tag[1]:
            if self._opened is not None:
                self._mark_link(*self._opened)
            self._opened = None
            return
        if self._marks_links:
            self._opened = len(self._parts), tag[3]
        if len(self._hrefs) < _MAX_NOTES and (found := _HREF.search(tag[3])):
            self._hrefs.append(decoded(found[1]))

    def _mark_link(self, start: int, attributes: str) -> None:
        """Put a mark behind the words that are linked, if there are any."""
        inside = "".join(self._parts[start:])
        label = inside.rstrip(_EDGE)
        if label:
            self._parts[start:] = [label, _LINK, inside[len(label) :]]
            self.links.append((label.lstrip(_EDGE), attributes))

    def _flush(self) -> None:
        text = "".join(self._parts)
        self._parts.clear()
        self._opened = None
        if not self._has_breaks:
            text = plain_text(text)
        else:
            text = _laid_out(text if self._is_plain else clean_characters(text))
        if text:
            self._done.append(text)


def _next_tag(html: str, position: int) -> re.Match[str] | None:
    """What `_TAG` finds from there on, where it can only begin with `<`: text is skipped faster."""
    start = html.find("<", position)
    while start >= 0:
        if tag := _TAG.match(html, start):
            return tag
        start = html.find("<", start + 1)
    return None


def _laid_out(text: str) -> str:
    text = " ".join(text.split())
    if _ITEM in text:
        text = _ITEM_START.sub(_ITEM, _EMPTY_ITEM.sub("", text))
    for mark, swallowed, rendered in _APART:
        if mark in text:
            text = _apart(text, mark, swallowed, rendered)
    for mark, rendered in _RENDERED:  # str.translate costs twenty times as much
        if mark in text:
            text = text.replace(mark, rendered)
    return text.strip()


def _apart(text: str, mark: str, swallowed: str, rendered: str) -> str:
    """The text with each run of `mark` and what it swallows rendered once."""
    # A pattern would try its luck at every space.
    first, *others = text.split(mark)
    inner = [piece for each in others[:-1] if (piece := each.strip(swallowed))]
    return rendered.join((first.rstrip(swallowed), *inner, others[-1].lstrip(swallowed)))


def _character(found: re.Match[str]) -> str:
    return unescape(found[0])


def _code_break(found: re.Match[str]) -> str:
    name = (found[1] or "").lower()
    if name in ("br", "div", "p", "tr"):
        return "\n"
    return "" if not name or name in _KNOWN else found[0]
