"""Two servers on one bot: whatever one types, presses or completes, the other's stays the other's.

Everything in the registry is tried, so that a new command, button or completion is tried as well.
The first server subscribed to a feed that nobody else can read any more: what of it is shown to the
second one can only come from the store.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.commands import dispatch
from bot.commands.kit import Ask, Completes, Person, Pointed, Reply
from bot.posts.plain import render_plain
from bot.store import outbox, stories, subscriptions
from bot.store.database import Connection
from jobs.digest import DigestJob
from tests.bot.commands.desk import ASK, CHANNEL, SITE, Chat, chat, feed, poll

BOB = Person(id="fake:43", name="Bob")
THEIRS = Ask(platform="fake", space="fake:8", channel="fake:80", person=BOB, may_manage=True)
DIRECT = Ask(platform="fake", space="", channel="fake:dm", person=BOB, may_manage=True)
SECRET = ("Zanzibar", "Gazette", CHANNEL)  # headline, source's title, channel


@contextlib.asynccontextmanager
async def two_servers(folder: Path) -> AsyncIterator[tuple[Chat, str]]:
    """(the desk, the address of what only the first server subscribed to)."""
    async with chat(folder) as it:
        it.rooms.managers = {CHANNEL: {"fake:42", BOB.id}, "fake:80": {BOB.id}}
        body = feed("Zanzibar opens its harbour").replace(
            b"zanzibar-opens-its-harbour", b"story-one"
        )
        it.origin.serve("/a", body=body.replace(b"The Feed", b"The Gazette"))
        it.origin.serve("/b", body=feed("Quiet news of ours"))
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.type("subscribe", THEIRS, source=it.origin.url("/b"))
        await it.post()
        while await it.ingest.index():
            pass
        it.origin.serve("/a", status=404)
        yield it, it.origin.url("/a")


async def _own(it: Chat) -> tuple[int, int, str]:
    """(the first server's subscription, its story, its post's message)."""
    found = next(
        one for one in await it.database.read(subscriptions.listed) if one.channel == CHANNEL
    )
    told = next(one for one in await it.database.read(outbox.listed) if one.channel == CHANNEL)
    assert told.story_id
    assert told.message_id
    return found.id, told.story_id, told.message_id


def _snapshot(connection: Connection) -> list[Any]:
    """Everything of the first server that could be changed."""
    tables = ("subscription", "subscription_source", "muted_source", "star", "space_setting")
    found: list[Any] = []
    for table in tables:
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        kept = [tuple(row) for row in rows if "fake:8" not in str(tuple(row))]
        found.append((table, [row for row in kept if "fake:dm" not in str(row)]))
    states = connection.execute("SELECT url, state FROM source WHERE url LIKE '%/a'").fetchall()
    return [*found, [tuple(row) for row in states]]


def _shown(reply: Reply) -> str:
    texts = [render_plain(post, width=None) for post in reply.posts]
    texts += [str(post.actions) for post in reply.posts]
    return "\n".join([*texts, str(reply.controls), str(reply.form)])


def _typed(url: str, number: int, story: int, message: str) -> list[str]:
    return [
        url,
        "The Ga" + "zette",
        str(number),
        f"#{number}",
        f"story:{story}",
        message,
        "harbour",
        f"{SITE}/story-one",
        "1",
        "tag:labs",
        "community",
        "",
    ]


NAMES = [command.name for command in dispatch.commands()]
PRESSES = [press.name for press in dispatch.presses()]
ASKERS = [THEIRS, DIRECT]


@pytest.mark.parametrize("asker", ASKERS, ids=["server", "direct"])
@pytest.mark.parametrize("name", NAMES)
async def test_no_command_shows_or_changes_another_servers(
    tmp_path: Path, name: str, asker: Ask
) -> None:
    async with two_servers(tmp_path) as (it, url):
        typed = _typed(url, *await _own(it))
        before = await it.database.read(_snapshot)
        command = dispatch.find_command(name)
        assert command is not None
        for value in typed:
            values = {option.name: value for option in command.options}
            if "kind" in values:
                values["kind"] = "community"
            for key in ("post", "schedule", "timezone", "language", "min_score", "publish"):
                values.pop(key, None)
            reply = await it.type(name.removeprefix("news "), asker, **values)
            _assert_tells_nothing(reply, value)
        assert await it.database.read(_snapshot) == before


@pytest.mark.parametrize("asker", ASKERS, ids=["server", "direct"])
@pytest.mark.parametrize("name", PRESSES)
async def test_no_press_shows_or_changes_another_servers(
    tmp_path: Path, name: str, asker: Ask
) -> None:
    async with two_servers(tmp_path) as (it, url):
        number, story, message = await _own(it)
        typed = [*_typed(url, number, story, message), f"1:{CHANNEL}", "on", "off"]
        before = await it.database.read(_snapshot)
        for value in typed:
            for pointed in (None, Pointed(channel=CHANNEL, id=message)):
                ask = replace(asker, message=pointed)
                reply = await it.press(f"{name}:{value}", ask, **{"": value, "source": value})
                _assert_tells_nothing(reply, value)
        assert await it.database.read(_snapshot) == before


@pytest.mark.parametrize("asker", ASKERS, ids=["server", "direct"])
@pytest.mark.parametrize("completes", list(Completes))
async def test_no_completion_shows_another_servers(
    tmp_path: Path, completes: Completes, asker: Ask
) -> None:
    async with two_servers(tmp_path) as (it, url):
        number, _, _ = await _own(it)
        for typed in ("", "h", url, url[:12], "gaz", "the", str(number), "fake", "tag:", "%", "_"):
            found = await dispatch.complete(it.desk, completes, typed, asker)
            assert url not in {one.value for one in found}
            if completes is Completes.SUBSCRIPTION:
                assert str(number) not in {one.value for one in found}
            assert not [one for one in found if "Gazette" in one.label]
            assert len(found) <= 25


async def test_a_completion_shows_what_its_asker_may_manage(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        other = replace(ASK, channel="fake:71")
        it.rooms.managers = {CHANNEL: {"fake:42", BOB.id}, "fake:71": {"fake:42"}}
        for ask, target in ((ASK, "/a"), (other, "/b")):
            it.origin.serve(target, body=feed(f"News of {target}"))
            await it.type("subscribe", ask, source=it.origin.url(target))
        for person, seen in ((ASK.person, {"1", "2"}), (BOB, {"1"})):
            ask = replace(ASK, person=person)
            found = await dispatch.complete(it.desk, Completes.SUBSCRIPTION, "", ask)
            assert {one.value for one in found} == seen


async def test_a_message_command_and_a_reaction_know_no_foreign_message(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (it, _):
        _, _, message = await _own(it)
        before = await it.database.read(_snapshot)
        ask = replace(THEIRS, message=Pointed(channel=CHANNEL, id=message))
        for name in (one.name for one in dispatch.message_commands()):
            reply = await dispatch.answer_message_command(it.desk, name, ask)
            _assert_tells_nothing(reply, "")
        assert not await dispatch.reaction(it.desk, ask, True)
        assert await it.database.read(_snapshot) == before


async def test_what_is_hidden_answers_like_what_is_not_there(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (it, _):
        number, story, message = await _own(it)
        for name, there, absent in (
            ("unsubscribe", f"#{number}", "#4711"),
            ("why", message, "m-none"),
            ("why", "1", "4711"),
            ("why", f"{SITE}/story-one", f"{SITE}/none"),
            ("search", "harbour", "nowhere"),
        ):
            option = {"unsubscribe": "subscription", "why": "item", "search": "query"}[name]
            hidden = _shown(await it.type(name, THEIRS, **{option: there}))
            unknown = _shown(await it.type(name, THEIRS, **{option: absent}))
            assert hidden.replace(there, "X") == unknown.replace(absent, "X")
        hidden = _shown(await it.press(f"star:story:{story}", THEIRS))
        assert hidden == _shown(await it.press("star:story:4711", THEIRS))


async def test_their_own_answers_do_show_it(tmp_path: Path) -> None:
    """The test of the tests: the first server sees all that must be hidden above."""
    async with two_servers(tmp_path) as (it, url):
        number, story, message = await _own(it)
        assert "Zanzibar" in _shown(await it.type("search", query="harbour"))
        assert "Zanzibar" in _shown(await it.type("latest", source=url))
        assert "Zanzibar" in _shown(await it.type("catchup"))
        assert "Zanzibar" in _shown(await it.type("why", item=message))
        assert f"#{number}" in _shown(await it.type("list"))
        assert "Marked" in _shown(await it.press(f"star:story:{story}"))
        found = await dispatch.complete(it.desk, Completes.SOURCE, "gaz", ASK)
        assert [one.value for one in found] == [url]


async def test_a_story_that_both_have_is_told_to_each_by_its_own_sources(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.managers["fake:80"] = {BOB.id}
        item = feed("Polaris 3 is released with open weights today")
        it.origin.serve("/a", body=item.replace(b"The Feed", b"The Gazette"))
        it.origin.serve("/b", body=item.replace(b"The Feed", b"Our Paper"))
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.type("subscribe", THEIRS, source=it.origin.url("/b"))
        await it.post()
        posts = {where: post for where, _, post in it.platform.posts}
        assert "Gazette" in posts["70"].model_dump_json()
        assert "Our Paper" in posts["80"].model_dump_json()
        assert "Gazette" not in posts["80"].model_dump_json()
        assert "Our Paper" not in posts["70"].model_dump_json()


def _assert_tells_nothing(reply: Reply, typed: str) -> None:
    shown = _shown(reply).replace(typed, "") if typed else _shown(reply)
    assert not [secret for secret in SECRET if secret in shown]


async def test_a_digest_is_told_by_its_own_servers_sources_and_stars(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.managers["fake:80"] = {BOB.id}
        told = "Polaris 3 is released with open weights today"
        for ask, target, title in ((ASK, "/a", "Gazette"), (THEIRS, "/b", "Our Paper")):
            it.origin.serve(target, body=feed("Old news", title=title))
            source = it.origin.url(target)
            await it.type("subscribe", ask, source=source, post="roundup", schedule="daily 12:00")
        job = DigestJob(it.database, it.maker, it.clock)
        await job.run()
        it.clock.advance(hours=1)
        await poll(it, "/a", told, title="Gazette")
        await poll(it, "/b", told, title="Our Paper")
        [story] = {one.id for one in await it.database.read(stories.since, it.clock.now())}
        await it.press(f"star:story:{story}", ASK)
        it.clock.advance(hours=3)
        await job.run()
        await it.post()
        posts = {where: post.model_dump_json() for where, _, post in it.platform.posts}
        assert "Anna" in posts["70"]
        assert "Anna" not in posts["80"]
        assert "Gazette" in posts["70"]
        assert "Our Paper" not in posts["70"]
        assert "Our Paper" in posts["80"]
        assert "Gazette" not in posts["80"]


async def test_an_edit_after_unsubscribing_tells_nothing_of_others(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.rooms.managers["fake:80"] = {BOB.id}
        item = feed("Polaris 3 is released with open weights today")
        it.origin.serve("/a", body=item.replace(b"The Feed", b"The Gazette"))
        it.origin.serve("/b", body=item.replace(b"The Feed", b"Our Paper"))
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.post()
        await it.type("unsubscribe", subscription="1")
        await it.type("subscribe", THEIRS, source=it.origin.url("/b"))
        await it.post()
        edited = [post.model_dump_json() for _, post in it.platform.edits]
        assert not [post for post in edited if "Our Paper" in post]
