"""Listing, pausing, resuming, ending: by number, by name and by menu."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.commands.kit import Ask, Menu, Person
from bot.store import sources, spaces, subscriptions
from bot.store.database import Connection
from bot.store.subscriptions import DeclaredSubscription
from tests.bot.commands.desk import (
    ASK,
    CHANNEL,
    SITE,
    SPACE,
    Chat,
    action_of,
    actions_of,
    chat,
    feed,
    poll,
    text_of,
)

OTHER = replace(ASK, channel="fake:71")
READER = replace(ASK, person=Person(id="fake:50", name="Carl"), may_manage=False)


async def _subscribed(it: Chat, *names: str, ask: Ask = ASK) -> None:
    for name in names:
        it.origin.serve(f"/{name}", body=feed(f"News of {name}", title=f"The {name}"))
        await it.type("subscribe", ask, source=it.origin.url(f"/{name}"))


async def test_the_list_says_what_when_and_how_it_is_doing(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha", "beta")
        await it.type("pause", subscription="2")
        await it.database.write(_fails, it.origin.url("/alpha"))
        text = text_of(await it.type("list"))
        assert "#1" in text
        assert "each story at once" in text
        assert "paused" in text
        assert "The alpha: HTTP 500" in text


def _fails(connection: Connection, url: str) -> None:
    connection.execute(
        "UPDATE source SET state = 'failing', failures = 5, last_error = 'HTTP 500' WHERE url = ?",
        (url,),
    )


async def test_a_list_of_names_hides_no_single_one(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        names = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"]
        for count, told in ((5, "Epsilon"), (6, "and 2 more")):
            for name in names[:count]:
                it.origin.serve(f"/{name}", body=feed(f"News of {name}", title=name))
            sources = " ".join(it.origin.url(f"/{name}") for name in names[:count])
            assert told in text_of(await it.type("subscribe", source=sources))
            assert told in text_of(await it.type("list"))


async def test_an_empty_list_says_how_to_begin(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        assert "/news subscribe" in text_of(await it.type("list"))


async def test_pause_by_source_resume_by_number_and_by_menu(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        assert "paused" in text_of(await it.type("pause", subscription=it.origin.url("/alpha")))
        assert "goes on" in text_of(await it.type("resume", subscription="#1"))
        assert "not paused" in text_of(await it.type("resume", subscription="1"))
        assert "paused" in text_of(await it.type("pause", subscription="The alpha"))
        listed = await it.type("list")
        menu = next(one for one in listed.controls if isinstance(one, Menu))
        reply = await it.choose(menu.action, menu.choices[0].value)
        assert "goes on" in text_of(reply)


async def test_what_comes_during_a_pause_is_not_posted(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        await it.post()
        await it.type("pause", subscription="1")
        it.origin.serve("/alpha", body=feed("During the pause", "News of alpha"))
        await poll(it, "/alpha")
        await it.type("resume", subscription="1")
        await it.post()
        assert it.platform.titles() == ["News of alpha"]


async def test_a_digest_after_a_long_pause_covers_one_period(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/a"), schedule="daily 12:00")
        await it.type("pause", subscription="1")
        it.clock.advance(days=30)
        await it.type("resume", subscription="1")
        found = await it.database.read(subscriptions.by_id, 1)
        assert found is not None
        assert found.covered_until is not None
        assert it.clock.now() - found.covered_until == timedelta(hours=21)  # yesterday's noon


async def test_unsubscribing_takes_the_source_along_and_undo_brings_both_back(
    tmp_path: Path,
) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        url = it.origin.url("/alpha")
        reply = await it.type("unsubscribe", subscription=url)
        assert "Unsubscribed" in text_of(reply)
        assert await it.subscriptions() == []
        assert await it.database.read(sources.by_urls, [url]) == []
        assert "is back" in text_of(await it.press(action_of(reply, "restore")))
        assert len(await it.subscriptions()) == 1
        assert len(await it.database.read(sources.by_urls, [url])) == 1
        assert "nothing to take back" in text_of(await it.press(action_of(reply, "restore")))


async def test_a_source_that_another_server_wants_stays(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        theirs = Ask(
            platform="fake", space="fake:8", channel="fake:80", person=ASK.person, may_manage=True
        )
        await _subscribed(it, "alpha", ask=theirs)
        await it.type("unsubscribe", subscription="1")
        found = await it.database.read(sources.by_urls, [it.origin.url("/alpha")])
        assert len(found) == 1


async def test_coming_back_later_is_no_flood(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        await it.post()
        await it.type("unsubscribe", subscription="1")
        it.clock.advance(days=3)
        it.origin.serve("/alpha", body=feed("Five", "Four", "Three", "Two", day=24))
        reply = await it.type("subscribe", source=it.origin.url("/alpha"))
        assert "Subscribed" in text_of(reply)
        await it.post()
        assert it.platform.titles() == ["News of alpha", "Five"]


async def test_subscriptions_of_the_settings_file_are_read_only(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await it.database.write(_from_file)
        assert "settings file" in text_of(await it.type("list"))
        for name in ("unsubscribe", "pause", "resume"):
            assert "settings file" in text_of(await it.type(name, subscription="1"))
        for action in ("daily:1", "filters:1", "score:1", "undo:1", "unsubscribe:1"):
            assert "settings file" in text_of(await it.press(action))
        assert (await it.subscriptions())[0].endswith("active")
        reply = await it.type("subscribe", source="hn:front")
        assert "settings file" in text_of(reply)


def _from_file(connection: Connection) -> None:
    from datetime import UTC, datetime

    from bot.store.sources import DeclaredSource

    now = datetime(2026, 11, 21, tzinfo=UTC)
    row = DeclaredSource(url="hn:front", kind="hackernews", fetch_url="hn:front")
    sources.declare(connection, [row], origin="file", now=now)
    connection.execute("UPDATE source SET last_ok_at = '2026-11-21T00:00:00.000Z'")
    made = DeclaredSubscription(channel=CHANNEL, sources=("hn:front",))
    number = subscriptions.declare(connection, made, origin="file", now=now)
    subscriptions.link(connection, number, [1])


async def test_another_channels_subscription_needs_the_right_there(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha", ask=OTHER)
        assert "may not manage" in text_of(await it.type("pause", subscription="1"))
        assert "#1" not in text_of(await it.type("list"))
        it.rooms.managers["fake:71"] = {ASK.person.id}
        assert "#1" in text_of(await it.type("list"))
        assert "is paused" in text_of(await it.type("pause", subscription="1"))


async def test_who_may_not_manage_sees_this_channel_and_presses_nothing(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        await _subscribed(it, "beta", ask=OTHER)
        reply = await it.type("list", READER)
        assert "alpha" in text_of(reply)
        assert "beta" not in text_of(reply)
        assert actions_of(reply) == []
        for action in ("unsubscribe:1", "pause_or_resume:1", "daily:1", "undo:1", "filters:1"):
            assert "manage" in text_of(await it.press(action, READER))
        assert all(line.endswith("active") for line in await it.subscriptions())


async def test_a_long_list_has_pages(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, *(f"feed{number}" for number in range(12)))
        first = await it.type("list")
        assert "Page 1 of 2" in text_of(first)
        second = await it.press(action_of(first, "list"))
        assert second.in_place
        assert "feed11" in text_of(second)
        assert "Page 2 of 2" in text_of(second)


async def test_two_subscriptions_of_one_source_are_told_apart(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha")
        url = it.origin.url("/alpha")
        await it.type("subscribe", source=url, post="outlook")
        assert "#1, #2" in text_of(await it.type("pause", subscription=url))


async def test_channels_of_the_settings_file_learn_their_server(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await it.database.write(_from_file)
        await it.database.write(spaces.note_spaces, [(CHANNEL, SPACE)])
        elsewhere = replace(ASK, channel="fake:71")
        it.rooms.managers[CHANNEL] = {ASK.person.id}
        assert "hn:front" in text_of(await it.type("list", elsewhere))


async def test_the_subscription_of_a_channel_that_is_gone_can_be_ended(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha", ask=OTHER)
        await it.database.write(_is_gone, OTHER.channel)
        assert "manage" in text_of(await it.type("unsubscribe", READER, subscription="1"))
        assert "no longer exists" not in text_of(await it.type("list", READER))
        assert "no longer exists" in text_of(await it.type("list"))
        assert "no longer exists" in text_of(await it.type("status"))
        assert "Unsubscribed from #1" in text_of(await it.type("unsubscribe", subscription="1"))


def _is_gone(connection: Connection, channel: str) -> None:
    connection.execute(
        "INSERT INTO channel_fault (channel, fault, reason, since, retry_at) "
        "VALUES (?, 'gone', 'the channel no longer exists', ?, ?)",
        (channel, "2026-11-21T08:00:00.000Z", "2026-11-21T10:00:00.000Z"),
    )


async def test_why_and_status_are_silent_of_channels_that_the_asker_does_not_manage(
    tmp_path: Path,
) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it, "alpha", ask=OTHER)
        await it.post()
        link = f"{SITE}/news-of-alpha"
        text = text_of(await it.type("why", READER, item=link))
        assert "fetched" in text
        assert "not posted in this channel" in text
        assert "#1" not in text
        assert "subscription 1" not in text
        assert "0 active" in text_of(await it.type("status"))
        it.rooms.managers[OTHER.channel] = {ASK.person.id}
        assert "subscription 1" in text_of(await it.type("why", item=link))
        assert "1 active" in text_of(await it.type("status"))
