"""What no foreign text or link may carry into a post, whatever renders it.

Text from feeds can hold terminal escapes, overrides of the reading direction, and characters that
nobody sees. Links can hold scripts or a false host. Markup is the renderers' own business.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

MAX_URL = 4_096

# ECMA-48: CSI, terminated strings (OSC, DCS, APC, PM, SOS), other escapes. Only with a real ESC:
# a bare C1 character is more often a mangled quotation mark, and is dropped alone.
_ESCAPE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)|\x1b[ -/]*[0-~]?"
)
# Invisible, direction-changing or filling characters. ZWJ and ZWNJ stay: emoji and Persian need
# them. Tags and the second set of variation selectors (U+E0000 ff.) can hide whole sentences.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"\s+")
_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILED_MARKS = re.compile(f"({_MARK}{{4}}){_MARK}+")
_URL_SAFE = "/:@!$&'()*+,;=~%-._"


def clean_text(text: str) -> str:
    """Foreign text without escapes and unseen characters; line breaks stay, as newlines."""
    return _readable(text).strip()


def clean_line(text: str) -> str:
    """The same as one line with single spaces."""
    return " ".join(_readable(text).split())


def clean_run(text: str) -> str:
    """The same as a part of a line, whose edges keep a space."""
    return _SPACES.sub(" ", _readable(text))


def _readable(text: str) -> str:
    text = _INVISIBLE.sub("", _NEWLINE.sub("\n", _ESCAPE.sub("", text)))
    return _PILED_MARKS.sub(r"\1", _SURROGATE.sub("\ufffd", text))


def shown_of(count: int, most: int) -> int:
    """How many of `count` items to show where `most` are enough: a single one more takes no more
    room than the words that it was left out.
    """
    return count if count <= most + 1 else most


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words and never inside a visible character."""
    if len(text) <= limit:
        return text
    end = limit - 1
    space = text.rfind(" ", int(end * 0.7), end + 1)
    if space > 0:
        end = space
    while end > 0 and _joins(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip(" ,;:-–—") + "…"


def _joins(left: str, right: str) -> bool:
    """Whether two characters show as one: combining marks, joined emoji, skin tones, flags."""
    if unicodedata.combining(right) or unicodedata.category(right).startswith("M"):
        return True
    flags = all("\U0001f1e6" <= char <= "\U0001f1ff" for char in (left, right))
    return "\u200d" in (left, right) or "\U0001f3fb" <= right <= "\U0001f3ff" or flags


def safe_url(url: str | None) -> str | None:
    """The URL as a link may carry it, percent-encoded; None where it must not be a link.

    Only http and https, with a host and without credentials (`https://bank.example@evil.example`).
    """
    if not url or len(url) > MAX_URL or _INVISIBLE.search(url) or _SURROGATE.search(url):
        return None
    try:
        parts = urlsplit(url.strip())
        host = _ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:  # UnicodeError of the host included
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    path = quote(parts.path, safe=_URL_SAFE)
    query = quote(parts.query, safe=_URL_SAFE + "?")
    fragment = quote(parts.fragment, safe=_URL_SAFE + "?")
    return urlunsplit((parts.scheme, host + port, path, query, fragment))


def _ascii_host(host: str) -> str:
    """The host in ASCII, so that no look-alike script hides in it. Raises `ValueError`."""
    if ":" in host:
        return f"[{host}]"
    name = host.encode("idna").decode("ascii") if not host.isascii() else host
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise ValueError(f"not a host name: {host!r}")
    return name


def domain_of(url: str) -> str:
    """The host of a safe URL as people say it: without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
