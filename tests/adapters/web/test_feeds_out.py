"""Our own feeds, read with our own readers and followed by our own poller."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup

from adapters.sources.document import parse_document
from adapters.web.feed_documents import ATOM, Feed, Item, atom, json_feed
from bot.model import FeedDocument
from bot.ports import PollResult
from bot.store import sources, subscriptions
from bot.store.database import Connection
from bot.store.digests import NewDigest, keep
from bot.store.sources import DeclaredSource
from bot.store.subscriptions import DeclaredSubscription
from tests.adapters.web.site import Answer, Served, served
from tests.bot.commands.desk import feed
from tests.bot.digests.samples import COMMUNITY, ROUNDUP

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOSTILE = '<script>alert("1")</script> & \u202e"evil" ]]>'
FORMS = ("atom", "json")
NS = {"a": ATOM}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ITEM = Item(
    id="tag:h.example,2026-11-21:story/1",
    url="https://h.example/stories/1",
    title="T",
    published_at=AT,
    updated_at=AT,
    content=Markup("<p>x</p>"),
    summary="x",
    authors=("A",),
    tags=("t",),
    language="en",
)


def of(*items: Item) -> Feed:
    return Feed(
        id="tag:h.example,2026:feed",
        url="https://h.example/feed.atom",
        site_url="https://h.example/",
        title="Threadwire",
        subtitle="news",
        icon_url="https://h.example/i.svg",
        items=items,
    )


def check_atom(text: str) -> etree._Element:
    """What RFC 4287 asks of a feed: sections 4.1.1, 4.1.2, 4.2.6, 4.2.7 and 3.3."""
    root = etree.fromstring(text.encode())
    assert root.tag == f"{{{ATOM}}}feed"
    for holder in (root, *root.findall("a:entry", NS)):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"a:{name}", NS)) == 1
        assert re.match(r"[a-z]+:\S+$", holder.findtext("a:id", namespaces=NS) or "")
        links = [(link.get("rel"), link.get("type")) for link in holder.findall("a:link", NS)]
        assert links.count(("alternate", "text/html")) == 1
        assert len(set(links)) == len(links)
    for at in root.iter(f"{{{ATOM}}}updated", f"{{{ATOM}}}published"):
        assert RFC_3339.fullmatch(at.text or "")
    for link in root.iter(f"{{{ATOM}}}link"):
        assert str(link.get("href")).startswith(("http://", "https://"))
    entries = root.findall("a:entry", NS)
    ids = [entry.findtext("a:id", namespaces=NS) for entry in entries]
    assert len(set(ids)) == len(ids)
    assert root.find("a:author/a:name", NS) is not None
    assert all(entry.find("a:author/a:name", NS) is not None for entry in entries)
    return root


def check_json(text: str) -> dict[str, Any]:
    """What jsonfeed.org/version/1.1 asks of a feed."""
    document: dict[str, Any] = json.loads(text)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(document["title"], str)
    for item in document["items"]:
        assert isinstance(item["id"], str)
        assert "content_html" in item
        assert isinstance(item.get("authors", []), list)
        assert RFC_3339.fullmatch(item["date_published"])
    return document


def read(answer: Answer) -> FeedDocument:
    """As our own poller reads it; what the strict reader refuses shows as another format."""
    assert answer.status == 200
    return parse_document(
        answer.text.encode(), url="http://x/", content_type=answer.headers["Content-Type"]
    )


async def digest_of(
    it: Served, *tags: str, scope: str = "s", subscribed: tuple[str, ...] = ()
) -> None:
    """A roundup of a subscription to these sources, which have these tags."""

    def make(connection: Connection) -> None:
        wish = DeclaredSubscription(
            channel="discord:1", sources=subscribed or tags, post="roundup", schedule="0 9 * * *"
        )
        number = subscriptions.declare(connection, wish, origin="file", now=it.clock.now())
        linked = [one.id for one in sources.listed(connection) if set(tags) & set(one.tags)]
        subscriptions.link(connection, number, linked)
        made = NewDigest(
            kind="roundup",
            scope=scope,
            since=AT - timedelta(days=1),
            until=AT,
            fingerprint="1",
            result=ROUNDUP.model_dump_json(),
            subscription_id=number,
            subject=scope,
        )
        keep(connection, made, (), it.clock.now())

    await it.database.write(make)


@pytest.mark.parametrize("form", FORMS)
async def test_an_empty_feed_is_a_feed(tmp_path: Path, form: str) -> None:
    async with served(tmp_path) as it:
        answer = await it.get(f"/feed.{form}")
        assert read(answer).entries == ()
        if form == "atom":
            check_atom(answer.text)
        else:
            check_json(answer.text)


@pytest.mark.parametrize("form", FORMS)
async def test_stories_and_digests_are_told_the_newest_first(tmp_path: Path, form: str) -> None:
    async with served(tmp_path, web={"public_url": "https://news.example/wire"}) as it:
        await it.publish("/a", feed("One", "Two", "Three"), tags=("labs",))
        await it.keep_digest("community", COMMUNITY, until=AT)
        document = read(await it.get(f"/feed.{form}"))
        titles = [entry.title for entry in document.entries]
        assert titles[1:] == ["One", "Two", "Three"]
        assert [entry.guid for entry in document.entries] == [
            "tag:news.example,2026-11-21:digest/1",
            *(f"tag:news.example,2026-11-21:story/{n}" for n in (3, 2, 1)),
        ]
        assert document.self_url == f"https://news.example/wire/feed.{form}"
        assert document.site_url == "https://news.example/wire/"
        story = document.entries[1]
        assert story.url == "https://news.example/wire/stories/3"
        assert story.published_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
        assert story.author == "The Feed"
        assert "labs" in story.tags
        assert "http://127.0.0.1:9/one" in story.html
        assert 'href="#' not in "".join(entry.html for entry in document.entries)


async def test_both_forms_say_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        title = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        await it.publish("/a", feed("One", title, "Two"), tags=("labs",))
        await it.keep_digest("community", COMMUNITY, until=AT)
        of_atom, of_json = [read(await it.get(f"/feed.{form}")) for form in FORMS]
        fields = ("guid", "url", "title", "published_at", "updated_at", "html", "author", "tags")
        for one, other in zip(of_atom.entries, of_json.entries, strict=True):
            for name in fields:
                assert getattr(one, name) == getattr(other, name), name
        assert of_atom.title == of_json.title


async def test_the_fast_parser_reads_the_same(tmp_path: Path) -> None:
    import fastfeedparser

    async with served(tmp_path) as it:
        await it.publish("/a", feed("One", "Two & 3"), tags=("labs",))
        await it.keep_digest("community", COMMUNITY, until=AT)
        answer = await it.get("/feed.atom")
        ours = read(answer).entries
        theirs = fastfeedparser.parse(answer.text.encode()).entries
        assert [entry["id"] for entry in theirs] == [entry.guid for entry in ours]
        assert [entry["link"] for entry in theirs] == [entry.url for entry in ours]
        assert [entry["title"] for entry in theirs][1:] == ["One", "Two & 3"]
        assert [datetime.fromisoformat(entry["published"]) for entry in theirs] == [
            entry.published_at for entry in ours
        ]


async def test_hostile_news_stay_text(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        title = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        document = feed(title, "y" * 10_000).replace(b"The Feed", title.encode())
        await it.publish("/a", document, tags=(HOSTILE, "x" * 5_000))
        answer = await it.get("/feed.atom")
        root = check_atom(answer.text)
        assert "\u202e" not in answer.text
        assert len(answer.text) < 30_000
        for content in root.iter(f"{{{ATOM}}}content"):
            assert "<script" not in (content.text or "")
        for item in check_json((await it.get("/feed.json")).text)["items"]:
            assert "<script" not in item["content_html"]


@given(st.text(max_size=40))
def test_any_text_makes_a_feed(text: str) -> None:
    item = Item(
        id=ITEM.id,
        url=ITEM.url,
        title=text,
        published_at=AT,
        updated_at=AT,
        content=Markup("<p>{}</p>").format(text),
        summary=text,
        authors=(text,),
        tags=(text,),
        language="en",
    )
    check_atom(atom(of(item)))
    check_json(json_feed(of(item)))


@pytest.mark.parametrize("place", ["", "/tags/labs"])
async def test_an_old_archive_stands_below_what_is_news(tmp_path: Path, place: str) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Robots dance"), tags=("labs",))
        await it.publish("/old", feed("Whales sing", "Chips are scarce", day=2), tags=("labs",))
        it.clock.advance(hours=1)
        await it.publish("/b", feed("Models shrink", day=20), tags=("labs",))
        titles = [entry.title for entry in read(await it.get(f"{place}/feed.atom")).entries]
        assert titles == ["Robots dance", "Models shrink", "Whales sing", "Chips are scarce"]


async def test_a_full_feed_has_what_was_found_last(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        names = [f"{word} {number}" for word in ("Ants", "Bees", "Cats") for number in range(20)]
        await it.publish("/many", feed(*names))
        await it.publish("/old", feed("Whales sing", day=2))
        await it.publish("/late", feed("Models shrink", day=18))
        titles = [entry.title for entry in read(await it.get("/feed.atom")).entries]
        assert len(titles) == 50
        assert "Models shrink" in titles
        assert "Whales sing" not in titles


async def test_an_edit_changes_the_time_and_not_the_name(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        before = read(await it.get("/feed.atom")).entries[0]
        it.clock.advance(hours=2)
        await it.publish("/a", feed("One").replace(b">One<", b">One, corrected<", 2))
        after = read(await it.get("/feed.atom")).entries
        assert [entry.guid for entry in after] == [before.guid]
        assert before.updated_at is not None
        assert after[0].updated_at is not None
        assert after[0].updated_at > before.updated_at
        assert after[0].published_at == before.published_at


async def test_a_feed_of_one_kind(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        await it.keep_digest("community", COMMUNITY, until=AT)
        guids = {
            only: [entry.guid for entry in read(await it.get(f"/feed.atom?only={only}")).entries]
            for only in ("digests", "stories")
        }
        assert [len(found) for found in guids.values()] == [1, 1]
        assert "digest/" in guids["digests"][0]
        assert "story/" in guids["stories"][0]
        assert (await it.get("/feed.atom?only=nonsense")).status == 404


async def test_a_tag_has_feeds_of_its_own(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Of labs"), tags=("labs", "R&D / x"))
        await it.publish("/b", feed("Of tools"), tags=("tools",))
        await digest_of(it, "labs", scope="labs only")
        await digest_of(it, "labs", "tools", scope="both")
        await digest_of(it, "tools", scope="named", subscribed=("tag:labs", "https://x.example"))
        found = read(await it.get("/tags/labs/feed.atom"))
        assert [entry.title for entry in found.entries if "story" in entry.guid] == ["Of labs"]
        assert sorted(entry.guid[-1] for entry in found.entries if "digest" in entry.guid) == [
            "1",
            "3",
        ]
        assert found.title == "Threadwire: labs"
        odd = read(await it.get("/tags/R%26D%20%2F%20x/feed.json?only=stories"))
        assert [entry.title for entry in odd.entries] == ["Of labs"]
        assert odd.self_url is not None
        assert odd.self_url.endswith("/tags/R%26D%20%2F%20x/feed.json?only=stories")
        for path in ("/tags/none/feed.atom", "/tags/lab/feed.atom", "/tags/%25/feed.json"):
            assert (await it.get(path)).status == 404
        moved = await it.get("/tags/labs")
        assert (moved.status, moved.headers["Location"]) == (302, "/stories?tag=labs")


async def test_what_is_private_is_in_nobodys_feed(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/paid?token=abc", feed("Members only"), tags=("paid",))
        await it.publish("/open", feed("For all"))
        await it.keep_digest("community", COMMUNITY, until=AT, is_public=False)
        for form in FORMS:
            public = await it.get(f"/feed.{form}")
            assert [entry.title for entry in read(public).entries] == ["For all"]
            known = await it.get(f"/feed.{form}", known=True)
            assert len(read(known).entries) == 3
            assert known.headers["Cache-Control"] == "private, no-store"
            assert (await it.get(f"/tags/paid/feed.{form}")).status == 404


async def test_a_feed_that_did_not_change_is_not_sent_again(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        first = await it.get("/feed.atom")
        conditions: list[dict[str, str]] = [
            {"If-None-Match": first.headers["ETag"]},
            {"If-Modified-Since": first.headers["Last-Modified"]},
            {
                "If-None-Match": first.headers["ETag"],
                "If-Modified-Since": format_datetime(AT - timedelta(days=900), usegmt=True),
            },
        ]
        for headers in conditions:
            async with it.client.get("/feed.atom", headers=headers) as answer:
                assert answer.status == 304
                assert await answer.read() == b""
        it.clock.advance(minutes=10)
        await it.publish("/a", feed("One", "Two"))
        for headers in conditions:
            async with it.client.get("/feed.atom", headers=headers) as answer:
                assert answer.status == 200


async def test_a_crowd_costs_what_one_reader_does(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Robots dance"))
        first = (await it.get("/feed.atom")).text
        await it.publish("/a", feed("Whales sing", "Robots dance"))
        assert (await it.get("/feed.atom")).text == first
        assert len(read(await it.get("/feed.atom", known=True)).entries) == 2
        it.clock.advance(seconds=16)
        assert len(read(await it.get("/feed.atom")).entries) == 2


@pytest.mark.parametrize("form", FORMS)
async def test_our_own_poller_follows_our_own_feed(tmp_path: Path, form: str) -> None:
    """Another instance does. What one poll brought, the next one does not bring again."""
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    async with served(tmp_path / "ours") as it, served(tmp_path / "theirs") as other:
        await it.publish("/a", feed("Robots dance", "Chips are scarce", "Whales sing"))
        await it.keep_digest("community", COMMUNITY, until=AT)
        url = str(it.client.make_url(f"/feed.{form}"))
        declared = DeclaredSource(url=url, kind="feed", fetch_url=url)

        def declare(connection: Connection) -> None:
            sources.declare(connection, [declared], origin="file", now=other.clock.now())

        await other.database.write(declare)
        assert await follow(other, url) == (4, 0)
        other.clock.advance(hours=1)
        assert await follow(other, url) == (0, 0)
        it.clock.advance(hours=1)
        again = feed("Models shrink", "Robots dance", "Chips are scarce", "Whales sing")
        await it.publish("/a", again)
        other.clock.advance(hours=1)
        assert await follow(other, url) == (1, 0)


async def follow(it: Served, url: str) -> tuple[int, int]:
    """How many entries a poll of it brought that are new, and how many that are edited."""
    source = await it.database.read(sources.by_url, url)
    assert source is not None
    result: PollResult = await it.outside.readers["feed"].poll(source)
    report = await it.ingest.polled(source, result)
    return report.new, report.edited


async def test_every_page_names_the_feeds(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        elements = (await it.get("/")).page.elements
        named = {given.get("type"): given["href"] for tag, given in elements if tag == "link"}
        assert named["application/atom+xml"] == "/feed.atom"
        assert named["application/feed+json"] == "/feed.json"
