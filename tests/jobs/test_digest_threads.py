"""Digests of discussions: measured again, read whole, each thread told once, late risers too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.digests.community import CommunityDigest
from bot.digests.kind import DigestOptions
from bot.digests.material import Period
from bot.posts.filters import compile_filter
from bot.store import digests, stars, submissions
from bot.store.stars import StarRow
from bot.store.subscriptions import DeclaredSubscription
from bot.thread_model import Comment, Submission, SubmissionState, Thread
from jobs.digest_material import DigestWish
from jobs.maintain import MaintainJob
from tests.fakes.platform import FakePlatform
from tests.jobs.newsroom import Newsroom, item, newsroom
from tests.jobs.test_measure import everything, poll, started, submitted

SUB = "https://www.reddit.com/r/boats/.rss"
DAILY = DeclaredSubscription(
    channel="fake:a", sources=(SUB,), post="community", schedule="0 9 * * *", timezone="UTC"
)
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Site:
    """A discussion site: what it says of submissions, and their comments."""

    def __init__(self) -> None:
        self.scores: dict[str, int] = {}
        self.states: dict[str, SubmissionState] = {}
        self.asked: list[str] = []
        self.read: list[str] = []
        self.comments = 6
        self.while_reading: Callable[[], Awaitable[None]] | None = None

    async def measure(self, fullnames: Sequence[str]) -> tuple[Submission, ...]:
        self.asked += fullnames
        return tuple(self.submission(name) for name in fullnames if name in self.scores)

    def submission(self, name: str) -> Submission:
        return Submission(
            fullname=name,
            permalink=self.permalink(name),
            place="r/boats",
            score=self.scores[name],
            num_comments=self.comments,
            state=self.states.get(name, SubmissionState.LIVE),
            measured_at=AT,
        )

    def permalink(self, name: str) -> str:
        return f"https://www.reddit.com/r/boats/comments/{name}/_/"

    def recognises(self, url: str) -> bool:
        return url.startswith("https://www.reddit.com/r/boats/comments/")

    async def read_thread(self, url: str) -> Thread:
        self.read.append(url)
        if self.while_reading is not None:
            await self.while_reading()
        name = url.split("/")[6]
        return Thread(
            kind="reddit",
            id=name,
            title=f"Thread {name}",
            url=url,
            score=self.scores[name],
            num_comments=self.comments,
            comments=tuple(
                Comment(
                    id=f"{name}c{number}",
                    text=f"The keel of boat number {number} is too heavy for this harbour.",
                    author=f"sailor{number}",
                    permalink=f"{url}{name}c{number}/",
                )
                for number in range(self.comments)
            ),
        )


async def submit(room: Newsroom, site: Site, name: str, title: str, score: int) -> None:
    """One new submission, as a poll brings it."""
    site.scores[name] = score
    entry = item(name, title, url=site.permalink(name))
    await room.publish(SUB, entry)
    (story,) = [story for story in await room.stories() if story.title == title]
    await room.database.write(submissions.put, story.entries[0].id, site.submission(name))


async def latest(room: Newsroom) -> CommunityDigest:
    stored = await room.database.read(digests.listed)
    return CommunityDigest.model_validate_json(stored[0].result)


async def test_threads_are_measured_read_and_ranked(tmp_path: Path) -> None:
    site = Site()
    async with newsroom(tmp_path, discussions=[site], meter=site) as room:
        await room.declare([SUB], [DAILY])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of lead", 3)
        await submit(room, site, "bb", "Anchors of iron", 5)
        site.scores["aa"] = 40
        room.clock.advance(days=1)
        await room.digests.run()
        await room.post()
        made = await latest(room)
        assert [(one.title, one.score) for one in made.items] == [
            ("Keels of lead", 40),
            ("Anchors of iron", 5),
        ]
        assert made.measured_at == AT
        detail = made.items[0].detail
        assert detail is not None
        assert detail.read == 6
        assert [post.kind for _, _, post in room.platform.posts] == ["digest"]


async def test_what_was_deleted_is_not_told(tmp_path: Path) -> None:
    site = Site()
    async with newsroom(tmp_path, discussions=[site], meter=site) as room:
        await room.declare([SUB], [DAILY])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of lead", 3)
        await submit(room, site, "bb", "Anchors of iron", 5)
        site.states["bb"] = SubmissionState.DELETED
        room.clock.advance(days=1)
        await room.digests.run()
        assert [one.title for one in (await latest(room)).items] == ["Keels of lead"]


async def test_a_late_riser_is_picked_up_once_and_marked(tmp_path: Path) -> None:
    site = Site()
    wish = replace(DAILY, min_score=10)
    async with newsroom(tmp_path, discussions=[site], meter=site) as room:
        await room.declare([SUB], [wish])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of lead", 3)
        await submit(room, site, "bb", "Anchors of iron", 50)
        room.clock.advance(days=1)
        await room.digests.run()
        assert [one.title for one in (await latest(room)).items] == ["Anchors of iron"]
        site.scores["aa"] = 90
        await submit(room, site, "cc", "Sails of silk", 60)
        room.clock.advance(days=1)
        await room.digests.run()
        second = await latest(room)
        assert [(one.title, one.is_moving) for one in second.items] == [
            ("Keels of lead", True),
            ("Sails of silk", False),
        ]
        await submit(room, site, "dd", "Oars of oak", 60)
        room.clock.advance(days=1)
        await room.digests.run()
        assert [one.title for one in (await latest(room)).items] == ["Oars of oak"]


async def test_what_a_digest_had_no_room_for_is_told_when_it_rises(tmp_path: Path) -> None:
    site = Site()
    async with newsroom(
        tmp_path, discussions=[site], meter=site, digest_options=DigestOptions(max_items=1)
    ) as room:
        await room.declare([SUB], [DAILY])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of lead", 30)
        await submit(room, site, "bb", "Anchors of iron", 50)
        room.clock.advance(days=1)
        await room.digests.run()
        assert [one.title for one in (await latest(room)).items] == ["Anchors of iron"]
        await submit(room, site, "cc", "Sails of silk", 40)
        room.clock.advance(days=1)
        await room.digests.run()
        assert [one.title for one in (await latest(room)).items] == ["Sails of silk"]
        site.scores["aa"] = 90
        await submit(room, site, "dd", "Oars of oak", 60)
        room.clock.advance(days=1)
        await room.digests.run()
        assert [(one.title, one.is_moving) for one in (await latest(room)).items] == [
            ("Keels of lead", True)
        ]


async def test_an_unchanged_thread_is_summarised_once(tmp_path: Path) -> None:
    site = Site()
    async with newsroom(tmp_path, discussions=[site], meter=site) as room:
        url = site.permalink("aa")
        site.scores["aa"] = 3
        desk = room.discussions
        first = await desk.read(url)
        site.scores["aa"] = 9
        again = await desk.read(url)
        assert again.summary.score == 9
        assert again.summary.points == first.summary.points
        stored = await room.database.read(
            lambda connection: connection.execute("SELECT made_at FROM thread_summary").fetchall()
        )
        assert len(stored) == 1


async def test_a_late_edit_makes_a_revision_and_edits_the_post(tmp_path: Path) -> None:
    site = Site()
    async with newsroom(tmp_path, discussions=[site], meter=site) as room:
        await room.declare([SUB], [DAILY])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of lead", 3)
        room.clock.advance(days=1)
        await room.digests.run()
        await room.post()
        room.clock.advance(hours=1)
        await room.publish(SUB, item("aa", "Keels of lead and steel", url=site.permalink("aa")))
        await room.digests.run()
        await room.digests.run()
        await room.post()
        (stored,) = await room.database.read(digests.listed)
        assert stored.revision == 2
        assert [post.kind for _, _, post in room.platform.posts] == ["digest"]
        (edited,) = room.platform.edits
        assert "Keels of lead and steel" in edited[1].document


async def test_what_is_deleted_while_a_digest_is_made_goes_with_its_next_revision(
    tmp_path: Path,
) -> None:
    site = Site()
    async with newsroom(tmp_path, discussions=[site], meter=site) as room:
        await room.declare([SUB], [DAILY])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of lead", 3)
        await submit(room, site, "bb", "Anchors of iron", 5)
        room.clock.advance(days=1)

        async def deleted_meanwhile() -> None:
            room.clock.advance(minutes=1)
            site.states["aa"] = SubmissionState.DELETED
            await room.ingest.measured(["aa"], [site.submission("aa")])
            room.clock.advance(minutes=1)

        site.while_reading = deleted_meanwhile
        await room.digests.run()
        site.while_reading = None
        await room.post()
        await room.digests.run()
        await room.post()
        assert [one.title for one in (await latest(room)).items] == ["Anchors of iron"]
        (edited,) = room.platform.edits
        assert "Keels of lead" not in edited[1].document


@pytest.mark.parametrize("can_edit", [True, False])
@pytest.mark.parametrize("state", ["active", "removed"])
async def test_words_deleted_days_later_go_from_old_digests(
    tmp_path: Path, can_edit: bool, state: str
) -> None:
    site = Site()
    platform = FakePlatform(can_edit=can_edit)
    async with newsroom(tmp_path, platform, discussions=[site], meter=site) as room:
        await room.declare([SUB], [DAILY])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await submit(room, site, "aa", "Keels of xylophonists", 3)
        await submit(room, site, "bb", "Anchors of iron", 5)
        room.clock.advance(days=1)
        await room.digests.run()
        await room.post()
        if state == "removed":
            await room.declare([SUB], [])
        room.clock.advance(days=5)
        site.states["aa"] = SubmissionState.DELETED
        await room.ingest.measured(["aa"], [site.submission("aa")])
        await room.digests.run()
        await room.post()
        assert "xylophonists" not in await room.database.read(everything)
        is_edited = can_edit and state == "active"
        assert [post.kind for _, post in platform.edits] == ["digest"] * is_edited


async def test_a_digest_is_the_same_when_its_texts_had_to_go(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        code = 'The code is at <a href="https://github.com/boats/keel">the usual place</a>.'
        address = "https://paper.example/keels"
        await poll(room, submitted("a", "Keels", room.clock.now(), text=code, url=address))
        now = room.clock.now()
        wish = DigestWish(
            kind="roundup",
            name="Boats",
            scope="on demand",
            sources=("r/sample",),
            source_ids=(1,),
            period=Period(since=now - timedelta(hours=1), until=now + timedelta(hours=1)),
            language="en",
            chosen=compile_filter(),
            by="news",
        )
        first = await room.maker.make(wish)
        room.clock.advance(hours=49)
        maintain = MaintainJob(room.database, room.clock, keep_text_s=48 * 3_600)
        assert await maintain.forget() == 2
        again = await room.maker.make(wish)
        assert (again.stored.revision, again.record) == (1, first.record)
        edited = submitted("a", "Keels", now, text=f"{code} It was made by hand.", url=address)
        await poll(room, edited)
        assert (await room.maker.make(wish)).stored.revision == 2


async def test_a_star_makes_a_pick_of_the_roundup(tmp_path: Path) -> None:
    wish = replace(DAILY, post="roundup")
    async with newsroom(tmp_path) as room:
        await room.declare([SUB], [wish])
        await room.digests.run()
        await room.publish(SUB)
        room.clock.advance(hours=1)
        await room.publish(SUB, item("x", "A lighthouse is restored", url="https://sea.example/x"))
        (story,) = [one for one in await room.stories() if one.title.startswith("A lighthouse")]
        star = StarRow(story.id, "fake:1", "Ada", "fake:a", "Saw it myself.", room.clock.now())
        assert await room.database.write(stars.put, star)
        assert not await room.database.write(stars.put, star)
        room.clock.advance(days=1)
        await room.digests.run()
        await room.post()
        document = room.platform.posts[0][2].document
        assert "### :star: sea.example: [A lighthouse is restored]" in document
        assert "**Comment**: Saw it myself. — **Ada**" in document
        assert "*Picked:* starred by Ada" in document
