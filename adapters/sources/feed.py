"""Feeds as sources: find the one behind an address, fetch it, read it off the loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from adapters.sources.discovery import common_feed_urls, feed_links
from adapters.sources.document import looks_like_html, parse_document
from adapters.sources.known_sites import known_feed_url
from bot.errors import SourceError
from bot.ingest.prepare import prepare
from bot.ingest.text import clean_title
from bot.model import Entry, Source
from bot.ports import Fetcher, FetchRequest, FetchResponse, PollResult, ResolvedSource

T = TypeVar("T")

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, application/json;q=0.8, text/xml;q=0.8, text/html;q=0.5, */*;q=0.1"
)
_MAX_ADVERTISED_TRIED = 3
_HASHED_ON_LOOP_BYTES = 500_000  # a millisecond at most


class Runner(Protocol):
    """Runs a module-level function off the event loop; function and arguments are picklable."""

    def __call__(self, work: Callable[..., T], /, *args: Any) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """A feed with its entries cleaned: what comes back from the worker."""

    title: str
    site_url: str | None
    ttl_s: float | None
    skip_hours: tuple[int, ...]
    hub_url: str | None
    self_url: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A feed, the address that was asked for it, and the answer it came in."""

    url: str
    response: FetchResponse
    feed: ReadFeed


class FeedReader:
    """Reads RSS, Atom and JSON feeds, and finds them behind pages (port: `SourceReader`)."""

    def __init__(
        self,
        http: Fetcher,
        run_parse: Runner,
        *,
        reddit_base: str = "https://www.reddit.com",
    ) -> None:
        self._http = http
        self._run_parse = run_parse
        self._reddit_base = reddit_base

    async def resolve(self, url: str) -> ResolvedSource:
        """The feed behind `url`. Addresses of known sites are taken as their pattern says,
        unfetched; anything else is fetched and must turn out to be a feed or lead to one.
        """
        known = known_feed_url(url.strip(), reddit_base=self._reddit_base)
        if known:
            return ResolvedSource(kind="feed", fetch_url=known)
        asked = _with_scheme(url.strip())
        found = await self._found(asked, await self._http.fetch(self._request(asked)))
        # Nothing is stored yet, so a permanent move is taken at its first word.
        address = found.response.moved_to or found.url
        return ResolvedSource(kind="feed", fetch_url=address, title=found.feed.title)

    async def poll(self, source: Source) -> PollResult:
        """One conditional GET, and where the document changed, its entries.

        A page in the feed's place is looked through for the feed. Its address comes back as
        `fetch_url` if this source never was a feed; one that was keeps its address, since pages
        that stand in for a feed (an error, a login) often name another one.
        """
        url = known_feed_url(source.fetch_url, reddit_base=self._reddit_base) or source.fetch_url
        request = self._request(url, etag=source.etag, last_modified=source.last_modified)
        response = await self._http.fetch(request)
        if response.not_modified:
            return _unchanged(response, url, source.body_hash)
        body_hash = await self._body_hash(response.body)
        if body_hash == source.body_hash:
            return _unchanged(response, url, body_hash)
        found = await self._found(url, response)
        if found.response is response:
            return _changed(found, url, body_hash)
        if source.last_ok_at is None:
            return _changed(found, found.url, await self._body_hash(found.response.body))
        warning = f"a page answers where the feed was; it names {found.url[:200]}, read instead"
        # Neither validators nor hash: those of another document must not vouch for this address.
        return replace(
            _changed(found, url, None),
            etag=None,
            last_modified=None,
            moved_to=None,
            warning=warning,
        )

    async def pushed(self, source: Source, body: bytes, content_type: str) -> PollResult:
        """What a hub sent of this source. It may be a part of the document, so neither validators
        nor hash are taken from it. Raises `SourceError` where it is no feed.
        """
        feed = await self._run_parse(read_feed, body, source.fetch_url, content_type)
        return PollResult(
            entries=feed.entries,
            fetch_url=source.fetch_url,
            etag=source.etag,
            last_modified=source.last_modified,
            body_hash=source.body_hash,
        )

    async def _found(self, url: str, response: FetchResponse) -> _Found:
        """The feed in a response, or the first good one that the page in it leads to."""
        try:
            return _Found(url, response, await self._read(response))
        except SourceError as exc:
            if self._is_own_base(url) and looks_like_html(response.body):
                host = urlsplit(url).hostname
                raise SourceError(f"{host} answered with a page: it blocks this reader") from exc
            if not looks_like_html(response.body):
                raise
        page = response.url
        links = await self._run_parse(advertised, response.body, page, response.content_type)
        for link in links[:_MAX_ADVERTISED_TRIED] or common_feed_urls(page):
            found = await self._tried(link)
            if found is not None:
                return found
        raise SourceError(_none_found(page, links))

    async def _tried(self, url: str) -> _Found | None:
        """The feed at a guessed address. Raises only where the host asked to be left alone."""
        try:
            response = await self._http.fetch(self._request(url))
            return _Found(url, response, await self._read(response))
        except SourceError as exc:
            if exc.retry_after_s is not None:
                raise
            return None

    async def _read(self, response: FetchResponse) -> ReadFeed:
        return await self._run_parse(read_feed, response.body, response.url, response.content_type)

    async def _body_hash(self, body: bytes) -> str:
        if len(body) <= _HASHED_ON_LOOP_BYTES:
            return hash_body(body)
        return await self._run_parse(hash_body, body)

    def _request(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> FetchRequest:
        return FetchRequest(
            url=url,
            etag=etag,
            last_modified=last_modified,
            accept=ACCEPT,
            trusted=self._is_own_base(url),
        )

    def _is_own_base(self, url: str) -> bool:
        """Whether the admin's own settings name this server, which may then be private."""
        return url.startswith(self._reddit_base.rstrip("/") + "/")


def read_feed(body: bytes, url: str, content_type: str = "") -> ReadFeed:
    """Parse a document and clean its entries. CPU work: runs in a worker."""
    document = parse_document(body, url=url, content_type=content_type)
    return ReadFeed(
        title=clean_title(document.title),
        site_url=document.site_url,
        ttl_s=document.ttl_s,
        skip_hours=document.skip_hours,
        hub_url=document.hub_url,
        self_url=document.self_url,
        entries=tuple(
            prepare(entry, base_language=document.language) for entry in document.entries
        ),
    )


def advertised(body: bytes, url: str, content_type: str = "") -> tuple[str, ...]:
    """Feeds that a page names, best first; the page itself is none of them. Runs in a worker."""
    links = feed_links(body, url=url, content_type=content_type)
    return tuple(link for link in links if link != url)


def hash_body(body: bytes) -> str:
    """What tells one state of a document from the next."""
    return blake2b(body, digest_size=16).hexdigest()


def _with_scheme(url: str) -> str:
    """`example.org` and the old `feed:` scheme, as browsers and readers take them."""
    rest = url.removeprefix("feed:").removeprefix("//")
    return rest if "://" in rest else f"https://{rest}"


def _changed(found: _Found, url: str, body_hash: str | None) -> PollResult:
    feed, response = found.feed, found.response
    return PollResult(
        entries=feed.entries,
        title=feed.title,
        site_url=feed.site_url,
        fetch_url=url,
        moved_to=response.moved_to,
        etag=response.etag,
        last_modified=response.last_modified,
        body_hash=body_hash,
        max_age_s=response.max_age_s,
        ttl_s=feed.ttl_s,
        skip_hours=feed.skip_hours,
        hub_url=feed.hub_url,
        self_url=feed.self_url,
    )


def _unchanged(response: FetchResponse, url: str, body_hash: str | None) -> PollResult:
    return PollResult(
        entries=None,
        fetch_url=url,
        moved_to=response.moved_to,
        etag=response.etag,
        last_modified=response.last_modified,
        body_hash=body_hash,
        max_age_s=response.max_age_s,
    )


def _none_found(url: str, links: tuple[str, ...]) -> str:
    host = urlsplit(url).hostname or url
    if links:
        return f"{host} names a feed that cannot be read: {links[0][:200]}"
    return f"{host} has no feed: give the address of its RSS, Atom or JSON feed"
