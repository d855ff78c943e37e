"""Installing into several workspaces, and keeping them apart."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import yarl

from adapters.platforms.slack.oauth import States
from bot.store import slack_installations
from tests.adapters.platforms.slack.live import WEB_TOKEN, Live, furnish, live
from tests.bot.commands.desk import feed
from tests.sims.slack.live import LiveSlack

KEY = "a long random text of the admin's own"


BEARER = {"Authorization": f"Bearer {WEB_TOKEN}"}


async def install(it: Live) -> tuple[int, str]:
    """What a person sees in the end who goes through the pages with a browser."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        aiohttp.ClientSession(cookie_jar=jar) as browser,
        browser.post(f"{it.web}/slack/install", data={"token": WEB_TOKEN}) as answer,
    ):
        return answer.status, await answer.text()


async def test_workspaces_install_and_are_answered_each_by_its_own_token(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        first = furnish(sim, "One")
        status, page = await install(it)
        second = furnish(sim, "Two")
        await install(it)
        for at in (first, second):
            await sim.event(at.team, {"type": "app_home_opened", "user": at.anna.id, "tab": "home"})
        await it.idle()
    published = {one.token for one in sim.asked("views.publish")}
    assert status == 200
    assert "It is in One now" in page
    assert published == {first.team.token, second.team.token}


async def test_only_who_has_the_web_token_may_begin(tmp_path: Path, sim: LiveSlack) -> None:
    async with live(tmp_path, sim, key=KEY) as it, aiohttp.ClientSession() as anybody:
        furnish(sim, "One")
        answers = []
        for token in ("a guess", ""):
            async with anybody.post(f"{it.web}/slack/install", data={"token": token}) as answer:
                answers.append((answer.status, "password" in await answer.text()))
    async with (
        live(tmp_path, sim, key=KEY, web_token=None) as it,
        aiohttp.ClientSession() as anybody,
        anybody.get(f"{it.web}/slack/install") as answer,
    ):
        answers.append((answer.status, "password" in await answer.text()))
    assert answers == [(403, True), (200, True), (403, False)]
    assert sim.asked("oauth.v2.access") == []


async def test_tokens_are_stored_sealed_and_open_with_the_key_alone(
    tmp_path: Path, sim: LiveSlack
) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        at = furnish(sim, "One")
        await install(it)
        (row,) = await it.chat.database.read(slack_installations.listed)
    async with live(tmp_path, sim, key=KEY) as it:
        known = it.workspaces.token_of(at.team.id)
    async with live(tmp_path, sim, key="another key, which is of no use") as it:
        unknown = it.workspaces.token_of(at.team.id)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert at.team.token not in row.sealed_token
    assert at.team.token.encode() not in stored
    assert (known, unknown) == (at.team.token, None)


async def test_one_workspace_sees_nothing_of_another(tmp_path: Path, sim: LiveSlack) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        first = furnish(sim, "One")
        await install(it)
        second = furnish(sim, "Two")
        await install(it)
        it.chat.origin.serve("/secret.xml", body=feed("A secret of the first"))
        url = it.chat.origin.url("/secret.xml")
        await sim.command(first.anna, first.room, "/news", f"subscribe {url}")
        await it.idle()
        for text in ("list", "status", "latest", "search secret", "unsubscribe 1", "pause 1"):
            await sim.command(second.boss, second.room, "/news", text)
        await sim.event(
            second.team, {"type": "app_home_opened", "user": second.boss.id, "tab": "home"}
        )
        await it.idle()
        assert "Spent" not in str(sim.homes[second.boss.id])  # by both together
        rows = await it.chat.subscriptions()
    seen = "\n".join(one.text for one in sim.shown if one.user == second.boss.id)
    assert len(rows) == 1
    assert "secret.xml" not in seen + str(sim.homes[second.boss.id])
    assert "A secret of the first" not in seen


async def test_an_uninstalled_workspace_is_forgotten(tmp_path: Path, sim: LiveSlack) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        at = furnish(sim, "One")
        await install(it)
        await sim.event(at.team, {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
        await it.idle()
        kept = it.workspaces.token_of(at.team.id)
        at.team.revoked = "account_inactive"
        await sim.event(at.team, {"type": "app_uninstalled"})
        await it.idle()
        rows = await it.chat.database.read(slack_installations.listed)
        gone = it.workspaces.token_of(at.team.id)
    assert (kept, gone, rows) == (at.team.token, None, [])


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_old_news_of_an_uninstall_does_not_undo_a_new_install(
    tmp_path: Path, sim: LiveSlack, kind: str
) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        at = furnish(sim, "One")
        await install(it)
        at.team.token = "xoxb-of-the-second-install"
        await install(it)
        await sim.event(at.team, {"type": kind, "tokens": {"bot": [at.team.bot.id]}})
        await it.idle()
        rows = await it.chat.database.read(slack_installations.listed)
        token = it.workspaces.token_of(at.team.id)
    assert token == "xoxb-of-the-second-install"
    assert len(rows) == 1


async def test_a_new_install_takes_the_place_of_a_dead_token_of_the_environment(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim, "One")
    old = at.team.token
    async with live(tmp_path, sim, key=KEY, token=old) as it:
        await install(it)
        kept = it.workspaces.token_of(at.team.id)
        at.team.token = "xoxb-of-the-new-install"  # the old one is worth nothing now
        await install(it)
        taken = it.workspaces.token_of(at.team.id)
    assert (kept, taken) == (old, "xoxb-of-the-new-install")


async def test_a_state_serves_once_and_one_browser_alone(tmp_path: Path, sim: LiveSlack) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        furnish(sim, "One")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as victim:
            async with victim.get(
                f"{it.web}/slack/install", headers=BEARER, allow_redirects=False
            ) as answer:
                asked = parse_qs(urlsplit(answer.headers["Location"]).query)
                cookie = answer.cookies["threadwire_slack_install"]
            back = yarl.URL(f"{it.web}/slack/oauth_redirect").with_query(
                code="code-x", state=asked["state"][0]
            )
            async with aiohttp.ClientSession() as other, other.get(back) as refused:
                statuses = [refused.status]
            async with victim.get(back) as again:
                statuses.append(again.status)
        rows = await it.chat.database.read(slack_installations.listed)
    assert statuses == [400, 400]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert rows == []
    assert "chat:write" in asked["scope"][0]


async def test_a_code_that_slack_refuses_installs_nothing(tmp_path: Path, sim: LiveSlack) -> None:
    async with live(tmp_path, sim, key=KEY) as it:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            async with browser.get(
                f"{it.web}/slack/install", headers=BEARER, allow_redirects=False
            ) as answer:
                asked = parse_qs(urlsplit(answer.headers["Location"]).query)
            back = yarl.URL(f"{it.web}/slack/oauth_redirect").with_query(
                code="<script>", state=asked["state"][0]
            )
            async with browser.get(back) as refused:
                status, page = refused.status, await refused.text()
        rows = await it.chat.database.read(slack_installations.listed)
    assert status == 400
    assert "invalid_code" in page
    assert rows == []


def test_a_state_is_good_for_ten_minutes() -> None:
    now = [0.0]
    states = States(now=lambda: now[0])
    early, late = states.give(), states.give()
    now[0] = 599.0
    in_time = states.take(*early)
    now[0] = 601.0
    assert (in_time, states.take(*late)) == (True, False)
