"""Delivery to Discord, by the real discord.py against the local Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from adapters.platforms.discord.client import DiscordPlatform, open_discord
from bot.errors import ChannelFault, DeliveryError
from bot.model import Post
from tests.adapters.platforms.discord.sending import CLOCK, STORY, digest, told_by, told_in
from tests.bot.posts.samples import POSTS
from tests.sims.discord import permissions as p
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Channel, Guild, Kind


@pytest.fixture
async def sim() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as sim:
        yield sim
        sim.check()


@pytest.fixture
def guild(sim: LocalDiscord) -> Guild:
    return sim.add_guild("Acme", bot_permissions=p.MINIMAL_BOT)


@pytest.fixture
def channel(sim: LocalDiscord, guild: Guild) -> Channel:
    return sim.add_channel(guild, "news")


@pytest.fixture
async def platform(sim: LocalDiscord) -> AsyncIterator[DiscordPlatform]:
    platform = open_discord(sim.token, sim.api_base, CLOCK)
    yield platform
    await platform.close()


def may_start_threads(sim: LocalDiscord, guild: Guild) -> None:
    bits = p.MINIMAL_BOT | p.CREATE_PUBLIC_THREADS | p.SEND_MESSAGES_IN_THREADS
    sim.set_role(sim.bot_role(guild), bits)


async def refused(platform: DiscordPlatform, channel: Channel, post: Post = STORY) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await platform.send(str(channel.id), post, "k1")
    assert "\n" not in str(caught.value)
    return caught.value


async def test_a_lost_answer_is_in_doubt_and_the_same_key_leaves_one_post(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    sim.fail_next("POST", "/channels/*/messages", reset="after")
    error = await refused(platform, channel)
    assert error.doubtful
    sent = await platform.send(str(channel.id), STORY, "k1")
    (message,) = channel.history()
    assert sent.message_id == str(message.id)
    assert not message.pings


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_asked_about_and_never_repeated_blindly(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel, status: int
) -> None:
    sim.fail_next("POST", "/channels/*/messages", status=status)
    error = await refused(platform, channel)
    assert error.doubtful
    assert len(sim.asked("POST", "/messages")) == 1
    assert await platform.find(str(channel.id), "k1", CLOCK.now() - timedelta(hours=1)) is None


async def test_a_post_that_was_deleted_meanwhile_is_not_posted_again(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    await platform.send(str(channel.id), STORY, "k1")
    sim.delete_message(channel.history()[0])
    sent = await platform.send(str(channel.id), STORY, "k1")
    assert channel.history() == []
    with pytest.raises(DeliveryError, match="deleted the post") as caught:
        await platform.edit(str(channel.id), sent.message_id, STORY, "k1")
    assert caught.value.permanent


async def test_details_stand_in_a_thread_below_the_overview(
    sim: LocalDiscord, platform: DiscordPlatform, guild: Guild, channel: Channel
) -> None:
    may_start_threads(sim, guild)
    sent = await platform.send(str(channel.id), digest(), "k1")
    (overview,) = channel.history()
    assert overview.thread is not None
    assert overview.thread.name == "The week"
    assert sent.message_id == str(overview.id)
    assert told_in(overview.thread) == told_by(digest())


@pytest.mark.parametrize("arrived", range(4))
@pytest.mark.parametrize("reset", ["before", "after"])
async def test_details_that_broke_off_are_finished_without_a_repeat(
    sim: LocalDiscord,
    platform: DiscordPlatform,
    guild: Guild,
    channel: Channel,
    arrived: int,
    reset: str,
) -> None:
    """`arrived` messages came through before an answer was lost; by then no key helps."""
    may_start_threads(sim, guild)
    sim.fail_next("POST", "/channels/*/messages", skip=arrived, reset=reset)  # type: ignore[arg-type]  # of a parameter
    error = await refused(platform, channel, digest())
    assert error.doubtful
    sim.nonces.clear()
    found = await platform.find(str(channel.id), "k1", CLOCK.now() - timedelta(hours=1))
    if found is None:
        assert (arrived, reset) == (0, "before")
        return
    await platform.finish(str(channel.id), found.message_id, digest(), "k1")
    (overview,) = channel.history()
    assert overview.thread is not None
    assert told_in(overview.thread) == told_by(digest())


async def test_where_no_thread_may_be_started_details_follow_in_the_channel(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    sim.forbid_bot(channel, p.CREATE_PUBLIC_THREADS)
    await platform.send(str(channel.id), digest(), "k1")
    assert told_in(channel)[1:] == told_by(digest())


async def test_a_revised_digest_changes_its_details_too(
    sim: LocalDiscord, platform: DiscordPlatform, guild: Guild, channel: Channel
) -> None:
    may_start_threads(sim, guild)
    sent = await platform.send(str(channel.id), digest(3), "k1")
    await platform.edit(str(channel.id), sent.message_id, digest(2, title="Revised"), "k1")
    (overview,) = channel.history()
    assert "Revised" in str(overview.embeds)
    assert overview.thread is not None
    assert told_in(overview.thread) == told_by(digest(2))
    await platform.edit(str(channel.id), sent.message_id, digest(4, title="Revised"), "k1")
    assert told_in(overview.thread) == told_by(digest(4))


async def test_a_forum_gets_a_post_with_its_tags_and_only_once(
    sim: LocalDiscord, platform: DiscordPlatform, guild: Guild
) -> None:
    may_start_threads(sim, guild)
    forum = sim.add_channel(guild, "forum", Kind.FORUM, "AI", "Hardware")
    sim.require_tag(forum)
    sim.fail_next("POST", "/channels/*/threads", reset="after")
    post = digest(tags=("ai",))
    assert (await refused(platform, forum, post)).doubtful
    sent = await platform.send(str(forum.id), post, "k1")
    threads = [one for one in guild.channels.values() if one.parent is forum]
    assert [str(one.id) for one in threads] == [sent.message_id]
    assert told_in(threads[0])[1:] == told_by(digest())
    await platform.edit(str(forum.id), sent.message_id, digest(title="Revised"), "k1")
    assert "Revised" in str(threads[0].history()[0].embeds)


async def test_an_announcement_is_published_where_that_is_wanted(
    sim: LocalDiscord, platform: DiscordPlatform, guild: Guild
) -> None:
    news = sim.add_channel(guild, "announcements", Kind.ANNOUNCEMENT)
    await platform.send(str(news.id), STORY, "k1")
    assert not sim.asked("POST", "/crosspost")
    post = STORY.model_copy(update={"publish": True})
    await platform.send(str(news.id), post, "k2")
    sim.fail_next("POST", "/channels/*/messages/*/crosspost", status=500)
    for number in range(3, 15):
        await platform.send(str(news.id), post, f"k{number}")
    assert len(sim.asked("POST", "/crosspost")) == 11  # ten an hour, one asked twice by the library


async def test_a_role_is_called_only_where_the_subscription_names_it(
    sim: LocalDiscord, platform: DiscordPlatform, guild: Guild, channel: Channel
) -> None:
    role = sim.add_role(guild, "readers", mentionable=True)
    hostile = STORY.model_copy(update={"title": f"@everyone <@&{role.id}> <@{sim.owner.id}>"})
    await platform.send(str(channel.id), hostile, "k1")
    await platform.send(str(channel.id), STORY.model_copy(update={"role": str(role.id)}), "k2")
    quiet, loud = channel.history()
    assert not quiet.pings
    assert loud.pings


FAULTS: dict[str, tuple[Callable[[LocalDiscord, Channel], object], ChannelFault, str]] = {
    "may not send": (
        lambda sim, channel: sim.forbid_bot(channel, p.SEND_MESSAGES),
        ChannelFault.PERMISSION,
        "Send Messages",
    ),
    "deleted": (
        lambda sim, channel: sim.delete_channel(channel),
        ChannelFault.GONE,
        "unsubscribe",
    ),
    "revoked": (lambda sim, channel: sim.revoke_token(), ChannelFault.ACCESS, "DISCORD_TOKEN"),
    "may not see": (
        lambda sim, channel: sim.forbid_bot(channel, p.VIEW_CHANNEL),
        ChannelFault.PERMISSION,
        "View Channel",
    ),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_what_a_person_must_mend_is_named(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel, name: str
) -> None:
    break_it, fault, says = FAULTS[name]
    await platform.send(str(channel.id), STORY, "k0")
    break_it(sim, channel)
    error = await refused(platform, channel)
    assert (error.fault, error.doubtful) == (fault, False)
    assert says in str(error)


async def test_a_revoked_token_costs_no_further_request(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    sim.revoke_token()
    for _ in range(3):
        assert (await refused(platform, channel)).fault is ChannelFault.ACCESS
    assert len(sim.requests) == 1


async def test_a_post_that_automod_blocks_is_given_up_alone(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    sim.fail_next("POST", "/channels/*/messages", status=400, code=200000)
    error = await refused(platform, channel)
    assert error.permanent
    assert error.fault is None


async def test_long_rate_limits_are_handed_to_the_outbox(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    sim.limits.pause("POST /channels/{channel_id}/messages", 300.0, major=str(channel.id))
    error = await refused(platform, channel)
    assert not error.doubtful
    assert error.retry_after_s
    assert error.retry_after_s > 200


async def test_without_its_history_nobody_knows_what_was_posted(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    sim.forbid_bot(channel, p.READ_MESSAGE_HISTORY)
    with pytest.raises(DeliveryError, match="Read Message History"):
        await platform.find(str(channel.id), "k1", CLOCK.now() - timedelta(hours=1))


async def test_a_subscriber_is_told_in_person(sim: LocalDiscord, platform: DiscordPlatform) -> None:
    person = sim.add_user("ann")
    await platform.tell(str(person.id), POSTS["notice"])
    (message,) = sim.direct(person).history()
    assert POSTS["notice"].title in str([message.content, message.embeds])


async def test_what_is_lacking_is_known_beforehand(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    assert await platform.check(str(channel.id), "instant") == []
    sim.forbid_bot(channel, p.EMBED_LINKS)
    assert await platform.check(str(channel.id), "instant") == ["Embed Links"]


async def test_refusals_stop_long_before_a_ban(
    sim: LocalDiscord, platform: DiscordPlatform, channel: Channel
) -> None:
    await platform.send(str(channel.id), STORY, "k0")
    sim.forbid_bot(channel, p.SEND_MESSAGES)
    before = len(sim.requests)
    for _ in range(600):
        await refused(platform, channel)
    invalid = [one for one in sim.requests[before:] if one.status in (401, 403)]
    assert len(invalid) <= 500


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.FORUM], ids=["channel", "forum"])
@pytest.mark.parametrize("hours", [-1, 1, 24])
async def test_a_post_is_found_though_our_clock_is_ahead(
    sim: LocalDiscord, guild: Guild, platform: DiscordPlatform, kind: Kind, hours: int
) -> None:
    may_start_threads(sim, guild)
    where = str(sim.add_channel(guild, "somewhere", kind).id)
    sent = await platform.send(where, STORY, "k1")
    since = CLOCK.now() + timedelta(hours=hours)
    assert await platform.find(where, "k1", since) == sent
    assert await platform.find(where, "k2", since) is None
