"""What somebody is told whose channel takes no posts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.errors import ChannelFault
from bot.posts.faults import fault_post
from bot.posts.plain import render_plain

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "space", "url"),
    [
        ("slack:C1", "slack:T1", "https://slack.com/app_redirect?team=T1&channel=C1"),
        ("discord:2", "discord:1", "https://discord.com/channels/1/2"),
        ("slack:C1", "", None),
        ("files", "", None),
    ],
)
def test_the_headline_leads_to_the_channel_where_it_can(
    channel: str, space: str, url: str | None
) -> None:
    post = fault_post(
        channel, ChannelFault.REMOVED, "the bot is out", language="en", now=NOW, space=space
    )
    assert post.url == url
    assert (f"{channel}: the bot is out" in render_plain(post)) == (url is None)
    assert "the bot is out" in render_plain(post)
    assert "Add the bot again, or unsubscribe." in render_plain(post)
