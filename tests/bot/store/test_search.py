"""Search: a person's words, whatever they are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import stories
from bot.store.search import search_query
from tests.jobs.newsroom import Newsroom, item, newsroom

ONE = "https://one.example/feed"
TITLES = (
    "GPT-4.5 is slower than GPT-4",
    "O'Brien leaves the laboratory",
    "100% of the cranes_stopped again",
    "Déjà vu in São Paulo",
    "A model of open weights",
)


async def _titles(room: Newsroom, query: str) -> set[str]:
    since = room.clock.now() - timedelta(days=1)
    return {story.title for story in await room.database.read(stories.search, query, since)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("gpt-4.5", {TITLES[0]}),
        ("o'brien", {TITLES[1]}),
        ('"open weights"', {TITLES[4]}),
        ('"weights open"', set()),
        ("weights open", {TITLES[4]}),
        ("labora", {TITLES[1]}),
        ("deja sao", {TITLES[3]}),
        ("100%", {TITLES[2]}),
        ("cranes_stopped", {TITLES[2]}),
        ("cranes-stopped", set()),
        ("nothing of this", set()),
        ('" * ( AND', set()),
    ],
)
async def test_words_find_the_stories_that_have_them(
    tmp_path: Path, query: str, found: set[str]
) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        await room.publish(ONE, *(item(title, title, text="<p>.</p>") for title in TITLES))
        assert await _titles(room, "laboratory") == set()
        await room.ingest.index()
        assert await _titles(room, query) == found


async def test_an_edited_entry_is_found_by_its_new_words_only(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        await room.publish(ONE, item("a", "Fourteen cranes stopped", text="<p>.</p>"))
        await room.ingest.index()
        room.clock.advance(hours=1)
        await room.publish(ONE, item("a", "Fifteen cranes stopped", text="<p>.</p>"))
        assert await _titles(room, "fourteen") == set()
        assert await _titles(room, "fifteen") == {"Fifteen cranes stopped"}


@given(st.text(max_size=60))
def test_no_words_reach_the_index_as_syntax(query: str) -> None:
    wanted = search_query(query)
    if wanted is not None:
        assert all(
            part.strip("*").startswith('"') and part.strip("*").endswith('"')
            for part in wanted.match.split(" AND ")
        )
