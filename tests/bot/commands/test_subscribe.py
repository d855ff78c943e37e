"""Subscribing from a chat: one command, good defaults, nothing stored that does not work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bot.commands.desk import ASK, CHANNEL, action_of, actions_of, chat, feed, text_of


async def test_one_command_subscribes_shows_a_sample_and_posts_soon(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("Third news", "Second news", "First news"))
        reply = await it.type("subscribe", source=it.origin.url("/feed"))
        text = text_of(reply)
        assert "Subscribed" in text
        assert "Third news" in text
        assert "First news" not in text  # a sample of two
        assert reply.private
        assert await it.subscriptions() == [f"{CHANNEL} instant {it.origin.url('/feed')} active"]
        await it.post()
        assert it.platform.titles() == ["Third news"]  # poll.first_posts
        assert it.origin.count("/feed") == 1


async def test_the_sample_leaves_out_what_is_too_old_to_be_posted(tmp_path: Path) -> None:
    async with chat(tmp_path, poll={"max_age": "7d"}) as it:
        it.origin.serve("/feed", body=feed("Ancient news", day=12))
        for again in range(2):  # just read, then out of the store
            reply = await it.type("subscribe", source=it.origin.url("/feed"))
            assert "Ancient news" not in text_of(reply), again
            assert "nothing to show yet" in text_of(reply)
        await it.post()
        assert it.platform.titles() == []
    async with chat(tmp_path / "longer", poll={"max_age": "30d"}) as it:
        it.origin.serve("/feed", body=feed("Ancient news", day=12))
        assert "Ancient news" in text_of(await it.type("subscribe", source=it.origin.url("/feed")))


async def test_the_feed_behind_a_page_is_found(tmp_path: Path) -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/f"></head></html>'
    async with chat(tmp_path) as it:
        it.origin.serve("/", body=page, content_type="text/html")
        it.origin.serve("/f", body=feed("News"))
        reply = await it.type("subscribe", source=it.origin.url("/"))
        assert "Subscribed" in text_of(reply)
        await it.post()
        assert it.platform.titles() == ["News"]


async def test_a_missing_permission_is_named_and_nothing_is_stored(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        it.rooms.missing[CHANNEL] = ["Embed Links"]
        reply = await it.type("subscribe", source=it.origin.url("/feed"))
        assert "Embed Links" in text_of(reply)
        assert await it.subscriptions() == []
        assert it.origin.requests == []


async def test_a_source_that_cannot_be_read_is_not_subscribed(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        reply = await it.type("subscribe", source=it.origin.url("/nothing"))
        assert "404" in text_of(reply)
        assert len(text_of(reply).strip().splitlines()) == 1
        assert await it.subscriptions() == []


async def test_who_may_not_manage_the_channel_changes_nothing(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        reply = await it.type(
            "subscribe", replace(ASK, may_manage=False), source=it.origin.url("/feed")
        )
        assert "manage" in text_of(reply)
        assert await it.subscriptions() == []


async def test_subscribing_twice_brings_it_up_to_date_and_says_so(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        url = it.origin.url("/feed")
        await it.type("subscribe", source=url, include="GPU")
        reply = await it.type("subscribe", source=url, min_score="50")
        assert "already" in text_of(reply)
        assert "50" in text_of(reply)
        assert "GPU" in text_of(reply)
        assert "undo" not in " ".join(actions_of(reply))
        assert len(await it.subscriptions()) == 1


async def test_a_schedule_in_words_makes_a_digest_of_it(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        reply = await it.type(
            "subscribe",
            source=it.origin.url("/feed"),
            schedule="weekdays 8:30",
            timezone="Europe/Berlin",
        )
        assert "weekdays at 8:30 (Europe/Berlin)" in text_of(reply)
        assert (await it.subscriptions())[0].startswith(f"{CHANNEL} community")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("schedule", "whenever", "daily 9:00"),
        ("schedule", "whenever", "0 9 * * mon"),
        ("schedule", "61 9 * * *", "daily 9:00"),
        ("timezone", "Europe/Belrin", "Europe/Berlin"),
        ("include", "/(/", "RE2"),
        ("min_score", "many", "many"),
        ("post", "loudly", "instant"),
        ("source", "what is this", "what"),
        ("role", "7", "@everyone"),
        ("source", "tag:nothing", "tag:nothing"),
        ("source", "pack:nothing", "pack:ai"),
        ("source", "http://192.168.0.1/feed", "192.168.0.1"),
        ("source", "/etc/passwd.opml", "no source"),
    ],
)
async def test_a_wrong_value_is_one_clear_line(
    tmp_path: Path, option: str, value: str, told: str
) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        values = {"source": it.origin.url("/feed"), option: value}
        reply = await it.type("subscribe", ASK, **values)
        assert told in text_of(reply)
        assert len(text_of(reply).strip().splitlines()) == 1
        assert await it.subscriptions() == []


async def test_it_becomes_a_daily_digest_and_back_by_buttons(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        reply = await it.type("subscribe", source=it.origin.url("/feed"))
        reply = await it.press(action_of(reply, "daily"))
        assert "daily at 9:00" in text_of(reply)
        reply = await it.press(action_of(reply, "instant"))
        assert "each story at once" in text_of(reply)
        assert len(await it.subscriptions()) == 1


async def test_filters_are_changed_in_a_form(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        reply = await it.type("subscribe", source=it.origin.url("/feed"), include="old")
        form = (await it.press(action_of(reply, "filters_form"))).form
        assert form is not None
        assert {field.name: field.value for field in form.fields}["include"] == "old"
        reply = await it.press(form.action, include="GPU, /gpt-\\d,?/", exclude="ad", min_score="5")
        assert "GPU" in text_of(reply)
        assert "/gpt-\\d,?/" in text_of(reply)
        assert "old" not in text_of(reply)


async def test_undo_takes_it_all_back(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/feed", body=feed("News"))
        reply = await it.type("subscribe", source=it.origin.url("/feed"))
        await it.press(action_of(reply, "undo"))
        assert await it.subscriptions() == []
        await it.post()
        assert it.platform.posts == []
