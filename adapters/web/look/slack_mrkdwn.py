"""Slack's mrkdwn as its clients show it: `*bold*`, `_italic_`, `<url|label>`, `<!date^…>`.

`&`, `<` and `>` come escaped, so that every `<` begins something of Slack's own.
"""

from __future__ import annotations

import re
from datetime import datetime

from markupsafe import Markup

from adapters.web.look.markup import Piece, joined, link, tag, web_address
from adapters.web.look.moments import marked, moment_of, slack_date

MAX_DEPTH = 6


def _styled(name: str, mark: str) -> str:
    """Between two marks at the edges of words; what stands between `<` and `>` is one piece, and a
    mark inside a word is a letter.
    """
    inside = rf"(?:<[^<>\n]+>|[^{mark}\n<]|(?<=\w){mark}(?=\w))+?"
    return rf"(?<!\w){mark}(?=[^\s{mark}])(?P<{name}>{inside})(?<!\s){mark}(?!\w)"


_TOKEN = re.compile(
    r"```(?P<block>[\s\S]+?)```|`(?P<code>[^`\n]+)`|<(?P<entity>[^<>\n]+)>|"
    + "|".join((_styled("bold", r"\*"), _styled("italic", "_"), _styled("strike", "~")))
)
_STYLES = {"bold": "strong", "italic": "em", "strike": "s"}
_DATE = re.compile(r"!date\^(-?\d{1,17})\^([^^|]*)(?:\^([^|]*))?")
_QUOTED = re.compile(r"(?:^(?:&gt;|>)[^\n]*\n?)+", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^(?:&gt;|>) ?", re.MULTILINE)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_BROADCASTS = ("here", "channel", "everyone")


def show_mrkdwn(text: str, now: datetime) -> Markup:
    """A text object of type `mrkdwn`. `now`: what dates are told against."""
    pieces: list[Piece] = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        pieces.append(_inline(text[at : quoted.start()], now, 0))
        inside = _QUOTE_MARK.sub("", quoted[0]).removesuffix("\n")
        pieces.append(tag("blockquote", _inline(inside, now, 0)))
        at = quoted.end()
    return joined([*pieces, _inline(text[at:], now, 0)])


def unescaped(text: str) -> str:
    """Without the three entities that Slack has."""
    return re.sub(r"&(?:amp|lt|gt);", lambda found: _ENTITIES[found[0]], text)


def _inline(text: str, now: datetime, depth: int) -> Markup:
    pieces: list[Piece] = []
    at = 0
    for found in _TOKEN.finditer(text):
        pieces += [unescaped(text[at : found.start()]), _piece(found, now, depth)]
        at = found.end()
    return joined([*pieces, unescaped(text[at:])])


def _piece(found: re.Match[str], now: datetime, depth: int) -> Piece:
    name = found.lastgroup or ""
    inside = found[name]
    if name == "block":
        return tag("pre", unescaped(inside.strip("\n")))
    if name == "code":
        return tag("code", unescaped(inside))
    if name == "entity":
        return _entity(inside, now)
    if depth == MAX_DEPTH:
        return unescaped(found[0])
    return tag(_STYLES[name], _inline(inside, now, depth + 1))


def _entity(inside: str, now: datetime) -> Piece:
    """What stands between `<` and `>`: a link, a call for somebody, a date."""
    target, _, label = inside.partition("|")
    if date := _DATE.fullmatch(target):
        return _date(date, label, now)
    if target.startswith(("@", "#", "!")):
        return _call(target, unescaped(label))
    url = unescaped(target)
    if web_address(url) is None:
        return unescaped(label or target)
    return link(url, unescaped(label) or url)


def _date(date: re.Match[str], fallback: str, now: datetime) -> Piece:
    at = moment_of(date[1])
    if at is None:
        return unescaped(fallback)
    shown = marked(at, slack_date(unescaped(date[2]), at, now), "sl-date")
    return link(unescaped(date[3]), shown) if date[3] else shown


def _call(target: str, label: str) -> Piece:
    """A mention; nobody is called by it here."""
    word = target[1:].split("^")[0]
    if target.startswith("!") and word not in (*_BROADCASTS, "subteam"):
        return label or word
    names = {"@": "@member", "#": "#channel", "!": "@group" if word == "subteam" else f"@{word}"}
    return tag("span", label or names[target[0]], class_="sl-mention")
