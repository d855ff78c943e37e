"""What bytes hold is told by the bytes; what cannot be read is told in one line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.thread_files import AddressReader, Found, read_document
from bot.errors import SourceError
from bot.ports import Article
from bot.thread_model import Thread
from tests.adapters.http_kit import open_client
from tests.fakes.clock import FakeClock
from tests.fakes.runner import run_at_once
from tests.sims.hackernews import comment, story
from tests.sims.origin import Origin

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DUMP = "[D] Are trees overrated?. nan. They beat nets on tables.. Not on mine!"
PAGE = (
    "<!doctype html><html><head><title>Cranes</title></head><body><article><p>"
    + "Fourteen cranes stopped at the port of Veldt on Monday, the harbour master said. " * 4
    + "</p></article></body></html>"
)
ITEM = json.dumps(story(1, title="A kite", children=[comment(2, "Nice.")]))
REDDIT = json.dumps(
    [
        {"kind": "Listing", "data": {"children": [
            {"kind": "t3", "data": {"id": "1abc", "name": "t3_1abc", "title": "A kite",
             "subreddit": "sails", "permalink": "/r/sails/comments/1abc/a_kite/",
             "url": "https://a.example/kite", "author": "ann", "score": 3, "num_comments": 1,
             "created_utc": 1_790_000_000.0}}]}},
        {"kind": "Listing", "data": {"children": [
            {"kind": "t1", "data": {"id": "c1", "name": "t1_c1", "author": "bob", "body": "Nice.",
             "score": 2, "parent_id": "t3_1abc", "replies": "", "depth": 0,
             "permalink": "/r/sails/comments/1abc/a_kite/c1/"}}]}},
    ]
)  # fmt: skip


def _read(text: str | bytes, content_type: str = "") -> Found:
    body = text.encode() if isinstance(text, str) else text
    return read_document(body, "", content_type, NOW)


def _threads(text: str | bytes, content_type: str = "") -> tuple[Thread, ...]:
    found = _read(text, content_type)
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(DUMP, "dump", id="dump that begins with a bracket"),
        pytest.param("[2024] A look back. nan. It was good", "dump", id="number in brackets"),
        pytest.param("{insert joke}. nan. Ha, well done", "dump", id="brace that is no JSON"),
        pytest.param('["quoted"] title. nan. A comment', "dump", id="quoted bracket"),
        pytest.param("<3 this sub. nan. Me too, friend", "dump", id="less-than that is no tag"),
        pytest.param("\ufeff" + DUMP, "dump", id="byte order mark"),
        pytest.param(ITEM, "hackernews", id="Hacker News"),
        pytest.param("\n  " + ITEM, "hackernews", id="Hacker News, indented"),
        pytest.param(REDDIT, "reddit", id="Reddit"),
    ],
)
def test_a_discussion_is_known_by_its_bytes(text: str, kind: str) -> None:
    (thread,) = _threads(text)
    assert thread.kind == kind
    assert thread.comments


def test_a_saved_reddit_page_keeps_its_permalinks() -> None:
    (thread,) = _threads(REDDIT)
    assert (thread.title, thread.score, thread.comments[0].author) == ("A kite", 3, "bob")
    assert thread.url is not None
    assert thread.url.endswith("/r/sails/comments/1abc/a_kite/")


def test_a_dump_may_hold_several() -> None:
    titles = [one.title for one in _threads(f"{DUMP}[P] A kite. nan. I love it")]
    assert titles == ["[D] Are trees overrated?", "[P] A kite"]


@pytest.mark.parametrize("head", ["", "\n\n", "<!-- saved -->", "<?xml version='1.0'?>\n"])
def test_markup_is_an_article(head: str) -> None:
    found = _read(head + PAGE)
    assert isinstance(found, Article)
    assert found.text.startswith("Fourteen cranes")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "nothing in it", id="empty"),
        pytest.param(b" \n ", "nothing in it", id="blank"),
        pytest.param(b'{"id": 1, "children": [', "damaged JSON", id="cut object"),
        pytest.param(b'[{"kind": "Listing", ', "damaged JSON", id="cut listings"),
        pytest.param(b'{"a": 1}', "no saved discussion", id="another object"),
        pytest.param(b"[1, 2]", "no saved discussion", id="another list"),
        pytest.param(b"[" * 200_000 + b"]" * 200_000, "too deeply", id="deep"),
        pytest.param(b'[{"kind": "Listing", "data": {}}]', "Reddit", id="half a page"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 40, "neither text", id="picture"),
        pytest.param(b". . . nan", "no word", id="marks only"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(body: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        _read(body)
    assert "\n" not in str(caught.value)


def test_a_server_that_says_json_means_it() -> None:
    with pytest.raises(SourceError, match=r"damaged JSON: .* at line 1"):
        _read("[D] Are trees overrated?", "application/json; charset=utf-8")


@settings(deadline=None)  # the first page loads what extracts articles
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_told(body: bytes) -> None:
    try:
        found = _read(body)
    except SourceError as exc:
        assert "\n" not in str(exc)  # noqa: PT017  # any bytes may also be readable
    else:
        assert found


async def test_an_address_may_hold_any_of_it() -> None:
    async with Origin() as origin, open_client() as http:
        origin.serve("/dump.txt", body=DUMP.encode(), content_type="text/plain")
        origin.serve("/item.json", body=ITEM.encode(), content_type="application/json")
        origin.serve("/page", body=PAGE.encode(), content_type="text/html")
        origin.serve("/photo", body=b"\x89PNG", content_type="image/png")
        reader = AddressReader(http, run_at_once, FakeClock(NOW))
        dump, item, page = [
            await reader.read(origin.url(path)) for path in ("/dump.txt", "/item.json", "/page")
        ]
        assert isinstance(dump, tuple)
        assert isinstance(item, tuple)
        assert (dump[0].kind, item[0].kind) == ("dump", "hackernews")
        assert isinstance(page, Article)
        with pytest.raises(SourceError, match="image/png, no text"):
            await reader.read(origin.url("/photo"))
