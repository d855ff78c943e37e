"""Hacker News through Algolia's interface: whole discussions, and the front page as a source.

The base address is the admin's own setting and may lead anywhere (`FetchRequest.trusted`).
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from hashlib import blake2b
from urllib.parse import parse_qs, urlsplit

from adapters.sources.hackernews_items import (
    entries_from_search,
    item_url,
    submissions_of,
    thread_from_items,
)
from bot.errors import SourceError
from bot.model import Entry, Source
from bot.ports import Clock, Fetcher, FetchRequest, PollResult, ResolvedSource, Runner
from bot.thread_model import Thread

FRONT = "hn:front"
TITLE = "Hacker News"
_HITS = 100  # the front page has 30; Algolia's list of it may hold a few more
_HOSTS = ("news.ycombinator.com", "www.news.ycombinator.com")
_OFFICIAL = re.compile(r"https?://hacker-news\.firebaseio\.com/v0/item/(\d+)\.json")
_ACCEPT = "application/json"


def front_url(api_base: str) -> str:
    """Where the front page is asked for."""
    return f"{api_base.rstrip('/')}/search?tags=front_page&hitsPerPage={_HITS}"


class HackernewsReader:
    """Reads discussions (port `ThreadReader`) and `hn:front` (port `SourceReader`)."""

    def __init__(self, http: Fetcher, run: Runner, clock: Clock, *, api_base: str) -> None:
        self._http = http
        self._run = run
        self._clock = clock
        self._api_base = api_base.rstrip("/")

    def recognises(self, url: str) -> bool:
        """An item's page, its address at either interface."""
        return self._number(url) is not None

    async def read_thread(self, url: str) -> Thread:
        """The discussion with all its comments, in one request. Raises `SourceError`."""
        number = self._number(url)
        if number is None:
            raise SourceError(f"{url[:200]} is no item of Hacker News", permanent=True)
        try:
            response = await self._http.fetch(self._request(f"{self._api_base}/items/{number}"))
        except SourceError as exc:
            if exc.status != 404:
                raise
            message = f"Hacker News has no item {number}: {item_url(number)}"
            raise SourceError(message, permanent=True, status=404) from exc
        return await self._run(parse_item, response.body, self._clock.now())

    async def resolve(self, url: str) -> ResolvedSource:
        """`hn:front` is always there. Raises `SourceError` for anything else."""
        if url.strip() != FRONT:
            raise SourceError(f'{url[:200]}: expected "{FRONT}"', permanent=True)
        return ResolvedSource(kind="hackernews", fetch_url=front_url(self._api_base), title=TITLE)

    async def poll(self, source: Source) -> PollResult:
        """The front page now. Where nothing but scores changed, they come as `measured`."""
        response = await self._http.fetch(
            self._request(
                front_url(self._api_base),
                etag=source.etag,
                last_modified=source.last_modified,
            )
        )
        if response.not_modified:
            return self._unchanged(source.body_hash, response.etag, response.last_modified)
        entries = await self._run(parse_front, response.body, self._clock.now())
        body_hash = _hash(entries)
        measured = submissions_of(entries)
        return PollResult(
            entries=None if body_hash == source.body_hash else entries,
            title=TITLE,
            site_url="https://news.ycombinator.com/",
            fetch_url=front_url(self._api_base),
            etag=response.etag,
            last_modified=response.last_modified,
            body_hash=body_hash,
            max_age_s=response.max_age_s,
            measured=measured,
        )

    def _unchanged(
        self, body_hash: str | None, etag: str | None, last_modified: str | None
    ) -> PollResult:
        return PollResult(
            entries=None,
            fetch_url=front_url(self._api_base),
            etag=etag,
            last_modified=last_modified,
            body_hash=body_hash,
        )

    def _request(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> FetchRequest:
        return FetchRequest(
            url=url,
            etag=etag,
            last_modified=last_modified,
            accept=_ACCEPT,
            trusted=True,
        )

    def _number(self, url: str) -> str | None:
        item = f"{self._api_base}/items/"
        if url.startswith(item):
            number = url.removeprefix(item).partition("?")[0].rstrip("/")
            return number if number.isdecimal() and number.isascii() else None
        official = _OFFICIAL.fullmatch(url)
        return official[1] if official else _number_of_page(url)


def _number_of_page(url: str) -> str | None:
    try:
        address = urlsplit(url.strip())
        host = (address.hostname or "").lower()
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or host not in _HOSTS or address.path != "/item":
        return None
    number = parse_qs(address.query).get("id", [""])[0]
    return number if number.isdecimal() and number.isascii() else None


def parse_item(body: bytes, measured_at: datetime) -> Thread:
    """An item as it came over the wire. Raises `SourceError`. CPU work: runs in a worker."""
    return thread_from_items(_json(body), measured_at=measured_at)


def parse_front(body: bytes, measured_at: datetime) -> tuple[Entry, ...]:
    """A list of submissions as it came over the wire. Raises `SourceError`."""
    return entries_from_search(_json(body), measured_at=measured_at)


def _json(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise SourceError("Hacker News answered something that is no JSON") from exc
    return found


def _hash(entries: tuple[Entry, ...]) -> str:
    """What tells one state of the front page from the next, apart from order and counts."""
    words = sorted(f"{entry.guid} {entry.url} {entry.content_hash}" for entry in entries)
    return blake2b("\n".join(words).encode("utf-8", "replace"), digest_size=16).hexdigest()
