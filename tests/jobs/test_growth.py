"""Posts follow what becomes of their stories: growth, a few times, and deletion, always."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Post
from bot.thread_model import SubmissionState
from jobs.growth import MOST_EDITS, has_grown
from tests.jobs.newsroom import Newsroom, item, newsroom
from tests.jobs.test_measure import SUB, measuring, poll, remember, submitted, wish

PAPER = "https://paper.example/feed"


@pytest.mark.parametrize(
    ("shown", "measured", "grown"),
    [
        (None, None, False),
        (None, 49, False),
        (None, 50, True),
        (0, 50, True),
        (-7, 43, False),
        (40, 80, False),
        (40, 90, True),
        (100, 199, False),
        (100, 200, True),
        (300, 100, False),
        (300, None, False),
    ],
)
def test_growth_is_a_doubling_that_counts(
    shown: int | None, measured: int | None, grown: bool
) -> None:
    assert has_grown(shown, measured) is grown


def _numbers(post: Post) -> str:
    (field,) = [field for field in post.fields if field.label == "Discussion"]
    return "".join(getattr(span, "text", "") for span in field.spans)


async def _posted(room: Newsroom, score: int, comments: int) -> None:
    await room.declare([SUB, PAPER], [wish(sources=(SUB,))])
    await poll(room)
    room.clock.advance(minutes=1)
    await _measured(room, score, comments)
    await room.post()


async def _measured(room: Newsroom, score: int, comments: int) -> None:
    entry = submitted(
        "a", "Xylophones of the deep", room.clock.now() - timedelta(minutes=1), score=score,
        num_comments=comments,
    )  # fmt: skip
    await poll(room, entry)


async def test_a_discussion_that_grew_is_edited_into_its_post(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await _posted(room, 10, 3)
        room.clock.advance(hours=1)
        await _measured(room, 50, 40)
        await room.post()
        assert room.platform.edits == []
        room.clock.advance(hours=1)
        await _measured(room, 180, 40)
        await room.post()
        assert [_numbers(post) for _, post in room.platform.edits] == [
            "r/sample · 180 points · 40 comments"
        ]
        await _measured(room, 300, 60)
        await room.post()
        assert len(room.platform.edits) == 1


async def test_a_post_is_edited_a_few_times_only(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await _posted(room, 10, 3)
        for doubling in range(12):
            room.clock.advance(minutes=30)
            await _measured(room, 100 * 2**doubling, 3)
            await room.post()
        assert len(room.platform.edits) == MOST_EDITS


async def test_growth_of_yesterday_s_post_is_left_alone(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await _posted(room, 10, 3)
        room.clock.advance(hours=25)
        await _measured(room, 10_000, 3_000)
        await room.post()
        assert room.platform.edits == []


async def test_a_deleted_report_is_struck_where_others_tell_the_story(tmp_path: Path) -> None:
    address = "https://paper.example/story"
    async with newsroom(tmp_path) as room:
        await room.declare([SUB, PAPER], [wish(sources=(SUB, PAPER))])
        await poll(room)
        await room.publish(PAPER)
        entry = submitted("a", "My words on the great launch", room.clock.now(), url=address)
        await poll(room, entry)
        await room.publish(PAPER, item("p", "The great launch", url=address))
        await room.post()
        await room.post()
        job, meter = measuring(room)
        room.clock.advance(minutes=20)
        remember(room, meter, entry, state=SubmissionState.DELETED)
        await job.run()
        await room.post()
        post = room.platform.edits[-1][1]
        assert (post.title, post.struck) == ("The great launch", False)
        (covered,) = [field for field in post.fields if field.label == "Also covered by"]
        assert [(span.text, getattr(span, "style", "")) for span in covered.spans] == [  # type: ignore[union-attr]  # all have a text here
            ("r/sample", "strike"),
            (" (deleted by its author)", "plain"),
        ]
        (source,) = [field for field in post.fields if field.label == "Source"]
        assert "r/sample" not in source.model_dump_json()
