"""What people and programs send who mean no good, and where one workspace ends."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from adapters.platforms.slack.events import Events
from adapters.platforms.slack.manifest import EVENTS
from tests.adapters.platforms.slack.live import furnish, live
from tests.adapters.platforms.slack.test_oauth import KEY, install
from tests.bot.commands.desk import feed
from tests.sims.slack.live import LiveSlack


async def test_a_form_subscribes_nobody_elses_direct_message(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/f.xml", body=feed("A"))
        await sim.shortcut(at.ben, at.team, "subscribe_channel")
        await sim.until(lambda: sim.views)
        (opened,) = sim.views.values()
        url = it.chat.origin.url("/f.xml")
        ack = await sim.submit(at.ben, opened, channel=f"D{at.anna.id}", source=url)
        await it.idle()
        rows = await it.chat.subscriptions()
    assert ack.payload["errors"] == {"channel": "Choose a channel"}
    assert rows == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=nonsense"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "deflate"},
    ],
    ids=["no charset", "another charset", "no gzip", "no deflate"],
)
async def test_a_body_that_cannot_be_read_is_the_senders_fault(
    tmp_path: Path, sim: LiveSlack, headers: dict[str, str]
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, mode="http"):
        assert sim.http_target is not None
        async with (
            aiohttp.ClientSession() as anybody,
            anybody.post(sim.http_target, data=b"{} or so", headers=headers) as answer,
        ):
            status = answer.status
    assert status in (400, 401)


async def test_a_large_body_is_refused_unread(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, mode="http"):
        assert sim.http_target is not None
        large = io.BytesIO(b"x" * 3 * 2**20)
        async with (
            aiohttp.ClientSession() as anybody,
            anybody.post(sim.http_target, data=large) as answer,
        ):
            status = answer.status
    assert status == 413


async def test_a_token_that_is_no_text_is_a_wrong_token(tmp_path: Path, sim: LiveSlack) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        host, _, port = it.web.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"GET /slack/install HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Authorization: Bearer \xff\xfe\r\n\r\n"
        )
        first = await reader.readline()
        writer.close()
    assert b" 403 " in first


async def test_being_in_a_channel_of_one_workspace_says_nothing_of_anothers(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        first = furnish(sim, "One")
        await install(it)
        second = furnish(sim, "Two")
        await install(it)
        twin = sim.add_channel(second.team, "secret", private=True)
        twin.id = first.room.id
        second.team.rooms[twin.id] = twin
        second.team.people[first.anna.id] = first.anna
        here = await it.rooms.is_member(first.team.id, first.room.id, first.anna.id)
        there = await it.rooms.is_member(second.team.id, first.room.id, first.anna.id)
    assert (here, there) == (True, False)


async def test_what_happens_in_a_shared_channel_is_our_own_workspaces(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    opening = sim.say(at.room, at.anna, "Shall we take the new model? It is cheaper.")
    sim.say(at.room, at.boss, "Yes, it is faster as well, and we can go back.", thread=opening.ts)
    async with live(tmp_path, sim, token=at.team.token) as it:
        event = {
            "type": "app_mention",
            "user": at.anna.id,
            "text": f"<@{at.team.bot.id}>",
            "channel": at.room.id,
            "ts": sim.next_ts(),
            "thread_ts": opening.ts,
        }
        envelope = {
            "type": "event_callback",
            "team_id": "T9999",  # of who wrote it
            "event_id": "Ev1",
            "event": event,
            "authorizations": [{"team_id": at.team.id, "user_id": at.team.bot.id}],
        }
        await sim.send("events_api", envelope)
        await it.idle()
        answer = await sim.answer(at.anna)
    assert "faster" in answer.text or "cheaper" in answer.text


async def test_who_left_a_conversation_reads_no_more_of_it(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    secret = sim.add_channel(at.team, "board", private=True)
    secret.members |= {at.anna.id, at.boss.id}
    opening = sim.say(secret, at.boss, "The merger is on Friday, says the bank.")
    sim.say(secret, at.boss, "Nobody outside may know of the merger yet.", thread=opening.ts)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.message_shortcut(at.anna, secret, opening)
        before = await sim.answer(at.anna)
        secret.members.discard(at.anna.id)
        await sim.message_shortcut(at.anna, secret, opening)
        after = await sim.answer(at.anna, 2)
        await it.idle()
    assert "merger" in before.text
    assert "merger" not in after.text


def test_the_manifest_asks_for_all_that_is_heard() -> None:
    anything: Any = SimpleNamespace(desk=None, opened=None)  # no handler is called
    handled = set(Events(anything, anything, anything)._handlers)
    assert handled - {"link_shared"} <= set(EVENTS)


PICTURED = b"""<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Pictures</title>
<item><guid>p1</guid><title>A picture that no longer loads</title><link>http://127.0.0.1:9/p1</link>
<pubDate>21 Nov 2026 08:00:00 GMT</pubDate>
<media:content url="https://pictures.example/gone.png" medium="image" type="image/png"/>
<description>What the article says, at some length, so that it can be read as a text.</description>
</item></channel></rss>"""


async def test_an_answer_is_shown_without_the_picture_that_does_not_load(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/p.xml", body=PICTURED)
        url = it.chat.origin.url("/p.xml")
        await sim.command(at.anna, at.room, "/news", f"preview {url}")
        loads = await sim.answer(at.anna)
        sim.dead_pictures = True
        await sim.command(at.anna, at.room, "/news", f"preview {url}")
        fails = await sim.answer(at.anna, 2)
        await sim.shortcut(at.anna, at.team, "subscribe_channel")
        await sim.until(lambda: sim.views)
        (opened,) = sim.views.values()
        filled = sim.filled(opened, channel=at.room.id, source=url)
        await sim.press_in_view(at.anna, at.team, "slack_preview", filled)
        await sim.until(lambda: "A picture that" in json.dumps(opened.view))
        await it.idle()
    assert "gone.png" in loads.text
    assert ("A picture that" in fails.text, "gone.png" in fails.text) == (True, False)
    assert fails.by == "response_url"
