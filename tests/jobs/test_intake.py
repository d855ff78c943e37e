"""One document's new entries: what they join, what they begin, and that all of them are stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.ingest.cluster import StoryMatcher
from bot.ingest.prepare import prepare
from bot.ingest.reconcile import NewEntry, Standing
from bot.model import Entry, RawEntry
from bot.store import sources, stories
from bot.store.database import Connection
from bot.store.subscriptions import DeclaredSubscription
from jobs.intake import Intake
from tests.jobs.newsroom import Newsroom, item, newsroom

ONE = "https://one.example/feed"
TWO = "https://two.example/feed"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


async def _members(room: Newsroom) -> list[list[str]]:
    """The guids of each story's entries, in the order in which stories and entries came."""
    found = sorted(await room.stories(), key=lambda story: story.id)
    return [[entry.guid for entry in story.entries] for story in found]


async def test_two_entries_of_a_document_at_one_address_are_one_story(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        report = await room.publish(
            ONE,
            item("a", "Fyffes and Chiquita merge", url="https://site.example/merger"),
            item("b", "Glaciers melt in Norway"),
            item("c", "Fyffes, Chiquita merge at last", url="https://site.example/merger"),
        )
        assert (report.new, report.merged) == (3, 1)
        assert await _members(room) == [["a", "c"], ["b"]]


async def test_entries_of_a_document_never_find_each_other_by_their_words(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE, TWO], [])
        await room.publish(
            ONE,
            item("a", "Fyffes and Chiquita merge into banana giant"),
            item("b", "Chiquita and Fyffes merge into banana giant"),
        )
        assert await _members(room) == [["a"], ["b"]]
        title = "Fyffes and Chiquita merge into banana giant"
        report = await room.publish(TWO, item("c", title, url="https://two.example/c"))
        assert report.merged == 1


async def test_a_document_joins_the_stories_of_another_one(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([ONE, TWO], [])
        titles = ["Fyffes and Chiquita merge", "Glaciers melt in Norway", "Popcorn Time closes"]
        for url, name in ((ONE, "one"), (TWO, "two")):
            await room.publish(
                url,
                *(
                    item(f"{name}{n}", title, url=f"https://{name}.example/{n}")
                    for n, title in enumerate(titles)
                ),
            )
        assert await _members(room) == [[f"one{n}", f"two{n}"] for n in range(3)]
        assert [len(story.entries) for story in await room.stories()] == [2, 2, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Ferry Aurora runs aground off northern Norway with eighty on board, harbour closed",
            "Harbour closed as ferry Aurora with eighty on board runs aground off northern Norway",
        ),
        (
            "Northlight shows Polaris translation glasses, whisper captions, museum guide, concert"
            " lyrics, lecture notes, sign language, recipe reading and braille printing",
            "Braille printing, recipe reading, sign language, lecture notes, concert lyrics, museum"
            " guide and whisper captions: Northlight shows Polaris translation glasses",
        ),
        (
            "北の港で貨物船が座礁し乗組員全員を救助、油の流出は確認されず",
            "油の流出は確認されず 北の港で貨物船が座礁し乗組員全員を救助",
        ),
    ],
)
async def test_a_young_store_knows_news_again_in_another_order(
    tmp_path: Path, one: str, other: str
) -> None:
    """Where no word is rarer than another, which ones come first in a headline tells nothing."""
    async with newsroom(tmp_path) as room:
        await room.declare([ONE, TWO], [])
        await room.publish(ONE, item("a", one, url="https://one.example/a"))
        await room.publish(TWO, item("b", other, url="https://two.example/b"))
        assert await _members(room) == [["a", "b"]]


async def test_an_id_that_is_taken_gets_replaced_and_no_entry_is_lost(tmp_path: Path) -> None:
    entries = [_entry("same", f"Report number {n}") for n in range(3)] + [_entry("own", "Other")]

    def take(connection: Connection, source_id: int) -> list[str]:
        source = next(each for each in sources.listed(connection) if each.id == source_id)
        intake = Intake(connection, source, StoryMatcher(), NOW)
        intake.take([_new(entry) for entry in entries])
        rows = connection.execute("SELECT guid, title FROM entry ORDER BY id").fetchall()
        assert [row["title"] for row in rows] == [entry.title for entry in entries]
        return [row["guid"] for row in rows]

    async with newsroom(tmp_path) as room:
        await room.declare([ONE], [])
        source = await room.source(ONE)
        guids = await room.database.write(take, source.id)
    assert guids[0] == "same"
    assert guids[1:3] == [f"same#{entry.content_hash}" for entry in entries[1:3]]
    assert guids[3] == "own"


def _entry(guid: str, title: str) -> Entry:
    return prepare(RawEntry(guid=guid, url=f"https://site.example/{title[-1]}", title=title))


def _new(entry: Entry) -> NewEntry:
    return NewEntry(entry=entry, news_at=NOW, standing=Standing.NEWS, reason="first seen")


@pytest.mark.parametrize("survivor", ["told", "waiting"])
async def test_stories_that_become_one_are_told_once(tmp_path: Path, survivor: str) -> None:
    async with newsroom(tmp_path, first_posts=0) as room:
        await room.declare([ONE], [DeclaredSubscription(channel="fake:a", sources=(ONE,))])
        await room.publish(ONE)
        await room.publish(ONE, item("a", "The anchor was found"))
        await room.post()
        room.clock.advance(minutes=10)
        await room.publish(ONE, item("b", "A beacon for the harbour"))
        told, waiting = sorted(story.id for story in await room.stories())
        kept, other = (told, waiting) if survivor == "told" else (waiting, told)
        await room.database.write(stories.absorb, kept, other)
        await room.post()
        assert room.platform.titles() == ["The anchor was found"]
