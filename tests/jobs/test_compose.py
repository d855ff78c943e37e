"""What a stored story shows of the sources that tell it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Link
from bot.store.subscriptions import DeclaredSubscription
from tests.fakes.platform import FakePlatform
from tests.jobs.newsroom import item, newsroom

PAPER, NEWS = "https://paper.example/feed", "https://hnrss.example/newest"
STORY = "https://paper.example/kestrel"
THREAD = "https://news.ycombinator.com/item?id=42"


@pytest.mark.parametrize(
    ("comments", "link"),
    [(THREAD, THREAD), ("https://comments.example/kestrel", None)],
    ids=["discussion", "a blog's own comments"],
)
async def test_who_only_submitted_the_page_is_linked_by_its_discussion(
    tmp_path: Path, comments: str, link: str | None
) -> None:
    platform = FakePlatform()
    async with newsroom(tmp_path, platform, first_posts=0) as room:
        wish = DeclaredSubscription(channel="fake:a", sources=(PAPER, NEWS))
        await room.declare([PAPER, NEWS], [wish])
        await room.publish(PAPER)
        await room.publish(NEWS)
        room.clock.advance(minutes=10)
        title = "Kestrel two runs on a phone"
        await room.publish(PAPER, item("p", title, url=STORY))
        submitted = item("n", title, url=STORY)
        await room.publish(NEWS, replace(submitted, comments_url=comments))
        await room.post()
        [(_, _, post)] = platform.posts
        also = next(one for one in post.fields if one.label == "Also covered by")
        assert [span.url for span in also.spans if isinstance(span, Link)] == [link] * bool(link)
