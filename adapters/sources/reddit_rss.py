"""Reddit's `.rss`: what there is without credentials, with the personal feed token or without.

It has no scores, no flair and no nesting. Ids are the same as in the API, so that a change of the
way in doubles nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

from adapters import headers as meaning
from adapters.sources.document import parse_document
from adapters.sources.reddit_budget import Budget
from adapters.sources.reddit_errors import blocked_message, is_page, redirected, refusal
from adapters.sources.reddit_json import is_gone, quoted_text
from adapters.sources.reddit_links import with_query
from adapters.sources.reddit_submission import entry_url, is_image_address
from adapters.sources.reddit_thread import is_bot_name
from bot.errors import SourceError
from bot.ingest.prepare import prepare
from bot.ingest.text import clean_title
from bot.model import Entry, RawEntry
from bot.ports import Fetcher, FetchRequest, FetchResponse
from bot.thread_model import Comment, Submission, Thread, Trait

ACCEPT = "application/atom+xml, application/rss+xml;q=0.9, application/xml;q=0.8, */*;q=0.1"
MOST_ENTRIES = 100
MOST_COMMENTS = 500
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_BODY = re.compile(r"<!-- SC_OFF -->(.*?)<!-- SC_ON -->", re.DOTALL)
_LINK = re.compile(r"<a href=\"([^\"<>]+)\">\s*\[link\]\s*</a>")
_PLACE = re.compile(r"/(r|user)/([\w-]+)/")
_NOTE = (
    "read from Reddit's feed: at most the first comments it lists, without votes or nesting "
    "(OAuth credentials let them all be read)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedToken:
    """The parameters of a person's own feeds; never shown."""

    feed: str = field(repr=False)
    user: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer with a feed in it, and where it really was (without the token)."""

    response: FetchResponse
    path: str


class RedditFeeds:
    """Fetches `.rss` in turn with all others that do. The token is put on at the wire only."""

    def __init__(
        self,
        http: Fetcher,
        *,
        public_base: str,
        user_agent: str,
        budget: Budget,
        token: FeedToken | None,
    ) -> None:
        self._http = http
        self._base = public_base.rstrip("/")
        self._user_agent = user_agent
        self._budget = budget
        self._token = token

    async def fetch(
        self,
        path: str,
        query: dict[str, str],
        *,
        what: str,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Page:
        """The feed at a path, 200 or 304. Raises `SourceError` that names `what`."""
        url = with_query(f"{self._base}{path}", **query)
        for _ in range(_MOST_REDIRECTS + 1):
            request = FetchRequest(
                url=self._signed(url),
                etag=etag,
                last_modified=last_modified,
                accept=ACCEPT,
                headers=(("User-Agent", self._user_agent),),
                trusted=True,
                whole_answer=True,
            )
            response = await self._exchange(request)
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location:
                return Page(self._checked(response, what), urlsplit(url).path)
            url = self._followed(url, location, what)
        raise SourceError(f"{what} redirects more than {_MOST_REDIRECTS} times")

    async def location(self, url: str) -> str:
        """Where a share link leads. Raises `SourceError`."""
        request = FetchRequest(
            url=f"{self._base}{urlsplit(url).path}",
            headers=(("User-Agent", self._user_agent),),
            trusted=True,
            whole_answer=True,
        )
        response = await self._exchange(request)
        location = response.headers.get("location", "")
        if response.status not in _REDIRECTS or not location:
            raise SourceError("this share link leads nowhere: give the discussion's own address")
        return urljoin(request.url, location)

    async def _exchange(self, request: FetchRequest) -> FetchResponse:
        async with self._budget.spend():
            response = await self._http.fetch(request)
            if response.status != 429:
                self._budget.learn(response.headers)
        return response

    def _signed(self, url: str) -> str:
        if self._token is None:
            return url
        return with_query(url, feed=self._token.feed, user=self._token.user)

    def _followed(self, url: str, location: str, what: str) -> str:
        """Where to go on, always at our own base: the token goes nowhere else."""
        target = urlsplit(urljoin(url, location))
        if not re.fullmatch(r"/(?:r|user|comments)/[^?#]*\.rss", target.path):
            raise redirected(location, what)
        return with_query(f"{self._base}{target.path}?{urlsplit(url).query}")

    def _checked(self, response: FetchResponse, what: str) -> FetchResponse:
        if response.status == 304:
            return response
        if response.status == 200:
            if is_page(response.body):
                raise SourceError(blocked_message(200), status=200)
            return response
        named = {"Retry-After": response.headers.get("retry-after", "")}
        wait_s = meaning.retry_after_s(named, datetime.now(UTC))
        if response.status == 429:
            wait_s = self._budget.refused(response.headers, wait_s)
        raise refusal(response, what, retry_after_s=wait_s)


def read_listing(body: bytes, url: str, measured_at: datetime) -> tuple[Entry, ...]:
    """The submissions in a feed as entries. CPU work: runs in a worker."""
    document = parse_document(body, url=url, content_type="application/atom+xml")
    return tuple(
        _entry(one, measured_at)
        for one in document.entries
        if one.guid.startswith("t3_") and not is_gone(one.title)
    )


def _entry(raw: RawEntry, measured_at: datetime) -> Entry:
    submission = submission_of(raw, measured_at)
    body = _body(raw.html)
    read = replace(
        raw,
        url=entry_url(submission.link_url, submission.permalink),
        author=submission.author,
        html="" if is_gone(quoted_text(body)) else body,
        summary_html="",
        comments_url=submission.permalink,
        tags=(),
    )
    return prepare(read)._replace(submission=submission)


def submission_of(raw: RawEntry, measured_at: datetime) -> Submission:
    """What a feed tells of a submission: no votes, no count, no flair."""
    permalink = raw.url or ""
    found = _LINK.search(raw.html)
    link = unescape(found[1]) if found else None
    if link is not None and urlsplit(link).path == urlsplit(permalink).path:
        link = None
    place = _PLACE.search(permalink)
    return Submission(
        fullname=raw.guid,
        permalink=permalink,
        place=f"{'r' if place[1] == 'r' else 'u'}/{place[2]}" if place else "",
        link_url=link,
        author=author_of(raw),
        traits=(_trait(link),),
        measured_at=measured_at,
    )


def _trait(link: str | None) -> Trait:
    if link is None:
        return Trait.SELF
    address = urlsplit(link)
    if "/gallery/" in address.path:
        return Trait.GALLERY
    if address.hostname == "v.redd.it":
        return Trait.VIDEO
    return Trait.IMAGE if is_image_address(link) else Trait.LINK


def read_thread(body: bytes, url: str, measured_at: datetime) -> Thread:
    """A discussion from its feed: its submission first, then comments. Raises `SourceError`."""
    document = parse_document(body, url=url, content_type="application/atom+xml")
    heads = [one for one in document.entries if one.guid.startswith("t3_")]
    if not heads:
        raise SourceError("this feed holds no Reddit discussion")
    submission = submission_of(heads[0], measured_at)
    listed = [one for one in document.entries if one.guid.startswith("t1_")]
    comments = tuple(found for one in listed if (found := _comment(one)))
    text = quoted_text(_body(heads[0].html))
    return Thread(
        kind="reddit",
        id=submission.fullname.removeprefix("t3_"),
        title=clean_title(heads[0].title),
        url=submission.permalink,
        link_url=submission.link_url,
        place=submission.place,
        text="" if is_gone(text) else text,
        author=submission.author,
        num_comments=len(listed),
        created_at=heads[0].published_at or heads[0].updated_at,
        traits=submission.traits,
        image_url=heads[0].image_url,
        comments=comments,
        skipped_deleted=len(listed) - len(comments),
        measured_at=measured_at,
        notes=(_NOTE,),
    )


def _comment(raw: RawEntry) -> Comment | None:
    text = quoted_text(_body(raw.html))
    if not text or is_gone(text):
        return None
    name = author_of(raw)
    return Comment(
        id=raw.guid.removeprefix("t1_"),
        text=text,
        author=name,
        created_at=raw.published_at or raw.updated_at,
        permalink=raw.url,
        is_bot=is_bot_name(name),
    )


def _body(html: str) -> str:
    """The text that a person wrote, without the table and the links that Reddit puts around it."""
    found = _BODY.search(html)
    return found[1] if found else ""


def author_of(raw: RawEntry) -> str | None:
    name = (raw.author or "").strip().removeprefix("/u/").removeprefix("u/")
    return name if name and not is_gone(name) else None
