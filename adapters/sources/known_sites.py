"""Sites whose feed addresses follow from the address of a page, without asking the site.

One function per site, in one table. Addresses that are feeds already come through unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

_REDDIT_HOSTS = frozenset(
    {"reddit.com", "old.reddit.com", "new.reddit.com", "np.reddit.com", "sh.reddit.com"}
)
# A subreddit (or several joined by "+"), or a person, and the listing or thread below it.
_REDDIT_PATH = re.compile(
    r"/?(?P<kind>r|u|user)/(?P<name>[A-Za-z0-9_+-]{2,200})"
    r"(?P<below>/(?:new|hot|top|rising|best|controversial|submitted|comments)(?:/[\w%-]+)*)?/?$"
)
_GITHUB_PAGES = frozenset(
    {"about", "apps", "collections", "customer-stories", "enterprise", "events", "explore"}
    | {"features", "issues", "login", "marketplace", "new", "notifications", "orgs", "pricing"}
    | {"pulls", "search", "security", "settings", "signup", "site", "sponsors", "stars", "team"}
    | {"topics", "trending"}
)
_YOUTUBE_FEED = "https://www.youtube.com/feeds/videos.xml"
_MEDIUM_PAGES = frozenset(
    {"about", "feed", "m", "me", "membership", "new-story", "plans", "search"}
)
_SUBSTACK_OWN = frozenset({"substack.com", "support.substack.com"})
_MASTODON_PROFILE = re.compile(r"/@(\w{1,64})/?$")
_AT_NAMES_ELSEWHERE = frozenset({"tiktok.com", "threads.com", "threads.net", "substack.com"})
_ARXIV_LISTING = re.compile(
    r"/list/([a-z-]+(?:\.[A-Za-z-]+)?)(?:/(?:new|recent|current|pastweek))?/?$"
)
_FEED_ENDINGS = ("feed", "/rss", ".xml", ".rss", ".atom", ".json", "/posts/default")


def known_feed_url(url: str, *, reddit_base: str) -> str | None:
    """The feed that a page of a known site has, or None where the site must be asked.

    `reddit_base`: where Reddit's public feeds are served. `r/name` alone is a subreddit.
    """
    if "://" not in url:
        return _reddit_feed(url, "", reddit_base)
    try:
        address = urlsplit(url)
        host = (address.hostname or "").lower().removeprefix("www.").removeprefix("m.")
    except ValueError:
        return None
    if host in _REDDIT_HOSTS:
        return _reddit_feed(address.path, address.query, reddit_base)
    site = _SITES.get(host)
    if site is not None:
        return site(address)
    return next((feed for hosted in _HOSTED if (feed := hosted(address, host))), None)


def _reddit_feed(path: str, query: str, base: str) -> str | None:
    """Each listing, person and thread has its `.rss`; the query (`t=week`, a token) goes along."""
    found = _REDDIT_PATH.match(path)
    if found:
        kind = "r" if found["kind"] == "r" else "user"
        path = f"/{kind}/{found['name']}{found['below'] or ''}/.rss"
    elif not path.endswith(".rss"):
        return None
    return f"{base.rstrip('/')}/{path.strip('/')}" + (f"?{query}" if query else "")


def _youtube(address: SplitResult) -> str | None:
    """Channels by id, users and playlists. A handle (`/@name`) only the page itself resolves."""
    parts = address.path.strip("/").split("/")
    playlist = parse_qs(address.query).get("list")
    if parts == ["playlist"] and playlist:
        return f"{_YOUTUBE_FEED}?playlist_id={quote(playlist[0])}"
    if len(parts) >= 2 and parts[0] == "channel":
        return f"{_YOUTUBE_FEED}?channel_id={quote(parts[1])}"
    if len(parts) >= 2 and parts[0] == "user":
        return f"{_YOUTUBE_FEED}?user={quote(parts[1])}"
    return None


def _github(address: SplitResult) -> str | None:
    """A repository's releases, which are its news; its tags, commits, discussions; a person."""
    parts = address.path.strip("/").split("/")
    if address.path.endswith(".atom") or not parts[0] or parts[0] in _GITHUB_PAGES:
        return None
    if len(parts) == 1:
        return f"https://github.com/{parts[0]}.atom"
    repository = f"https://github.com/{parts[0]}/{parts[1].removesuffix('.git')}"
    section, *below = parts[2:] or ["releases"]
    if section in ("releases", "tags", "discussions"):
        return f"{repository}/{section}.atom"
    if section in ("commits", "tree"):
        return "/".join([f"{repository}/commits", *below[:1]]) + ".atom"
    return None


def _gitlab(address: SplitResult) -> str | None:
    """A project's releases or commits; any page under `/-/` names its project before it."""
    project, _, page = address.path.strip("/").partition("/-/")
    if address.path.endswith(".atom") or "/" not in project:
        return None
    if page.startswith("commits/"):
        return f"https://gitlab.com/{project}/-/commits/{page.split('/')[1]}?format=atom"
    return f"https://gitlab.com/{project}/-/releases.atom"


def _medium(address: SplitResult) -> str | None:
    parts = [part for part in address.path.split("/") if part]
    if not parts or parts[0] in _MEDIUM_PAGES:
        return None
    if parts[0] in ("tag", "tags") and len(parts) > 1:
        return f"https://medium.com/feed/tag/{parts[1]}"
    return f"https://medium.com/feed/{parts[0]}"


def _bluesky(address: SplitResult) -> str | None:
    found = re.match(r"/profile/([\w.:-]+)/?$", address.path)
    return f"https://bsky.app/profile/{found[1]}/rss" if found else None


def _arxiv(address: SplitResult) -> str | None:
    found = _ARXIV_LISTING.match(address.path)
    return f"https://rss.arxiv.org/rss/{found[1]}" if found else None


def _hosted_blog(address: SplitResult, host: str) -> str | None:
    """Blogs on a host of their own name: the feed's path is the service's."""
    path = _BLOG_FEEDS.get(host.partition(".")[2])
    is_feed = address.path.rstrip("/").endswith(_FEED_ENDINGS)
    return None if path is None or is_feed or host in _SUBSTACK_OWN else f"https://{host}{path}"


def _mastodon(address: SplitResult, host: str) -> str | None:
    """A profile on any Mastodon server. Sites that write names alike were asked before."""
    found = _MASTODON_PROFILE.match(address.path)
    if not found or address.query or host in _AT_NAMES_ELSEWHERE:
        return None
    return f"https://{address.netloc}/@{found[1]}.rss"


_SITES: dict[str, Callable[[SplitResult], str | None]] = {
    "youtube.com": _youtube,
    "github.com": _github,
    "gitlab.com": _gitlab,
    "medium.com": _medium,
    "bsky.app": _bluesky,
    "arxiv.org": _arxiv,
    "export.arxiv.org": _arxiv,
}
_HOSTED: tuple[Callable[[SplitResult, str], str | None], ...] = (_hosted_blog, _mastodon)
_BLOG_FEEDS = {
    "substack.com": "/feed",
    "medium.com": "/feed",
    "wordpress.com": "/feed/",
    "blogspot.com": "/feeds/posts/default",
    "tumblr.com": "/rss",
    "ghost.io": "/rss/",
}
