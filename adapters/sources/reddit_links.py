"""Which addresses lead to Reddit's submissions and listings, on any of its hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from config.settings import Settings

_HOST = re.compile(r"(?:(?:www|old|new|np|sh|m|i|amp|oauth|[a-z]{2})\.)?reddit\.com")
_THREAD = re.compile(
    r"(?:/(?:r|u|user)/(?P<place>[\w-]+))?/comments/(?P<id>[a-z0-9]{1,12})"
    r"(?:/[^/]*(?:/(?P<comment>[a-z0-9]{1,12}))?)?/?(?:\.(?:json|rss))?",
    re.IGNORECASE,
)
_SHORT = re.compile(r"/(?P<id>[a-z0-9]{4,12})/?", re.IGNORECASE)
_SHARED = re.compile(r"/(?:r|u|user)/[\w-]+/s/\w+/?")
_LISTING = re.compile(
    r"/?r/(?P<place>[A-Za-z0-9][\w+]{1,200})"
    r"(?:/(?P<order>new|hot|top|rising|controversial|best))?/?(?:\.(?:rss|json))?",
    re.IGNORECASE,
)
_ORDERS_WITH_PERIOD = ("top", "controversial")
_PERIODS = ("hour", "day", "week", "month", "year", "all")


@dataclass(frozen=True, slots=True)
class Listing:
    """A subreddit (or several, joined by `+`) in one of Reddit's orders."""

    place: str
    order: str = ""
    period: str = ""

    @property
    def name(self) -> str:
        return f"r/{self.place}"

    def path(self, order: str) -> str:
        return f"/r/{self.place}/{self.order or order}"

    @property
    def query(self) -> dict[str, str]:
        return {"t": self.period} if self.period else {}


@dataclass(frozen=True, slots=True)
class RedditHosts:
    """Whose addresses count as Reddit's: its own, and those that the settings name."""

    bases: tuple[str, ...] = ()

    def knows(self, address: SplitResult) -> bool:
        return _HOST.fullmatch((address.hostname or "").lower()) is not None or self.is_own(address)

    def is_own(self, address: SplitResult) -> bool:
        """Whether the admin's settings name this server."""
        return any(urlsplit(base).netloc == address.netloc for base in self.bases)


def hosts_of(settings: Settings) -> RedditHosts:
    """Reddit's hosts and those that stand in for it."""
    reddit = settings.reddit
    return RedditHosts((str(reddit.public_base), str(reddit.api_base)))


def submission_id(url: str, hosts: RedditHosts) -> str | None:
    """The id of the submission that `url` leads to; None where it leads to none by its looks."""
    address = _split(url)
    if address is None:
        return None
    if (address.hostname or "").lower() == "redd.it":
        found = _SHORT.fullmatch(address.path)
    else:
        found = _THREAD.fullmatch(address.path) if hosts.knows(address) else None
    return found["id"].lower() if found else None


def thread_path(url: str, hosts: RedditHosts) -> str | None:
    """The path of the whole discussion, as `url` writes it, without a single comment's part."""
    number = submission_id(url, hosts)
    found = _THREAD.match(urlsplit(url.strip()).path)
    if number is None:
        return None
    if found is None or found["place"] is None:
        return f"/comments/{number}"
    parts = urlsplit(url.strip()).path.strip("/").removesuffix(".json").removesuffix(".rss")
    return "/" + "/".join(part for part in parts.split("/")[:5] if part)


def is_shared_link(url: str, hosts: RedditHosts) -> bool:
    """Whether this is a link from Reddit's share button, whose target only Reddit knows."""
    address = _split(url)
    return (
        address is not None and hosts.knows(address) and _SHARED.fullmatch(address.path) is not None
    )


def listing_of(name: str, hosts: RedditHosts) -> Listing | None:
    """What `r/name` or the address of a subreddit's listing names; None for anything else.

    An address that carries its own feed token is left to the feed reader, which asks it as it is.
    """
    if "://" not in name:
        found = _LISTING.fullmatch(name)
        return Listing(found["place"], (found["order"] or "").lower()) if found else None
    address = _split(name)
    found = _LISTING.fullmatch(address.path) if address and hosts.knows(address) else None
    if address is None or found is None:
        return None
    order = (found["order"] or "").lower()
    asked = dict(parse_qsl(address.query))
    if "feed" in asked:
        return None
    period = asked.get("t", "") if order in _ORDERS_WITH_PERIOD else ""
    return Listing(found["place"], order, period if period in _PERIODS else "")


def listing_url(listing: Listing, public_base: str) -> str:
    """Where a listing's feed is; the query says the period, never who asks."""
    order = f"/{listing.order}" if listing.order else ""
    query = f"?t={listing.period}" if listing.period else ""
    return f"{public_base.rstrip('/')}/r/{listing.place}{order}/.rss{query}"


def with_query(url: str, **values: str) -> str:
    """The address with these values in its query, in place of those of the same name."""
    address = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(address.query) if name not in values]
    return address._replace(query=urlencode([*kept, *values.items()])).geturl()


def _split(url: str) -> SplitResult | None:
    try:
        address = urlsplit(url.strip())
    except ValueError:
        return None
    return address if address.scheme in ("http", "https") else None
