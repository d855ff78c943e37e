"""Messages, threads, permissions and bad days of the local Discord, through discord.py."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.sims.discord import gateway as gw
from tests.sims.discord import permissions as p
from tests.sims.discord.client import Client, running
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import REQUIRE_TAG, SUPPRESS_EMBEDS, Channel, Kind

CREATE = "/channels/*/messages"


@pytest.fixture
async def sim() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as sim:
        sim.checks_itself = True
        yield sim
        sim.check()


@pytest.fixture
async def client(sim: LocalDiscord) -> AsyncIterator[Client]:
    sim.add_guild("Acme", bot_permissions=p.MINIMAL_BOT | p.ATTACH_FILES | p.CREATE_PUBLIC_THREADS)
    async with running(sim, Client()) as client:
        yield client


@pytest.fixture
async def channel(sim: LocalDiscord, client: Client) -> Channel:
    return await added(sim, client)


async def added(sim: LocalDiscord, client: Client, kind: Kind = Kind.TEXT, *tags: str) -> Channel:
    """A channel that the client knows of."""
    count = len(client.of("guild_channel_create"))
    channel = sim.add_channel(next(iter(sim.guilds.values())), kind.name.lower(), kind, *tags)
    await client.heard("guild_channel_create", count + 1)
    return channel


def there(client: Client, channel: Channel) -> Any:
    found = client.get_channel(channel.id)
    assert found is not None
    return found


async def test_a_message_lives(sim: LocalDiscord, client: Client, channel: Channel) -> None:
    place = there(client, channel)
    view = discord.ui.View().add_item(discord.ui.Button(label="Go", url="https://example.com"))
    embed = discord.Embed(title="A title", url="https://example.com/a").add_field(
        name="n", value="v"
    )
    sent = await place.send("  first  ", embed=embed, view=view)
    assert (sent.content, sent.embeds[0].title) == ("first", "A title")
    await sent.edit(content="second", embed=None)
    kept = channel.messages[sent.id]
    assert (kept.content, kept.embeds, kept.versions[0]["content"]) == ("second", [], "first")
    assert kept.text == "second\nGo"
    assert (await place.fetch_message(sent.id)).edited_at is not None
    for suppressed in (True, False):
        await sent.edit(suppress=suppressed)
        assert bool(kept.flags & SUPPRESS_EMBEDS) is suppressed
    await sent.delete()
    assert channel.history() == []
    with pytest.raises(discord.NotFound, match="10008"):
        await sent.edit(content="third")


async def test_components_v2_stay(sim: LocalDiscord, client: Client, channel: Channel) -> None:
    class Story(discord.ui.LayoutView):
        box: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay("# News"))
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(
            discord.ui.Button(label="Why", custom_id="why:1")
        )

    sent = await there(client, channel).send(view=Story())
    kept = channel.messages[sent.id]
    assert (kept.text, kept.custom_ids) == ("# News\nWhy", ["why:1"])
    with pytest.raises(discord.HTTPException, match="50035"):
        await sent.edit(content="plain")
    assert "IS_COMPONENTS_V2" in sim.violations.pop()


async def test_files_arrive(sim: LocalDiscord, client: Client, channel: Channel) -> None:
    file = discord.File(io.BytesIO(b"1,2"), "table.csv", description="A table")
    sent = await there(client, channel).send("here", file=file)
    assert (sent.attachments[0].filename, sent.attachments[0].description) == (
        "table.csv",
        "A table",
    )
    assert await sent.attachments[0].read() == b"1,2"


async def test_history_is_paged(sim: LocalDiscord, client: Client, channel: Channel) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    said = [
        sim.say(channel, sim.bot, str(number), at=start + timedelta(minutes=number))
        for number in range(230)
    ]
    place = there(client, channel)
    every = [one.content async for one in place.history(limit=None, oldest_first=True)]
    assert every == [str(number) for number in range(230)]
    newest = [one.content async for one in place.history(limit=3)]
    assert newest == ["229", "228", "227"]
    around = [
        one.content async for one in place.history(limit=5, around=discord.Object(said[9].id))
    ]
    assert sorted(around, key=int) == ["7", "8", "9", "10", "11"]
    hour = [one async for one in place.history(limit=None, after=start + timedelta(minutes=170))]
    assert len(hour) == 59
    sim.forbid_bot(channel, p.READ_MESSAGE_HISTORY)
    assert [one async for one in place.history(limit=3)] == []


async def test_foreign_words_need_the_portal_switch(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    ann = sim.add_user("ann")
    foreign = sim.say(channel, ann, "secret")
    sim.say(channel, ann, f"<@{sim.bot.id}> listen", reply_to=foreign)
    place = there(client, channel)
    own = await place.send("mine", reference=place.get_partial_message(foreign.id))
    assert not channel.messages[own.id].pings
    assert own.jump_url == channel.messages[own.id].url
    partial = place.get_partial_message(foreign.id)
    loud = await place.send("loud", reference=partial, mention_author=True)
    assert channel.messages[loud.id].mentions == [ann]
    await loud.delete()
    assert own.reference.resolved.content == ""
    read = [one.content async for one in there(client, channel).history()]
    assert read == ["mine", f"<@{sim.bot.id}> listen", ""]
    sim.portal_intents = gw.MESSAGE_CONTENT
    read = [one.content async for one in there(client, channel).history()]
    assert read[-1] == "secret"


async def test_mentions_notify_only_whom_they_may(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    guild = channel.guild
    assert guild is not None
    ann = sim.add_member(guild, "ann")
    news, quiet = (sim.add_role(guild, name, mentionable=name == "news") for name in ("news", "q"))
    words = f"@everyone {ann.mention} {news.mention} {quiet.mention}"
    place = there(client, channel)
    assert not channel.messages[(await place.send(words)).id].pings
    rules = discord.AllowedMentions(everyone=True, users=True, roles=True)
    sent = channel.messages[(await place.send(words, allowed_mentions=rules)).id]
    # Neither everyone nor a role that is not mentionable, without the permission.
    assert (sent.mention_everyone, sent.mentions, sent.mention_roles) == (False, [ann], [news.id])
    sim.set_role(sim.bot_role(guild), p.MINIMAL_BOT | p.MENTION_EVERYONE)
    sent = channel.messages[(await place.send(words, allowed_mentions=rules)).id]
    assert (sent.mention_everyone, sent.mention_roles) == (True, [news.id, quiet.id])


async def test_a_message_without_rules_for_mentions_is_a_violation(
    sim: LocalDiscord, channel: Channel
) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {sim.token}"}) as session:
        address = f"{sim.api_base}/channels/{channel.id}/messages"
        answer = await session.post(address, json={"content": "hi"})
        assert answer.status == 400
        assert answer.headers["Content-Type"] == "application/json"
        assert await answer.json() == {
            "message": "Invalid Form Body",
            "code": 50035,
            "errors": {
                "allowed_mentions": {
                    "_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "This field is required"}]
                }
            },
        }
        assert len(sim.violations) == 1
        sim.violations.clear()
        sim.require_allowed_mentions = False
        ann = sim.add_member(next(iter(sim.guilds.values())), "ann")
        assert (await session.post(address, json={"content": ann.mention})).status == 200
        assert channel.history()[0].mentions == [ann]
        answer = await session.post(f"{sim.api_base}/no/such/route")
        assert (answer.status, await answer.json()) == (
            404,
            {"message": "404: Not Found", "code": 0},
        )
        assert sim.violations == ["no such route: POST /no/such/route"]
        sim.violations.clear()


# Nonces


async def test_a_nonce_is_enforced_for_its_window(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    other = await added(sim, client)
    place = there(client, channel)
    first = await place.send("one", nonce="n1")
    # They count per author: the channel makes no difference.
    assert (await there(client, other).send("two", nonce="n1")).id == first.id
    assert (await place.send("three", nonce="n2")).id != first.id
    assert "nonce" not in str(sim.asked("GET"))
    await first.delete()
    with pytest.raises(discord.NotFound, match="10008"):
        await place.send("one", nonce="n1")
    sim.nonce_window_s = 0
    assert (await place.send("one", nonce="n1")).content == "one"


# Permissions


@pytest.mark.parametrize(
    ("denied", "code"),
    [(p.VIEW_CHANNEL, 50001), (p.SEND_MESSAGES, 50013), (p.EMBED_LINKS, 50013)],
)
async def test_permissions_decide(
    sim: LocalDiscord, client: Client, channel: Channel, denied: int, code: int
) -> None:
    sim.forbid_bot(channel, denied)
    await client.heard("guild_channel_update")
    with pytest.raises(discord.Forbidden, match=str(code)):
        await there(client, channel).send("x", embed=discord.Embed(title="t"))
    sim.allow_bot(channel)
    assert (await there(client, channel).send("x", embed=discord.Embed(title="t"))).id


async def test_what_is_gone_is_unknown(sim: LocalDiscord, client: Client, channel: Channel) -> None:
    place = there(client, channel)
    sim.delete_channel(channel)
    with pytest.raises(discord.NotFound, match="10003"):
        await place.send("x")
    other = await added(sim, client)
    place = there(client, other)
    assert other.guild is not None
    sim.kick_bot(other.guild)
    with pytest.raises(discord.Forbidden, match="50001"):
        await place.send("x")


async def test_direct_messages_may_be_closed(sim: LocalDiscord, client: Client) -> None:
    ann = sim.add_user("ann")
    user = await client.fetch_user(ann.id)
    await user.send("hello")
    assert [one.content for one in sim.direct(ann).history()] == ["hello"]
    sim.closed_to_bots.add(ann.id)
    with pytest.raises(discord.Forbidden, match="50007"):
        await user.send("hello?")


# Threads


async def test_a_thread_on_a_message(sim: LocalDiscord, client: Client, channel: Channel) -> None:
    sent = await there(client, channel).send("overview")
    thread = await sent.create_thread(name="details", auto_archive_duration=1440)
    assert thread.id == sent.id
    assert channel.messages[sent.id].flags & 1 << 5
    await thread.send("more")
    with pytest.raises(discord.HTTPException, match="160004"):
        await sent.create_thread(name="again")
    kept = sim.channels[thread.id]
    assert [one.kind for one in kept.history()] == [21, 0]
    sim.archive(kept)
    with pytest.raises(discord.HTTPException, match="50083"):
        await thread.get_partial_message(kept.history()[1].id).edit(content="x")
    await thread.send("wakes it")
    assert not kept.archived
    sim.archive(kept, locked=True)
    with pytest.raises(discord.HTTPException, match="50083"):
        await thread.send("stays shut")
    sim.unarchive(kept)
    kept.locked = True
    with pytest.raises(discord.HTTPException, match="160005"):
        await thread.send("locked")


async def test_sending_in_threads_is_a_permission_of_its_own(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    thread = sim.add_thread(channel, "talk")
    await client.heard("thread_create")
    sim.forbid_bot(channel, p.SEND_MESSAGES)
    await there(client, thread).send("allowed")
    sim.forbid_bot(channel, p.SEND_MESSAGES_IN_THREADS)
    with pytest.raises(discord.Forbidden, match="50013"):
        await there(client, thread).send("denied")
    private = sim.add_thread(channel, "private", private=True)
    with pytest.raises(discord.Forbidden, match="50001"):
        await client.fetch_channel(private.id)


async def test_forum_posts_take_tags(sim: LocalDiscord, client: Client) -> None:
    forum = await added(sim, client, Kind.FORUM, "ai", "chips")
    place = there(client, forum)
    made = await place.create_thread(
        name="A digest", content="overview", applied_tags=[place.available_tags[0]]
    )
    assert made.message.id == made.thread.id
    assert sim.channels[made.thread.id].applied == [forum.tags[0].id]
    sim.require_tag(forum)
    assert forum.flags & REQUIRE_TAG
    with pytest.raises(discord.HTTPException, match="40067"):
        await place.create_thread(name="No tag", content="x")
    with pytest.raises(discord.HTTPException, match="50008"):
        await client.http.request(
            discord.http.Route("POST", f"/channels/{forum.id}/messages"),
            json={"content": "x", "allowed_mentions": {"parse": []}},
        )
    sim.delete_channel(sim.channels[made.thread.id])
    await client.heard("thread_delete")


# Publishing and reactions


async def test_announcements_are_published_once(sim: LocalDiscord, client: Client) -> None:
    channel = await added(sim, client, Kind.ANNOUNCEMENT)
    sent = await there(client, channel).send("news")
    await sent.publish()
    assert channel.messages[sent.id].flags & 1
    with pytest.raises(discord.HTTPException, match="40033"):
        await sent.publish()
    plain = await there(client, await added(sim, client)).send("news")
    with pytest.raises(discord.HTTPException, match="50024"):
        await plain.publish()


async def test_reactions_come_and_go(sim: LocalDiscord) -> None:
    guild = sim.add_guild("Acme")
    channel = sim.add_channel(guild, "news")
    ann = sim.add_member(guild, "ann")
    intents = discord.Intents(guilds=True, guild_reactions=True)
    async with running(sim, Client(intents=intents)) as client:
        sent = await there(client, channel).send("news")
        await sent.add_reaction("⭐")
        kept = channel.messages[sent.id]
        sim.react(kept, ann)
        sim.react(kept, ann)
        await client.heard("raw_reaction_add", 2)
        found = await there(client, channel).fetch_message(sent.id)
        assert (found.reactions[0].count, found.reactions[0].me) == (2, True)
        assert [one.name async for one in found.reactions[0].users()] == ["ann", "Threadwire"]
        sim.unreact(kept, ann)
        (payload,) = (await client.heard("raw_reaction_remove"))[0]
        assert (payload.user_id, str(payload.emoji)) == (ann.id, "⭐")


# Bad days

Send = Callable[..., Awaitable[discord.Message]]


@pytest.mark.parametrize(
    ("fault", "error", "stored"),
    [
        ({"code": 50013}, discord.Forbidden, 0),
        ({"code": 200000}, discord.Forbidden, 0),
        ({"status": 503}, discord.DiscordServerError, 0),
        ({"html": True, "status": 503}, discord.DiscordServerError, 0),
        ({"reset": "before"}, aiohttp.ClientError, 0),
        ({"reset": "after"}, aiohttp.ClientError, 1),
    ],
    ids=["50013", "200000", "503", "html", "before", "after"],
)
async def test_a_fault_is_met_once_and_the_nonce_saves_from_doubles(
    sim: LocalDiscord,
    client: Client,
    channel: Channel,
    fault: dict[str, Any],
    error: type[Exception],
    stored: int,
) -> None:
    met = sim.fail_next("POST", CREATE, **fault)
    place = there(client, channel)
    with pytest.raises(error):
        await place.send("once", nonce="d7")
    assert (met.seen, len(channel.messages)) == (1, stored)
    await place.send("once", nonce="d7")
    assert [one.content for one in channel.history()] == ["once"]


async def test_faults_wait_for_their_turn(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    sim.fail_next("POST", "/channels/{channel_id}/messages", skip=1, times=2, code=50001)
    place = there(client, channel)
    outcomes = [await _outcome(place.send(str(number))) for number in range(4)]
    assert outcomes == [0, 50001, 50001, 0]
    slow = sim.fail_next("POST", CREATE, answer_after_s=0.2)
    sending = asyncio.create_task(place.send("late"))
    await sim.until(lambda: len(channel.messages) == 3, what="the message before its answer")
    assert not sending.done()
    await sending
    assert slow.seen == 1


async def _outcome(sending: Awaitable[discord.Message]) -> int:
    try:
        await sending
    except discord.HTTPException as exc:
        return exc.code
    return 0


async def test_a_route_limit_is_obeyed_per_channel(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    other = await added(sim, client)
    sim.limits.set("POST /channels/{channel_id}/messages", 2, 0.3)
    places = [there(client, channel)] * 5 + [there(client, other)] * 2
    await asyncio.gather(*(place.send(str(number)) for number, place in enumerate(places)))
    times = [one.at for one in sim.asked("POST", f"{channel.id}/messages") if one.status == 200]
    assert len(times) == 5
    assert times[2] - times[0] > 0.25
    assert times[4] - times[0] > 0.5
    assert sim.requests_while_limited == 0


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_limit_out_of_the_blue_is_waited_for(
    sim: LocalDiscord, client: Client, channel: Channel, scope: Any
) -> None:
    route = "*" if scope == "global" else "POST /channels/{channel_id}/messages"
    sim.limits.pause(route, 0.2, scope=scope)
    await there(client, channel).send("x")
    assert [one.status for one in sim.asked("POST", "/messages")] == [429, 200]
    assert (sim.limits.answered_429, sim.requests_while_limited) == (1, 0)
    assert sim.limits.invalid_requests == (0 if scope == "shared" else 1)


async def test_a_limit_holds_for_one_channel_only(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    other = await added(sim, client)
    sim.limits.pause("POST /channels/{channel_id}/messages", 0.3, major=str(channel.id))
    slow = asyncio.create_task(there(client, channel).send("x"))
    await sim.until(lambda: sim.limits.answered_429, what="a 429")
    await there(client, other).send("y")
    await slow
    sent = [one.path for one in sim.asked("POST", "/messages") if one.status == 200]
    assert sent == [f"/channels/{one.id}/messages" for one in (other, channel)]


async def test_a_bug_of_the_server_is_a_violation(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {sim.token}"}) as session:
        address = f"{sim.api_base}/channels/{channel.id}/messages?limit=never"
        assert (await session.get(address)).status == 500
    assert "could not be handled: ValueError" in sim.violations.pop()


async def test_who_does_not_wait_is_counted_and_banned(sim: LocalDiscord, channel: Channel) -> None:
    sim.limits.pause("*", 60, scope="global")
    sim.limits.ban_after = 3
    async with aiohttp.ClientSession() as session:
        statuses = []
        for _ in range(4):
            answer = await session.get(f"{sim.api_base}/channels/{channel.id}")
            statuses.append((answer.status, answer.headers.get("Via"), answer.content_type))
            await asyncio.sleep(0.15)  # longer than an answer is on its way
    assert statuses == [(429, "1.1 google", "application/json")] * 3 + [(429, None, "text/html")]
    assert (sim.requests_while_limited, sim.limits.invalid_requests) == (2, 4)


async def test_the_global_limit_counts_all_routes(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    sim.limits.global_per_s = 10
    await asyncio.gather(*(there(client, channel).send(str(number)) for number in range(14)))
    assert len(channel.messages) == 14
    assert sim.limits.answered_429 >= 1


async def test_a_revoked_token_is_refused_everywhere(
    sim: LocalDiscord, client: Client, channel: Channel
) -> None:
    place = there(client, channel)
    sim.token_revoked = True
    with pytest.raises(discord.HTTPException, match="401"):
        await place.send("x")
    sim.restore_token()
    await place.send("x")
