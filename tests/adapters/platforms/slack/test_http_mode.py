"""Signed requests: what counts, what is refused, and what came before."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.adapters.platforms.slack.live import furnish, live
from tests.sims.slack.live import LiveSlack, sign


async def test_everything_works_by_requests_too(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, mode="http") as it:
        await sim.command(at.anna, at.room, "/news", "help")
        help_text = await sim.answer(at.anna)
        await sim.shortcut(at.anna, at.team, "subscribe_channel")
        await sim.until(lambda: sim.views)
        (opened,) = sim.views.values()
        ack = await sim.submit(at.anna, opened, channel=at.room.id, source="x", schedule="??")
        await sim.event(at.team, {"type": "app_home_opened", "user": at.anna.id, "tab": "home"})
        await it.idle()
    assert "/news" in help_text.text
    assert ack.payload["response_action"] == "errors"
    assert at.anna.id in sim.homes
    assert sim.opened_sockets == 0


async def test_the_endpoint_is_verified(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, mode="http"):
        text = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"})
        status, body = await sim.post_signed(text, is_json=True)
    assert (status, "abc" in body) == (200, True)


@pytest.mark.parametrize(
    "signed",
    [
        {"signature": "v0=" + "0" * 64},
        {"signature": "none"},
        {"signature": "v0=" + "g" * 64},
        {"timestamp": "soon"},
        {"timestamp": "1" * 40},
        {"timestamp": "1767225600"},
        {"timestamp": "99999999999"},
    ],
    ids=["forged", "unsigned", "malformed", "no-number", "huge", "old", "future"],
)
async def test_what_slack_did_not_sign_now_is_refused(
    tmp_path: Path, sim: LiveSlack, signed: dict[str, str]
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, mode="http") as it:
        text = urlencode({"command": "/news", "text": "help", "team_id": at.team.id})
        status, _ = await sim.post_signed(text, signed=signed)
        await it.idle()
    assert status == 401
    assert sim.shown == []


async def test_a_replayed_request_is_not_worked_on_again(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token, mode="http") as it:
        event = {"type": "app_mention", "user": at.anna.id, "channel": at.room.id, "text": "hi"}
        body = {"team_id": at.team.id, "type": "event_callback", "event": event}
        text, stamp = json.dumps(body), str(int(time.time()))
        answers = [
            await sim.post_signed(
                text, is_json=True, signed={"timestamp": stamp, "signature": sign(text, stamp)}
            )
            for _ in range(3)
        ]
        await it.idle()
    assert [status for status, _ in answers] == [200, 200, 200]
    assert len(sim.shown) == 1


async def test_a_retried_event_is_worked_on_once(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    event = {"type": "app_mention", "user": at.anna.id, "channel": at.room.id, "text": "hi"}
    async with live(tmp_path, sim, token=at.team.token, mode="http") as it:
        await sim.event(at.team, event, event_id="Ev9")
        for number in ("1", "2"):
            retried = {"X-Slack-Retry-Num": number, "X-Slack-Retry-Reason": "http_timeout"}
            await sim.event(at.team, event, event_id="Ev9", **retried)
        await it.idle()
    assert len(sim.shown) == 1


async def test_a_body_that_is_no_text_is_refused(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with (
        live(tmp_path, sim, token=at.team.token, mode="http") as it,
        aiohttp.ClientSession() as session,
        session.post(f"{it.web}/slack/events", data=b"\xff\xfe") as answer,
    ):
        status = answer.status
    assert status == 400
