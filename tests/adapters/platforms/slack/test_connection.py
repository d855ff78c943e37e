"""Staying connected: sockets that close, freeze, are refused or told to go; envelopes twice."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path

from adapters.platforms.slack.socket_mode import Link
from tests.adapters.platforms.slack.live import furnish, live
from tests.sims.slack.live import LiveSlack


def _reopened(sim: LiveSlack, opened: int) -> bool:
    return sim.opened_sockets > opened and bool(sim.sockets)


async def test_a_lost_socket_is_replaced(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        for politely in (True, False, True):
            opened = sim.opened_sockets
            await sim.drop_sockets(politely=politely)
            await sim.until(partial(_reopened, sim, opened))
        await sim.command(at.anna, at.room, "/news", "help")
        await sim.answer(at.anna)
    assert sim.opened_sockets >= 4


async def test_a_planned_replacement_is_there_before_the_old_one_goes(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        old = sim.sockets[0]
        await sim.disconnect("refresh_requested")
        await sim.until(lambda: sim.opened_sockets == 2)
        assert not old.closed
        await sim.command(at.anna, at.room, "/news", "help")
        await sim.answer(at.anna)


async def test_a_socket_without_a_greeting_does_not_count(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    sim.greets = False
    async with live(tmp_path, sim, token=at.team.token) as it:
        assert it.connection.link is Link.CONNECTING


async def test_slack_being_away_at_the_start_is_waited_for(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    sim.fail_next("auth.test", left=3, status=503)
    sim.fail_next("auth.test", left=1, reset="before")
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.command(at.anna, at.room, "/news", "help")
        await sim.answer(at.anna)
        assert it.workspaces.of(at.team.id).bot_user_id == at.team.bot.id


async def test_a_refused_ticket_is_not_tried_again(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    sim.refused_tickets = 3
    async with live(tmp_path, sim, token=at.team.token):
        await sim.command(at.anna, at.room, "/news", "help")
        await sim.answer(at.anna)
    assert len(sim.asked("apps.connections.open")) == 4


async def test_failing_to_get_a_ticket_is_waited_out(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    sim.fail_next("apps.connections.open", status=503)
    sim.fail_next("apps.connections.open", reset="before")
    sim.fail_next("apps.connections.open", status=429, retry_after=1)
    sim.fail_next("apps.connections.open", error="internal_error")
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.command(at.anna, at.room, "/news", "help")
        await sim.answer(at.anna)
        assert it.connection.link is Link.READY
    assert len(sim.asked("apps.connections.open")) == 5


async def test_a_frozen_peer_is_noticed(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, ping_s=0.2):
        sim.pongs = False
        await sim.until(lambda: sim.opened_sockets >= 2)


async def test_a_refused_app_token_is_told_and_not_hammered(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, app_token="xapp-wrong", ready=False) as it:
        async with asyncio.timeout(5):
            while "SLACK_APP_TOKEN" not in await it.note("link"):
                await asyncio.sleep(0.01)
        note = json.loads(await it.note("link"))
    assert note["link"] == "access"
    assert len(sim.asked("apps.connections.open")) == 1


async def test_an_envelope_that_comes_twice_is_worked_on_once_and_acknowledged_twice(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        sent = {"type": "app_mention", "user": at.anna.id, "channel": at.room.id, "text": "hi"}
        payload = {"team_id": at.team.id, "type": "event_callback", "event_id": "Ev1"}
        await sim.send("events_api", {**payload, "event": sent}, copies=3)
        await sim.until(lambda: len(sim.acked) == 3)
        await it.idle()
    assert len(sim.shown) == 1


async def test_an_event_that_is_repeated_in_a_new_envelope_is_worked_on_once(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    sent = {"type": "app_mention", "user": at.anna.id, "channel": at.room.id, "text": "hi"}
    async with live(tmp_path, sim, token=at.team.token) as it:
        for attempt in range(4):
            await sim.event(at.team, sent, event_id="Ev7", retry_attempt=attempt)
        await it.idle()
    assert len(sim.shown) == 1


async def test_what_nobody_listens_to_is_acknowledged(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        await sim.command(at.anna, at.room, "/older", "x")
        await sim.event(at.team, {"type": "pin_added", "user": at.anna.id})
        await sim.shortcut(at.anna, at.team, "older_shortcut")
        payload = sim._interactive("block_suggestion", at.anna, at.team)
        await sim.send("interactive", {**payload, "action_id": "x", "block_id": "y"})
    assert sim.shown == []


async def test_a_stopped_bot_says_so_to_who_is_waiting(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.connection._office.tasks.is_stopping = True
        await sim.command(at.anna, at.room, "/news", "help")
        shown = await sim.answer(at.anna)
    assert "restarted" in shown.text


async def test_who_waits_when_it_stops_is_told(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.connection.stop_within_s = 0.05
        it.chat.origin.serve("/slow.xml", body=b"", delay_s=30)
        url = it.chat.origin.url("/slow.xml")
        await sim.command(at.anna, at.room, "/news", f"preview {url}")
        await sim.until(lambda: sim.shown)  # the line that says that it is being read
    assert "restarted" in sim.shown[-1].text
    assert sim.shown[-1].user == at.anna.id


async def test_a_workspace_we_are_not_in_is_not_answered_with_anothers_token(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at, other = furnish(sim), furnish(sim, "Other")
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.command(other.anna, other.room, "/news", "help")
        await it.idle()
    assert "not installed" in sim.shown[0].text
    assert not [one for one in sim.requests if one.token == other.team.token]


async def test_the_ticket_of_a_refused_socket_is_told_to_nobody(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    sim.refused_tickets = 10_000
    async with live(tmp_path, sim, token=at.team.token, ready=False) as it:
        async with asyncio.timeout(5):
            while "refused" not in await it.note("link"):
                await asyncio.sleep(0.01)
        note = await it.note("link")
    assert "HTTP 403" in note
    assert "ticket" not in note
