"""Other people's words as Markdown block quotes: shown as they were written, able to do nothing.

Fenced code, lists and quotes inside a quote stay what they are; all else is escaped. `read_quoted`
gives back the text that `quoted` was given, once that is `normal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.posts.markdown import escape, escape_line, unescape
from bot.posts.safety import clean_line, clean_text
from bot.summarize.sentences import split_sentences

_FENCE = re.compile(r"^(`{3,}|~{3,})")
_LISTED = re.compile(r"^(?P<marker>(?:[-*+]|\d{1,4}[.)]) )(?P<rest>\S.*)$")
_CODE_INDENT = "    "
FENCE = "```"
_BREAK = "  "


def normal(text: str) -> str:
    """Text as quotes hold it: clean lines, at most one blank line, all code in bare fences."""
    lines: list[str] = []
    fenced = indented = False
    for line in clean_text(text).replace("\t", _CODE_INDENT).split("\n"):
        if not fenced and indented and not line.startswith(_CODE_INDENT):
            lines.append(FENCE)
            indented = False
        if not indented and _FENCE.match(line.strip()):
            lines.append(FENCE)
            fenced = not fenced
        elif fenced:
            lines.append(line.replace(FENCE, "'''").rstrip())
        elif line.startswith(_CODE_INDENT) and (indented or not (lines and lines[-1])):
            if not indented:
                lines.append(FENCE)
            indented = True
            lines.append(line[len(_CODE_INDENT) :].replace(FENCE, "'''").rstrip())
        elif cleaned := clean_line(line):
            lines.append(_quote_mark(cleaned))
        elif lines and lines[-1]:
            lines.append("")
    if fenced or indented:
        lines.append(FENCE)
    return "\n".join(lines).strip("\n")


def _quote_mark(line: str) -> str:
    """One level of quoting, written one way."""
    return f"> {clean_line(line.lstrip('> '))}".rstrip() if line.startswith(">") else line


def quoted(text: str, prefix: str = "> ") -> list[str]:
    """The lines of a block quote. `text` must be `normal`."""
    lines = list(_written(text))
    below = [*lines[1:], _Line("", is_plain=False)]
    return [
        f"{prefix}{line.text}{_BREAK if _breaks(line, after) else ''}"
        if line.text
        else prefix.rstrip()
        for line, after in zip(lines, below, strict=True)
    ]


class _Line(NamedTuple):
    """A written line. `is_plain`: neither code, fence, quote nor the start of a list item."""

    text: str
    is_plain: bool


def _breaks(line: _Line, after: _Line) -> bool:
    """Whether a renderer must be told to keep two lines apart."""
    return bool(line.text and after.text and after.is_plain and line.text != FENCE)


def _written(text: str) -> Iterator[_Line]:
    fenced = False
    for line in text.split("\n"):
        if line == FENCE:
            fenced = not fenced
            yield _Line(line, is_plain=False)
        elif fenced:
            yield _Line(line, is_plain=False)
        elif line.startswith(">"):
            yield _Line(f"> {escape_line(line[1:].strip())}".rstrip(), is_plain=False)
        elif listed := _LISTED.match(line):
            yield _Line(f"{listed['marker']}{escape(listed['rest'])}", is_plain=False)
        else:
            yield _Line(escape_line(line), is_plain=True)


def read_quoted(lines: list[str]) -> str:
    """The text behind the lines of a quote, their prefixes taken off."""
    read: list[str] = []
    fenced = False
    for line in lines:
        if line == FENCE:
            fenced = not fenced
            read.append(line)
        else:
            read.append(line if fenced else unescape(line.rstrip()))
    return "\n".join(read)


def cut_at_sentence(text: str, limit: int) -> tuple[str, bool]:
    """The beginning of a normal text up to `limit` characters, whole sentences or blocks only."""
    if len(text) <= limit:
        return text, False
    kept = ""
    for block in _blocks(text):
        longer = f"{kept}\n\n{block}" if kept else block
        if len(longer) <= limit:
            kept = longer
            continue
        if not block.startswith(FENCE):
            room = limit - len(kept) - 2
            begun = _first_sentences(block, room)
            kept = f"{kept}\n\n{begun}".strip("\n") if begun else kept
        break
    return kept, True


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, and fenced code as one block with its blank lines."""
    block: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line == FENCE
        if line or fenced:
            block.append(line)
        elif block:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def _first_sentences(block: str, room: int) -> str:
    """The block's beginning through the last sentence that ends within `room`, byte for byte."""
    end = 0
    for sentence in split_sentences(block):
        at = block.find(sentence, end)
        if at < 0 or at + len(sentence) > room:
            break
        end = at + len(sentence)
    return block[:end]
