"""What the bot is allowed, from REST's own objects, against the local Discord's own computation."""

from __future__ import annotations

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord import permissions
from bot.invitation import PERMISSIONS
from tests.sims.discord import payloads
from tests.sims.discord import permissions as p
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import Kind, Role, User

BITS = st.sets(
    st.sampled_from((
        p.VIEW_CHANNEL, p.SEND_MESSAGES, p.EMBED_LINKS, p.READ_MESSAGE_HISTORY,
        p.CREATE_PUBLIC_THREADS, p.SEND_MESSAGES_IN_THREADS, p.ATTACH_FILES,
    ))
).map(sum)  # fmt: skip
ALWAYS = p.VIEW_CHANNEL | p.SEND_MESSAGES  # without them Discord takes away others as well
OVERWRITE = st.tuples(BITS, BITS)


@given(BITS, st.lists(BITS, min_size=2, max_size=2), st.lists(OVERWRITE, min_size=4, max_size=4))
def test_overwrites_add_up_as_in_discord(
    everyone: int, roles: list[int], overwrites: list[tuple[int, int]]
) -> None:
    world = LocalDiscord()
    guild = world.add_guild("Acme", bot_permissions=roles[0])
    guild.everyone.permissions = everyone
    second = world.add_role(guild, "second", permissions=roles[1])
    guild.members[world.bot.id].roles.add(second.id)
    channel = world.add_channel(guild, "news")
    whom: tuple[Role | User, ...] = (guild.everyone, world.bot_role(guild), second, world.bot)
    for one, (allow, deny) in zip(whom, overwrites, strict=True):
        world.set_permissions(channel, one, allow=allow, deny=deny & ~allow)
    member = guild.members[world.bot.id]
    ours = permissions.allowed_in(
        payloads.channel(channel), payloads.guild(guild), payloads.member(member)
    )
    theirs = p.in_channel(channel, member)
    if theirs & ALWAYS == ALWAYS:
        assert ours.value == theirs
    else:
        assert ours.value & ALWAYS != ALWAYS


@pytest.mark.parametrize("by", ["owner", "administrator"])
def test_owners_and_administrators_may_do_everything(by: str) -> None:
    world = LocalDiscord()
    guild = world.add_guild("Acme", bot_permissions=p.ADMINISTRATOR if by != "owner" else 0)
    if by == "owner":
        guild.owner = world.bot
    channel = world.add_channel(guild, "news")
    world.forbid_bot(channel, p.VIEW_CHANNEL)
    allowed = permissions.allowed_in(
        payloads.channel(channel),
        payloads.guild(guild),
        payloads.member(guild.members[world.bot.id]),
    )
    assert allowed == discord.Permissions.all()


NEEDED = {
    ("text", "instant"): "view_channel send_messages embed_links read_message_history",
    ("text", "community"): "view_channel send_messages embed_links read_message_history"
    " create_public_threads send_messages_in_threads",
    ("announcement", "instant"): "view_channel send_messages embed_links read_message_history",
    ("thread", "instant"): "view_channel send_messages_in_threads embed_links read_message_history",
    ("thread", "roundup"): "view_channel send_messages_in_threads embed_links read_message_history",
    ("forum", "instant"): "view_channel send_messages embed_links read_message_history",
    ("forum", "outlook"): "view_channel send_messages embed_links read_message_history"
    " send_messages_in_threads",
}
KINDS = {
    "text": Kind.TEXT,
    "announcement": Kind.ANNOUNCEMENT,
    "thread": Kind.PUBLIC_THREAD,
    "forum": Kind.FORUM,
}


@pytest.mark.parametrize(("kind", "post"), sorted(NEEDED))
def test_each_kind_of_channel_needs_its_own(kind: str, post: str) -> None:
    needed = permissions.needed(KINDS[kind].value, post)
    assert set(needed) == set(NEEDED[kind, post].split())


def test_the_invitation_asks_for_what_is_needed_and_no_more() -> None:
    every = {name for kind, post in NEEDED for name in permissions.needed(KINDS[kind].value, post)}
    assert permissions.INVITE_PERMISSIONS.value == PERMISSIONS
    assert discord.Permissions(**dict.fromkeys(every, True)).value == PERMISSIONS


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("send_messages", "Send Messages"),
        ("send_messages_in_threads", "Send Messages in Threads"),
        ("create_public_threads", "Create Public Threads"),
        ("read_message_history", "Read Message History"),
    ],
)
def test_names_are_those_of_discords_settings(name: str, shown: str) -> None:
    assert permissions.name_of_permission(name) == shown
