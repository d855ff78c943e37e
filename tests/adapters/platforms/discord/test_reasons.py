"""Why a channel takes nothing, looked up over REST alone: there is no gateway here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.errors import ChannelFault
from tests.adapters.platforms.discord.sending import STORY, desk, digest
from tests.sims.discord import permissions as p
from tests.sims.discord.things import Kind


async def test_a_bot_that_was_thrown_out_knows_it() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.kick_bot(at.guild)
        for _ in range(2):
            error = await at.refused()
            assert error.fault is ChannelFault.REMOVED
            assert "invite it again" in str(error)
        at.sim.invite_bot(at.guild)
        await at.platform.send(at.place, STORY, "k1")


async def test_where_it_cannot_know_it_names_both_ways() -> None:
    async with desk() as at:
        at.sim.kick_bot(at.guild)
        error = await at.refused()
        assert error.fault in (ChannelFault.PERMISSION, ChannelFault.GONE)
        assert "View Channel" in str(error)
        assert "invite" in str(error)


async def test_each_missing_permission_is_named() -> None:
    async with desk(p.MINIMAL_BOT | p.CREATE_PUBLIC_THREADS) as at:
        at.sim.forbid_bot(at.channel, p.SEND_MESSAGES | p.EMBED_LINKS | p.SEND_MESSAGES_IN_THREADS)
        error = await at.refused(digest())
        assert error.fault is ChannelFault.PERMISSION
        for name in ("Send Messages", "Embed Links", "Send Messages in Threads"):
            assert name in str(error)
        assert "Read Message History" not in str(error)


async def test_in_a_thread_the_permission_for_threads_is_missing() -> None:
    async with desk() as at:
        thread = at.sim.add_thread(at.channel, "AI news")
        at.sim.forbid_bot(at.channel, p.SEND_MESSAGES_IN_THREADS)
        error = await at.refused(channel=thread)
        assert str(error).count("Send Messages") == 1
        assert "Send Messages in Threads" in str(error)


async def test_a_timeout_is_told_from_missing_permissions() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        at.sim.time_out_bot(at.guild, datetime.now(UTC) + timedelta(hours=5))
        error = await at.refused()
        assert error.fault is ChannelFault.RESTRICTED
        assert "timeout until" in str(error)
        at.sim.time_out_bot(at.guild, datetime.now(UTC) - timedelta(hours=1))
        await at.platform.send(at.place, STORY, "k1")


async def test_tags_that_changed_meanwhile_are_read_anew() -> None:
    async with desk() as at:
        forum = at.add("forum", Kind.FORUM, "AI", "Hardware")
        post = STORY.model_copy(update={"tags": ("ai",)})
        await at.platform.send(str(forum.id), post, "k0")
        forum.tags.clear()
        error = await at.refused(post, channel=forum)
        assert (error.permanent, error.fault) == (False, None)
        await at.platform.send(str(forum.id), post, "k1")
        at.sim.require_tag(forum)
        forum.tags = at.sim.new_tags("News", "Other")
        await at.refused(post, "k2", channel=forum)
        sent = await at.platform.send(str(forum.id), post, "k2")
        assert at.sim.channels[int(sent.message_id)].applied == [forum.tags[0].id]


async def test_a_category_takes_no_posts() -> None:
    async with desk() as at:
        error = await at.refused(channel=at.add("news", Kind.CATEGORY))
        assert error.fault is ChannelFault.RESTRICTED
        assert "subscribe another" in str(error)
