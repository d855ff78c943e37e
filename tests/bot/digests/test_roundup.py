"""What a roundup finds in its stories."""

from __future__ import annotations

from dataclasses import replace

from bot.digests.kind import DigestOptions
from bot.digests.material import DigestStory
from bot.digests.roundup import Roundup
from bot.digests.roundup_record import NamedLink, RoundupItem
from bot.posts.compose import Coverage
from bot.thread_model import Submission, SubmissionState
from tests.bot.digests.test_outlook import NOW, material, story

PAPER = "https://arxiv.org/abs/2601.00001"
CODE = "https://github.com/boats/planner"
PERMALINK = "https://www.reddit.com/r/boats/comments/aa/_/"


async def item(one: DigestStory) -> RoundupItem:
    record = await Roundup().build(material([one]), DigestOptions(), None)
    return record.months[0].items[0]


async def test_paper_and_code_are_found_behind_words_and_bare() -> None:
    one = replace(story("A planner", f"The code is at {CODE}."), links=("https://a.example", PAPER))
    assert (await item(one)).links == (
        NamedLink(name="paper", url=PAPER),
        NamedLink(name="code", url=CODE),
    )


async def test_a_discussion_that_told_a_story_first_is_named_with_its_address() -> None:
    one = story("A planner", sources=2)
    place = Coverage(
        source="r/boats",
        source_url="https://www.reddit.com/r/boats/.rss",
        url=one.view.url,
        published_at=NOW,
    )
    submission = Submission(
        fullname="t3_aa",
        permalink=PERMALINK,
        place="r/boats",
        score=3,
        num_comments=5,
        state=SubmissionState.LIVE,
        measured_at=NOW,
    )
    view = replace(one.view, coverage=(place, one.view.coverage[1]))
    told = await item(replace(one, view=view, submission=submission))
    assert told.also_covered_by == (
        NamedLink(name="r/boats", url=PERMALINK),
        NamedLink(name="Paper 1", url="https://s1.example/1"),
    )
