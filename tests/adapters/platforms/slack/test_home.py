"""App Home: what is shown to whom, and what its buttons do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.store import chat
from tests.adapters.platforms.slack.live import Live, Place, furnish, live
from tests.bot.commands.desk import feed
from tests.sims.slack.live import LiveSlack
from tests.sims.slack.world import Person


async def subscribed(it: Live, at: Place) -> None:
    it.chat.origin.serve("/f.xml", body=feed("A story", title="The Lab Feed"))
    url = it.chat.origin.url("/f.xml")
    await it.sim.command(at.anna, at.room, "/news", f"subscribe {url} daily 9:00")
    await it.idle()


async def opened(it: Live, at: Place, person: Person) -> dict[str, Any]:
    await it.sim.event(at.team, {"type": "app_home_opened", "user": person.id, "tab": "home"})
    await it.idle()
    return it.sim.homes[person.id]


def buttons(view: dict[str, Any]) -> list[str]:
    return [
        element["action_id"]
        for block in view["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


async def test_a_member_sees_the_subscriptions_of_their_channels(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        annas = await opened(it, at, at.anna)
        bens = await opened(it, at, at.ben)
    assert "The Lab Feed" in json.dumps(annas)
    assert f"<#{at.room.id}>" in json.dumps(annas)
    assert {"home:toggle:1", "home:edit:1", "home:remove:1"} <= set(buttons(annas))
    assert "The Lab Feed" not in json.dumps(bens)


async def test_its_buttons_pause_resume_and_remove(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        states = []
        for verb in ("toggle", "toggle", "remove"):
            await sim.press_in_view(at.anna, at.team, f"home:{verb}:1", sim.homes.get("", {}))
            await it.idle()
            states += [row.rpartition(" ")[2] for row in await it.chat.subscriptions()] or ["none"]
        shown = json.dumps(sim.homes[at.anna.id])
    assert states == ["paused", "active", "none"]
    assert "The Lab Feed" not in shown or "#1" in shown


async def test_an_outsider_changes_nothing_there(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        await sim.press_in_view(at.ben, at.team, "home:remove:1", {})
        await it.idle()
        rows = await it.chat.subscriptions()
    assert rows[0].endswith("active")
    assert "members of the channel" in json.dumps(sim.homes[at.ben.id])


async def test_edit_opens_the_form_and_saves(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        await sim.press_in_view(at.anna, at.team, "home:edit:1", {})
        await sim.until(lambda: sim.views)
        (form,) = sim.views.values()
        await sim.submit(at.anna, form, include="robots")
        await it.idle()
    assert "robots" in json.dumps(sim.homes[at.anna.id])  # without opening it again


async def test_a_subscription_made_there_shows_there(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await opened(it, at, at.anna)
        await sim.press_in_view(at.anna, at.team, "home:subscribe", {})
        await sim.until(lambda: sim.views)
        (form,) = sim.views.values()
        await sim.submit(at.anna, form, channel=at.room.id, source="no source")
        await it.idle()
        it.chat.origin.serve("/f.xml", body=feed("A story", title="The Lab Feed"))
        url = it.chat.origin.url("/f.xml")
        await sim.submit(at.anna, form, channel=at.room.id, source=url)
        await it.idle()
    assert "The Lab Feed" in json.dumps(sim.homes[at.anna.id])


async def test_what_is_muted_is_named_there(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        now = it.chat.clock.now()
        await it.chat.database.write(chat.mute, f"slack:{at.room.id}", 1, "slack:U1", now)
        shown = await opened(it, at, at.anna)
    assert "Muted there: The Lab Feed." in json.dumps(shown)


async def test_memberships_are_asked_for_several_channels_at_once(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/f.xml", body=feed("A story", title="The Lab Feed"))
        rooms = [sim.add_channel(at.team, f"room-{number}") for number in range(10)]
        for number, room in enumerate(rooms):
            room.members |= {at.anna.id} if number % 2 else set()
            url = it.chat.origin.url("/f.xml")
            await sim.command(at.anna, room, "/news", f"subscribe {url}")
        await it.idle()
        shown = json.dumps(await opened(it, at, at.anna))
    seen = [room.name for room in rooms if f"<#{room.id}>" in shown]
    assert seen == [f"room-{number}" for number in range(1, 10, 2)]


async def test_admins_see_the_spending_and_may_keep_subscriptions_to_admins(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        annas, bosses = await opened(it, at, at.anna), await opened(it, at, at.boss)
        await sim.press_in_view(at.anna, at.team, "home:restrict:on", {})
        await it.idle()
        await subscribed(it, at)
        before = len(await it.chat.subscriptions())
        await sim.press_in_view(at.boss, at.team, "home:restrict:on", {})
        await it.idle()
        await sim.command(at.anna, at.room, "/news", "unsubscribe 1")
        await it.idle()
        after = len(await it.chat.subscriptions())
    assert "Spent on summaries" in json.dumps(bosses)
    assert "Spent on summaries" not in json.dumps(annas)
    assert "home:restrict:on" not in buttons(annas)
    assert (before, after) == (1, 1)


async def test_the_button_for_a_subscription_opens_the_form(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.press_in_view(at.anna, at.team, "home:subscribe", {})
        await sim.until(lambda: sim.views)
        await it.idle()
    (form,) = sim.views.values()
    assert form.view["callback_id"] == "slack_subscribe"
