"""`/sources`, `/sources/{id}` and `/sources.opml`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.sources.opml import read_opml
from bot.declared import source_of
from bot.model import SourceState
from bot.store import sources
from bot.store.database import Connection
from bot.store.sources import DeclaredSource, FailureRecord, PollRecord
from bot.store.subscriptions import DeclaredSubscription, declare, link
from bot.store.websub import HubSubscription, ask
from tests.adapters.web.site import Served, served
from tests.bot.commands.desk import feed

HOSTILE = '<script>alert("1")</script> & \u202eevil'


async def declare_many(it: Served, count: int) -> None:
    rows = [
        DeclaredSource(
            url=f"https://s{n}.example/feed",
            kind="feed",
            fetch_url=f"https://s{n}.example/feed",
            title=f"Source {n:05}",
            tags=("even",) if n % 2 == 0 else ("odd", "a,b"),
        )
        for n in range(count)
    ]
    await it.database.write(
        lambda connection: sources.declare(connection, rows, origin="file", now=it.clock.now())
    )


async def fail(
    it: Served,
    source_id: int,
    error: str,
    *,
    state: SourceState = SourceState.FAILING,
    wait_h: float = 3,
) -> None:
    record = FailureRecord(
        polled_at=it.clock.now(),
        next_poll_at=it.clock.now() + timedelta(hours=wait_h),
        state=state,
        failures=4,
        error=error,
        gone_count=0,
        gone_since=None,
    )
    await it.database.write(sources.record_failure, source_id, record)


async def poll(it: Served, source_id: int, *, hours_ago: float, wait_h: float) -> None:
    at = it.clock.now() - timedelta(hours=hours_ago)
    url = f"https://s{source_id - 1}.example/feed"
    record = poll_record(it, fetch_url=url, at=at, wait_h=wait_h)
    await it.database.write(sources.record_poll, source_id, record)


def poll_record(
    it: Served, *, fetch_url: str, at: datetime | None = None, wait_h: float = 1
) -> PollRecord:
    at = at or it.clock.now()
    return PollRecord(
        polled_at=at,
        next_poll_at=at + timedelta(hours=wait_h),
        fetch_url=fetch_url,
        etag=None,
        last_modified=None,
        body_hash=None,
        moved_to=None,
        moved_count=0,
        moved_since=None,
    )


def subscribe(
    connection: Connection, wish: DeclaredSubscription, source_id: int, now: datetime
) -> None:
    number = declare(connection, wish, origin="file", now=now)
    link(connection, number, [source_id])


def rows_of(text: str) -> list[str]:
    """The ids of the listed sources, in their order."""
    return [part.split('"')[0] for part in text.split('href="/sources/')[1:]]


async def test_an_empty_list_says_how_to_fill_it(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        page = (await it.get("/sources")).page
        assert "Nothing is polled yet." in page.text
        assert "threadwire sources add" in page.text
        assert read_opml((await it.get("/sources.opml")).text.encode()) == ()


async def test_a_source_is_told_with_how_it_fares(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One", "Two", title="The Wire"), tags=("research",))
        it.clock.advance(minutes=5)
        page = (await it.get("/sources")).page
        for told in ("1 source: 1 active", "The Wire", "research", "ok", "5 minutes ago", "in "):
            assert told in page.text
        labels = [given["aria-label"] for tag, given in page.elements if tag == "svg"]
        assert labels == ["2 items in 30 days, 2 today"]


async def test_an_error_is_told_in_one_line_with_its_age(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        it.clock.advance(hours=3)
        await fail(it, 1, "wire.example answered 503\nService   Unavailable " + "x" * 900)
        for path in ("/sources", "/sources/1"):
            text = (await it.get(path)).page.text
            assert "o success for 3 h, 4 polls failed" in text
            assert "wire.example answered 503 Service Unavailable" in text
            assert "x" * 401 not in text


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", "1234"),
        ("-title", "4321"),
        ("state", "4123"),
        ("-state", "1234"),
        ("ok", "4321"),
        ("-ok", "1234"),
        ("next", "1324"),
        ("-next", "4231"),
        ("interval", "1324"),
        ("-interval", "2314"),  # what is given up has none and stands last either way
        ("nonsense", "1234"),
    ],
)
async def test_the_list_is_sorted_by_any_column(tmp_path: Path, sort: str, order: str) -> None:
    async with served(tmp_path) as it:
        await declare_many(it, 4)
        for number, wait_h in ((1, 1), (2, 5), (3, 4)):
            await poll(it, number, hours_ago=number, wait_h=wait_h)
        it.clock.advance(hours=-4)
        await fail(it, 4, "gone", state=SourceState.GONE, wait_h=99)
        it.clock.advance(hours=4)
        answer = await it.get(f"/sources?sort={sort}")
        assert "".join(rows_of(answer.text)) == order
        sorted_by = [given for tag, given in answer.page.elements if "aria-sort" in given]
        assert len(sorted_by) == 1


async def test_ten_thousand_sources_have_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await declare_many(it, 10_000)
        first = await it.get("/sources")
        assert "10,000 sources" in first.page.text
        assert len(rows_of(first.text)) == 50
        last = await it.get("/sources?page=200")
        assert rows_of(last.text)[-1] == "10000"
        assert (await it.get("/sources?page=201")).status == 404
        for page in ("0", "-1", "x", "9" * 30):
            assert (await it.get(f"/sources?page={page}")).status == 404


async def test_the_list_is_filtered_and_its_links_keep_that(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await declare_many(it, 120)
        await fail(it, 2, "no such host")
        assert len(rows_of((await it.get("/sources?tag=even&page=2")).text)) == 10
        assert rows_of((await it.get("/sources?state=failing")).text) == ["2"]
        assert rows_of((await it.get("/sources?q=source+00007")).text) == ["8"]
        assert rows_of((await it.get("/sources?q=100%25")).text) == []
        assert len(rows_of((await it.get("/sources?tag=a%2Cb")).text)) == 50
        assert rows_of((await it.get('/sources?tag="')).text) == []
        links = (await it.get("/sources?tag=even&sort=-ok")).page.links
        assert "/sources?tag=even&sort=-ok&page=2" in [
            "/sources?" + "&".join(sorted(link.partition("?")[2].split("&"), reverse=True))
            for link in links
            if "page=2" in link
        ]


async def test_hostile_names_stay_text(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        title = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")
        await it.publish("/a", feed("One", title=title), tags=(HOSTILE, "x" * 10_000))
        await it.publish("/b", feed("Two", title="y" * 10_000))
        await fail(it, 1, HOSTILE)
        for path in ("/sources", "/sources/1", "/sources/2", "/sources?tag=" + "x" * 2_000):
            answer = await it.get(path)
            assert answer.status == 200
            assert answer.page.count("script") == 0
            assert "\u202e" not in answer.page.text
            assert "y" * 300 not in answer.page.text
        assert "<script>alert" in (await it.get("/sources/1")).page.text


async def test_a_source_has_a_page_with_what_it_told_last(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Robots learn to dance in Paris", "Two"))
        await it.publish("/b", feed("Robots learn to dance in Paris"))
        answer = await it.get("/sources/1")
        stories = [link for link in answer.page.links if link.startswith("/stories/")]
        assert len(stories) == 2
        for told in ("Robots learn to dance in Paris", "and 1 more source", "Entries kept 2"):
            assert told in answer.page.text
        assert "conditional requests" in answer.page.text or "sent again" in answer.page.text


@pytest.mark.parametrize("path", ["/sources/9", "/sources/99999999999999999999", "/sources/x"])
async def test_what_is_not_polled_has_no_page(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        assert (await it.get(path)).status == 404
        await it.database.write(sources.remove, 1)
        assert (await it.get("/sources/1")).status == 404


async def test_an_address_with_a_secret_is_shown_with_the_token_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/paid?token=hushhush", feed("Members only", title="Paid"))
        await it.publish("/open", feed("For all", title="Open"))
        await it.database.write(
            sources.record_poll, 2, poll_record(it, fetch_url="https://h.example/f?key=hushhush")
        )
        await fail(it, 2, "https://h.example/f?key=hushhush is no feed")
        for path in ("/sources", "/sources/1", "/sources/2", "/sources.opml", "/sources?q=hush"):
            answer = await it.get(path)
            assert "hushhush" not in answer.text
            assert "Paid" not in answer.text
            assert "hushhush" in (await it.get(path, known=True)).text
        assert (await it.get("/sources/1")).status == 404
        assert "h.example is no feed" in (await it.get("/sources/2")).page.text


async def test_who_gets_it_is_shown_with_the_token_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        wish = DeclaredSubscription(channel="discord:42", sources=(it.origin.url("/a"),))
        await it.database.write(subscribe, wish, 1, it.clock.now())
        assert "discord:42" not in (await it.get("/sources/1")).text
        assert "discord:42" in (await it.get("/sources/1", known=True)).text


async def test_a_source_that_its_hub_tells_of_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        now = it.clock.now()
        asked = HubSubscription(
            source_id=1,
            callback="cb",
            hub_url="https://hub.example",
            topic="t",
            secret="s3cret",
            state="active",
            asked_at=now,
            lease_until=now,
            pushed_at=now,
            failures=0,
        )
        await it.database.write(ask, asked, now)
        it.clock.advance(minutes=4)
        assert "last push 4 min ago" in (await it.get("/sources/1")).page.text
        assert "yes" in (await it.get("/sources")).page.text
        assert "s3cret" not in (await it.get("/sources/1", known=True)).text


async def test_the_feed_list_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        title = 'A &amp; B &lt;b&gt; "q"'
        await it.publish("/a?x=1&y=2", feed("One", title=title), tags=("research", "R&D", "labs"))
        await it.publish("/b", feed("Two", title="Plain"))
        answer = await it.get("/sources.opml")
        assert answer.headers["Content-Type"].startswith("text/x-opml")
        found = {one.url: one for one in read_opml(answer.text.encode())}
        first = found[it.origin.url("/a?x=1&y=2")]
        assert (first.title, first.tags) == ('A & B <b> "q"', ("research", "R&D", "labs"))
        assert found[it.origin.url("/b")].tags == ()


async def test_lists_are_kept_by_caches_and_known_again(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        for path in ("/sources", "/sources.opml"):
            answer = await it.get(path)
            headers = {"If-None-Match": answer.headers["ETag"]}
            async with it.client.get(path, headers={**headers, "Accept": "text/html"}) as again:
                assert again.status == 304
            assert (await it.get(path, known=True)).headers["Cache-Control"] == "private, no-store"


async def test_the_feed_list_has_addresses_that_other_readers_can_follow(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        rows = [source_of(it.settings, name) for name in ("hn:front", "r/MachineLearning")]
        await it.database.write(
            lambda connection: sources.declare(connection, rows, origin="file", now=it.clock.now())
        )
        found = read_opml((await it.get("/sources.opml")).text.encode())
        assert [one.url for one in found] == [
            "https://news.ycombinator.com/rss",
            "https://www.reddit.com/r/MachineLearning/.rss",
        ]
