"""What every platform owes the outbox, whatever it is. A new platform adds one `Bench`.

The `Platform` port in `bot/ports.py` is the text of this contract.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console

from adapters.platforms import PLATFORMS
from adapters.platforms.discord.client import open_discord
from adapters.platforms.files.client import FilesPlatform
from adapters.platforms.slack.client import SlackPlatform, one_workspace, web_client
from adapters.platforms.terminal.client import TerminalPlatform
from bot.errors import DeliveryError
from bot.model import Post
from bot.ports import Clock, Platform
from tests.bot.posts.samples import NOW, POSTS
from tests.sims.discord import permissions
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import THREADS, Kind, Message
from tests.sims.slack.server import LocalSlack

CHANNEL = "somewhere"


class FixedClock:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


@dataclass(frozen=True)
class Bench:
    """One platform under test.

    `open` starts it, on what its last run left; `shown` are the posts as its readers see them;
    `break_it` makes every further send fail; `has_history`: what was posted can be looked up.
    `channel` is where it is posted.
    """

    open: Callable[[], Platform]
    shown: Callable[[], list[str]]
    break_it: Callable[[], object]
    has_history: bool
    channel: str = CHANNEL


CLOCK: Clock = FixedClock(NOW)


def files_bench(folder: Path) -> Bench:
    archive = folder / "archive"

    def break_it() -> None:
        archive.mkdir()
        (archive / "2026").write_text("a file where a folder should be")

    return Bench(
        open=lambda: FilesPlatform(archive, clock=CLOCK),
        shown=lambda: [path.read_text() for path in sorted(archive.rglob("*.md"))],
        break_it=break_it,
        has_history=True,
    )


def terminal_bench(*, is_terminal: bool) -> Bench:
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=is_terminal, color_system=None)

    def shown() -> list[str]:
        text = stream.getvalue()
        posts = text.split("\n\n") if is_terminal else text.split(f"\n{'-' * 20}\n\n")
        return [post for post in posts if post.strip()]

    return Bench(
        open=lambda: TerminalPlatform(console, clock=CLOCK),
        shown=shown,
        break_it=stream.close,
        has_history=False,
    )


def discord_bench(
    kind: Kind,
) -> Callable[[Path], contextlib.AbstractAsyncContextManager[Bench]]:
    """A channel of that kind. Every opening is another run of the bot, as after a restart."""

    @contextlib.asynccontextmanager
    async def bench(folder: Path) -> AsyncIterator[Bench]:
        async with LocalDiscord() as sim, contextlib.AsyncExitStack() as stack:
            guild = sim.add_guild("Acme")
            plain = sim.add_channel(guild, "news", Kind.TEXT if kind in THREADS else kind)
            channel = sim.add_thread(plain, "AI news") if kind in THREADS else plain

            def open_one() -> Platform:
                platform = open_discord(sim.token, sim.api_base, CLOCK)
                stack.push_async_callback(platform.close)
                return platform

            def posts() -> list[Message]:
                """Those with buttons: what stands below a digest's overview has none."""
                every = [
                    channel,
                    *(one for one in guild.channels.values() if one.parent is channel),
                ]
                return [one for each in every for one in each.history() if one.components]

            denied = permissions.SEND_MESSAGES | permissions.SEND_MESSAGES_IN_THREADS
            yield Bench(
                open=open_one,
                shown=lambda: [shown_text(message) for message in posts()],
                break_it=lambda: sim.forbid_bot(channel, denied),
                has_history=True,
                channel=str(channel.id),
            )
            sim.check()

    return bench


@contextlib.asynccontextmanager
async def slack_bench(folder: Path) -> AsyncIterator[Bench]:
    """Every opening is another run of the bot, as after a restart."""
    async with LocalSlack() as sim, aiohttp.ClientSession() as session:
        room = sim.add_channel(sim.add_team("Acme"), "news")

        def open_one() -> Platform:
            client = web_client(room.team.token, sim.api_base, session)
            return SlackPlatform(one_workspace(client), CLOCK, gap_s=0)

        def break_it() -> None:
            room.is_archived = True

        yield Bench(
            open=open_one,
            shown=lambda: [json.dumps(said.body, ensure_ascii=False) for said in room.posts()],
            break_it=break_it,
            has_history=True,
            channel=room.id,
        )
        sim.check()


def shown_text(message: Message) -> str:
    """What a reader sees, and where its links lead."""
    return json.dumps([message.content, message.embeds], ensure_ascii=False)


@contextlib.asynccontextmanager
async def local_bench(made: Bench) -> AsyncIterator[Bench]:
    yield made


BENCHES: dict[str, Callable[[Path], contextlib.AbstractAsyncContextManager[Bench]]] = {
    "discord": discord_bench(Kind.TEXT),
    "discord-announcements": discord_bench(Kind.ANNOUNCEMENT),
    "discord-forum": discord_bench(Kind.FORUM),
    "discord-thread": discord_bench(Kind.PUBLIC_THREAD),
    "files": lambda folder: local_bench(files_bench(folder)),
    "slack": slack_bench,
    "terminal": lambda folder: local_bench(terminal_bench(is_terminal=True)),
    "terminal-piped": lambda folder: local_bench(terminal_bench(is_terminal=False)),
}


@pytest.fixture(params=sorted(BENCHES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with BENCHES[request.param](tmp_path) as made:
        yield made


def test_every_platform_is_under_contract() -> None:
    assert {name.split("-")[0] for name in BENCHES} == set(PLATFORMS)


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_table_leads_to_platforms_of_that_name(name: str) -> None:
    module, attribute = PLATFORMS[name].split(":")

    assert getattr(import_module(module), attribute).name == name


async def test_sent_post_is_shown_once_with_title_and_link(bench: Bench) -> None:
    post = POSTS["story"]
    sent = await bench.open().send(bench.channel, post, "k1")

    assert sent.message_id
    (shown,) = bench.shown()
    assert post.title.split()[0] in shown
    assert post.url
    assert post.url in shown


@pytest.mark.parametrize("name", sorted(POSTS))
async def test_every_kind_of_post_is_taken(bench: Bench, name: str) -> None:
    await bench.open().send(bench.channel, POSTS[name], "k1")

    assert len(bench.shown()) == 1


async def test_posts_that_hold_nothing_or_very_much_are_taken(bench: Bench) -> None:
    platform = bench.open()
    await platform.send(bench.channel, Post(kind="notice", title=""), "k1")
    await platform.send(bench.channel, Post(kind="notice", title="字" * 5_000), "k2")

    assert len(bench.shown()) == 2


async def test_control_characters_do_not_reach_the_reader(bench: Bench) -> None:
    await bench.open().send(bench.channel, POSTS["story-hostile"], "k1")

    assert not set("".join(bench.shown())) & set("\x1b\x07\u202e\x00")


async def test_same_key_leaves_one_post_where_that_is_promised(bench: Bench) -> None:
    first = await bench.open().send(bench.channel, POSTS["story"], "k1")
    platform = bench.open()
    again = await platform.send(bench.channel, POSTS["story"], "k1")

    if platform.same_key_s:
        assert first == again
    assert len(bench.shown()) == (1 if platform.same_key_s else 2)


async def test_different_keys_are_different_posts(bench: Bench) -> None:
    platform = bench.open()
    sent = [await platform.send(bench.channel, POSTS["story"], f"k{number}") for number in range(3)]

    assert len({one.message_id for one in sent}) == len(bench.shown()) == 3


async def test_posts_sent_at_once_all_arrive_whole(bench: Bench) -> None:
    platform = bench.open()
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(platform.send(bench.channel, POSTS["story-bare"], f"k{number}"))

    shown = bench.shown()
    assert len(shown) == 20
    assert all(POSTS["story-bare"].title in one for one in shown)


async def test_find_tells_posted_from_not_posted_or_says_it_cannot(bench: Bench) -> None:
    sent = await bench.open().send(bench.channel, POSTS["story"], "k1")
    platform = bench.open()
    since = NOW - timedelta(hours=1)
    if not bench.has_history:
        with pytest.raises(DeliveryError, match="keeps no history"):
            await platform.find(bench.channel, "k1", since)
        return

    assert await platform.find(bench.channel, "k1", since) == sent
    assert await platform.find(bench.channel, "k2", since) is None


async def test_find_before_anything_was_sent_finds_nothing(bench: Bench) -> None:
    if bench.has_history:
        assert await bench.open().find(bench.channel, "k1", NOW) is None


async def test_edit_replaces_the_post_where_that_is_promised(bench: Bench) -> None:
    sent = await bench.open().send(bench.channel, POSTS["story-bare"], "k1")
    platform = bench.open()
    if not platform.can_edit:
        with pytest.raises(DeliveryError):
            await platform.edit(bench.channel, sent.message_id, POSTS["notice"], "k1")
        return
    await platform.edit(bench.channel, sent.message_id, POSTS["notice"], "k1")

    (shown,) = bench.shown()
    assert POSTS["notice"].title in shown
    assert POSTS["story-bare"].title not in shown


async def test_edit_of_what_was_never_posted_is_refused_for_good(bench: Bench) -> None:
    with pytest.raises(DeliveryError) as caught:
        await bench.open().edit(bench.channel, "no-such-message", POSTS["notice"], "k1")

    assert caught.value.permanent


async def test_failure_is_one_line_and_may_be_tried_again(bench: Bench) -> None:
    bench.break_it()
    with pytest.raises(DeliveryError) as caught:
        await bench.open().send(bench.channel, POSTS["story"], "k1")

    assert "\n" not in str(caught.value)
    assert not caught.value.permanent
    assert not caught.value.doubtful
