"""The demo's web serves what the demo promises."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import aiohttp
import feedparser
import pytest
from trafilatura import extract

from adapters.connections import Resolver
from adapters.web.demo_content import load_publishers
from adapters.web.demo_origin import DemoOrigin

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
BROKEN = ("quiet",)


@pytest.fixture
async def origin() -> AsyncIterator[DemoOrigin]:
    async with DemoOrigin(now=NOW) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(resolver=Resolver(None))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


def working_feeds(origin: DemoOrigin) -> list[str]:
    return [origin.url(each.feed_path) for each in load_publishers() if each.slug not in BROKEN]


async def read(client: aiohttp.ClientSession, url: str) -> bytes:
    """The body of a 200; a feed that fails at first is asked twice."""
    status = 0
    for _ in range(2):
        async with client.get(url) as response:
            status = response.status
            if status == 200:
                return await response.read()
    raise AssertionError(f"{url} answers {status}")


async def entries_of(client: aiohttp.ClientSession, url: str) -> list[dict[str, str]]:
    """Guid, link and title of each entry, from XML and JSON feeds alike."""
    body = await read(client, url)
    if url.endswith(".json"):
        async with client.get(url) as response:
            feed = await response.json(content_type="application/feed+json")
        return [{"id": i["id"], "link": i["url"], "title": i["title"]} for i in feed["items"]]
    parsed = feedparser.parse(body)
    return [{"id": e.get("id", ""), "link": e.link, "title": e.title} for e in parsed.entries]


async def titles_of(client: aiohttp.ClientSession, origin: DemoOrigin, slug: str) -> list[str]:
    url = next(url for url in working_feeds(origin) if f"/{slug}/" in url)
    return [entry["title"] for entry in await entries_of(client, url)]


async def test_every_xml_feed_is_well_formed(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    for url in working_feeds(origin):
        if url.endswith(".json"):
            continue
        async with client.get(url) as first:
            await first.read()
        async with client.get(url) as response:
            headers = {"content-type": response.headers["Content-Type"]}
            parsed = feedparser.parse(await response.read(), response_headers=headers)
        assert not parsed.bozo, (url, parsed.get("bozo_exception"))
        assert all(
            entry.get("published_parsed") or entry.get("updated_parsed") for entry in parsed.entries
        ), url


async def test_at_least_six_feeds_with_four_to_eight_entries(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    counts = [len(await entries_of(client, url)) for url in working_feeds(origin)]
    assert len(counts) >= 6
    assert all(4 <= count <= 8 for count in counts), counts


async def test_feeds_come_in_five_formats(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    roots = set()
    for url in working_feeds(origin):
        text = (await read(client, url)).decode("utf-8", "replace")
        root = re.search(r"<(rss|feed|rdf:RDF)\b|jsonfeed", text)
        assert root, url
        roots.add((root[0], 'type="xhtml"' in text))
    assert roots == {
        ("<rss", False),
        ("<feed", False),
        ("<feed", True),
        ("<rdf:RDF", False),
        ("jsonfeed", False),
    }


async def test_every_link_leads_to_a_page_with_an_article(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    origin.advance()
    for url in working_feeds(origin):
        for entry in await entries_of(client, url):
            assert entry["link"].startswith(origin.url(urlsplit(entry["link"]).path))
            text = extract((await read(client, entry["link"])).decode(), favor_precision=True)
            assert text, entry["link"]
            assert len(text.split()) >= 60, entry["link"]
            assert "partners would like to count you" not in text


async def test_pages_announce_their_feed(origin: DemoOrigin, client: aiohttp.ClientSession) -> None:
    for publisher in load_publishers():
        home = origin.url(publisher.home)
        page = (await read(client, home)).decode()
        found = re.search(r'rel="alternate"[^>]*href="([^"]+)"', page)
        assert found
        assert urljoin(home, found[1]) == origin.url(publisher.feed_path)


async def test_each_publisher_is_a_host_of_its_own(origin: DemoOrigin) -> None:
    hosts = {urlsplit(url).netloc for url in origin.sources}
    assert len(hosts) == len(origin.sources)
    assert all(".localhost:" in host for host in hosts)


async def test_unchanged_feed_answers_304(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    url = origin.sources[0]
    async with client.get(url) as first:
        etag = first.headers["ETag"]
    async with client.get(url, headers={"If-None-Match": etag}) as second:
        assert second.status == 304
        assert await second.read() == b""


async def test_second_state_changes_validators_and_brings_entries(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    url = origin.sources[0]
    before = await titles_of(client, origin, "northlight")
    async with client.get(url) as first:
        etag = first.headers["ETag"]
    origin.advance()
    async with client.get(url, headers={"If-None-Match": etag}) as second:
        assert second.status == 200
    after = await titles_of(client, origin, "northlight")
    assert set(after) - set(before) == {"Kestrel 2.2 is available on the API"}


async def test_edit_keeps_the_guid_and_changes_title_and_text(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    url = origin.url("/margin/feed.xml")
    before = {e["id"]: e["title"] for e in await entries_of(client, url)}
    body_before = await read(client, url)
    origin.advance()
    after = {e["id"]: e["title"] for e in await entries_of(client, url)}
    changed = [guid for guid in before if before[guid] != after[guid]]
    assert before.keys() == after.keys()
    assert changed == ["tag:margin.example,2026:small-critics"]
    assert b"61 percent of the errors" in body_before
    assert b"61 percent of the errors" not in await read(client, url)


async def test_failing_feed_works_at_the_second_request(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    statuses = []
    for _ in range(3):
        async with client.get(origin.url("/cinder/feed.xml")) as response:
            statuses.append(response.status)
    assert statuses == [500, 200, 200]


async def test_closed_feed_always_fails(origin: DemoOrigin, client: aiohttp.ClientSession) -> None:
    url = next(url for url in origin.sources if "/quiet/" in url)
    for _ in range(3):
        async with client.get(url) as response:
            assert response.status == 503


async def test_moved_feed_answers_301_to_a_working_one(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    url = next(url for url in origin.sources if "/dockside/" in url)
    async with client.get(url, allow_redirects=False) as response:
        assert response.status == 301
        target = response.headers["Location"]
    assert target != url
    assert await entries_of(client, target)


async def test_teaser_feed_lacks_the_text_that_its_pages_have(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    feed = (await read(client, origin.url("/ledger/feed.xml"))).decode()
    page = (await read(client, origin.url("/ledger/port-of-veldt"))).decode()
    assert "We did not have the key" in page
    assert "We did not have the key" not in feed


async def test_changelog_entries_share_one_link(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    entries = await entries_of(client, origin.url("/tern/feed.xml"))
    assert len({entry["link"] for entry in entries}) == 1
    assert len({entry["id"] for entry in entries}) == len(entries)


async def test_hostile_mangled_and_tracked_entries_are_there(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    hostile = [t for t in await titles_of(client, origin, "almanac") if "@everyone" in t]
    assert len(hostile) == 1
    assert "\x1b[31m" in hostile[0]
    ledger = await entries_of(client, origin.url("/ledger/feed.xml"))
    assert any("â€™" in entry["title"] for entry in ledger)
    assert any("/amp?" in entry["link"] and "utm_source" in entry["link"] for entry in ledger)


async def test_german_feed_is_declared_and_encoded_in_latin_1(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    body = await read(client, origin.url("/werkbank/feed.xml"))
    assert "Amtsbriefe" in body.decode("iso-8859-1")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    parsed = feedparser.parse(body)
    assert parsed.feed.language == "de"
    assert any("übersetzt" in entry.title for entry in parsed.entries)


async def test_dates_are_relative_to_the_start(
    origin: DemoOrigin, client: aiohttp.ClientSession
) -> None:
    parsed = feedparser.parse(await read(client, origin.sources[0]))
    newest = parsedate_to_datetime(parsed.entries[0].published)
    assert newest == NOW - timedelta(hours=5)


async def test_second_state_is_dated_later(client: aiohttp.ClientSession) -> None:
    async with DemoOrigin(now=NOW, later=timedelta(hours=2)) as origin:
        origin.advance()
        parsed = feedparser.parse(await read(client, origin.sources[0]))
    dates = [parsedate_to_datetime(entry.published) for entry in parsed.entries]
    assert dates[0] == NOW + timedelta(hours=2, minutes=-11)
    assert dates[1] == NOW - timedelta(hours=5)


async def test_requests_are_logged(origin: DemoOrigin, client: aiohttp.ClientSession) -> None:
    await read(client, origin.sources[0] + "?x=1")
    async with client.get(urljoin(origin.sources[0], "/nowhere")) as response:
        await response.read()
    log = [(each.path, each.status, each.phase) for each in origin.requests]
    assert log == [(urlsplit(origin.sources[0]).path + "?x=1", 200, 1), ("/nowhere", 404, 1)]


async def test_origin_is_gone_after_its_block(client: aiohttp.ClientSession) -> None:
    async with DemoOrigin() as origin:
        url = origin.sources[0]
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(url)
