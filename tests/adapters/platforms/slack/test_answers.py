"""Answers within what a response_url takes, and beyond it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.platforms.slack.answers import Answers, joined
from adapters.platforms.slack.asks import Scene
from adapters.platforms.slack.replies import render_reply
from bot.commands.kit import Reply
from bot.model import Paragraph, Post, Text
from tests.adapters.platforms.slack.live import Place, furnish, live
from tests.sims.slack.checks import message_faults
from tests.sims.slack.live import LiveSlack


def posts(count: int, size: int) -> tuple[Post, ...]:
    return tuple(
        Post(
            kind="notice",
            title=f"Post {number}",
            blocks=(Paragraph(spans=(Text(text=f"word{number} " * (size // 6)),)),),
        )
        for number in range(count)
    )


def scene(sim: LiveSlack, at: Place) -> Scene:
    return Scene(
        team_id=at.team.id,
        user_id=at.anna.id,
        channel_id=at.room.id,
        response_url=sim._address(at.anna, at.room.id),
    )


@pytest.mark.parametrize(("count", "size"), [(1, 60), (5, 600), (12, 2_500), (60, 30)])
def test_posts_share_messages_within_the_limits(count: int, size: int) -> None:
    bodies = joined(render_reply(Reply(posts=posts(count, size))))
    text = str(bodies)
    assert all(f"Post {number}" in text for number in range(count))
    assert [fault for body in bodies for fault in message_faults(body)] == []
    assert len(bodies) <= max(1, count // 2)


async def test_what_five_answers_do_not_hold_comes_as_messages(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        client = it.workspaces.client_of(at.team.id)
        answers = Answers(scene(sim, at), client, language="en", progress_after_s=0)
        await answers.progress("Reading …")
        await sim.until(lambda: sim.shown)
        await answers.show(Reply(posts=posts(8, 8_500)))
    ways = [one.by for one in sim.shown]
    text = "".join(one.text for one in sim.shown)
    assert ways[:5] == ["response_url"] * 5
    assert set(ways[5:]) == {"chat.postEphemeral"}
    assert all(f"Post {number}" in text for number in range(8))
    assert {one.user for one in sim.shown} == {at.anna.id}
    assert not any(one.instead for one in sim.shown)  # there is nothing that Slack could replace


async def test_an_answer_to_all_goes_to_the_channel_when_its_address_is_over(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        sim.broken_urls = [404]
        sim.fail_next("chat.postMessage", status=429, retry_after=1)
        answers = Answers(scene(sim, at), it.workspaces.client_of(at.team.id), language="en")
        await answers.show(Reply(posts=posts(1, 60), private=False))
    (message,) = at.room.messages
    assert message.body["text"].startswith("Post 0")


async def test_an_empty_reply_shows_nothing(tmp_path: Path, sim: LiveSlack) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        client = it.workspaces.client_of(at.team.id)
        await Answers(scene(sim, at), client, language="en").show(Reply())
    assert sim.shown == []


async def test_what_is_done_soon_needs_no_word_of_its_progress(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    async with live(tmp_path, sim, token=at.team.token) as it:
        client = it.workspaces.client_of(at.team.id)
        answers = Answers(scene(sim, at), client, language="en", progress_after_s=60)
        await answers.progress("Reading …")
        await answers.show(Reply(posts=posts(1, 60)))
    assert ["Reading" in one.text for one in sim.shown] == [False]


async def test_a_mention_hears_that_it_is_being_read_where_only_its_author_sees_it(
    tmp_path: Path, sim: LiveSlack
) -> None:
    at = furnish(sim)
    where = replace(scene(sim, at), response_url="", thread_ts="1767225900.000900")
    async with live(tmp_path, sim, token=at.team.token) as it:
        client = it.workspaces.client_of(at.team.id)
        answers = Answers(where, client, language="en", progress_after_s=0)
        await answers.progress("Reading …")
        await sim.until(lambda: sim.shown)
        await answers.show(Reply(posts=posts(1, 60)))
    assert [one.by for one in sim.shown] == ["chat.postEphemeral"] * 2
    assert {(one.user, one.thread_ts) for one in sim.shown} == {(at.anna.id, where.thread_ts)}
    assert ["Reading" in one.text for one in sim.shown] == [True, False]
