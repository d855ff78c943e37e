"""What a community digest tells of a discussion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.digests.community import Community, CommunityDigest, CommunityItem
from bot.digests.kind import DigestOptions, whole_document
from bot.model import Emotion, ThreadSummary
from bot.thread_model import Submission, SubmissionState, Thread
from tests.bot.digests.test_outlook import NOW, material, story

PERMALINK = "https://www.reddit.com/r/boats/comments/aa/_/"
OPENING = "We built a planner for small boats in a winter."
ARTICLE = "https://boats.example/planner"


def summary(text: str) -> ThreadSummary:
    return ThreadSummary(
        title="A planner",
        url=PERMALINK,
        score=3,
        num_comments=5,
        comments_read=5,
        summary=text,
        emotion=Emotion(label="Neutral", positive=0, neutral=5, negative=0),
        points=(),
        method="extractive",
        model=None,
        dropped_claims=0,
        tokens_in=0,
        tokens_out=0,
    )


async def built(
    *, told: str | None = None, link_url: str | None = None, comments: int = 5
) -> CommunityDigest:
    submission = Submission(
        fullname="t3_aa",
        permalink=PERMALINK,
        place="r/boats",
        score=3,
        num_comments=5,
        link_url=link_url,
        state=SubmissionState.LIVE,
        measured_at=NOW,
    )
    thread = Thread(
        kind="reddit",
        id="aa",
        title="A planner",
        url=PERMALINK,
        text=OPENING,
        num_comments=comments,
    )
    one = replace(
        story("A planner"),
        submission=submission,
        thread=thread,
        summary=summary(told) if told else None,
    )
    return await Community().build(material([one]), DigestOptions(), None)


async def item(*, told: str | None = None, link_url: str | None = None) -> CommunityItem:
    return (await built(told=told, link_url=link_url)).items[0]


@pytest.mark.parametrize(
    "again",
    [
        f"skipper says: {OPENING} tide_9 says: It knows no tides at all. ann asks: Is it free?",
        f"{OPENING} tide_9: It knows no tides at all. ann: Is it free?",
    ],
    ids=["english", "bare"],
)
async def test_the_summary_leaves_out_what_the_ranking_says(again: str) -> None:
    one = await item(told=again)
    assert one.sentence == OPENING
    assert one.detail is not None
    assert OPENING not in one.detail.summary
    assert one.detail.summary.startswith("tide_9")
    assert one.detail.summary.endswith("Is it free?")


async def test_the_summary_is_two_sentences_at_most() -> None:
    one = await item(told="The keel is heavy. The mast is long. The sail is torn. The crew left.")
    assert one.detail is not None
    assert one.detail.summary == "The keel is heavy. The mast is long."


async def test_a_thread_without_comments_says_so() -> None:
    digest = await built(comments=0)
    assert f"**[A planner (Score: 3, 0 comments)]({PERMALINK})**" in Community().body(digest)


async def test_the_link_of_a_post_is_told_without_tracking() -> None:
    assert (await item(link_url=f"{ARTICLE}?utm_source=reddit&id=3")).link_url == f"{ARTICLE}?id=3"


async def test_threads_that_were_not_read_are_among_the_details_too() -> None:
    digest = await built(link_url=ARTICLE)
    details = whole_document(Community(), digest).partition("# Detailed Analysis by Thread")[2]
    assert f"**[A planner (Score: 3, 5 comments)]({PERMALINK})**" in details
    assert f"({ARTICLE})" in details
