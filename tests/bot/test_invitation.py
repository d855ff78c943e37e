"""The invite URL: the permissions that posts need, and the bot's own id where it is known."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

from adapters.platforms.discord.permissions import INVITE_PERMISSIONS, needed
from bot.invitation import PERMISSIONS, PLACEHOLDER, invite_url


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_the_invitation_asks_for_what_posts_need() -> None:
    assert INVITE_PERMISSIONS.value == PERMISSIONS
    for channel_type in (0, 5, 11, 15):
        for post in ("instant", "community"):
            assert all(getattr(INVITE_PERMISSIONS, name) for name in needed(channel_type, post))
    assert query_of(invite_url(""))["scope"] == ["bot applications.commands"]


def test_the_token_names_the_application() -> None:
    head = base64.b64encode(b"1234567890").decode().rstrip("=")
    assert query_of(invite_url(f"{head}.abc.def"))["client_id"] == ["1234567890"]
    assert query_of(invite_url("nonsense"))["client_id"] == [PLACEHOLDER]
