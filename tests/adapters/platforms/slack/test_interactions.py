"""Commands, buttons, forms and shortcuts, typed and pressed on the local Slack."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import ChannelFault
from bot.store import faults, subscriptions
from bot.store.faults import StoredFault
from tests.adapters.platforms.slack.live import Live, Place, furnish, live
from tests.bot.commands.desk import feed
from tests.sims.slack.live import LiveSlack, Opened, Shown
from tests.sims.slack.world import Said


def only_view(sim: LiveSlack) -> Opened:
    (opened,) = sim.views.values()
    return opened


async def subscribed(it: Live, at: Place) -> str:
    """A feed is subscribed in the channel; its address."""
    it.chat.origin.serve("/f.xml", body=feed("A story about models", "Another story"))
    url = it.chat.origin.url("/f.xml")
    await it.sim.command(at.anna, at.room, "/news", f"subscribe {url}")
    await it.idle()
    return url


async def test_a_command_is_acknowledged_and_answered_to_its_asker(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        ack = await sim.command(at.anna, at.room, "/news", "help")
        shown = await sim.answer(at.anna)
    assert ack.after_s < 1
    assert "/news subscribe" in shown.text


async def test_subscribe_reads_the_feed_and_shows_what_comes(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        rows = await it.chat.subscriptions()
        last = [one for one in sim.shown if one.user == at.anna.id][-1]
    assert len(rows) == 1
    assert rows[0].startswith(f"slack:{at.room.id} instant")
    assert "A story about models" in last.text
    assert len([one for one in sim.shown if one.user == at.anna.id]) == 1


async def test_an_unknown_word_names_the_nearest_command(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        await sim.command(at.anna, at.room, "/news", "subscrib x")
        shown = await sim.answer(at.anna)
    assert "Did you mean /news subscribe?" in shown.text


async def test_a_wrong_form_is_shown_the_right_one(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        await sim.command(at.anna, at.room, "/news", "subscribe r/x min:many")
        shown = await sim.answer(at.anna)
    assert "/news subscribe source" in shown.text


async def test_subscribe_without_text_opens_the_form(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/f.xml", body=feed("From the form"))
        url = it.chat.origin.url("/f.xml")
        await sim.command(at.anna, at.room, "/news", "subscribe")
        await sim.until(lambda: sim.views)
        opened = only_view(sim)
        ack = await sim.submit(at.anna, opened, source=url)
        shown = await sim.answer(at.anna)
        rows = await it.chat.subscriptions()
    assert ack.payload["response_action"] == "update"
    assert ack.after_s < 1
    assert "Subscribed" in str(opened.view)
    assert "submit" not in opened.view
    assert rows == [f"slack:{at.room.id} instant {url} active"]
    assert "From the form" in shown.text
    assert shown.by == "chat.postEphemeral"


async def test_a_wrong_field_of_the_form_is_told_at_once(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.shortcut(at.anna, at.team, "subscribe_channel")
        await sim.until(lambda: sim.views)
        fields = {"source": "r/x", "schedule": "whenever", "min_score": "a lot"}
        fields |= {"timezone": "Moon/Tycho", "include": "/(/"}
        ack = await sim.submit(at.anna, only_view(sim), channel=at.room.id, **fields)
        rows = await it.chat.subscriptions()
    assert ack.payload["response_action"] == "errors"
    assert set(ack.payload["errors"]) == {"schedule", "min_score", "timezone", "include"}
    assert rows == []


async def test_the_form_shows_a_preview_and_keeps_its_fields(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/f.xml", body=feed("Shown beforehand"))
        await sim.command(at.anna, at.room, "/news", "subscribe")
        await sim.until(lambda: sim.views)
        opened = only_view(sim)
        before = [block.get("block_id") for block in opened.view["blocks"]]
        filled = sim.filled(opened, source=it.chat.origin.url("/f.xml"))
        await sim.press_in_view(at.anna, at.team, "slack_preview", filled)
        await it.idle()
        after = [block.get("block_id") for block in opened.view["blocks"]]
    assert "Shown beforehand" in str(opened.view)
    assert after[: len(before)] == before


async def test_a_form_needs_membership_of_its_channel(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.shortcut(at.ben, at.team, "subscribe_channel")
        await sim.until(lambda: sim.views)
        opened = only_view(sim)
        await sim.submit(at.ben, opened, channel=at.room.id, source="r/x")
        await it.idle()
        rows = await it.chat.subscriptions()
    assert rows == []
    assert "members of the channel" in str(opened.view)
    assert at.room.messages == []


@pytest.mark.parametrize(
    ("source", "told"),
    [("nonsense", "is no source"), ("/missing.xml", "answered 404"), ("r/a b c", "is no source")],
)
async def test_what_is_wrong_with_a_source_is_told_in_the_form_with_all_that_was_typed(
    tmp_path: Path, sim: LiveSlack, source: str, told: str
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.command(at.anna, at.room, "/news", "subscribe")
        await sim.until(lambda: sim.views)
        opened = only_view(sim)
        given = it.chat.origin.url(source) if source.startswith("/") else source
        typed = {"source": given, "post": "community", "schedule": "daily 9:00", "include": "GPU"}
        ack = await sim.submit(at.anna, opened, **typed)
        await it.idle()
        again = sim.filled(opened)["state"]["values"]
        first = opened.view["blocks"][0]["text"]["text"]
        rows = await it.chat.subscriptions()
        it.chat.origin.serve("/f.xml", body=feed("The second try"))
        await sim.submit(at.anna, opened, source=it.chat.origin.url("/f.xml"))
        shown = await sim.answer(at.anna)
    assert ack.payload["response_action"] == "update"
    assert told in first
    assert again["source"]["source"]["value"] == given
    assert again["post"]["post"]["selected_option"]["value"] == "community"
    assert again["schedule"]["schedule"]["value"] == "daily 9:00"
    assert again["include"]["include"]["value"] == "GPU"
    assert again["channel"]["channel"]["selected_conversation"] == at.room.id
    assert rows == []
    assert "Subscribed: The Feed" in shown.text  # the form is good for another try
    assert "community digest, daily at 9:00 (Europe/Amsterdam)" in shown.text


async def test_what_is_wrong_is_told_another_way_when_the_form_was_closed(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.command(at.anna, at.room, "/news", "subscribe")
        await sim.until(lambda: sim.views)
        opened = only_view(sim)
        reached = asyncio.Event()
        it.chat.origin.serve("/f.xml", status=404, hold=reached)
        await sim.submit(at.anna, opened, source=it.chat.origin.url("/f.xml"))
        sim.close(opened)
        reached.set()
        shown = await sim.answer(at.anna)
    assert "answered 404" in shown.text
    assert shown.by == "chat.postEphemeral"


async def test_a_channel_without_the_bot_is_told_in_the_form(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    secret = sim.add_channel(at.team, "secret", private=True, joined=False)
    secret.members.add(at.anna.id)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await sim.shortcut(at.anna, at.team, "subscribe_channel")
        await sim.until(lambda: sim.views)
        opened = only_view(sim)
        await sim.submit(at.anna, opened, channel=secret.id, source="r/MachineLearning")
        await it.idle()
        rows = await it.chat.subscriptions()
    assert rows == []
    assert "type /invite there to add me" in opened.view["blocks"][0]["text"]["text"]


async def test_a_schedule_is_meant_in_the_zone_of_who_wrote_it(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    at.anna.timezone = "Asia/Tokyo"
    at.boss.timezone = "no zone of this world"
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/f.xml", body=feed("A story about models"))
        it.chat.origin.serve("/g.xml", body=feed("Another story"))
        one, two = it.chat.origin.url("/f.xml"), it.chat.origin.url("/g.xml")
        await sim.command(at.anna, at.room, "/news", f"subscribe {one} daily 9:00")
        own = await sim.answer(at.anna)
        await sim.command(at.anna, at.room, "/news", f"subscribe {two} daily 9:00 Europe/Berlin")
        typed = await sim.answer(at.anna, 2)
        await sim.command(at.boss, at.room, "/news", f"subscribe {two} outlook daily 9:00")
        unknown = await sim.answer(at.boss)
    assert "daily at 9:00 (Asia/Tokyo)" in own.text
    assert "daily at 9:00 (Europe/Berlin)" in typed.text
    assert "daily at 9:00 (UTC)" in unknown.text


async def test_who_may_not_is_told_that_admins_decided_so(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        await sim.press_in_view(at.boss, at.team, "home:restrict:on", {"id": "V1"})
        await sim.until(lambda: at.boss.id in sim.homes)
        await sim.command(at.anna, at.room, "/news", "subscribe r/MachineLearning")
        shown = await sim.answer(at.anna)
    assert "only admins change subscriptions" in shown.text


async def test_a_button_of_an_answer_changes_it_in_place(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        answer = [one for one in sim.shown if one.user == at.anna.id][-1]
        undo = next(action for action in answer.actions if action.startswith("undo:"))
        await sim.press(at.anna, at.room, undo, answer)
        await it.idle()
        rows = await it.chat.subscriptions()
    assert rows == []


async def test_a_button_that_changes_things_is_refused_to_outsiders(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        answer = [one for one in sim.shown if one.user == at.anna.id][-1]
        undo = next(action for action in answer.actions if action.startswith("undo:"))
        await sim.press(at.ben, at.room, undo, answer)
        shown = await sim.answer(at.ben)
        rows = await it.chat.subscriptions()
    assert "members of the channel" in shown.text
    assert rows[0].endswith("active")


async def test_an_edit_form_opens_in_time_and_is_taken(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        answer = [one for one in sim.shown if one.user == at.anna.id][-1]
        edit = next(action for action in answer.actions if action.startswith("filters_form:"))
        await sim.press(at.anna, at.room, edit, answer)
        await sim.until(lambda: sim.views)
        await sim.submit(at.anna, only_view(sim), include="GPU, LLM")
        await it.idle()
    last = [one for one in sim.shown if one.user == at.anna.id][-1]
    assert "GPU" in last.text


async def test_an_unknown_button_says_that_it_is_old(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        said = sim.say(at.room, at.anna, "x")
        await sim.press(at.anna, at.room, "gone:1", said)
        shown = await sim.answer(at.anna)
    assert "older version" in shown.text


async def test_a_link_button_is_acknowledged_and_says_nothing(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        said = sim.say(at.room, at.anna, "x")
        await sim.press(at.anna, at.room, "link:https://example.org", said)
        await it.idle()
    assert sim.shown == []


async def test_an_answer_goes_out_another_way_when_its_address_is_broken(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        sim.broken_urls = [404]
        await sim.command(at.anna, at.room, "/news", "help")
        shown = await sim.answer(at.anna)
    assert shown.by == "chat.postEphemeral"


async def test_a_private_answer_is_tried_again_after_a_reset(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        sim.broken_urls = [0, 500]
        await sim.command(at.anna, at.room, "/news", "help")
        shown = await sim.answer(at.anna)
    assert shown.by == "response_url"


async def test_a_private_answer_reaches_who_left_the_channel_directly(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        sim.broken_urls = [404]
        await sim.command(at.ben, at.room, "/news", "help")
        await it.idle()
    assert "/news" in str(at.team.rooms[f"D{at.ben.id}"].messages[-1].body)
    assert at.room.messages == []


async def test_a_summary_is_shared_in_its_thread(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = sim.say(at.room, at.anna, "What do you think of the new model release?")
        for number in range(6):
            text = f"I think it is a fine model, reason number {number}, because it is fast."
            sim.say(at.room, at.boss, text, thread=head.ts)
        await sim.message_shortcut(at.anna, at.room, head)
        await it.idle()
        own = [one for one in sim.shown if one.user == at.anna.id][-1]
        share = next(action for action in own.actions if action.startswith("share:"))
        own.thread_ts = head.ts
        await sim.press(at.anna, at.room, share, own)
        await it.idle()
        shared = [one for one in sim.shown if not one.user]
    assert "Share in thread" in own.text
    assert len(shared) == 1
    assert shared[0].thread_ts == head.ts
    assert "Shared by" in shared[0].text


async def test_a_share_whose_answer_was_lost_is_not_repeated(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        head = sim.say(at.room, at.anna, "What do you think of the new model release?")
        sim.say(at.room, at.boss, "I think it is fine because it is fast.", thread=head.ts)
        await sim.message_shortcut(at.anna, at.room, head)
        await it.idle()
        own = [one for one in sim.shown if one.user == at.anna.id][-1]
        share = next(action for action in own.actions if action.startswith("share:"))
        sim.broken_urls = [0]
        await sim.press(at.anna, at.room, share, own)
        await it.idle()
    assert not [one for one in sim.shown if not one.user]
    assert "did not say whether" in sim.shown[-1].text


async def test_a_command_comes_once_however_often_it_is_sent(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        trigger = sim.trigger()
        for _ in range(3):
            await sim.command(at.anna, at.room, "/news", "help", trigger_id=trigger)
        await it.idle()
    assert len([one for one in sim.shown if one.user == at.anna.id]) == 1


def texts(shown: list[Shown]) -> str:
    return "\n".join(one.text for one in shown)


async def test_a_sentence_of_ours_is_no_headline(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        await sim.command(at.anna, at.room, "/tldr", "garbage")
        shown = await sim.answer(at.anna)
    [section] = shown.body["blocks"]
    assert section["text"]["text"] == (
        "“garbage” is no link. The form is: /tldr https://…, or /tldr alone for this conversation."
    )


async def test_discords_own_options_are_none_here(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        await sim.command(at.anna, at.room, "/news", "help subscribe")
        shown = await sim.answer(at.anna)
    assert "min_score" in shown.text
    assert "publish" not in shown.text


async def test_a_user_group_is_called_by_its_id_and_nothing_else_is(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        url = await subscribed(it, at)
        group = "role:<!subteam^S0614TZR7|@ml-team>"
        await sim.command(at.anna, at.room, "/news", f"subscribe {url} {group}")
        await it.idle()
        made = await it.chat.database.read(subscriptions.listed)
        await sim.command(at.boss, at.room, "/news", f"subscribe {url} role:@ml-team")
        shown = await sim.answer(at.boss)
    assert [one.role for one in made] == ["S0614TZR7"]
    assert "“@ml-team” is no user group" in shown.text


async def test_status_tells_of_a_token_that_is_not_accepted(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await subscribed(it, at)
        now = it.chat.clock.now()
        name = faults.space_name(f"slack:{at.team.id}")
        told = "Slack does not accept the bot's token"
        fault = StoredFault(name, ChannelFault.ACCESS, told, now, 1, now, None)
        await it.chat.database.write(faults.put, fault)
        await sim.command(at.anna, at.room, "/news", "status")
        shown = await sim.answer(at.anna, 2)
    assert f"all of this server or workspace: {told}" in shown.text
    assert "Everything is well" not in shown.text


async def test_a_button_of_a_post_leaves_the_post_as_it_is_however_long_it_takes(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        page = it.chat.origin.url("/a.html")
        reached = asyncio.Event()
        it.chat.origin.serve("/a.html", body=b"<p>gone</p>", status=404, hold=reached)
        body = {"text": "A story", "blocks": []}
        post = Said(ts=sim.next_ts(), user=at.team.bot.id, bot_id=at.team.bot_id, body=body)
        at.room.messages.append(post)
        await sim.press(at.anna, at.room, f"summarize:{page}", post)
        reading = await sim.answer(at.anna)
        reached.set()
        answer = await sim.answer(at.anna, 2)
    assert "Reading" in reading.text
    assert "404" in answer.text
    assert not answer.instead
    assert (post.body, post.versions) == (body, [])


async def test_who_may_not_read_a_thread_is_told_so_beside_what_it_links_to(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        words = "The committee met for the third time this year and took its time. " * 20
        page = f"<html><title>On cranes</title><article><p>{words}</p></article></html>"
        it.chat.origin.serve("/a.html", body=page.encode(), content_type="text/html")
        heads = [
            sim.say(at.room, at.anna, f"See <{it.chat.origin.url(path)}>")
            for path in ("/a.html", "/missing.html")
        ]
        for number, head in enumerate(heads, 1):
            sim.say(at.room, at.boss, "I have seen it, and it is a secret.", thread=head.ts)
            await sim.message_shortcut(at.ben, at.room, head)
            await sim.answer(at.ben, number)
        linked, missing = (one for one in sim.shown if one.user == at.ben.id)
    assert "the thread is not in it: You are not in that conversation" in linked.text
    assert "committee" in linked.text
    assert missing.text.count("You are not in that conversation") == 2  # blocks and plain text
    assert "secret" not in linked.text + missing.text


async def test_a_command_of_somebody_outside_changes_nothing_where_slack_says_so(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        it.chat.origin.serve("/f.xml", body=feed("A story"))
        url = it.chat.origin.url("/f.xml")
        await sim.command(at.ben, at.room, "/news", f"subscribe {url}")
        refused = await sim.answer(at.ben)
        before = await it.chat.subscriptions()
        sim.fail_next("conversations.members", status=503)
        await sim.command(at.anna, at.room, "/news", f"subscribe {url}")
        await it.idle()
        taken = await it.chat.subscriptions()
    assert "Only members of the channel" in refused.text
    assert before == []
    assert len(taken) == 1  # Slack did not say
