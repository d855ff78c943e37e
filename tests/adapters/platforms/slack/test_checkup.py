"""What `doctor` finds out on Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from adapters.platforms.slack.checkup import Found, Given, look_over
from adapters.platforms.slack.sealing import Sealer
from adapters.platforms.slack.workspaces import Workspaces
from bot.store import spaces, subscriptions
from bot.store.database import Database
from bot.store.slack_installations import InstallationRow
from bot.store.subscriptions import DeclaredSubscription
from tests.adapters.platforms.slack.live import Place, furnish
from tests.fakes.clock import FakeClock
from tests.sims.slack.live import APP_TOKEN, LiveSlack

KEY = "a long secret of our own"


async def looked(sim: LiveSlack, folder: Path, *channels: str, **given: str) -> list[Found]:
    async with Database(folder / "t.db") as database:
        return await look_over(
            Given(api_base=sim.api_base, **given), database, FakeClock(), channels
        )


def ailing(found: list[Found]) -> list[str]:
    return [line for is_well, line in found if not is_well]


async def test_all_is_well_with_good_tokens_in_a_channel_that_we_are_in(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    found = await looked(
        sim, tmp_path, f"slack:{at.room.id}", bot_token=at.team.token, app_token=APP_TOKEN
    )
    assert found == [
        (True, f"slack: SLACK_BOT_TOKEN is accepted, for Acme ({at.team.id})"),
        (True, "slack: Socket Mode: SLACK_APP_TOKEN is accepted"),
        (True, f"slack:{at.room.id} (#news): may be posted to"),
    ]


async def test_each_scope_that_is_missing_is_named_with_what_it_is_for(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    at.team.scopes -= {"users:read", "channels:history"}
    found = await looked(sim, tmp_path, bot_token=at.team.token, app_token=APP_TOKEN)
    [line] = ailing(found)
    assert "lacks users:read (to name who wrote what in a summary of a thread)" in line
    assert "threadwire manifest slack" in line
    notes = [line for is_well, line in found if is_well]
    assert any("without channels:history" in line for line in notes)


@pytest.mark.parametrize("error", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_a_refused_token_is_told_once_and_no_channel_is_asked_with_it(
    tmp_path: Path, sim: LiveSlack, error: str
) -> None:
    at = furnish(sim)
    at.team.revoked = error
    found = await looked(
        sim, tmp_path, f"slack:{at.room.id}", bot_token=at.team.token, app_token=APP_TOKEN
    )
    assert ailing(found) == [
        f"slack: SLACK_BOT_TOKEN: Slack does not accept it ({error}): put in the current one"
    ]
    assert not sim.asked("conversations.info")
    assert at.team.token not in str(found)


async def test_an_app_token_that_is_refused_or_missing_is_told(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    wrong = await looked(sim, tmp_path, bot_token=at.team.token, app_token="xapp-other")
    assert ailing(wrong) == [
        "slack: SLACK_APP_TOKEN is not accepted: put in the current one (invalid_auth)"
    ]
    lacking = "SLACK_APP_TOKEN (xapp-…) is not set"
    none = await looked(sim, tmp_path, bot_token=at.team.token, missing=lacking)
    assert ailing(none) == [f"slack: {lacking}; posts go out, commands and buttons do nothing"]


def outside(at: Place, sim: LiveSlack) -> str:
    return sim.add_channel(at.team, "elsewhere", joined=False).id


def archived(at: Place, sim: LiveSlack) -> str:
    at.room.is_archived = True
    return at.room.id


def unseen(at: Place, sim: LiveSlack) -> str:
    return sim.add_channel(at.team, "secret", private=True, joined=False).id


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        (outside, "(#elsewhere): the bot lacks membership (type /invite there to add me)"),
        (archived, "(#news): the bot lacks an open channel (it is archived)"),
        (unseen, ": I cannot see that channel: type /invite there to add me."),
    ],
)
async def test_a_channel_that_takes_no_posts_is_told_with_what_to_do(
    tmp_path: Path, sim: LiveSlack, channel: Callable[[Place, LiveSlack], str], told: str
) -> None:
    at = furnish(sim)
    name = f"slack:{channel(at, sim)}"
    found = await looked(sim, tmp_path, name, bot_token=at.team.token, app_token=APP_TOKEN)
    [line] = ailing(found)
    assert line.startswith(name)
    assert line.endswith(told)


async def test_installed_workspaces_are_looked_at_one_by_one_without_a_token_of_our_own(
    tmp_path: Path, sim: LiveSlack
) -> None:
    one, two, three = furnish(sim, "One"), furnish(sim, "Two"), furnish(sim, "Three")
    where = {"install_url": "https://news.example.org/slack/install", "app_token": APP_TOKEN}
    assert ailing(await looked(sim, tmp_path, token_key=KEY, **where)) == [
        "slack: no workspace has installed the app yet: open https://news.example.org/slack/install"
    ]
    for at, key in ((one, KEY), (two, KEY), (three, "another key")):
        async with Database(tmp_path / "t.db") as database:
            known = Workspaces(database, api_base=sim.api_base, sealer=Sealer(key))
            on = datetime(2026, 11, 21, tzinfo=UTC)
            row = InstallationRow(at.team.id, at.team.name, at.team.bot.id, "", "", "U1", on)
            await known.install(row, at.team.token)
    two.team.revoked = "token_revoked"
    found = await looked(sim, tmp_path, token_key=KEY, **where)
    assert (True, f"slack: workspace One ({one.team.id}) is accepted, for One ({one.team.id})") in (
        found
    )
    unsealed, revoked = ailing(found)
    assert unsealed.startswith(f"slack: workspace Three ({three.team.id}): ")
    assert f"workspace Two ({two.team.id}): Slack does not accept it (token_revoked)" in revoked
    assert all(line.endswith("/slack/install") for line in (unsealed, revoked))


async def test_a_channel_whose_workspace_has_no_token_is_told_so(
    tmp_path: Path, sim: LiveSlack
) -> None:
    one, two = furnish(sim, "One"), furnish(sim, "Two")
    async with Database(tmp_path / "t.db") as database:
        place = [(f"slack:{two.room.id}", f"slack:{two.team.id}")]
        wish = DeclaredSubscription(channel=f"slack:{two.room.id}", sources=("r/a",))
        now = datetime(2026, 11, 21, tzinfo=UTC)
        await database.write(partial(subscriptions.declare, declared=wish, origin="chat", now=now))
        await database.write(spaces.note_spaces, place)
    found = await looked(
        sim, tmp_path, f"slack:{two.room.id}", bot_token=one.team.token, app_token=APP_TOKEN
    )
    assert ailing(found) == [
        f"slack:{two.room.id}: the bot is not installed in this channel's workspace: install it "
        "there again"
    ]
