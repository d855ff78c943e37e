"""Pieces of Markdown that the digests share, each with its reading back."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import quote, unquote

from bot.posts.markdown import escape, markdown_url, unescape
from bot.posts.safety import clean_line, domain_of

_ESCAPED_BRACKET = re.compile(r"\\([\[\]])")
_FACTS = re.compile(r"<!-- threadwire (?P<facts>[^>]*) -->")


def title_text(title: str) -> str:
    """A title inside a link: escaped, but for its own balanced brackets (`[D] …`).

    A bracket that closes right before `(`, `[` or `:` stays escaped: it would make a link of its
    own, and win over the one around it (CommonMark 0.31, section 6.3). So does one that opens
    before `^`: a footnote for kramdown, and no link around it.
    """
    escaped = escape(clean_line(title))
    pairs = _pairs(escaped)
    return _ESCAPED_BRACKET.sub(
        lambda match: match[1] if match.start() in pairs else match[0], escaped
    )


def _pairs(escaped: str) -> set[int]:
    """Where the escaped brackets stand that pair up and may be shown bare."""
    open_at: list[int] = []
    pairs: set[int] = set()
    for match in _ESCAPED_BRACKET.finditer(escaped):
        if match[1] == "[":
            open_at.append(match.start())
        elif open_at:
            start = open_at.pop()
            follower = escaped[match.end() : match.end() + 1]
            is_note = escaped.startswith(("^", "&#94;"), start + 2)
            if not open_at and not is_note and follower not in {"(", "[", ":", "\\"}:
                pairs |= {start, match.start()}
    return pairs if not open_at else set()


def link(label: str, url: str) -> str:
    """A link; the label alone where the URL may not be one."""
    destination = markdown_url(url)
    text = title_text(label) or (escape(domain_of(url)) if destination else "")
    return f"[{text}]({destination})" if destination else text


def tidy_url(url: str | None) -> str | None:
    """A URL as records hold it: percent-encoded as Markdown has it; None where it may not link."""
    destination = markdown_url(url)
    return unescape(destination) if destination else None


class Piece(NamedTuple):
    """A run of one line: "text", "emphasis", "strong", or "link" with its URL. `text` is plain."""

    kind: Literal["text", "emphasis", "strong", "link"]
    text: str
    url: str = ""


# Foreign text is escaped, so that what stands bare is ours.
_LABEL = r"(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*"
_PIECE = re.compile(
    rf"\[(?P<label>{_LABEL})\]\((?P<url>[^()\s]*)\)"
    r"|\*\*(?P<strong>(?:[^*\\]|\\.)+)\*\*"
    r"|\*(?P<emphasis>(?:[^*\\]|\\.)+)\*"
    r"|(?P<text>(?:[^*\[\\]|\\.)+)"
)


def pieces(line: str) -> list[Piece]:
    """A line that we wrote, taken apart. Raises `ValueError` for one that we did not write."""
    found: list[Piece] = []
    at = 0
    while at < len(line):
        match = _PIECE.match(line, at)
        if match is None:
            raise ValueError(f"not as a digest writes it: {line[at : at + 40]!r}")
        found.append(_piece(match))
        at = match.end()
    return found


def _piece(match: re.Match[str]) -> Piece:
    if match["label"] is not None:
        return Piece("link", unescape(match["label"]), unescape(match["url"]))
    if match["strong"] is not None:
        return Piece("strong", unescape(match["strong"]))
    if match["emphasis"] is not None:
        return Piece("emphasis", unescape(match["emphasis"]))
    return Piece("text", unescape(match["text"]))


def facts_comment(facts: dict[str, str]) -> str:
    """What a page keeps to itself (period, zone, what it was made from), as a comment."""
    pairs = (f"{name}={quote(value, safe=':+/,')}" for name, value in facts.items())
    return f"<!-- threadwire {' '.join(pairs)} -->"


def read_facts(document: str) -> dict[str, str]:
    """What `facts_comment` wrote. Raises `ValueError` where there is none."""
    found = list(_FACTS.finditer(document))
    if not found:
        raise ValueError("not a digest's document: its last line is missing")
    pairs = (pair.partition("=") for pair in found[-1]["facts"].split())
    return {name: unquote(value) for name, _, value in pairs}
