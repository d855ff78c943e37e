"""`/search`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.search import EXCERPT, Piece, excerpt, marked
from tests.adapters.web.site import served
from tests.bot.commands.desk import feed
from tests.bot.digests.samples import COMMUNITY, ROUNDUP

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
HIT = [("model", True)]


async def test_an_empty_query_says_how_to_search(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        for path in ("/search", "/search?q=", "/search?q=%20"):
            page = (await it.get(path)).page
            assert "All words must be in a story or a digest" in page.text
            assert page.values("q") == [""]


async def test_nothing_found_says_what_to_try(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        page = (await it.get("/search?q=nothing+there")).page
        assert "Nothing was found that has all of nothing , there ." in page.text
        assert page.values("q") == ["nothing there"]
        page = (await it.get("/search?q=%21%21")).page
        assert "There is no word in “!!”" in page.text


async def test_finds_are_marked_and_lead_to_their_story(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Möwe releases a model", "Weather turns cold today"))
        answer = await it.get("/search?q=mowe")
        assert "<mark>Möwe</mark> releases a model" in answer.text
        assert [link for link in answer.page.links if link.startswith("/stories/")]
        assert "Weather" not in answer.page.text


async def test_a_find_goes_on_over_all_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        names = [f"Model {number} of maker {number * 7919}" for number in range(55)]
        await it.publish("/a", feed(*names))
        path, seen = "/search?q=model", list[str]()
        while path:
            links = (await it.get(path)).page.links
            seen += [link for link in links if link.startswith("/stories/")]
            path = next((one for one in links if "before=" in one), "")
        assert len(seen) == len(set(seen))
        assert len(seen) > 40


async def test_digests_are_found_with_the_stories(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        word = next(one for one in COMMUNITY.title.split() if one.isalpha())
        made = [
            await it.keep_digest("community", COMMUNITY, until=AT + timedelta(days=day))
            for day in range(5)
        ]
        private = await it.keep_digest(
            "community", COMMUNITY, until=AT, is_public=False, scope="chat"
        )
        page = (await it.get(f"/search?q={word}")).page
        assert [one for one in page.links if one.startswith("/digests/")] == [
            f"/digests/{one}" for one in made[:1:-1]
        ]
        more = next(one for one in page.links if "in=digests" in one)
        page = (await it.get(more)).page
        assert f"/digests/{made[0]}" in page.links
        assert f"/digests/{private}" not in page.links
        assert f"/digests/{private}" in (await it.get(more, known=True)).page.links


async def test_what_is_shown_of_a_digest_is_what_readers_know_of_it(tmp_path: Path) -> None:
    """Its record also has names for machines, such as the key `page-harbour-watch`."""
    async with served(tmp_path) as it:
        await it.keep_digest("roundup", ROUNDUP, until=AT)
        text = (await it.get("/search?q=harbour")).page.text
        assert "Harbour Watch" in text
        assert "page-" not in text


@pytest.mark.parametrize(
    "text",
    [
        '"',
        'a" OR title:secret',
        "NEAR(a b, 2)",
        "model*) --",
        "'; DROP TABLE entry; --",
        "<script>alert(1)</script>",
        "\u202emodel",
        "%00model",
        "x " * 5_000,
        "-" * 200,
    ],
    ids=["quote", "or", "near", "comment", "sql", "script", "bidi", "nul", "long", "dashes"],
)
async def test_hostile_queries_are_words(tmp_path: Path, text: str) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("A model is released"))
        answer = await it.get(f"/search?q={quote(text[:3_000])}")
        assert answer.status == 200
        assert "<script" not in answer.text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1 OR 1=1", "²"])
async def test_a_made_up_place_shows_the_first_page(tmp_path: Path, before: str) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("A model is released"))
        page = (await it.get(f"/search?q=model&before={quote(before)}")).page
        assert "model is released" in page.text


async def test_hidden_sources_are_found_with_the_token_only(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/b?token=0123456789abcdef0123456789abcdef", feed("Subscribers only"))
        assert "Nothing was found" in (await it.get("/search?q=subscribers")).page.text
        known = await it.get("/search?q=subscribers", known=True)
        assert "<mark>Subscribers</mark> only" in known.text


def test_words_are_marked_without_case_and_accents() -> None:
    pieces = list(marked("Große MODELLE, kein Grosses model!", [("grosse", False), *HIT]))
    assert [piece.text for piece in pieces if piece.is_hit] == ["Große", "MODELLE", "model"]


@given(st.text(max_size=300), st.lists(st.tuples(st.text(min_size=1, max_size=5), st.booleans())))
def test_marking_loses_nothing(text: str, words: list[tuple[str, bool]]) -> None:
    assert "".join(piece.text for piece in marked(text, words)) == text


@pytest.mark.parametrize("at", [0, 10, 500, 1_990], ids=str)
def test_an_excerpt_is_short_and_has_the_word(at: int) -> None:
    words = ["word"] * 2_000
    words[at] = "models"
    pieces = excerpt(["nothing here", " ".join(words)], HIT)
    assert Piece("models", is_hit=True) in pieces
    assert len("".join(piece.text for piece in pieces)) <= EXCERPT + 40


def test_an_excerpt_of_one_endless_word_is_cut() -> None:
    text = "".join(piece.text for piece in excerpt(["x" * 5_000], HIT))
    assert len(text) <= EXCERPT + 40


def test_an_excerpt_without_the_word_is_how_it_begins() -> None:
    assert excerpt(["Begins so.", "Goes on."], HIT) == [Piece("Begins so.", is_hit=False)]
