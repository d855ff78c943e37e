"""Sites that give one page many addresses of their own: the one that we compare by."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl

_Rule = Callable[[str, str], str | None]

_ARXIV = re.compile(
    r"/(?:abs|pdf|html|ps|format|e-print)/((?:[a-z-]+(?:\.[a-z]{2})?/\d{7}|\d{4}\.\d{4,5}))"
    r"(?:v\d+)?(?:\.pdf|\.ps\.gz)?$",
    re.IGNORECASE,
)
_YOUTUBE_PATH = re.compile(r"/(?:shorts|live|embed|v|e)/([\w-]{6,20})$")
_VIDEO_ID = re.compile(r"[\w-]{6,20}")
_REDDIT = re.compile(
    r"(?:/(?:r|u|user)/[\w-]+)?/comments/(\w+)(?:/[^/]*(?:/(\w+))?)?$", re.IGNORECASE
)
_TWEET = re.compile(r"/(?:[^/]+|i/web)/status(?:es)?/(\d+)(?:/(?:photo|video)/\d+)?$")
_SUBSTACK_APP = re.compile(r"/pub/([\w-]+)/p/([^/]+)$")
_REDD_IT = re.compile(r"/(\w+)$")


def site_address(host: str, path: str, query: str) -> str | None:
    """The canonical address where the site is known and the page is of a known form."""
    rule = _RULES.get(host)
    if rule is None:
        return (
            _wikipedia(host, path) if host.endswith((".wikipedia.org", ".wikimedia.org")) else None
        )
    return rule(path, query)


def _arxiv(path: str, _query: str) -> str | None:
    found = _ARXIV.match(path)
    return f"https://arxiv.org/abs/{found[1].lower()}" if found else None


def _youtube(path: str, query: str) -> str | None:
    found = _YOUTUBE_PATH.match(path)
    if found:
        return _video(found[1])
    if path != "/watch":
        return None
    return _video(_first(query, "v"))


def _youtu_be(path: str, _query: str) -> str | None:
    return _video(path[1:])


def _video(video_id: str) -> str | None:
    if not _VIDEO_ID.fullmatch(video_id):
        return None
    return f"https://youtube.com/watch?v={video_id}"


def _reddit(path: str, _query: str) -> str | None:
    found = _REDDIT.match(path)
    if not found:
        return None
    thread = f"https://reddit.com/comments/{found[1].lower()}"
    return f"{thread}/_/{found[2].lower()}" if found[2] else thread


def _redd_it(path: str, _query: str) -> str | None:
    found = _REDD_IT.match(path)
    return f"https://reddit.com/comments/{found[1].lower()}" if found else None


def _tweet(path: str, _query: str) -> str | None:
    found = _TWEET.match(path)
    return f"https://x.com/i/status/{found[1]}" if found else None


def _substack(path: str, _query: str) -> str | None:
    found = _SUBSTACK_APP.match(path)
    return f"https://{found[1].lower()}.substack.com/p/{found[2]}" if found else None


def _doi(path: str, _query: str) -> str | None:
    return f"https://doi.org{path.lower()}" if path.startswith("/10.") else None


def _hacker_news(path: str, query: str) -> str | None:
    item = _first(query, "id")
    if path != "/item" or not item.isdecimal():
        return None
    return f"https://news.ycombinator.com/item?id={item}"


def _github(path: str, query: str) -> str | None:
    # Owners and repositories know no case; what follows (branches, files) does.
    segments = path.split("/")
    if query or len(segments) < 3:
        return None
    named = [segment if "%" in segment else segment.lower() for segment in segments[:3]]
    return "https://github.com" + "/".join([*named, *segments[3:]])


def _wikipedia(host: str, path: str) -> str | None:
    return f"https://{host.replace('.m.', '.')}{path}" if ".m." in host else None


def _first(query: str, name: str) -> str:
    try:
        return dict(parse_qsl(query, max_num_fields=100)).get(name, "")
    except ValueError:
        return ""


_RULES: dict[str, _Rule] = {
    "arxiv.org": _arxiv,
    "export.arxiv.org": _arxiv,
    "ar5iv.labs.arxiv.org": _arxiv,
    "ar5iv.org": _arxiv,
    "youtube.com": _youtube,
    "music.youtube.com": _youtube,
    "youtube-nocookie.com": _youtube,
    "youtu.be": _youtu_be,
    "reddit.com": _reddit,
    "old.reddit.com": _reddit,
    "np.reddit.com": _reddit,
    "new.reddit.com": _reddit,
    "i.reddit.com": _reddit,
    "sh.reddit.com": _reddit,
    "redd.it": _redd_it,
    "twitter.com": _tweet,
    "x.com": _tweet,
    "fxtwitter.com": _tweet,
    "vxtwitter.com": _tweet,
    "open.substack.com": _substack,
    "doi.org": _doi,
    "dx.doi.org": _doi,
    "news.ycombinator.com": _hacker_news,
    "github.com": _github,
}
