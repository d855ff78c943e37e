"""The candidate index finds the stories of these days that share telling words."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import StoryCandidate
from bot.store import story_index
from bot.store.times import to_text

NOON = datetime(2014, 3, 11, 12, tzinfo=UTC)
ENTRY = """
CREATE TABLE entry (id INTEGER PRIMARY KEY, source_id INTEGER, canonical_url TEXT, title TEXT,
                    news_at TEXT, terms TEXT, story_id INTEGER)
"""


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:")
    opened.execute(ENTRY)
    story_index.create(opened)
    yield opened
    opened.close()


def put(
    connection: sqlite3.Connection,
    entry_id: int,
    terms: str,
    *,
    story_id: int | None = None,
    at: datetime = NOON,
    url: str | None = None,
) -> None:
    connection.execute(
        "INSERT INTO entry VALUES (?, 1, ?, ?, ?, ?, ?)",
        (entry_id, url, f"title {entry_id}", to_text(at), terms, story_id or entry_id),
    )
    story_index.add(connection, entry_id, at, terms.split())


def find(
    connection: sqlite3.Connection, terms: str, *, at: datetime = NOON, url: str | None = None
) -> list[StoryCandidate]:
    words = tuple(terms.split())
    weights = dict.fromkeys(words, 1.0)
    lookup = story_index.Lookup(words, weights, at, url)
    return story_index.Finder(connection, [lookup]).candidates(0)


def ids(found: list[StoryCandidate]) -> list[int]:
    return [member.entry_id for member in found]


def test_entry_with_shared_words_is_found_as_it_was_stored(connection: sqlite3.Connection) -> None:
    put(connection, 7, "chiquita fyffes banana", story_id=3, url="https://a.example/1")
    assert find(connection, "chiquita fyffes merger") == [
        StoryCandidate(
            entry_id=7,
            story_id=3,
            source_id=1,
            title="title 7",
            canonical_url="https://a.example/1",
            news_at=NOON,
            terms=("chiquita", "fyffes", "banana"),
        )
    ]


def test_one_shared_word_of_many_is_no_candidate(connection: sqlite3.Connection) -> None:
    put(connection, 1, "chiquita banana")
    assert find(connection, "chiquita opens museum miami beach") == []


def test_one_shared_word_of_a_short_headline_is_one(connection: sqlite3.Connection) -> None:
    put(connection, 1, "popcorn time")
    assert ids(find(connection, "popcorn")) == [1]


@pytest.mark.parametrize("hours", [0, 30, 71, -71])
def test_news_within_three_days_is_found(connection: sqlite3.Connection, hours: int) -> None:
    for day in range(12):  # wherever the spans of the index begin
        at = NOON + timedelta(days=day)
        put(connection, day + 1, f"chiquita fyffes {day}", at=at)
        found = find(connection, f"chiquita fyffes {day}", at=at + timedelta(hours=hours))
        assert day + 1 in ids(found)


def test_news_of_other_weeks_is_not_read(connection: sqlite3.Connection) -> None:
    put(connection, 1, "chiquita fyffes banana")
    assert find(connection, "chiquita fyffes banana", at=NOON + timedelta(days=12)) == []


def test_same_address_is_found_however_old(connection: sqlite3.Connection) -> None:
    put(connection, 1, "chiquita fyffes banana", url="https://a.example/1")
    found = find(connection, "else", at=NOON + timedelta(days=900), url="https://a.example/1")
    assert ids(found) == [1]


def test_story_comes_with_its_newest_members(connection: sqlite3.Connection) -> None:
    for entry_id in range(1, 21):
        put(connection, entry_id, "chiquita fyffes banana", story_id=1)
    newest = list(range(20, 20 - story_index.MAX_MEMBERS, -1))
    assert ids(find(connection, "chiquita fyffes")) == newest


def test_number_of_stories_is_bounded(connection: sqlite3.Connection) -> None:
    for entry_id in range(1, 200):
        put(connection, entry_id, "chiquita fyffes banana")
    assert len(find(connection, "chiquita fyffes banana")) == story_index.MAX_STORIES


def test_words_of_any_script_and_sign_are_found(connection: sqlite3.Connection) -> None:
    put(connection, 1, '人工 工智 4.5 l\'été "or" not*')
    assert ids(find(connection, '人工 4.5 "or"')) == [1]


def test_removed_entry_is_found_no_more(connection: sqlite3.Connection) -> None:
    put(connection, 1, "chiquita fyffes banana")
    put(connection, 2, "chiquita fyffes banana")
    story_index.remove(connection, 1, NOON, ["chiquita", "fyffes", "banana"])
    assert ids(find(connection, "chiquita fyffes")) == [2]


def test_forgetting_drops_old_news_only(connection: sqlite3.Connection) -> None:
    put(connection, 1, "chiquita fyffes banana", at=NOON - timedelta(days=20))
    put(connection, 2, "chiquita fyffes banana", at=NOON)
    assert story_index.forget(connection, NOON - timedelta(days=10)) == 3
    assert find(connection, "chiquita fyffes", at=NOON - timedelta(days=20)) == []
    assert ids(find(connection, "chiquita fyffes", at=NOON)) == [2]


@pytest.mark.parametrize("day", range(7))
def test_forgetting_never_takes_what_is_newer(connection: sqlite3.Connection, day: int) -> None:
    at = NOON + timedelta(days=day)
    put(connection, 1, "chiquita fyffes banana", at=at)
    story_index.forget(connection, at)
    assert ids(find(connection, "chiquita fyffes", at=at)) == [1]


def test_adding_many_equals_adding_each(connection: sqlite3.Connection) -> None:
    rows = [story_index.Row(n, NOON, (f"word{n % 7}", f"other{n % 3}", "same")) for n in range(40)]
    for row in rows:
        story_index.add(connection, *row)
    each = connection.execute("SELECT * FROM story_term ORDER BY 1, 2").fetchall()
    connection.execute("DELETE FROM story_term")
    story_index.add_many(connection, rows)
    assert connection.execute("SELECT * FROM story_term ORDER BY 1, 2").fetchall() == each


def test_word_of_the_day_does_not_hide_a_rare_one(connection: sqlite3.Connection) -> None:
    put(connection, 1, "chiquita fyffes banana today")
    for entry_id in range(2, 400):
        put(connection, entry_id, f"today markets number{entry_id}")
    assert ids(find(connection, "chiquita fyffes today merger"))[0] == 1


def test_recent_terms_come_oldest_first(connection: sqlite3.Connection) -> None:
    put(connection, 1, "one", story_id=1)
    put(connection, 2, "two words", story_id=1)
    put(connection, 3, "three", story_id=3)
    assert story_index.recent_terms(connection, 2) == [(1, ["two", "words"]), (3, ["three"])]


def test_a_word_keeps_its_newest_entries_whatever_their_order(
    connection: sqlite3.Connection,
) -> None:
    most = story_index.MAX_POSTINGS
    for entry_id in (*range(40, 60), *range(1, 20), 39, 59):
        story_index.add(connection, entry_id, NOON, ["chiquita"])
    packed = connection.execute("SELECT entries FROM story_term").fetchone()[0]
    assert story_index.unpacked(packed) == tuple(range(59, 59 - most, -1))


def test_more_words_than_one_statement_takes_are_found(connection: sqlite3.Connection) -> None:
    lookups = []
    for entry_id in range(1, 200):
        terms = tuple(f"word{entry_id}x{n}" for n in range(story_index.MAX_SEARCH_TERMS))
        put(connection, entry_id, " ".join(terms), url=f"https://a.example/{entry_id}")
        lookups.append(story_index.Lookup(terms, dict.fromkeys(terms, 1.0), NOON, None))
    finder = story_index.Finder(connection, lookups)
    assert [ids(finder.candidates(place)) for place in range(199)] == [[n] for n in range(1, 200)]


def test_entries_are_kept_under_their_telling_words(connection: sqlite3.Connection) -> None:
    telling = tuple(f"word{n}" for n in range(story_index.MAX_SEARCH_TERMS))
    weights = {**dict.fromkeys(telling, 3.0), "as": 3.0, "much": 3.0, "less": 2.0, "word": 2.0}
    for entry_id in (1, 2):
        put(connection, entry_id, "")
    lookup = story_index.Lookup(telling, weights, NOON, None)
    finder = story_index.Finder(connection, [lookup, lookup])
    finder.add([1, 2])
    assert ids(find(connection, " ".join(telling[:2]))) == [1, 2]
    assert ids(find(connection, "as much")) == [1, 2]
    assert ids(find(connection, "less word")) == []
    assert ids(find(connection, "as much", at=NOON + timedelta(days=3))) == [1, 2]


def test_an_entry_with_one_telling_word_is_found_by_it(connection: sqlite3.Connection) -> None:
    put(connection, 7, "chiquita")
    weights = {"chiquita": 9.0, "a": 1.0, "b": 1.0, "c": 1.0}
    lookups = [
        story_index.Lookup(tuple(weights), weights, NOON, None),
        story_index.Lookup(tuple(weights), dict.fromkeys(weights, 1.0), NOON, None),
    ]
    finder = story_index.Finder(connection, lookups)
    assert [ids(finder.candidates(place)) for place in (0, 1)] == [[7], []]
