"""Links that pass through somebody's counter, opened without asking the network."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qsl, unquote

_Unwrap = Callable[[SplitResult], str | None]


def unwrapped(parts: SplitResult, host: str) -> str | None:
    """The http(s) address inside a redirector's link; None where it is no such link.

    `host` is lower case, without `www.`. Opaque ones (feedproxy, t.co, bit.ly) need the
    network and stay.
    """
    opener = _OPENERS.get(host) or _opener_by_suffix(host)
    target = opener(parts) if opener else None
    return target if target and target[:8].lower().startswith(("http://", "https://")) else None


def _parameter(*names: str, path: str = "") -> _Unwrap:
    def opened(parts: SplitResult) -> str | None:
        if not parts.path.startswith(path):
            return None
        given = dict(parse_qsl(parts.query, max_num_fields=100))
        return next((given[name] for name in names if name in given), None)

    def guarded(parts: SplitResult) -> str | None:
        try:
            return opened(parts)
        except ValueError:  # more fields than a redirector ever has
            return None

    return guarded


def _google(parts: SplitResult) -> str | None:
    if parts.path.startswith("/amp/s/"):
        return "https://" + parts.path[7:] + _query(parts)
    if parts.path.startswith("/amp/"):
        return "http://" + parts.path[5:] + _query(parts)
    return _GOOGLE_URL(parts)


def _google_news(parts: SplitResult) -> str | None:
    return _google_news_article(parts.path) or _parameter("url", "q")(parts)


def _google_news_article(path: str) -> str | None:
    # Until 2024 the article id was base64 of a protobuf that holds the address in the clear.
    found = re.search(r"/articles/(CBMi[\w-]{8,2000})", path)
    if not found:
        return None
    try:
        packed = urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
    except (Base64Error, ValueError):
        return None
    address = re.search(rb"https?://[\x21-\x7e]+", packed)
    return address[0].decode("ascii") if address else None


def _amp_cache(parts: SplitResult) -> str | None:
    found = re.match(r"/(?:c|v|wp|i)/(s/)?(.+)", parts.path)
    if not found:
        return None
    return ("https://" if found[1] else "http://") + found[2] + _query(parts)


def _bing(parts: SplitResult) -> str | None:
    packed = _parameter("u", path="/ck/")(parts) or ""
    if not packed.startswith("a1"):
        return None
    try:
        return urlsafe_b64decode(packed[2:] + "=" * (-len(packed[2:]) % 4)).decode("utf-8")
    except (Base64Error, ValueError):
        return None


def _yahoo(parts: SplitResult) -> str | None:
    found = re.search(r"/RU=([^/]+)/R[KS]=", parts.path)
    return unquote(found[1]) if found else None


def _urldefense(parts: SplitResult) -> str | None:
    found = re.match(r"/v3/__(https?:/{1,2}.+?)__;", parts.path + ";" + parts.query)
    return re.sub(r"^(https?:)/+", r"\1//", found[1]) if found else None


def _disqus(parts: SplitResult) -> str | None:
    target = _parameter("url", path="/url")(parts)
    return re.sub(r":[\w-]{20,}$", "", target) if target else None


def _whole_query(parts: SplitResult) -> str | None:
    return parts.query.lstrip("&") or None


def _query(parts: SplitResult) -> str:
    return f"?{parts.query}" if parts.query else ""


_GOOGLE_URL = _parameter("q", "url", path="/url")
_FACEBOOK = _parameter("u", path="/l.php")
_OPENERS: dict[str, _Unwrap] = {
    "news.google.com": _google_news,
    "l.facebook.com": _FACEBOOK,
    "lm.facebook.com": _FACEBOOK,
    "facebook.com": _FACEBOOK,
    "l.instagram.com": _parameter("u"),
    "l.threads.net": _parameter("u"),
    "l.threads.com": _parameter("u"),
    "out.reddit.com": _parameter("url"),
    "t.umblr.com": _parameter("z", path="/redirect"),
    "youtube.com": _parameter("q", path="/redirect"),
    "slack-redir.net": _parameter("url", path="/link"),
    "duckduckgo.com": _parameter("uddg", path="/l/"),
    "medium.com": _parameter("url", path="/r/"),
    "steamcommunity.com": _parameter("url", "u", path="/linkfilter"),
    "linkedin.com": _parameter("url", path="/redir/"),
    "vk.com": _parameter("to", path="/away.php"),
    "away.vk.com": _parameter("to"),
    "getpocket.com": _parameter("url", path="/redirect"),
    "exit.sc": _parameter("url"),
    "gate.sc": _parameter("url"),
    "link.zhihu.com": _parameter("target"),
    "link.juejin.cn": _parameter("target"),
    "disq.us": _disqus,
    "bing.com": _bing,
    "r.search.yahoo.com": _yahoo,
    "urldefense.com": _urldefense,
    "href.li": _whole_query,
    "anonym.to": _whole_query,
}


def _opener_by_suffix(host: str) -> _Unwrap | None:
    if host.endswith(".cdn.ampproject.org"):
        return _amp_cache
    if host.endswith(".safelinks.protection.outlook.com"):
        return _parameter("url")
    if host.startswith("google."):
        return _google
    return None
