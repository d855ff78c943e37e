"""Search: what may be seen is found, whole over all pages, and any query is safe."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import digests
from bot.store.database import Connection
from bot.store.digests import NewDigest, StoredDigest
from bot.store.public import Audience
from bot.store.purge import DELETED
from bot.store.search import SearchQuery
from bot.store.search_pages import MOST_LOOKED_AT, asked, find_digests, find_stories, words_of
from tests.bot.store.stored import add_source, add_story, opened

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANYBODY, ADMIN = Audience(), Audience(everything=True)
SYNTAX = "\"()*:^{}-+'%_\\\0;,é"


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return opened(tmp_path / "t.db")


def wanted(text: str) -> SearchQuery:
    query = asked(text)
    assert query is not None
    return query


def stories(
    connection: Connection, text: str, audience: Audience = ANYBODY, limit: int = 5
) -> list[int]:
    """The stories that are found, over all pages."""
    seen, before = list[int](), None
    while True:
        found = find_stories(connection, audience, wanted(text), limit, before)
        seen += [hit.story.id for hit in found.hits]
        if found.more is None:
            return seen
        before = found.more


def keep(connection: Connection, text: str, *, day: int = 1, is_public: bool = True) -> int:
    return kept(connection, text, day=day, is_public=is_public).id


def kept(connection: Connection, text: str, *, day: int, is_public: bool = True) -> StoredDigest:
    made = NewDigest(
        kind="community",
        scope="s",
        since=NOON + day * DAY,
        until=NOON + (day + 1) * DAY,
        fingerprint=text,
        result=json.dumps({"title": text, "url": "https://address.example/"}),
        is_public=is_public,
    )
    return digests.keep(connection, made, [], NOON)


def found_digests(connection: Connection, text: str, audience: Audience = ANYBODY) -> list[int]:
    return [hit.id for hit in find_digests(connection, audience, wanted(text), 10).hits]


def test_the_newest_finds_come_first_and_each_story_once(connection: Connection) -> None:
    a, b = add_source(connection, "a", at=NOON), add_source(connection, "b", at=NOON)
    for number in range(1, 13):
        add_story(connection, number, [(a, f"Model {number}", NOON), (b, "A model", NOON)])
    add_story(connection, 13, [(a, "Else", NOON)])
    assert stories(connection, "model") == list(range(12, 0, -1))


def test_a_story_found_above_is_not_found_again_below(connection: Connection) -> None:
    source = add_source(connection, "a", at=NOON)
    add_story(connection, 1, [(source, "Model one", NOON)])
    add_story(connection, 2, [(source, "Model two", NOON)])
    connection.execute("UPDATE entry SET story_id = 1 WHERE story_id = 2")
    add_story(connection, 3, [(source, "Model three", NOON)])
    connection.execute("UPDATE entry SET story_id = 1 WHERE story_id = 3")
    add_story(connection, 4, [(source, "Model four", NOON)])
    assert stories(connection, "model", limit=1) == [4, 1]


def test_hidden_and_deleted_entries_are_not_found(connection: Connection) -> None:
    open_ = add_source(connection, "open", at=NOON)
    closed = add_source(connection, "closed", at=NOON, is_public=False)
    add_story(connection, 1, [(closed, "Model behind a key", NOON)])
    add_story(connection, 2, [(open_, DELETED, NOON)])
    add_story(connection, 3, [(open_, "Plain", NOON), (closed, "Model there", NOON)])
    assert stories(connection, "model") == []
    assert stories(connection, "deleted") == []
    assert stories(connection, "model", ADMIN) == [3, 1]


def test_words_that_belong_together_are_found_together(connection: Connection) -> None:
    source = add_source(connection, "a", at=NOON)
    add_story(connection, 1, [(source, "gpt beats 4 rivals", NOON)])
    add_story(connection, 2, [(source, "GPT-4 arrives", NOON)])
    assert stories(connection, "gpt-4") == [2]
    assert stories(connection, '"beats 4"') == [1]


def test_a_page_ends_early_where_much_had_to_be_looked_at(connection: Connection) -> None:
    source = add_source(connection, "a", at=NOON)
    add_story(connection, 1, [(source, "The black swan", NOON)])
    filler = [(source, f"swan {number} black", NOON) for number in range(MOST_LOOKED_AT)]
    add_story(connection, 2, filler)
    first = find_stories(connection, ANYBODY, wanted('"black swan"'), 5)
    assert first.hits == ()
    assert first.more is not None
    rest = find_stories(connection, ANYBODY, wanted('"black swan"'), 5, first.more)
    assert [hit.story.id for hit in rest.hits] == [1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Llama mo", [("Llama", True), ("mo", False)]),
        ('"deep learning" a', [("deep", False), ("learning", False), ("a", False)]),
        ("gpt-4", [("gpt", False), ("4", False)]),
    ],
    ids=["beginnings", "phrase", "joined"],
)
def test_short_beginnings_are_taken_for_words(text: str, words: list[tuple[str, bool]]) -> None:
    assert words_of(wanted(text)) == words


@pytest.mark.parametrize("text", ["", "  ", '"', "-- !", "*"], ids=repr)
def test_nothing_to_look_for_is_none(text: str) -> None:
    assert asked(text) is None


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from((*SYNTAX, "NEAR", "AND", "NOT", "OR", "title:", "x" * 300, "模型")),
            max_size=40,
        ).map(" ".join),
    )
)
def test_any_query_is_safe(connection: Connection, text: str) -> None:
    query = asked(text)
    if query is not None:
        find_stories(connection, ANYBODY, query, 5)
        find_digests(connection, ANYBODY, query, 5)


def test_digests_are_found_as_they_stand_now(connection: Connection) -> None:
    number = keep(connection, "Grüne models arrive")
    assert found_digests(connection, "grune arrive") == [number]
    assert found_digests(connection, "address") == []
    assert keep(connection, "Blue ones leave") == number
    assert found_digests(connection, "grune") == []
    assert found_digests(connection, "blue") == [number]
    digests.drop(connection, number)
    assert found_digests(connection, "blue") == []


def test_private_and_outdated_digests_are_not_found(connection: Connection) -> None:
    private = keep(connection, "Models here", is_public=False)
    outdated = keep(connection, "Models there", day=3)
    connection.execute("UPDATE digest SET fingerprint = '' WHERE id = ?", (outdated,))
    assert found_digests(connection, "models") == []
    assert found_digests(connection, "models", ADMIN) == [private]


def test_digests_go_on_where_a_page_ended(connection: Connection) -> None:
    made = [keep(connection, f"Model {day}", day=2 * day) for day in range(5)]
    first = find_digests(connection, ANYBODY, wanted("model"), 3)
    rest = find_digests(connection, ANYBODY, wanted("model"), 3, first.more)
    assert [hit.id for hit in (*first.hits, *rest.hits)] == made[::-1]
    assert rest.more is None
