"""The service as a process of its own, with a local Slack before it and local feeds behind it."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tests.adapters.platforms.slack.live import Place, furnish
from tests.shared_data import SHARED
from tests.sims.origin import Origin
from tests.sims.slack.live import APP_TOKEN, LiveSlack
from tests.system.feeds import rss
from tests.system.service import SETTINGS, logging_service, run

pytestmark = pytest.mark.slow

CRANES = ("c1", "Fourteen cranes stopped at the port of Veldt")
TRIAL = ("t1", "Hospitals publish the results of a triage trial")


def configure(folder: Path, sim: LiveSlack, at: Place, *channels: str) -> None:
    settings = SETTINGS.replace("first_posts = 0", "first_posts = 1")
    wishes = "".join(
        f'\n[[subscriptions]]\nchannel = "slack:{channel}"\nsources = ["r/MachineLearning"]\n'
        for channel in channels
    )
    slack = f'\n[slack]\napi_base = "{sim.api_base}"\n'
    (folder / "threadwire.toml").write_text(settings + slack + wishes, encoding="utf-8")
    tokens = f"SLACK_BOT_TOKEN={at.team.token}\nSLACK_APP_TOKEN={APP_TOKEN}\n"
    (folder / ".env").write_text(tokens, encoding="utf-8")


async def test_from_subscribe_to_a_pressed_button_to_the_end(tmp_path: Path) -> None:
    async with LiveSlack() as sim, Origin() as origin:
        at = furnish(sim)
        origin.serve("/feed", body=rss([CRANES], site=origin.url("/site")))
        configure(tmp_path, sim, at)
        async with logging_service(tmp_path) as (process, lines):
            await sim.until(lambda: sim.sockets, 30)
            await sim.command(at.anna, at.room, "/news", f"subscribe {origin.url('/feed')}")
            assert CRANES[1] in (await sim.answer(at.anna)).text
            await sim.until(lambda: len(at.room.posts()) == 1, 20)
            [post] = at.room.posts()
            why = next(name for name in _actions(post.body) if name.startswith("why:"))
            await sim.press(at.ben, at.room, why, post)
            assert "fetched" in (await sim.answer(at.ben)).text
            await sim.drop_sockets()
            origin.serve("/feed", body=rss([TRIAL, CRANES], site=origin.url("/site")))
            await sim.until(lambda: len(at.room.posts()) == 2, 20)
            await sim.command(at.anna, at.room, "/news", "list")
            assert "/site" in (await sim.answer(at.anna, 2)).text
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0
            assert not [line for line in lines if '"error"' in line or "Traceback" in line]
        told = (await run(tmp_path, "doctor")).stdout
        assert "slack: connection: " in told
        sim.check()


def _actions(body: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    blocks = [block for block in body["blocks"] if "elements" in block]
    return [str(one.get("action_id")) for block in blocks for one in block["elements"]]


async def test_doctor_asks_slack_about_tokens_scopes_and_channels(tmp_path: Path) -> None:
    async with LiveSlack() as sim:
        at = furnish(sim)
        outside = sim.add_channel(at.team, "elsewhere", joined=False)
        configure(tmp_path, sim, at, at.room.id, outside.id)
        at.team.scopes.discard("reactions:read")
        told = await run(tmp_path, "doctor")
        assert told.status == 1
        assert f"ok   slack: SLACK_BOT_TOKEN is accepted, for Acme ({at.team.id})" in told.stdout
        assert "MEND slack: Acme" in told.stdout
        assert "lacks reactions:read (to take a star reaction" in told.stdout
        assert f"ok   slack:{at.room.id} (#news): may be posted to" in told.stdout
        assert f"MEND slack:{outside.id} (#elsewhere): the bot lacks membership" in told.stdout
        at.team.revoked = "token_revoked"
        told = await run(tmp_path, "doctor")
        assert "MEND slack: SLACK_BOT_TOKEN: Slack does not accept it (token_rev" in told.stdout
        assert at.team.token not in told.stdout + told.stderr
        assert not [one for one in sim.requests if one.method.startswith("chat.")]


async def test_init_and_manifest_print_what_slack_makes_an_app_of(tmp_path: Path) -> None:
    shown = (await run(tmp_path, "init")).stdout
    manifest = json.loads(shown[shown.index("\n{") :])
    printed = await run(tmp_path, "manifest", "slack")
    assert printed.json == manifest
    for scope in manifest["oauth_config"]["scopes"]["bot"]:
        assert f"  {scope}: " in printed.stderr
    path = SHARED / "specs/slack/manifest.schema.2.0.0.json"
    if path.exists():
        assert not list(Draft7Validator(json.loads(path.read_text())).iter_errors(manifest))
