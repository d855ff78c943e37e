"""The reader of feeds, against a web that is a table."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from adapters.sources import SOURCES
from adapters.sources.feed import FeedReader, advertised, hash_body, read_feed
from bot.errors import SourceError
from bot.model import Source
from bot.ports import FetchRequest, FetchResponse, SourceReader
from tests.adapters.sources.feed_kit import FULL_ATOM, FULL_RSS, ITEM, atom, rss

T = TypeVar("T")

SITE = "https://example.org/"
FEED = "https://example.org/feed.xml"
LINKED_PAGE = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>'
)


def answer(body: str | bytes = b"", **changes: Any) -> FetchResponse:
    content = body.encode() if isinstance(body, str) else body
    values: dict[str, Any] = {
        "status": 200,
        "url": "",
        "moved_to": None,
        "body": content,
        "content_type": "text/html",
        "etag": None,
        "last_modified": None,
        "max_age_s": None,
    }
    return FetchResponse(**{**values, **changes})


@dataclass
class TableWeb:
    """A `Fetcher` that knows a few pages; everything else is 404."""

    pages: dict[str, FetchResponse | SourceError]
    asked: list[FetchRequest] = field(default_factory=list)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request)
        page = self.pages.get(request.url, SourceError("no such page", status=404))
        if isinstance(page, SourceError):
            raise page
        return page if page.url else answer(**{**_fields(page), "url": request.url})

    @property
    def urls(self) -> list[str]:
        return [request.url for request in self.asked]


def _fields(page: FetchResponse) -> dict[str, Any]:
    return {name: getattr(page, name) for name in page.__slots__}


async def run_here(work: Callable[..., T], *args: Any) -> T:
    """Runs the work at once, but only work that another process could do as well."""
    found: T = pickle.loads(pickle.dumps(work))(*pickle.loads(pickle.dumps(args)))
    assert pickle.loads(pickle.dumps(found)) == found
    return found


def reader_of(
    pages: dict[str, FetchResponse | SourceError], **settings: Any
) -> tuple[FeedReader, TableWeb]:
    web = TableWeb(pages)
    return FeedReader(web, run_here, **settings), web


def source(url: str = FEED, **changes: Any) -> Source:
    return Source(id=1, url=url, kind="feed", fetch_url=url, **changes)


def test_reader_is_in_the_table_and_keeps_the_port() -> None:
    reader: SourceReader = reader_of({})[0]
    assert SOURCES["feed"] == f"{type(reader).__module__}.{type(reader).__name__}"


# poll


async def test_poll_brings_cleaned_entries_and_all_hints() -> None:
    page = answer(FULL_RSS, etag='"1"', last_modified="Fri", max_age_s=60.0, moved_to=SITE + "new")
    reader, _ = reader_of({FEED: page})
    result = await reader.poll(source())
    assert result.entries is not None
    assert [entry.title for entry in result.entries] == ["Model released"]
    assert result.entries[0].language == "en"
    assert (result.title, result.site_url, result.fetch_url) == ("News", SITE, FEED)
    assert (result.etag, result.last_modified, result.max_age_s) == ('"1"', "Fri", 60.0)
    assert (result.ttl_s, result.skip_hours) == (5400.0, (0, 3))
    assert (result.hub_url, result.moved_to) == ("https://hub.example.org/", SITE + "new")
    assert result.body_hash == hash_body(FULL_RSS.encode())


async def test_validators_go_out_as_they_came() -> None:
    reader, web = reader_of({FEED: answer(FULL_RSS)})
    await reader.poll(source(etag='W/"x"', last_modified="whenever"))
    assert (web.asked[0].etag, web.asked[0].last_modified) == ('W/"x"', "whenever")


async def test_not_modified_brings_no_entries_and_keeps_the_hash() -> None:
    reader, _ = reader_of({FEED: answer(status=304, etag='"1"', max_age_s=9.0)})
    result = await reader.poll(source(body_hash="abc"))
    assert (result.entries, result.body_hash, result.etag) == (None, "abc", '"1"')
    assert result.max_age_s == 9.0


async def test_same_body_is_not_parsed_again() -> None:
    reader, _ = reader_of({FEED: answer("no feed at all", etag='"2"')})
    result = await reader.poll(source(body_hash=hash_body(b"no feed at all")))
    assert (result.entries, result.etag) == (None, '"2"')


async def test_large_body_is_hashed_beside_the_loop() -> None:
    work = []

    async def note(function: Callable[..., T], *args: Any) -> T:
        work.append(function.__name__)
        return function(*args)

    body = rss(f"<item><title>One</title><description>{'x' * 600_000}</description></item>")
    await FeedReader(TableWeb({FEED: answer(body)}), note).poll(source())
    assert work == ["hash_body", "read_feed"]


@pytest.mark.parametrize(
    ("body", "reason"), [("", "empty"), ("<urlset/>", "urlset"), ('{"a": 1}', "no JSON Feed")]
)
async def test_what_is_no_feed_and_no_page_fails_at_once(body: str, reason: str) -> None:
    reader, web = reader_of({FEED: answer(body)})
    with pytest.raises(SourceError, match=reason):
        await reader.poll(source())
    assert web.urls == [FEED]


async def test_empty_feed_is_a_result_without_entries() -> None:
    reader, _ = reader_of({FEED: answer(rss(""))})
    assert (await reader.poll(source())).entries == ()


async def test_error_of_the_web_comes_through() -> None:
    reader, _ = reader_of({FEED: SourceError("gone", permanent=True, status=410)})
    with pytest.raises(SourceError, match="gone"):
        await reader.poll(source())


async def test_page_that_never_was_a_feed_gives_its_feed_and_address() -> None:
    reader, web = reader_of({SITE: answer(LINKED_PAGE), FEED: answer(FULL_RSS, etag='"f"')})
    result = await reader.poll(source(SITE, etag='"page"'))
    assert (result.fetch_url, result.etag) == (FEED, '"f"')
    assert result.body_hash == hash_body(FULL_RSS.encode())
    assert result.entries is not None
    assert web.asked[1].etag is None


async def test_page_in_place_of_a_working_feed_does_not_move_it() -> None:
    old = "https://example.org/old.xml"
    reader, _ = reader_of({old: answer(LINKED_PAGE, etag='"p"'), FEED: answer(FULL_RSS)})
    result = await reader.poll(source(old, last_ok_at=datetime(2026, 8, 14, tzinfo=UTC)))
    assert result.entries is not None
    assert (result.fetch_url, result.etag, result.body_hash) == (old, None, None)
    assert FEED in (result.warning or "")


async def test_pattern_of_a_known_site_holds_for_polls_too() -> None:
    feed = "https://github.com/o/r/releases.atom"
    reader, _ = reader_of({feed: answer(FULL_ATOM)})
    assert (await reader.poll(source("https://github.com/o/r"))).fetch_url == feed


# resolve


async def test_feed_resolves_to_itself_with_its_title() -> None:
    reader, _ = reader_of({FEED: answer(rss(ITEM))})
    found = await reader.resolve(FEED)
    assert (found.kind, found.fetch_url, found.title) == ("feed", FEED, "News")


@pytest.mark.parametrize(
    "written",
    ["example.org/feed.xml", "feed:https://example.org/feed.xml", "feed://example.org/feed.xml"],
)
async def test_scheme_may_be_missing(written: str) -> None:
    reader, _ = reader_of({FEED: answer(rss(ITEM))})
    assert (await reader.resolve(written)).fetch_url == FEED


async def test_temporary_redirect_is_not_kept_and_a_permanent_one_is() -> None:
    elsewhere = "https://cdn.example.org/f"
    reader, _ = reader_of({FEED: answer(rss(ITEM), url=elsewhere)})
    assert (await reader.resolve(FEED)).fetch_url == FEED
    reader, _ = reader_of({FEED: answer(rss(ITEM), url=elsewhere, moved_to=elsewhere)})
    assert (await reader.resolve(FEED)).fetch_url == elsewhere


async def test_second_feed_of_a_page_serves_where_the_first_is_broken() -> None:
    second = LINKED_PAGE.replace(
        "<body>", '<link rel="alternate" type="application/atom+xml" href="/2">'
    )
    reader, _ = reader_of({SITE: answer(second), SITE + "2": answer(atom(""))})
    assert (await reader.resolve(SITE)).fetch_url == SITE + "2"


async def test_common_places_are_tried_where_a_page_names_no_feed() -> None:
    reader, web = reader_of({SITE: answer("<html><body>"), SITE + "atom.xml": answer(atom(""))})
    assert (await reader.resolve(SITE)).fetch_url == SITE + "atom.xml"
    assert web.urls == [SITE, SITE + "feed", SITE + "rss.xml", SITE + "atom.xml"]


async def test_page_without_any_feed_says_what_to_do() -> None:
    reader, web = reader_of({SITE: answer("<html><body>")})
    with pytest.raises(SourceError) as caught:
        await reader.resolve(SITE)
    assert str(caught.value) == (
        "example.org has no feed: give the address of its RSS, Atom or JSON feed"
    )
    assert len(web.asked) <= 6


async def test_guessing_ends_where_the_host_wants_rest() -> None:
    slow_down = SourceError("slow down", status=429, retry_after_s=60)
    reader, web = reader_of({SITE: answer("<html><body>"), SITE + "feed": slow_down})
    with pytest.raises(SourceError, match="slow down"):
        await reader.resolve(SITE)
    assert len(web.asked) == 2


async def test_known_site_is_resolved_without_asking_it() -> None:
    reader, web = reader_of({}, reddit_base="http://127.0.0.1:8065")
    found = await reader.resolve("r/MachineLearning")
    assert found.fetch_url == "http://127.0.0.1:8065/r/MachineLearning/.rss"
    assert web.asked == []


async def test_only_the_admins_own_server_is_trusted() -> None:
    base = "http://127.0.0.1:8065"
    reddit = f"{base}/r/x1/.rss"
    reader, web = reader_of({reddit: answer(FULL_ATOM), FEED: answer(FULL_ATOM)}, reddit_base=base)
    await reader.poll(source(reddit))
    await reader.poll(source(FEED))
    with pytest.raises(SourceError):
        await reader.poll(source(base + "66/r/x1/.rss"))
    assert [request.trusted for request in web.asked] == [True, False, False]


async def test_reddits_block_page_is_named_and_not_searched() -> None:
    feed = "https://www.reddit.com/r/x1/.rss"
    reader, web = reader_of({feed: answer(LINKED_PAGE)})
    with pytest.raises(SourceError, match="blocks"):
        await reader.poll(source("r/x1"))
    assert web.urls == [feed]


def test_work_for_the_worker_is_plain() -> None:
    assert advertised(LINKED_PAGE.encode(), FEED) == ()
    assert advertised(LINKED_PAGE.encode(), SITE) == (FEED,)
    assert read_feed(rss(ITEM).encode(), FEED).entries[0].guid == "a1"
