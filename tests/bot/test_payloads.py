from __future__ import annotations

import json

import pytest

from adapters.platforms import PAYLOADS
from bot.cli import Format
from bot.commands import digests, previews, summaries
from bot.digests.community import Community
from bot.payloads import payloads_json
from tests.bot.digests.samples import COMMUNITY
from tests.bot.posts.samples import POSTS, discussion, summary


@pytest.mark.parametrize(
    "own",
    [set(digests.RENDERERS), set(previews.RENDERERS), set(summaries.RENDERERS)],
    ids=["digest", "preview", "summarize"],
)
def test_every_format_is_printed_by_every_command(own: set[str]) -> None:
    assert own.isdisjoint(PAYLOADS)
    assert own | set(PAYLOADS) == {one.value for one in Format}


def test_messages_of_all_posts_are_one_array_of_readable_text() -> None:
    printed = payloads_json("discord", [POSTS["story-cjk"], POSTS["notice"]])

    titles = [body["embeds"][0]["title"] for body in json.loads(printed)]
    assert titles == [POSTS["story-cjk"].title, POSTS["notice"].title]
    assert POSTS["story-cjk"].title in printed


def test_articles_and_discussions_are_shown_as_posts() -> None:
    article, thread = summaries.posts((summary("It is so."), discussion()))

    assert (article.kind, thread.kind) == ("story", "thread")
    assert article.actions == ()


def test_an_empty_digest_has_no_message() -> None:
    kind = Community()

    assert [post.title for post in digests.posts(kind, COMMUNITY)] == [COMMUNITY.title]
    assert digests.posts(kind, COMMUNITY.model_copy(update={"items": ()})) == ()
