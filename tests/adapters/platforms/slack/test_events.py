"""What Slack tells by itself: mentions, stars, links, invitations."""

from __future__ import annotations

import json
from pathlib import Path

from tests.adapters.platforms.slack.live import Live, Place, furnish, live
from tests.bot.commands.desk import feed
from tests.sims.slack.live import LiveSlack


async def posted(it: Live, at: Place) -> str:
    """A story was posted in the channel as `1767225900.000900`; its address."""
    it.chat.origin.serve("/f.xml", body=feed("A story to star"))
    url = it.chat.origin.url("/f.xml")
    await it.sim.command(at.anna, at.room, "/news", f"subscribe {url}")
    await it.idle()
    await it.chat.database.write(_mark_posted)
    return "http://127.0.0.1:9/a-story-to-star"


def _mark_posted(connection: object) -> None:
    connection.execute(  # type: ignore[attr-defined]  # a connection of the store
        "UPDATE delivery SET state = 'sent', message_id = '1767225900.000900'"
    )


def reaction(at: Place, kind: str, name: str = "star", **more: str) -> dict[str, object]:
    item = {"type": "message", "channel": at.room.id, "ts": "1767225900.000900"}
    return {
        "type": kind,
        "user": at.anna.id,
        "reaction": name,
        "item": item,
        "item_user": at.team.bot.id,
        **more,
    }


async def starred(it: Live) -> int:
    def count(connection: object) -> int:
        row = connection.execute(  # type: ignore[attr-defined]  # a connection of the store
            "SELECT COUNT(*) AS n FROM star"
        ).fetchone()
        return int(row["n"])

    return await it.chat.database.read(count)


async def test_a_mention_in_a_thread_summarises_it_for_who_mentioned(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token):
        head = sim.say(at.room, at.anna, "Which model do we take for the summaries?")
        for number in range(6):
            text = f"The small model number {number} is the best because it is cheap and fast."
            sim.say(at.room, at.boss, text, thread=head.ts)
        event = {
            "type": "app_mention",
            "user": at.anna.id,
            "channel": at.room.id,
            "text": f"<@{at.team.bot.id}> summarise this",
            "ts": sim.next_ts(),
            "thread_ts": head.ts,
        }
        await sim.event(at.team, event)
        shown = await sim.answer(at.anna)
    assert shown.by == "chat.postEphemeral"
    assert shown.thread_ts == head.ts
    assert "cheap and fast" in shown.text
    assert "Share in thread" in shown.text


async def test_a_mention_outside_says_what_can_be_done(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    event = {"type": "app_mention", "user": at.anna.id, "channel": at.room.id, "text": "<@U1> hi"}
    async with live(tmp_path, sim, token=at.team.token):
        await sim.event(at.team, event)
        shown = await sim.answer(at.anna)
    assert "Mention me in a thread" in shown.text


async def test_a_star_is_put_and_taken_back(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        await posted(it, at)
        counts = []
        for kind, name in (
            ("reaction_added", "thumbsup"),
            ("reaction_added", "star"),
            ("reaction_added", "star"),
            ("reaction_removed", "star"),
        ):
            await sim.event(at.team, reaction(at, kind, name))
            await it.idle()
            counts.append(await starred(it))
        await sim.event(at.team, reaction(at, "reaction_added", item_user=at.boss.id))
        await sim.event(at.team, {**reaction(at, "reaction_added"), "user": at.team.bot.id})
        await it.idle()
        counts.append(await starred(it))
    assert counts == [0, 1, 1, 0, 0]


async def test_an_invitation_lets_waiting_posts_out(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        joined = {"type": "member_joined_channel", "channel": at.room.id}
        await sim.event(at.team, {**joined, "user": at.ben.id})
        await sim.event(at.team, {**joined, "user": at.team.bot.id})
        await sim.event(at.team, {"type": "channel_unarchive", "channel": "C7", "user": "U1"})
        await it.idle()
    assert it.channels.told == [f"slack:{at.room.id}", "slack:C7"]


async def test_links_unfold_where_that_was_switched_on(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        url = await posted(it, at)
        event = {
            "type": "link_shared",
            "user": at.anna.id,
            "channel": at.room.id,
            "message_ts": "1.2",
            "links": [{"url": url, "domain": "127.0.0.1"}, {"url": "https://other.example/"}],
        }
        await sim.event(at.team, event)
        await it.idle()
        before = list(sim.unfurled)
        await sim.press_in_view(at.boss, at.team, "home:unfurl:on", {})
        await it.idle()
        await sim.event(at.team, event)
        await it.idle()
    assert before == []
    (unfurled,) = sim.unfurled
    assert list(unfurled["unfurls"]) == [url]
    assert "A story to star" in json.dumps(unfurled)


async def test_a_mention_that_comes_again_after_a_restart_is_answered_once(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    head = sim.say(at.room, at.anna, "Which model do we take for the summaries?")
    sim.say(at.room, at.boss, "The small one, because it is cheap and fast.", thread=head.ts)
    event = {
        "type": "app_mention",
        "user": at.anna.id,
        "channel": at.room.id,
        "text": f"<@{at.team.bot.id}> summarise this",
        "ts": sim.next_ts(),
        "thread_ts": head.ts,
    }
    for event_id in ("Ev1", "Ev1", "Ev2"):
        async with live(tmp_path, sim, token=at.team.token) as it:
            await sim.event(at.team, event, event_id=event_id)
            await it.idle()
    assert len([one for one in sim.shown if one.user == at.anna.id]) == 2
