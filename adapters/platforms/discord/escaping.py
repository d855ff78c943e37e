"""Foreign text and links in Discord's Markdown.

Text comes out as the characters it is made of: it cannot ping, link, head, quote, list, hide, style
or mention anything. Discord takes a backslash before every ASCII sign but not inside code.
"""

from __future__ import annotations

import re

from adapters.platforms.discord.limits import units
from bot.posts.safety import clean_line, clip, domain_of, safe_url

MAX_LABEL = 300
MAX_HOST = 253  # RFC 1035 section 2.3.4, as text
# A masked link cannot be cut, so what is longer than this is no link: it must fit into a
# description with its label and a heading. Browsers and servers give up earlier.
MAX_LINK = 2_600

_ESCAPED = re.compile(
    r"[\\`*_]"
    r"|(?<=\])\("  # links; one reaches as far as the last bracket that could end its label
    r"|~(?=~|\Z)|\|(?=\||\Z)"  # strike-through, spoilers
    r"|<(?=\S|\Z)"  # mentions, commands, times, emoji, automatic links
    r"|@(?=everyone|here|\Z)"
    r"|(?<=[A-Za-z]):(?=//)"  # automatic links
    r"|:(?=[\w+-]+:)",  # emoji by name
    re.IGNORECASE,
)
_LINE_START = re.compile(r"[#>-]")
_NUMBERED = re.compile(r"(\d+)\.(?=\s|\Z)")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_URL_ENCODED = str.maketrans({"(": "%28", ")": "%29"})
_ROUND = str.maketrans("[]", "()")


def escape(text: str) -> str:
    """Foreign text as Markdown that shows exactly this text, within a line."""
    return escape_run(clean_line(text))


def escape_line(text: str) -> str:
    """The same for text that begins a line or a list item: it cannot start a block of its own."""
    return as_line(escape(text))


def escape_run(cleaned: str) -> str:
    """The same for a cleaned part of a line, whose edges keep their space."""
    return _ESCAPED.sub(r"\\\g<0>", cleaned)


def as_line(rendered: str) -> str:
    """Keep a rendered line from starting a heading, quote, list or small print."""
    if _LINE_START.match(rendered):
        return f"\\{rendered}"
    return _NUMBERED.sub(r"\1\\.", rendered, count=1) if _NUMBERED.match(rendered) else rendered


def fitted(text: str, limit: int) -> str:
    """`escape_line(text)` in at most `limit` units, with '…' where something was cut."""
    line = clean_line(text)
    room = limit
    while units(rendered := escape_line(clip(line, room))) > limit:
        room = room * 9 // 10
    return rendered


def link(label: str, url: str | None) -> str:
    """A masked link; its text alone where the URL must not be one or is too long for one.

    Without a label it is called by its host. Discord counts brackets in a label, escaped or not,
    so that lone ones become round; and it shows a link whose label holds an address as it is
    written, so that `https://` is left out.
    """
    target = link_target(url)
    if target is None:
        return escape(unlinked(label, url))
    text = clip(clean_line(_SCHEME.sub("", label)), MAX_LABEL) or domain_of(target)
    return f"[{escape(text if _is_paired(text) else text.translate(_ROUND))}]({target})"


def unlinked(label: str, url: str | None) -> str:
    """What stands for a link that may not be one: its label, with the host where that is safe."""
    text = clip(clean_line(label), MAX_LABEL)
    host = clip(domain_of(safe_url(url) or ""), MAX_HOST)
    return f"{text} ({host})" if text and host else text or host


def link_target(url: str | None) -> str | None:
    """The URL as it may stand between the brackets of a link."""
    target = safe_url(url)
    if target is None or units(target) > MAX_LINK:
        return None
    return target.translate(_URL_ENCODED)


def _is_paired(label: str) -> bool:
    """Whether every bracket has its partner."""
    depth = 0
    for bracket in re.findall(r"[\[\]]", label):
        depth += 1 if bracket == "[" else -1
        if depth < 0:
            return False
    return depth == 0
