"""What stands below a post, interrupted, refused, archived and revised."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import ChannelFault
from bot.model import Post
from tests.adapters.platforms.discord.sending import CLOCK, desk, digest, told_by, told_in
from tests.sims.discord import permissions as p
from tests.sims.discord.things import Kind

PART = "/channels/*/messages"


async def test_details_that_a_person_must_let_in_are_finished_later_without_a_repeat() -> None:
    async with desk(p.MINIMAL_BOT | p.CREATE_PUBLIC_THREADS) as at:
        at.sim.forbid_bot(at.channel, p.SEND_MESSAGES_IN_THREADS)
        error = await at.refused(digest())
        assert error.doubtful  # the overview stands there: the outbox has to look, not to repeat
        assert error.fault is ChannelFault.PERMISSION
        assert "Send Messages in Threads" in str(error)
        at.sim.nonces.clear()
        at.sim.allow_bot(at.channel)
        found = await at.platform.find(at.place, "k1", CLOCK.now() - timedelta(hours=1))
        assert found is not None
        await at.platform.finish(at.place, found.message_id, digest(), "k1")
        _, thread = at.overview()
        assert told_in(thread) == told_by(digest())


async def test_a_long_rate_limit_among_the_details_leaves_the_post_in_doubt() -> None:
    async with desk() as at:
        await at.platform.send(at.place, digest(1, title="Before"), "k0")
        thread = at.channel.history()[0].thread
        assert thread is not None
        at.sim.limits.pause(
            "POST /channels/{channel_id}/messages/{message_id}/threads",
            300.0,
            major=at.place,
        )
        error = await at.refused(digest())
        assert (error.doubtful, error.fault) == (True, None)
        assert (error.retry_after_s or 0) > 200


async def test_a_part_that_automod_blocks_does_not_hold_up_the_others() -> None:
    async with desk() as at:
        at.sim.fail_next("POST", PART, skip=2, status=400, code=200000)
        await at.platform.send(at.place, digest(3), "k1")
        _, thread = at.overview()
        first, _, third = told_by(digest(3))
        assert told_in(thread) == [first, third]


async def test_a_thread_that_cannot_be_had_is_done_without() -> None:
    async with desk() as at:
        at.sim.fail_next("POST", f"{PART}/*/threads", status=400, code=160006)
        await at.platform.send(at.place, digest(), "k1")
        assert told_in(at.channel)[1:] == told_by(digest())


@pytest.mark.parametrize("sections", [1, 2, 4])
async def test_details_in_an_archived_thread_are_revised_and_it_is_archived_again(
    sections: int,
) -> None:
    async with desk() as at:
        sent = await at.platform.send(at.place, digest(3), "k1")
        _, thread = at.overview()
        at.sim.archive(thread)
        revised = digest(sections, title="Revised")
        await at.platform.edit(at.place, sent.message_id, revised, "k1")
        assert told_in(thread) == told_by(revised)
        assert thread.archived


async def test_an_unchanged_archived_thread_is_left_asleep() -> None:
    async with desk() as at:
        sent = await at.platform.send(at.place, digest(2), "k1")
        _, thread = at.overview()
        at.sim.archive(thread)
        await at.platform.edit(at.place, sent.message_id, digest(2, title="Revised"), "k1")
        assert not at.sim.asked("PATCH", f"/channels/{thread.id}")


async def test_a_locked_thread_is_not_opened() -> None:
    async with desk() as at:
        sent = await at.platform.send(at.place, digest(3), "k1")
        _, thread = at.overview()
        at.sim.archive(thread, locked=True)
        with pytest.raises(Exception, match="archived") as caught:
            await at.platform.edit(at.place, sent.message_id, digest(2), "k1")
        assert getattr(caught.value, "fault", None) is ChannelFault.ARCHIVED
        assert thread.archived


async def test_a_forum_post_that_fell_asleep_is_edited() -> None:
    async with desk() as at:
        forum = at.add("forum", Kind.FORUM)
        sent = await at.platform.send(str(forum.id), digest(2), "k1")
        thread = at.sim.channels[int(sent.message_id)]
        at.sim.archive(thread)
        await at.platform.edit(str(forum.id), sent.message_id, digest(2, title="Revised"), "k1")
        assert "Revised" in str(thread.history()[0].embeds)
        assert thread.archived


async def test_in_a_subscribed_thread_details_follow_the_post() -> None:
    async with desk() as at:
        thread = at.sim.add_thread(at.channel, "AI news")
        await at.platform.send(str(thread.id), digest(), "k1")
        assert told_in(thread)[1:] == told_by(digest())


async def test_a_digest_that_became_short_leaves_nothing_in_its_thread() -> None:
    async with desk() as at:
        sent = await at.platform.send(at.place, digest(3), "k1")
        _, thread = at.overview()
        told = len(told_in(thread))
        short = Post(kind="digest", title="Revised", blocks=digest(0).blocks)
        await at.platform.edit(at.place, sent.message_id, short, "k1")
        assert told == 3
        assert told_in(thread) == []
