"""Foreign text and links in Discord's Markdown.

Text comes out as the characters it is made of: it cannot ping, link, head, quote, list, hide, style
or mention anything. Discord takes a backslash before every ASCII sign but not inside code.
"""

from __future__ import annotations

import re
from functools import lru_cache

from adapters.platforms.discord.limits import units
from bot.posts.safety import clean_line, clip, domain_of, safe_url

MAX_LABEL = 300
MAX_HOST = 253  # RFC 1035 section 2.3.4, as text
# A masked link cannot be cut, so what is longer than this is no link: it must fit into a
# description with its label and a heading. Browsers and servers give up earlier.
MAX_LINK = 2_600

_ESCAPED = re.compile(
    r"[\\`*_]|(?P<bracket>\[)"
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
_MIRRORED = str.maketrans("[]", "][")


def escape(text: str) -> str:
    """Foreign text as Markdown that shows exactly this text, within a line."""
    return escape_run(clean_line(text))


def escape_line(text: str) -> str:
    """The same for text that begins a line or a list item: it cannot start a block of its own."""
    return as_line(escape(text))


def escape_run(cleaned: str) -> str:
    """The same for a cleaned part of a line, whose edges keep their space.

    Of square brackets only one that nothing closes needs it: a link behind it would reach back.
    """
    lone = set(_unclosed(cleaned))

    def escaped(found: re.Match[str]) -> str:
        is_harmless = found["bracket"] and found.start() not in lone
        return found[0] if is_harmless else f"\\{found[0]}"

    return _ESCAPED.sub(escaped, cleaned)


def _unclosed(text: str) -> list[int]:
    """Where opening brackets stand that nothing closes."""
    opened: list[int] = []
    for found in re.finditer(r"[\[\]]", text):
        if found[0] == "[":
            opened.append(found.start())
        elif opened:
            opened.pop()
    return opened


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
    text = _without_scheme(clip(clean_line(label), MAX_LABEL)) or domain_of(target)
    is_paired = not _unclosed(text) and not _unclosed(text[::-1].translate(_MIRRORED))
    return f"[{escape(text if is_paired else text.translate(_ROUND))}]({target})"


def _without_scheme(label: str) -> str:
    while _SCHEME.search(label):  # taking one out may leave another
        label = _SCHEME.sub("", label)
    return clean_line(label)


def unlinked(label: str, url: str | None) -> str:
    """What stands for a link that may not be one: its label, with the host where that is safe."""
    text = clip(clean_line(label), MAX_LABEL)
    host = clip(domain_of(safe_url(url) or ""), MAX_HOST)
    return f"{text} ({host})" if text and host else text or host


@lru_cache(maxsize=1_024)  # a post is rendered a few times over while it is split
def link_target(url: str | None) -> str | None:
    """The URL as it may stand between the brackets of a link."""
    target = safe_url(url)
    if target is None or units(target) > MAX_LINK:
        return None
    return target.translate(_URL_ENCODED)
