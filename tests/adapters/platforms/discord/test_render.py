from __future__ import annotations

import json

import pytest

from adapters.platforms.discord.render import Body, print_posts, render_messages
from tests.adapters.platforms.discord.message_rules import faults
from tests.bot.posts.samples import POSTS
from tests.conftest import Golden

KEY = "0123456789abcdef"
SHOWN = (
    "story", "story-german", "story-cjk", "story-bare", "story-hostile", "story-by-model",
    "catchup", "digest", "blocks", "notice", "thread", "thread-dump-german", "thread-quiet",
)  # fmt: skip


def printed(bodies: list[Body]) -> str:
    return json.dumps(bodies, ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", SHOWN)
def test_posts_look_as_they_did(name: str, golden: Golden) -> None:
    golden(f"discord/{name}.json", printed(list(render_messages(POSTS[name], KEY).all)))


@pytest.mark.parametrize("name", sorted(POSTS))
def test_discord_would_take_every_sample(name: str) -> None:
    assert [fault for body in print_posts([POSTS[name]]) for fault in faults(body)] == []
