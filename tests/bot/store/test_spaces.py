"""What a space may see, and what becomes of sources that chats bring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import chat, sources, spaces, subscription_changes, subscriptions
from bot.store.database import Connection, connect, migrate
from bot.store.sources import DeclaredSource
from bot.store.spaces import Viewer
from bot.store.subscriptions import DeclaredSubscription
from jobs import declare
from jobs.declare import Declaration

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
US, THEM = Viewer("discord:7", "discord:70"), Viewer("discord:8", "discord:80")
DIRECT = Viewer("", "discord:90")


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    migrate(tmp_path / "t.db")
    return connect(tmp_path / "t.db")


def _declared(url: str, *tags: str) -> DeclaredSource:
    return DeclaredSource(url=url, kind="feed", fetch_url=url, tags=tags)


def _subscribe(connection: Connection, viewer: Viewer, *urls: str, origin: str = "chat") -> int:
    for url in urls:
        if not url.startswith("tag:"):
            sources.add_from_chat(connection, _declared(url, "ai"), now=NOW, due_at=NOW)
    made = DeclaredSubscription(
        channel=viewer.channel,
        sources=urls,
        space=viewer.space if origin == "chat" else "",
    )
    number = subscriptions.declare(connection, made, origin=origin, now=NOW)
    declare.relink(connection, {})
    return number


def _seen(connection: Connection, viewer: Viewer) -> list[str]:
    return [one.url for one in spaces.sources_of(connection, viewer)]


def test_a_space_knows_the_admins_sources_and_its_own(connection: Connection) -> None:
    sources.declare(connection, [_declared("file")], origin="file", now=NOW)
    sources.declare(connection, [_declared("cli")], origin="cli", now=NOW)
    _subscribe(connection, US, "ours")
    _subscribe(connection, THEM, "theirs")
    assert _seen(connection, US) == ["file", "cli", "ours"]
    assert _seen(connection, THEM) == ["file", "cli", "theirs"]
    assert _seen(connection, DIRECT) == ["file", "cli"]
    assert not spaces.sources_named(connection, US, "theirs")
    assert spaces.sources_named(connection, US, "OURS")


def test_a_source_leaves_with_the_last_subscription_that_names_it(connection: Connection) -> None:
    first, second = _subscribe(connection, US, "shared"), _subscribe(connection, THEM, "shared")
    subscription_changes.unsubscribe(connection, first)
    assert spaces.drop_unwanted_sources(connection) == []
    assert _seen(connection, US) == []
    assert _seen(connection, THEM) == ["shared"]
    subscription_changes.unsubscribe(connection, second)
    assert spaces.drop_unwanted_sources(connection) == ["shared"]


def test_the_admins_sources_never_leave_by_a_chat(connection: Connection) -> None:
    sources.declare(connection, [_declared("file")], origin="file", now=NOW)
    number = _subscribe(connection, US, "file")
    subscription_changes.unsubscribe(connection, number)
    assert spaces.drop_unwanted_sources(connection) == []
    assert _seen(connection, THEM) == ["file"]


def test_a_tag_means_no_source_that_a_chat_brought(connection: Connection) -> None:
    sources.declare(connection, [_declared("file", "ai")], origin="file", now=NOW)
    _subscribe(connection, US, "ours")
    number = _subscribe(connection, THEM, "tag:ai")
    linked = spaces.sources_of_subscription(connection, number)
    assert [one.url for one in linked] == ["file"]
    assert spaces.tags(connection, US) == ["ai"]
    assert [one.url for one in spaces.sources_named(connection, US, "tag:ai")] == ["file"]


def test_a_source_taken_out_of_the_file_stays_for_the_chat_that_names_it(
    connection: Connection,
) -> None:
    rows = (_declared("file", "ai"), _declared("other", "ai"))
    both = Declaration(sources=rows, subscriptions=(), groups={}, longest_wait_s=86_400)
    declare.apply(connection, both, NOW)
    _subscribe(connection, US, "file")
    _subscribe(connection, THEM, "tag:ai")
    nothing = Declaration(sources=(), subscriptions=(), groups={}, longest_wait_s=86_400)
    declare.apply(connection, nothing, NOW)
    assert _seen(connection, US) == ["file"]
    assert _seen(connection, THEM) == []


def test_a_pack_keeps_its_sources_over_a_restart(connection: Connection) -> None:
    from config.source_packs import members

    number = _subscribe(connection, US, "pack:ai")
    for url in members("pack:ai"):
        sources.add_from_chat(connection, _declared(url), now=NOW, due_at=NOW)
    nothing = Declaration(sources=(), subscriptions=(), groups={}, longest_wait_s=86_400)
    declare.apply(connection, nothing, NOW)
    linked = spaces.sources_of_subscription(connection, number)
    assert {one.url for one in linked} == set(members("pack:ai"))


def test_a_shared_channel_has_a_subscription_for_each_workspace(connection: Connection) -> None:
    one, other = Viewer("slack:T1", "slack:C1"), Viewer("slack:T2", "slack:C1")
    first, second = _subscribe(connection, one, "feed"), _subscribe(connection, other, "feed")
    assert first != second
    assert [found.id for found in spaces.subscriptions_of(connection, one)] == [first]
    assert spaces.subscription(connection, other, first) is None


def test_a_subscription_of_the_file_is_its_channels_until_the_server_is_known(
    connection: Connection,
) -> None:
    number = _subscribe(connection, US, "file", origin="file")
    elsewhere = Viewer(US.space, "discord:71")
    assert spaces.subscription(connection, US, number)
    assert spaces.subscription(connection, elsewhere, number) is None
    spaces.note_spaces(connection, [(US.channel, US.space)])
    assert spaces.subscription(connection, elsewhere, number)
    assert spaces.subscription(connection, THEM, number) is None


def test_a_removed_source_is_polled_again_as_the_chats_own(connection: Connection) -> None:
    sources.declare(connection, [_declared("file", "ai")], origin="file", now=NOW)
    sources.remove_undeclared(connection, [])
    _subscribe(connection, US, "file")
    assert _seen(connection, US) == ["file"]
    assert _seen(connection, THEM) == []


def test_names_complete_from_the_beginning_then_from_within(connection: Connection) -> None:
    urls = ("https://alpha.example", "https://www.beta.example", "r/alphabet", "https://x.alp")
    _subscribe(connection, US, *urls)
    found = [one.url for one in spaces.source_names(connection, US, "alp", 10)]
    assert found == ["https://alpha.example", "r/alphabet", "https://x.alp"]
    assert [one.url for one in spaces.source_names(connection, US, "beta", 1)] == [urls[1]]
    assert spaces.source_names(connection, US, "%", 10) == []
    assert spaces.source_names(connection, THEM, "alp", 10) == []


def test_what_is_switched_asked_and_muted_is_remembered(connection: Connection) -> None:
    assert chat.switched(connection, "discord:7", "summaries", "on") == "on"
    chat.switch(connection, "discord:7", "summaries", "off")
    assert chat.switched(connection, "discord:7", "summaries", "on") == "off"
    assert chat.switched(connection, "discord:8", "summaries", "on") == "on"
    assert chat.caught_up_at(connection, "c", "p") is None
    chat.catch_up(connection, "c", "p", NOW)
    chat.catch_up(connection, "c", "p", NOW + timedelta(hours=1))
    assert chat.caught_up_at(connection, "c", "p") == NOW + timedelta(hours=1)
    sources.declare(connection, [_declared("file")], origin="file", now=NOW)
    assert chat.mute(connection, "c", 1, "p", NOW)
    assert not chat.mute(connection, "c", 1, "p", NOW)
    assert chat.muted(connection, "c") == {1}
    assert chat.unmute(connection, "c", 1)
    assert not chat.unmute(connection, "c", 1)
