"""One address for one page, however it was linked.

`canonical_url` is for comparing: it may rewrite scheme and host (`http`, `www.`, `m.`) and is never
fetched or shown. `display_url` is for people: what the publisher wrote, without the tracking and,
where that is sure to lead to the same page, without AMP and mobile editions.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit

from bot.ingest.redirectors import unwrapped
from bot.ingest.sites import site_address
from bot.ingest.tracking import without_tracking

_MAX_LENGTH = 8_192
_DEFAULT_PORTS = (":80", ":443")
_ALIAS_HOST = re.compile(r"(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.[^.])")
# What is left of `m.co.uk` is a public suffix, not the site's full version.
_SUFFIX_ONLY = re.compile(r"(?:co|com|org|net|ac|gov|edu|or|ne)\.[a-z]{2}")
_HOST = re.compile(r"[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\]")
# What would end a link early in Markdown, in a terminal or on a platform.
_UNLINKABLE = re.compile(
    r"[\s<>\"`\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|shtml)$", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLAIN = re.compile(r"[\w/:@!$&'()*+,;=~.?|#-]*", re.ASCII)
_SAFE = "/:@!$&'()*+,;=~%-._?[]|"
_DOT_SEGMENT = re.compile(r"/\.{1,2}(?:/|$)")
_AMP_TAIL = re.compile(r"(?:/amp(?:\.html?)?|\.amp(?:\.html?)?)$", re.IGNORECASE)
_AMP_QUERY = re.compile(r"(?:amp(?:=[^&]*)?|output(?:type)?=amp)$", re.IGNORECASE)
# `?amp=fender` searches for one.
_AMP_SWITCH = re.compile(r"(?:amp(?:=(?:1|true|yes)?)?|output(?:type)?=amp)$", re.IGNORECASE)
_WHOLE_SITES = {
    "m.youtube.com": "www.youtube.com",
    "mobile.twitter.com": "twitter.com",
    "mobile.x.com": "x.com",
    "m.facebook.com": "www.facebook.com",
    "mobile.nytimes.com": "www.nytimes.com",
}
_MOBILE_WIKI = re.compile(r"([a-z-]+)\.m\.(wik[a-z]+\.org)")
# `/amp` is stripped behind or before what looks like an article; `github.com/someone/amp` is none.
_ARTICLE_PATH = re.compile(r"\d{4}|-[^/]*-")


def canonical_url(url: str) -> str | None:
    """The address that identifies a page across feeds; None where it is not http(s).

    The same for all spellings of one page: scheme, port, `www`, mobile and AMP versions, tracking
    parameters and their order, fragments, redirectors. Idempotent; never raises.
    """
    opened = _opened(url)
    if opened is None:
        return None
    parts, host, port = opened
    path = _without_amp(_path(parts.path))
    query = _identity_query(parts.query, host)
    special = site_address(host, path, query)
    if special is not None:
        return special
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return f"https://{host}{port}{path}{'?' if query else ''}{query}{_quoted(fragment)}"


def display_url(url: str) -> str | None:
    """The address to show and to follow: as published, out of redirectors, without tracking.

    Of an AMP or mobile edition it is the whole page's, where sites agree on what that is called:
    an `amp.` or `m.` host says too little of its main one, so it stays.
    """
    opened = _opened(url)
    if opened is None:
        return None
    parts, host, _ = opened
    if "@" in parts.netloc:  # no credentials in what a channel is shown
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    if parts.query:
        kept = (part for part in without_tracking(parts.query, host) if not _AMP_SWITCH.match(part))
        parts = parts._replace(query="&".join(kept))
    parts = parts._replace(netloc=_whole_site(parts.netloc), path=_whole_page(parts.path))
    return _UNLINKABLE.sub(_percent, parts.geturl())


def _whole_site(place: str) -> str:
    host = place.lower()
    if wiki := _MOBILE_WIKI.fullmatch(host):
        return f"{wiki[1]}.{wiki[2]}"
    return _WHOLE_SITES.get(host, place)


def _whole_page(path: str) -> str:
    page = path.rstrip("/")
    if not page.lower().endswith("/amp") or not _ARTICLE_PATH.search(page[:-4]):
        return path
    return page[:-4] + path[len(page) :]


def _percent(found: re.Match[str]) -> str:
    return quote(found[0], safe="", errors="replace")


def _opened(url: str) -> tuple[SplitResult, str, str] | None:
    """The parts of the innermost address, its host in ASCII lower case, and `:port` if odd."""
    inner: str | None = url
    found = None
    while inner is not None:  # ends: an address inside another one is shorter
        parts = _split(inner)
        if parts is None:
            break
        host, port = _host_and_port(parts.netloc)
        if not host:
            break
        host = _site_host(host)
        found = parts, host, port
        inner = unwrapped(parts, host)
    return found


def _split(url: str) -> SplitResult | None:
    if len(url) > _MAX_LENGTH:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") else None


def _host_and_port(netloc: str) -> tuple[str, str]:
    host = netloc.rpartition("@")[2].lower()
    port = ""
    if ":" in host:
        host, port = _without_port(host)
    if not host.isascii():
        host = _punycode(host)
    host = host.rstrip(".")
    return (host, port) if _HOST.fullmatch(host) else ("", "")


def _without_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if "]" in port:  # an IPv6 address without a port
        return host, ""
    if not port or colon + port in _DEFAULT_PORTS:
        return name, ""
    if not (port.isascii() and port.isdecimal() and len(port) <= 5):
        return "", ""
    return name, f":{int(port)}"


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _site_host(host: str) -> str:
    while found := _ALIAS_HOST.match(host):
        rest = host[found.end() :]
        if _SUFFIX_ONLY.fullmatch(rest):
            break
        host = rest
    return host


def _path(path: str) -> str:
    path = _quoted(path)
    if ";" in path:
        path = _SESSION.sub("", path)
    if "/." in path:
        path = _resolved(path)
    path = path.rstrip("/")
    return _without_index(path) if "." in path else path


def _without_index(path: str) -> str:
    while found := _INDEX_FILE.search(path):
        path = path[: found.start()].rstrip("/")
    return path


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return quote(_ESCAPE.sub(_plain_escape, text), safe=_SAFE + "#", errors="replace")


def _plain_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _resolved(path: str) -> str:
    """RFC 3986 section 5.2.4, enough of it."""
    if not _DOT_SEGMENT.search(path):
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _without_amp(path: str) -> str:
    if "amp" not in path.lower():
        return path
    while True:
        shorter = _AMP_TAIL.sub("", path)
        if shorter.lower().startswith("/amp/"):
            shorter = shorter[4:]
        shorter = _without_index(shorter.rstrip("/"))
        if shorter == path or not _ARTICLE_PATH.search(shorter):
            return path
        path = shorter


def _identity_query(query: str, host: str) -> str:
    if not query:
        return ""
    kept = [part for part in without_tracking(_quoted(query), host) if not _AMP_QUERY.match(part)]
    if len(kept) > 1:
        kept.sort(key=lambda part: part.partition("=")[0])
    return "&".join(kept)
