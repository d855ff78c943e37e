"""Hacker News: whole discussions, the front page, and what it says when it has nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.sources.hackernews import HackernewsReader, front_url
from adapters.sources.hackernews_items import (
    entries_from_search,
    thread_from_items,
    thread_from_official,
)
from bot.errors import SourceError
from bot.model import Source
from bot.thread_model import Trait
from tests.adapters.http_kit import open_client
from tests.fakes.clock import FakeClock
from tests.fakes.runner import run_at_once
from tests.shared_data import SHARED, needs_shared
from tests.sims.hackernews import BEGIN, HackernewsSim, comment, hit, story

NOW = datetime(2026, 8, 15, tzinfo=UTC)
TREE = story(
    100,
    title="A kite that tows ships",
    url="https://sails.example/kite?utm_source=hn",
    children=[
        comment(
            101,
            "<p>It saves <i>fuel</i> &amp; money.<p>See <a href='https://a.example'>this</a>",
            comment(103, None, comment(104, "Who?", author="eve")),
        ),
        comment(102, "Not in storms."),
    ],
)


def _reader(http: Any, api_base: str) -> HackernewsReader:
    return HackernewsReader(http, run_at_once, FakeClock(NOW), api_base=api_base)


def test_a_tree_is_read_with_parents_before_their_answers() -> None:
    thread = thread_from_items(TREE, measured_at=NOW)
    assert (thread.kind, thread.id, thread.title) == ("hackernews", "100", "A kite that tows ships")
    assert thread.url == "https://news.ycombinator.com/item?id=100"
    assert thread.link_url == "https://sails.example/kite"
    assert (thread.score, thread.author, thread.traits) == (12, "ann", (Trait.LINK,))
    assert thread.created_at == datetime.fromtimestamp(BEGIN + 100, UTC)
    assert [(one.id, one.parent_id, one.depth) for one in thread.comments] == [
        ("101", None, 0),
        ("104", "101", 1),
        ("102", None, 0),
    ]
    assert thread.comments[0].text == "It saves fuel & money.\n\nSee this"
    assert thread.comments[1].author == "eve"
    assert thread.comments[1].permalink == "https://news.ycombinator.com/item?id=104"


def test_deleted_comments_are_counted_and_never_shown() -> None:
    thread = thread_from_items(TREE)
    assert (thread.num_comments, thread.skipped_deleted, thread.unread) == (4, 1, 0)


def test_a_text_post_has_its_text_and_no_link() -> None:
    thread = thread_from_items(story(1, title="Ask HN: Kites?", text="<p>Which one?"))
    assert (thread.text, thread.link_url, thread.traits) == ("Which one?", None, (Trait.SELF,))


def test_a_comments_address_gives_the_discussion_below_it() -> None:
    thread = thread_from_items(comment(5, "<p>Kites are fine.", comment(6, "Yes, they are.")))
    assert thread.title == "bob: Kites are fine."
    assert [one.id for one in thread.comments] == ["6"]


def test_a_tree_of_any_depth_is_read() -> None:
    tree = comment(20_000, "deep")
    for number in range(19_999, 1, -1):
        tree = comment(number, "deep", tree)
    thread = thread_from_items(story(1, title="Deep", children=[tree]))
    assert thread.comments[-1].depth == 19_998


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"id": 1}, {"id": "1", "children": []}, {"id": True, "children": []}]
)
def test_what_is_no_item_is_told(payload: object) -> None:
    with pytest.raises(SourceError, match="no item of Hacker News"):
        thread_from_items(payload)


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, True])
@pytest.mark.parametrize("key", ["title", "text", "points", "author", "created_at_i", "created_at"])
def test_fields_of_any_kind_are_survived(key: str, value: object) -> None:
    odd = {**comment(2, "Fine."), key: value}
    thread = thread_from_items({**story(1, title="T", children=[odd]), key: value})
    assert thread.num_comments == 1


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://news.ycombinator.com/item?id=42", True),
        ("http://news.ycombinator.com/item?id=42&p=2#top", True),
        ("https://hacker-news.firebaseio.com/v0/item/42.json", True),
        ("https://hn.example/api/v1/items/42", True),
        ("https://news.ycombinator.com/user?id=42", False),
        ("https://news.ycombinator.com/item?id=x", False),
        ("https://news.ycombinator.com.evil.example/item?id=42", False),
        ("https://example.org/item?id=42", False),
        ("https://[bad/item?id=42", False),
    ],
)
def test_addresses_are_known(url: str, is_one: bool) -> None:
    assert _reader(None, "https://hn.example/api/v1").recognises(url) is is_one


async def test_a_thread_is_one_request() -> None:
    async with HackernewsSim() as news, open_client(allow_networks=()) as http:
        news.add_item(TREE)
        reader = _reader(http, news.api_base)
        thread = await reader.read_thread("https://news.ycombinator.com/item?id=100")
        assert len(thread.comments) == 3
        assert thread.measured_at == NOW
        assert news.origin.count("/api/v1/items/100") == 1
        news.origin.check_manners()


async def test_an_unknown_number_is_told_for_good() -> None:
    async with HackernewsSim() as news, open_client() as http:
        with pytest.raises(SourceError, match="no item 7") as caught:
            await _reader(http, news.api_base).read_thread("https://news.ycombinator.com/item?id=7")
        assert caught.value.permanent


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'"x"', b"[" * 100_000])
async def test_an_answer_that_is_none_is_told(body: bytes) -> None:
    async with HackernewsSim() as news, open_client() as http:
        news.origin.serve("/api/v1/items/7", body=body, content_type="text/html")
        with pytest.raises(SourceError, match="Hacker News"):
            await _reader(http, news.api_base).read_thread("https://news.ycombinator.com/item?id=7")


def test_submissions_are_entries_with_an_identity_of_their_own() -> None:
    link, text, nothing = (
        hit(1, title="A kite", url="https://www.sails.example/kite/?utm_source=x", points=70),
        hit(2, title="Ask HN: Why?", story_text="<p>Because.", num_comments=3),
        {"objectID": "3", "title": None},
    )
    first, second = entries_from_search({"hits": [link, text, nothing, link]}, measured_at=NOW)
    assert (first.guid, first.title) == ("hn:1", "A kite")
    assert first.comments_url == "https://news.ycombinator.com/item?id=1"
    assert first.canonical_url is not None
    assert "utm" not in first.canonical_url
    assert first.submission is not None
    assert (first.submission.score, first.submission.fullname) == (70, "1")
    assert (second.url, second.text) == ("https://news.ycombinator.com/item?id=2", "Because.")
    assert second.submission is not None
    assert (second.submission.link_url, second.submission.num_comments) == (None, 3)


async def test_the_front_page_is_polled_and_scores_are_measured_at_each_look() -> None:
    async with HackernewsSim() as news, open_client(allow_networks=()) as http:
        reader = _reader(http, news.api_base)
        found = await reader.resolve("hn:front")
        assert (found.kind, found.fetch_url) == ("hackernews", front_url(news.api_base))
        source = Source(id=1, url="hn:front", kind="hackernews", fetch_url=found.fetch_url)
        news.set_front(hit(1, title="A kite", points=5), hit(2, title="A boat", points=4))
        first = await reader.poll(source)
        assert first.entries is not None
        assert [one.guid for one in first.entries] == ["hn:1", "hn:2"]
        news.set_front(hit(2, title="A boat", points=40), hit(1, title="A kite", points=6))
        seen = Source(
            id=1,
            url="hn:front",
            kind="hackernews",
            fetch_url=found.fetch_url,
            body_hash=first.body_hash,
            last_polled_at=NOW - timedelta(hours=1),
        )
        second = await reader.poll(seen)
        assert second.entries is None
        assert [(one.fullname, one.score) for one in second.measured] == [("2", 40), ("1", 6)]


async def test_only_the_front_page_is_a_source() -> None:
    with pytest.raises(SourceError):
        await _reader(None, "https://hn.example").resolve("hn:new")


def test_a_saved_item_of_the_official_interface_says_where_its_comments_are() -> None:
    payload = {"id": 9, "type": "story", "time": BEGIN, "title": "T", "by": "ann", "score": 3}
    thread = thread_from_official({**payload, "kids": [10, 11], "descendants": 5})
    assert (thread.author, thread.score, thread.num_comments, thread.unread) == ("ann", 3, 5, 5)
    assert "https://news.ycombinator.com/item?id=9" in thread.notes[0]


@needs_shared
def test_recorded_answers_are_read() -> None:
    folder = SHARED / "data" / "hackernews"
    search = json.loads((folder / "algolia-search.json").read_text("utf-8"))
    entries = entries_from_search(search, measured_at=NOW)
    assert len(entries) == len(search["hits"])
    for path in folder.glob("firebase-item-*.json"):
        payload = json.loads(path.read_text("utf-8"))
        thread = thread_from_official(payload)
        assert (thread.title, thread.score) == (payload["title"], payload["score"])
        assert thread.unread == payload["descendants"]
