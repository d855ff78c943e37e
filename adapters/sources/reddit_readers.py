"""What reads Reddit: subreddits as sources, discussions as threads, submissions measured again.

Through the API where there is one; where Reddit refuses its client, the feeds serve meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from adapters.sources import reddit_rss
from adapters.sources.feed import hash_body
from adapters.sources.reddit_api import MOST_PER_CALL, CredentialsError, MovedError, RedditApi
from adapters.sources.reddit_json import SITE, Json, children, data_of, moment, string
from adapters.sources.reddit_links import (
    Listing,
    RedditHosts,
    is_shared_link,
    listing_of,
    listing_url,
    submission_id,
    thread_path,
)
from adapters.sources.reddit_reading import TreeReader
from adapters.sources.reddit_rss import RedditFeeds
from adapters.sources.reddit_submission import raw_entry_of, submission_of, submissions_in
from adapters.sources.reddit_thread import thread_of
from adapters.sources.reddit_tree import CommentTree
from bot.errors import SourceError
from bot.ingest.prepare import prepare
from bot.model import Entry, Source
from bot.ports import Clock, PollResult, ResolvedSource, Runner
from bot.thread_model import Submission, SubmissionState, Thread

# How far back a poll pages: to what it saw last time, with some overlap; at first for a day.
OVERLAP = timedelta(hours=1)
FIRST_REACH = timedelta(days=1)
MOST_PAGES = 10  # Reddit's listings end near 1,000


class RedditReader:
    """Polls subreddits (port: `SourceReader`)."""

    def __init__(
        self,
        api: RedditApi | None,
        feeds: RedditFeeds,
        run_parse: Runner,
        clock: Clock,
        *,
        hosts: RedditHosts,
        public_base: str,
    ) -> None:
        self._api = api
        self._feeds = feeds
        self._run_parse = run_parse
        self._clock = clock
        self._hosts = hosts
        self._public_base = public_base

    async def resolve(self, url: str) -> ResolvedSource:
        """A subreddit by its name or address; nobody is asked whether it exists."""
        listing = self._listing(url)
        return ResolvedSource(
            kind="reddit", fetch_url=listing_url(listing, self._public_base), title=listing.name
        )

    async def poll(self, source: Source) -> PollResult:
        """Its submissions: with OAuth all since the last poll, else what its feed shows."""
        listing = self._listing(source.url)
        fetch_url = listing_url(listing, self._public_base)
        if self._api is None:
            return await self._from_feed(source, listing, fetch_url)
        try:
            return await self._from_api(self._api, source, listing, fetch_url)
        except CredentialsError as exc:
            result = await self._from_feed(source, listing, fetch_url)
            return replace(result, warning=f"read through .rss meanwhile: {exc}")

    def _listing(self, url: str) -> Listing:
        found = listing_of(url, self._hosts)
        if found is None:
            raise SourceError(f"{url[:200]} names no subreddit", permanent=True)
        return found

    async def _from_api(
        self, api: RedditApi, source: Source, listing: Listing, fetch_url: str
    ) -> PollResult:
        now = self._clock.now()
        since = source.last_ok_at - OVERLAP if source.last_ok_at else now - FIRST_REACH
        warning = None
        try:
            found = await _submissions(api, listing, since)
        except MovedError as exc:
            moved = listing_of(urlsplit(exc.location).path.removesuffix("/.json"), self._hosts)
            if moved is None or moved.place.lower() == listing.place.lower():
                raise
            warning = f"{listing.name} is now {moved.name}: change its name"
            found = await _submissions(api, replace(moved, order=listing.order), since)
        entries, gone = await self._run_parse(read_submissions, found, now)
        return PollResult(
            entries=entries,
            title=listing.name,
            site_url=f"{SITE}/{listing.name}/",
            fetch_url=fetch_url,
            warning=warning,
            measured=gone,
        )

    async def _from_feed(self, source: Source, listing: Listing, fetch_url: str) -> PollResult:
        page = await self._feeds.fetch(
            urlsplit(fetch_url).path,
            {"limit": str(reddit_rss.MOST_ENTRIES), **listing.query},
            what=listing.name,
            etag=source.etag,
            last_modified=source.last_modified,
        )
        response = page.response
        body_hash = source.body_hash if response.not_modified else hash_body(response.body)
        result = PollResult(
            entries=None,
            title=listing.name,
            site_url=f"{SITE}/{listing.name}/",
            fetch_url=fetch_url,
            etag=response.etag,
            last_modified=response.last_modified,
            body_hash=body_hash,
            max_age_s=response.max_age_s,
            warning=self._renamed(page.path, listing),
        )
        if response.not_modified or body_hash == source.body_hash:
            return result
        entries = await self._run_parse(
            reddit_rss.read_listing, response.body, fetch_url, self._clock.now()
        )
        return replace(result, entries=entries)

    def _renamed(self, path: str, listing: Listing) -> str | None:
        moved = listing_of(path, self._hosts)
        if moved is None or moved.place.lower() == listing.place.lower():
            return None
        return f"{listing.name} is now {moved.name}: change its name"


async def _submissions(api: RedditApi, listing: Listing, since: datetime) -> list[Json]:
    """A listing's submissions; the newest ones page by page until `since`, others one page."""
    found: list[Json] = []
    after = ""
    for _ in range(MOST_PAGES):
        query: dict[str, str | int] = {"limit": MOST_PER_CALL, **listing.query}
        if after:
            query["after"] = after
        payload = await api.get(listing.path("new"), query, what=listing.name)
        page = submissions_in(children(payload))
        found += page
        after = string(data_of(payload), "after") if isinstance(payload, dict) else ""
        oldest = min((made for one in page if (made := moment(one, "created_utc"))), default=since)
        if not after or listing.order not in ("", "new") or oldest <= since:
            break
    return found


def read_submissions(
    found: Sequence[Json], measured_at: datetime
) -> tuple[tuple[Entry, ...], tuple[Submission, ...]]:
    """Those that stand as entries, and what became of the others. Runs in a worker."""
    unique = {string(one, "id"): one for one in found}
    entries, gone = [], []
    for fields in unique.values():
        submission = submission_of(fields, measured_at=measured_at)
        if submission.state is SubmissionState.LIVE:
            entries.append(prepare(raw_entry_of(fields))._replace(submission=submission))
        else:
            gone.append(submission)
    return tuple(entries), tuple(gone)


def read_tree(
    fields: Json, tree: CommentTree, measured_at: datetime, notes: tuple[str, ...]
) -> Thread:
    """A discussion with its texts cleaned. Runs in a worker."""
    return thread_of(fields, tree, measured_at=measured_at, notes=notes)


class RedditThreadReader:
    """Reads discussions (port: `ThreadReader`)."""

    def __init__(
        self,
        api: RedditApi | None,
        feeds: RedditFeeds,
        run_parse: Runner,
        clock: Clock,
        *,
        hosts: RedditHosts,
    ) -> None:
        self._trees = TreeReader(api) if api else None
        self._feeds = feeds
        self._run_parse = run_parse
        self._clock = clock
        self._hosts = hosts

    def recognises(self, url: str) -> bool:
        return submission_id(url, self._hosts) is not None or is_shared_link(url, self._hosts)

    async def read_thread(self, url: str) -> Thread:
        """All comments with OAuth; without, those that the discussion's feed lists."""
        if is_shared_link(url, self._hosts):
            url = await self._feeds.location(url)
        number = submission_id(url, self._hosts)
        if number is None:
            raise SourceError(f"{url[:200]} leads to no Reddit discussion", permanent=True)
        if self._trees is None:
            return await self._from_feed(url)
        try:
            fields, tree, notes = await self._trees.read(number)
        except CredentialsError as exc:
            thread = await self._from_feed(url)
            return replace(thread, notes=(*thread.notes, str(exc)))
        return await self._run_parse(read_tree, fields, tree, self._clock.now(), notes)

    async def _from_feed(self, url: str) -> Thread:
        path = f"{thread_path(url, self._hosts)}/.rss"
        query = {"limit": str(reddit_rss.MOST_COMMENTS)}
        page = await self._feeds.fetch(path, query, what="the discussion")
        return await self._run_parse(
            reddit_rss.read_thread, page.response.body, url, self._clock.now()
        )


class RedditMeter:
    """Measures submissions again (port: `SubmissionMeter`)."""

    def __init__(self, api: RedditApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def measure(self, fullnames: Sequence[str]) -> tuple[Submission, ...]:
        """Up to a hundred per request."""
        found: list[Submission] = []
        wanted = list(dict.fromkeys(one for one in fullnames if one.startswith("t3_")))
        for start in range(0, len(wanted), MOST_PER_CALL):
            part = wanted[start : start + MOST_PER_CALL]
            payload = await self._api.get(
                "/api/info", {"id": ",".join(part), "limit": MOST_PER_CALL}, what="its submissions"
            )
            now = self._clock.now()
            found += [
                submission_of(one, measured_at=now) for one in submissions_in(children(payload))
            ]
        return tuple(found)
