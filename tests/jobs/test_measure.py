"""Submissions measured again: late risers are posted once, deleted words go everywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import DeliveryError, SourceError
from bot.ingest.prepare import prepare
from bot.model import ArticleSummary, DeliveryState, Entry, RawEntry
from bot.ports import PollResult
from bot.store import outbox, predictions, stories, submissions
from bot.store.database import Connection
from bot.store.predictions import PredictionRow
from bot.store.subscriptions import DeclaredSubscription
from bot.thread_model import Submission, SubmissionState, Trait
from jobs.maintain import MaintainJob
from jobs.measure import MeasureJob
from tests.fakes.platform import FakePlatform
from tests.jobs.newsroom import Newsroom, item, newsroom

SUB = "https://reddit.example/r/sample"


@dataclass
class FakeMeter:
    """Implements `bot.ports.SubmissionMeter` with what it was told."""

    known: dict[str, Submission] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    failure: SourceError | None = None

    async def measure(self, fullnames: Sequence[str]) -> tuple[Submission, ...]:
        self.asked.append(list(fullnames))
        if self.failure:
            raise self.failure
        return tuple(self.known[name] for name in fullnames if name in self.known)


def submitted(number: str, title: str, at: datetime, **fields: Any) -> Entry:
    """A text submission as a poll brings it."""
    permalink = f"https://www.reddit.com/r/sample/comments/{number}/words_of_the_title/"
    text = fields.pop("text", f"The body of {title} says something that people may delete later.")
    made = Submission(
        fullname=f"t3_{number}",
        permalink=permalink,
        place="r/sample",
        author="poster",
        score=fields.pop("score", 5),
        num_comments=2,
        measured_at=at,
    )
    raw = RawEntry(
        guid=f"t3_{number}",
        url=fields.pop("url", permalink),
        title=title,
        author="poster",
        published_at=at,
        html=f"<p>{text}</p>",
        comments_url=permalink,
    )
    return prepare(raw)._replace(submission=replace(made, **fields))


def wish(**fields: Any) -> DeclaredSubscription:
    made: dict[str, Any] = {
        "channel": "fake:1",
        "sources": (SUB,),
        "post": "instant",
        "schedule": None,
        "timezone": "UTC",
        "language": "en",
        "min_score": 0,
        "include": (),
        "exclude": (),
        "languages": (),
    }
    return DeclaredSubscription(**(made | fields))


async def poll(room: Newsroom, *entries: Entry) -> None:
    source = await room.source(SUB)
    result = PollResult(entries=entries, fetch_url=source.fetch_url, title="r/sample")
    await room.ingest.polled(source, result)


async def started(room: Newsroom, **fields: Any) -> None:
    """A subscription that has begun: what comes now is news to it."""
    await room.declare([SUB], [wish(**fields)])
    await poll(room, submitted("old", "Something from before it began", room.clock.now()))
    room.clock.advance(minutes=1)


def measuring(room: Newsroom, meter: FakeMeter | None = None) -> tuple[MeasureJob, FakeMeter]:
    meter = meter or FakeMeter()
    return MeasureJob(room.database, meter, room.ingest, room.clock), meter


def remember(room: Newsroom, meter: FakeMeter, entry: Entry, **fields: Any) -> None:
    """What the site will say of a submission from now on."""
    assert entry.submission is not None
    now = replace(entry.submission, measured_at=room.clock.now(), **fields)
    meter.known[now.fullname] = now


async def test_a_late_riser_is_posted_once_and_marked(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room, min_score=50)
        entry = submitted("a", "A model that nobody noticed", room.clock.now())
        await poll(room, entry)
        await room.post()
        assert room.platform.titles() == []
        job, meter = measuring(room)
        for score in (20, 80, 300):
            room.clock.advance(minutes=20)
            remember(room, meter, entry, score=score)
            await job.run()
            await room.post()
        assert room.platform.titles() == ["A model that nobody noticed"]
        shown = room.platform.posts[0][2].model_dump_json()
        assert "80 points" in shown
        assert "rising" in shown
        told = [row for row in await room.deliveries() if row.state is DeliveryState.SENT]
        assert [row.rule for row in told] == ["risen"]
        steps = await room.database.read(outbox.attempts, told[0].id)
        assert steps[0][1:] == ("risen", "rose to score 80, reaching min_score 50")


async def test_a_riser_is_also_seen_by_a_poll(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room, min_score=50)
        entry = submitted("a", "A model that nobody noticed", room.clock.now())
        await poll(room, entry)
        assert entry.submission is not None
        risen = entry._replace(submission=replace(entry.submission, score=99))
        await poll(room, risen)
        await poll(room, risen)
        await room.post()
        assert room.platform.titles() == ["A model that nobody noticed"]


async def test_a_riser_that_another_filter_stops_stays_unposted(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room, min_score=50, exclude=("noticed",))
        entry = submitted("a", "A model that nobody noticed", room.clock.now(), score=3)
        await poll(room, entry)
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, score=500)
        await job.run()
        await room.post()
        assert room.platform.titles() == []


@pytest.mark.parametrize(
    ("fields", "filters", "is_posted"),
    [
        ({"flair": "Research"}, {"include": ("research",)}, True),
        ({"flair": "Meme"}, {"include": ("research",)}, False),
        ({"flair": "Meme"}, {"exclude": ("meme",)}, False),
        ({"traits": (Trait.NSFW,)}, {"exclude": ("nsfw",)}, False),
        ({"score": 49}, {"min_score": 50}, False),
        ({"score": 50}, {"min_score": 50}, True),
        ({"score": None}, {"min_score": 50}, True),
        ({"traits": (Trait.STICKIED,)}, {}, False),
    ],
    ids=str,
)
async def test_filters_see_flair_score_and_pins(
    tmp_path: Path, fields: dict[str, Any], filters: dict[str, Any], is_posted: bool
) -> None:
    async with newsroom(tmp_path) as room:
        await started(room, **filters)
        platform_before = len(room.platform.posts)
        await poll(room, submitted("a", "A post like any other one", room.clock.now(), **fields))
        await room.post()
        titles = room.platform.titles()[platform_before:]
        assert ("A post like any other one" in titles) is is_posted


async def test_the_first_post_of_a_subscription_is_no_pinned_one(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([SUB], [wish()])
        now = room.clock.now()
        await poll(
            room,
            submitted("pin", "Rules of the place", now, traits=(Trait.STICKIED,)),
            submitted("new", "What is new in it", now - timedelta(hours=1)),
        )
        await room.post()
        assert room.platform.titles() == ["What is new in it"]


async def test_the_young_are_measured_more_often(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        now = room.clock.now()
        ages = {"hour": 1, "five": 5, "day": 23, "twodays": 47, "ancient": 60}
        meter = FakeMeter()
        for name, hours in ages.items():
            entry = submitted(name, f"Title of {name} {hours}", now - timedelta(hours=hours))
            assert entry.submission is not None
            fresh = entry._replace(submission=replace(entry.submission, measured_at=now))
            await poll(room, fresh)
            meter.known[fresh.guid] = replace(entry.submission, measured_at=now)
        job, _ = measuring(room, meter)
        assert await job.run() == 0
        seen: dict[str, int] = {}
        for minutes in range(0, 7 * 60, 5):
            room.clock.at = now + timedelta(minutes=minutes)
            meter.known = {
                name: replace(one, measured_at=room.clock.now())
                for name, one in meter.known.items()
            }
            meter.asked.clear()
            await job.run()
            for name in (one for batch in meter.asked for one in batch):
                seen[name.removeprefix("t3_")] = seen.get(name.removeprefix("t3_"), 0) + 1
    assert seen["hour"] > seen["five"] > seen["day"] > 0
    assert "ancient" not in seen


async def test_what_the_site_no_longer_knows_is_not_asked_for_again_and_again(
    tmp_path: Path,
) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        assert await job.run() == 1
        assert await job.run() == 0
        assert meter.asked == [["t3_old"]]


async def test_a_site_that_does_not_answer_is_asked_at_the_next_tick(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        meter.failure = SourceError("Reddit asks for a pause (429)")
        assert await job.run() == 0
        meter.failure = None
        assert await job.run() == 1


def everything(connection: Connection) -> str:
    """All text in the database that is not its schema, and what the search index finds."""
    names = [
        row["name"]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%@_search%'"
            " ESCAPE '@'"
        )
    ]
    rows = [
        list(dict(row).values())
        for name in names
        for row in connection.execute(f"SELECT * FROM {name}")
    ]
    return json.dumps(rows, default=str)


@pytest.mark.parametrize("state", [SubmissionState.DELETED, SubmissionState.REMOVED])
async def test_deleted_words_are_nowhere_afterwards(tmp_path: Path, state: SubmissionState) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        entry = submitted(
            "a", "Confession of xylophonist", room.clock.now(), text="I am quuxbar, and I did it."
        )
        await poll(room, entry)
        edited = submitted(
            "a", "Confession of xylophonist", room.clock.now(), text="I am quuxbar, it was me."
        )
        await poll(room, edited)
        await room.post()
        while await room.ingest.index():
            pass
        at = room.clock.now() - timedelta(days=1)
        assert len(await room.database.read(stories.search, "quuxbar", at)) == 1
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=state, author=None)
        await job.run()
        assert await room.database.read(stories.search, "quuxbar", at) == []
        assert await room.database.read(stories.search, "xylophonist", at) == []
        await room.post()
        left = await room.database.read(everything)
        for words in ("quuxbar", "xylophonist", "/comments/a/words"):
            assert words not in left
        kept = await room.database.read(submissions.of_entry, 2)
        assert kept is not None
        assert (kept.author, kept.state, kept.score) == (None, state, 5)
        post = room.platform.edits[-1][1]
        assert (post.title, post.struck) == ("A post in r/sample", True)
        assert f"{state.value.capitalize()} by" in post.model_dump_json()


async def test_what_waits_to_be_posted_is_posted_no_more(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        entry = submitted("a", "Confession of xylophonist", room.clock.now())
        await poll(room, entry)
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        assert "Confession of xylophonist" not in room.platform.titles()
        assert [row.reason for row in await room.deliveries() if row.rule == "deleted"] == [
            "it was deleted where it was posted"
        ]


async def test_a_story_that_others_tell_is_told_in_their_words(tmp_path: Path) -> None:
    other = "https://paper.example/feed"
    async with newsroom(tmp_path) as room:
        await room.declare([SUB, other], [wish(sources=(SUB, other))])
        address = "https://paper.example/story"
        entry = submitted("a", "My words on the great launch", room.clock.now(), url=address)
        await poll(room, entry)
        paper = RawEntry(
            guid="p", url=address, title="The great launch", published_at=room.clock.now(),
            html="<p>The paper's own report on the launch of it.</p>",
        )  # fmt: skip
        source = await room.source(other)
        await room.ingest.polled(
            source, PollResult(entries=(prepare(paper),), fetch_url=other, title="Paper")
        )
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        assert room.platform.titles() == ["The great launch"]


async def test_a_post_that_waits_to_be_tried_again_is_told_in_the_others_words(
    tmp_path: Path,
) -> None:
    other = "https://paper.example/feed"
    address = "https://paper.example/story"
    async with newsroom(tmp_path) as room:
        await room.declare([SUB, other], [wish(sources=(SUB, other))])
        entry = submitted("a", "My words on the great launch", room.clock.now(), url=address)
        await poll(room, entry)
        report = item("p", "The great launch", at=room.clock.now(), url=address)
        await room.publish(other, report)
        room.platform.fail([DeliveryError("it is down")])
        await room.post()
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        assert room.platform.titles() == ["The great launch"]


async def test_words_that_cannot_be_edited_away_are_not_kept(tmp_path: Path) -> None:
    async with newsroom(tmp_path, FakePlatform(can_edit=False)) as room:
        await started(room)
        entry = submitted("a", "Confession of xylophonist", room.clock.now())
        await poll(room, entry)
        await room.post()
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        assert "xylophonist" not in await room.database.read(everything)


async def test_bodies_and_names_are_kept_for_two_days(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        entry = submitted("a", "About gardens", room.clock.now(), text="I grow quuxbar at home.")
        await poll(room, entry)
        await room.post()
        while await room.ingest.index():
            pass
        maintain = MaintainJob(room.database, room.clock, keep_text_s=48 * 3_600)
        room.clock.advance(hours=47)
        assert await maintain.forget() == 0
        room.clock.advance(hours=2)
        assert await maintain.forget() == 2
        assert await maintain.forget() == 0
        at = room.clock.now() - timedelta(days=9)
        assert await room.database.read(stories.search, "quuxbar", at) == []
        assert len(await room.database.read(stories.search, "gardens", at)) == 1
        kept = await room.database.read(submissions.of_entry, 2)
        assert kept is not None
        assert (kept.author, kept.score) == (None, 5)
        await poll(room, entry)  # still listed: no edit, no new body
        assert await maintain.forget() <= 1


async def test_a_body_with_links_goes_from_its_summary_too(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        link = '<a href="https://garden.example/x">the garden</a>'
        text = f"We met at {link} in May. {'We talked about roses. ' * 30} I grow quuxbar at home."
        await poll(room, submitted("a", "About gardens", room.clock.now(), text=text))
        await room.post()
        assert "quuxbar" in (await summary(room, 2)).text
        room.clock.advance(hours=49)
        await MaintainJob(room.database, room.clock, keep_text_s=48 * 3_600).forget()
        kept = await summary(room, 2)
        assert kept.text == ""
        assert kept.summary


async def summary(room: Newsroom, story_id: int) -> ArticleSummary:
    found = await room.database.read(stories.summary, story_id)
    assert found is not None
    return found


async def test_what_was_foretold_in_deleted_words_is_struck_out(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        entry = submitted("a", "A forecast", room.clock.now())
        await poll(room, entry)
        assert entry.submission is not None
        told = PredictionRow(
            event_key="quuxbar", event="Quuxbar", year=2031, confidence="", reason="",
            made_at=room.clock.now(), made_by="u/poster", by_model=False,
            url=entry.submission.permalink, quote="I expect quuxbar by 2031.",
        )  # fmt: skip
        elsewhere = told._replace(event_key="other", url="https://paper.example/comments/ab/")
        await room.database.write(predictions.keep, "here", [told, elsewhere])
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        left = await room.database.read(predictions.made_before, "here", room.clock.now())
        assert [one.event_key for one in left] == ["other"]


async def test_feeds_keep_their_texts(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.declare([SUB], [wish()])
        await room.publish(SUB, RawEntry(guid="x", title="An article", html="<p>Its words.</p>"))
        room.clock.advance(days=30)
        maintain = MaintainJob(room.database, room.clock, keep_text_s=48 * 3_600)
        assert await maintain.forget() == 0


async def test_a_feed_does_not_unlearn_what_the_api_said(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await started(room)
        now = room.clock.now()
        await poll(room, submitted("a", "A title", now, flair="Research", score=7))
        late = now + timedelta(hours=1)
        blind = submitted("a", "A title", late, score=None, num_comments=None, traits=())
        await poll(room, blind)
        kept = await room.database.read(submissions.of_entry, 2)
        assert kept is not None
        assert (kept.flair, kept.score, kept.num_comments, kept.measured_at) == (
            "Research", 7, 2, now,
        )  # fmt: skip
