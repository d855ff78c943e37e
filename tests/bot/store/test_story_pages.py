"""Lists of stories: in order, whole over all pages, and of hidden sources nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store import stories, story_details, story_pages
from bot.store.database import Connection
from bot.store.public import Audience
from bot.store.purge import DELETED
from bot.store.story_pages import Place, StoryList, place_from, place_text
from tests.bot.store.stored import add_source, add_story, opened

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANYBODY, ADMIN = Audience(), Audience(everything=True)


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return opened(tmp_path / "t.db")


def paged(page: Callable[[Place | None], StoryList]) -> list[int]:
    """The stories of all pages."""
    seen, place = list[int](), None
    while True:
        found = page(place)
        seen += [story.id for story in found.stories]
        if found.more is None:
            return seen
        place = place_from(place_text(found.more))


def test_newest_stories_come_first_and_each_once(connection: Connection) -> None:
    source = add_source(connection, "a", at=NOON)
    for number in range(1, 24):  # three of each hour, so that places are told apart by number
        add_story(connection, number, [(source, f"S{number}", NOON + number // 3 * HOUR)])
    seen = paged(lambda place: story_pages.newest(connection, ANYBODY, 5, place))
    assert seen == list(range(23, 0, -1))


def test_hidden_sources_tell_nothing_to_the_public(connection: Connection) -> None:
    open_, closed = (
        add_source(connection, "open", at=NOON),
        add_source(connection, "closed", at=NOON, is_public=False),
    )
    add_story(connection, 1, [(closed, "Secret", NOON)])
    add_story(connection, 2, [(closed, "Secret too", NOON), (open_, "Told", NOON + HOUR)])
    found = story_pages.newest(connection, ANYBODY, 5).stories
    assert [(story.title, [one.name for one in story.sources]) for story in found] == [
        ("Told", ["The open"])
    ]
    assert [story.title for story in story_pages.newest(connection, ADMIN, 5).stories] == [
        "Secret too",
        "Secret",
    ]
    assert story_details.page(connection, ANYBODY, 1) is None
    shown = story_details.page(connection, ANYBODY, 2)
    assert shown is not None
    assert shown.hides
    assert [one.title for one in shown.members] == ["Told"]


def test_chat_sources_are_hidden_where_the_settings_say_so(connection: Connection) -> None:
    chat = add_source(connection, "chat", at=NOON, origin="chat")
    add_story(connection, 1, [(chat, "S", NOON)])
    assert story_pages.newest(connection, ANYBODY, 5).stories
    assert not story_pages.newest(connection, Audience(chat_sources=False), 5).stories
    assert story_pages.source(connection, ANYBODY, chat) is not None
    assert story_pages.source(connection, Audience(chat_sources=False), chat) is None
    assert not story_pages.sources_named(connection, Audience(chat_sources=False), most=9)


def test_a_page_ends_early_where_next_to_nothing_may_be_seen(connection: Connection) -> None:
    closed = add_source(connection, "closed", at=NOON, is_public=False)
    open_ = add_source(connection, "open", at=NOON)
    for number in range(1, 30):
        source = open_ if number in (1, 2, 15) else closed
        add_story(connection, number, [(source, f"S{number}", NOON)])

    def page(place: Place | None) -> StoryList:
        return story_pages.newest(connection, ANYBODY, 2, place, most_looked_at=7)

    first = page(None)
    assert first.stories == ()
    assert first.more is not None
    assert paged(page) == [15, 2, 1]


def test_a_deleted_story_is_in_no_list(connection: Connection) -> None:
    source = add_source(connection, "a", at=NOON)
    add_story(connection, 1, [(source, DELETED, NOON)])
    add_story(connection, 2, [(source, DELETED, NOON), (source, "Told again", NOON)])
    assert [one.title for one in story_pages.newest(connection, ANYBODY, 5).stories] == [
        "Told again"
    ]
    assert [one.id for one in story_pages.newest_of(connection, ANYBODY, [source], 5).stories] == [
        2
    ]


def test_stories_of_sources_go_by_when_these_told_them(connection: Connection) -> None:
    wanted, other = add_source(connection, "a", at=NOON), add_source(connection, "b", at=NOON)
    add_story(connection, 1, [(wanted, "One", NOON), (other, "One", NOON + 9 * HOUR)])
    add_story(connection, 2, [(wanted, "Two", NOON + HOUR)])
    add_story(connection, 3, [(other, "Three", NOON + HOUR)])
    found = story_pages.newest_of(connection, ANYBODY, [wanted], 5)
    assert [story.id for story in found.stories] == [2, 1]


def test_sources_are_found_by_their_own_tags(connection: Connection) -> None:
    ai = add_source(connection, "a", at=NOON, tags=("ai", "la%bs"))
    add_source(connection, "b", at=NOON, tags=("ai hardware", "labs"))
    add_source(connection, "c", at=NOON, tags=("secret", "ai"), is_public=False)
    assert story_pages.sources_tagged(connection, ANYBODY, "ai") == [ai]
    assert story_pages.sources_tagged(connection, ANYBODY, "la%bs") == [ai]
    assert story_pages.sources_tagged(connection, ANYBODY, "secret") == []
    assert story_pages.tags(connection, ANYBODY) == ["ai", "ai hardware", "la%bs", "labs"]
    assert "secret" in story_pages.tags(connection, ADMIN)


def test_sources_are_offered_where_they_are_few(connection: Connection) -> None:
    for name in "abc":
        add_source(connection, name, at=NOON)
    offered = story_pages.sources_named(connection, ANYBODY, most=3)
    assert [one.name for one in offered] == ["The a", "The b", "The c"]
    assert story_pages.sources_named(connection, ANYBODY, most=2) == []


@settings(max_examples=30, deadline=None)
@given(
    reports=st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 2), st.integers(0, 5)), max_size=30
    ),
    limit=st.integers(1, 4),
)
def test_every_story_of_the_sources_is_on_one_page(
    tmp_path_factory: pytest.TempPathFactory,
    reports: list[tuple[int, int, int]],
    limit: int,
) -> None:
    path = tmp_path_factory.mktemp("db") / "t.db"
    connection = opened(path)
    numbers = [add_source(connection, name, at=NOON) for name in "abc"]
    for story in sorted({story for story, _, _ in reports}):
        mine = [(numbers[s], f"S{story}", NOON + h * HOUR) for n, s, h in reports if n == story]
        add_story(connection, story, mine)
    chosen = numbers[:2]
    seen = paged(lambda place: story_pages.newest_of(connection, ANYBODY, chosen, limit, place))
    latest = dict[int, int]()
    for story, source, hour in reports:
        if source < 2:
            latest[story] = max(latest.get(story, 0), hour)
    assert seen == sorted(latest, key=lambda one: (latest[one], one), reverse=True)
    connection.close()


def test_long_lists_are_read_from_their_index(connection: Connection) -> None:
    """No sorting and no whole table: a page far down costs what the first does."""
    plans = list[str]()
    connection.set_trace_callback(plans.append)
    story_pages.newest(connection, ANYBODY, 5, Place("2026-03-04T12:00:00.000Z", 9))
    connection.set_trace_callback(None)
    asked = [one for one in plans if "FROM story" in one]
    assert len(asked) == 2
    for one in asked:
        steps = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {one}")]
        assert "SEARCH story USING COVERING INDEX story_news (news_at<?)" in steps
        assert not any(step.startswith("SCAN") or "ORDER BY" in step for step in steps), steps


def test_a_merged_story_leads_on_to_where_it_went(connection: Connection) -> None:
    source = add_source(connection, "a", at=NOON)
    for number in (1, 2, 3):
        add_story(connection, number, [(source, f"S{number}", NOON)])
    stories.absorb(connection, 2, 3)
    stories.absorb(connection, 1, 2)
    assert story_details.merged_into(connection, 3) == 1
    assert story_details.merged_into(connection, 2) == 1
    assert story_details.merged_into(connection, 1) is None
    assert stories.next_id(connection) == 4


@pytest.mark.parametrize(
    "text",
    ["", "~", "x~1", "2026-03-04T12:00:00.000Z~x", "2026-03-04T12:00:00.000Z~-1", "9" * 400 + "~1"],
    ids=["empty", "bare", "no time", "no number", "negative", "long"],
)
def test_a_made_up_place_is_none(text: str) -> None:
    assert place_from(text) is None
