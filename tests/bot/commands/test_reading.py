"""Latest, search, catch-up, preview, digest, why, status and help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.commands import dispatch
from bot.commands.kit import Newsroom, Person, Pointed
from bot.commands.previews import Held, Preview
from bot.commands.why_chat import name_in
from bot.store import outbox, sources
from bot.store.database import Connection
from tests.bot.commands.desk import (
    ASK,
    CHANNEL,
    SITE,
    Chat,
    action_of,
    actions_of,
    chat,
    feed,
    poll,
    text_of,
)

ANIMALS = "ant bee cat dog eel fox gnu hen ibis jay kite lark mole newt owl pug rat yak"
GERMAN = replace(ASK, person=Person(id="fake:42", name="Anna", language="de-AT"))


async def _subscribed(it: Chat) -> str:
    it.origin.serve("/a", body=feed("Polaris 3 has open weights", "Harbour opens"))
    await it.type("subscribe", source=it.origin.url("/a"))
    while await it.ingest.index():
        pass
    return it.origin.url("/a")


async def test_latest_by_address_and_by_title(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        url = await _subscribed(it)
        for name in (url, "the feed", "The Feed"):
            text = text_of(await it.type("latest", source=name))
            assert text.index("Polaris") < text.index("Harbour")


async def test_latest_of_a_source_nobody_has_is_read_now(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/new", body=feed("Fresh"))
        reply = await it.type("latest", source=it.origin.url("/new"))
        assert "Fresh" in text_of(reply)
        assert await it.database.read(sources.listed) == []


async def test_search_finds_by_words_and_phrases_whatever_is_typed(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it)
        assert "Polaris" in text_of(await it.type("search", query="open weights"))
        assert "Polaris" in text_of(await it.type("search", query="“open weights”"))
        assert "Nothing found" in text_of(await it.type("search", query="weights harbour"))
        for query in ('"', "AND", "NEAR(", "*", "title:x", "'; --", "weights OR"):
            assert text_of(await it.type("search", query=query))
        assert "Say what" in text_of(await it.type("search", query="***"))


async def test_catchup_is_since_the_last_time_for_each_person(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it)
        first = await it.type("catchup")
        assert first.private
        assert "Polaris" in text_of(first)
        assert "Nothing new" in text_of(await it.type("catchup"))
        it.clock.advance(hours=1)
        await poll(it, "/a", "Brand new", "Polaris 3 has open weights", "Harbour opens")
        text = text_of(await it.type("catchup"))
        assert "Brand new" in text
        assert "Polaris" not in text
        other = replace(ASK, person=Person(id="fake:51", name="Dora"))
        assert "Polaris" in text_of(await it.type("catchup", other))


async def test_catchup_of_a_busy_time_shows_the_best_and_counts_the_rest(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it)
        await it.type("catchup")
        it.clock.advance(hours=1)
        await poll(it, "/a", *(f"The {name} learned to {name[::-1]}" for name in ANIMALS.split()))
        text = text_of(await it.type("catchup"))
        assert "18 stories" in text
        assert "… 3 more" in text


async def test_catchup_without_subscriptions_says_so(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        assert "Nothing is subscribed" in text_of(await it.type("catchup"))


async def test_a_preview_stores_nothing_and_offers_to_subscribe(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/new", body=feed("Fresh", title="New Paper"))
        reply = await it.type("preview", source=it.origin.url("/new"))
        assert "New Paper" in text_of(reply)
        assert "Fresh" in text_of(reply)
        assert all(not post.actions for post in reply.posts)
        assert await it.database.read(sources.listed) == []
        assert "Subscribed" in text_of(await it.press(action_of(reply, "follow")))
        readers = replace(ASK, may_manage=False)
        reply = await it.type("preview", readers, source=it.origin.url("/new"))
        assert actions_of(reply) == []


class _AllPinned:
    """A newsroom whose sources hold nothing but what their moderators pinned."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    async def preview(self, source: str, *, language: str = "en") -> Preview:
        found = await self._newsroom.preview(source, language=language)
        held = tuple(Held(entry, "stickied", "pinned") for entry in found.entries)
        return replace(found, posts=(), held=held)


async def test_a_preview_tells_an_empty_source_from_one_that_posts_nothing(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/rules", body=feed("Rules", "Weekly thread"))
        it.origin.serve("/empty", body=feed())
        assert "no entries" in text_of(await it.type("preview", source=it.origin.url("/empty")))
        it.desk = replace(it.desk, newsroom=cast("Newsroom", _AllPinned(it.desk.newsroom)))
        told = text_of(await it.type("preview", source=it.origin.url("/rules")))
        assert "has 2 entries now, none of which would be posted" in told


async def test_a_digest_on_demand_is_private_and_can_be_shared(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        url = await _subscribed(it)
        reply = await it.type("digest", kind="community", source=url)
        assert reply.private
        assert reply.posts[0].kind == "digest"
        assert "Polaris" in text_of(reply)
        shared = await it.press(action_of(reply, "share"))
        assert not shared.private
        assert "Shared by: Anna" in text_of(shared)
        assert "Say which kind" in text_of(await it.type("digest", kind="x", source=url))


async def test_a_roundup_names_what_the_article_links_to_without_asking_again(
    tmp_path: Path,
) -> None:
    paper = "https://arxiv.org/abs/2611.01234"
    page = (
        "<html><head><title>Kestrel</title></head><body><article><h1>Kestrel</h1>"
        + "<p>Kestrel runs on a phone and answers in a second, its makers said in Oslo.</p>" * 3
        + f"<p>How it was made is told in <a href='{paper}'>a paper on the model</a>, with all "
        "that others need to try the same for themselves.</p></article></body></html>"
    )
    async with chat(tmp_path) as it:
        it.origin.serve("/kestrel", body=page.encode(), content_type="text/html")
        link = it.origin.url("/kestrel").encode()
        teaser = (
            b"<rss version='2.0'><channel><title>Lab</title><item><guid>k</guid>"
            b"<title>Kestrel</title><link>" + link + b"</link><description>Short.</description>"
            b"<pubDate>21 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"
        )
        it.origin.serve("/feed", body=teaser)
        source = it.origin.url("/feed")
        await it.type("subscribe", source=source)
        await it.post()
        asked = it.origin.count("/kestrel")
        reply = await it.type("digest", kind="roundup", source=source)
        assert paper in reply.posts[0].model_dump_json()
        assert it.origin.count("/kestrel") == asked


async def test_why_names_each_stage_of_what_was_posted(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it)
        await it.post()
        link = f"{SITE}/polaris-3-has-open-weights"
        for item in (link, "2", it.platform.keys()[0], f"m-{it.platform.keys()[0]}"):
            text = text_of(await it.type("why", item=item))
            for stage in ("fetched", "ingested", "clustered", "summarised", "outbox", "sent"):
                assert stage in text, (item, text)


async def test_why_tells_of_what_was_not_posted(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("Old"))
        await it.type("subscribe", source=it.origin.url("/a"), exclude="crypto")
        await poll(it, "/a", "A crypto thing", "Old")
        await it.post()
        text = text_of(await it.type("why", item=f"{SITE}/a-crypto-thing"))
        assert "excluded by the word 'crypto' in its title" in text
        assert "nothing is known" in text_of(await it.type("why", item="https://x.example")).lower()


async def test_why_as_a_button_on_a_post(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it)
        await it.post()
        post = it.platform.posts[0][2]
        why = next(action for action in post.actions if action.kind == "why")
        assert "Polaris" in text_of(await it.press(f"why:{why.target}"))
        assert "Polaris" in text_of(await it.press(f"why:{it.platform.keys()[0]}"))
        message = Pointed(channel=CHANNEL, id=f"m-{it.platform.keys()[0]}")
        assert "Polaris" in text_of(await it.press("why:", replace(ASK, message=message)))


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://discord.com/channels/7/70/1234567890", "1234567890"),
        ("https://ptb.discord.com/channels/@me/70/12345", "12345"),
        ("https://team.slack.com/archives/C1/p1700000000123456", "1700000000.123456"),
        ("https://team.slack.com/archives/C1/p1700000000123456?thread_ts=1", "1700000000.123456"),
        ("https://example.org/channels/1/2/3", "https://example.org/channels/1/2/3"),
        ("42", "42"),
    ],
)
def test_a_link_to_a_post_names_its_message(link: str, name: str) -> None:
    assert name_in(link) == name


async def test_status_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await _subscribed(it)
        await it.post()
        text = text_of(await it.type("status"))
        assert "1 active, 0 paused" in text
        assert "1 posted" in text
        assert "Everything is well" in text
        await it.database.write(_break, CHANNEL)
        text = text_of(await it.type("status"))
        assert "grant Send Messages" in text
        assert "1 could not be posted" in text


def _break(connection: Connection, channel: str) -> None:
    connection.execute(
        "INSERT INTO channel_fault (channel, fault, reason, since, retry_at) "
        "VALUES (?, 'permission', 'grant Send Messages', ?, ?)",
        (channel, "2026-11-21T08:00:00.000Z", "2026-11-21T10:00:00.000Z"),
    )
    connection.execute("UPDATE delivery SET state = 'dead'")


async def test_help_has_every_command_and_explains_each(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        text = text_of(await it.type("help"))
        for command in dispatch.commands():
            assert f"/{command.name}" in text
            one = text_of(await it.type("help", command=command.name))
            assert command.description["en"] in one
            for option in command.on("fake").options:
                assert option.name in one
        assert "no command" in text_of(await it.type("help", command="dance"))


async def test_answers_are_in_the_askers_language(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        url = await _subscribed(it)
        assert "Neuestes von" in text_of(await it.type("latest", GERMAN, source=url))
        assert "jede Meldung sofort" in text_of(await it.type("list", GERMAN))
        assert "Was ich kann" in text_of(await it.type("help", GERMAN))


async def test_outbox_rows_stay_while_people_look(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        url = await _subscribed(it)
        before = await it.database.read(outbox.listed)
        for name, values in {"list": {}, "status": {}, "latest": {"source": url}}.items():
            await it.type(name, ASK, **values)
        assert await it.database.read(outbox.listed) == before
