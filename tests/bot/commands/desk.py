"""A desk as the service has it: real database, real newsroom, a local origin instead of the web."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.commands import dispatch
from bot.commands.kit import Ask, Desk, Person, Reply
from bot.desk import open_desk
from bot.digest_desk import open_digests
from bot.outside import Outside, open_outside
from bot.posts.plain import render_plain
from bot.store import sources, subscriptions
from bot.store.database import Database
from config.settings import Settings
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from jobs.digest_maker import DigestMaker
from jobs.ingest import Ingest
from jobs.summarize import SummarizeJob
from tests.fakes.clock import FakeClock
from tests.fakes.platform import FakePlatform
from tests.fakes.rooms import FakeRooms
from tests.sims.origin import Origin

SPACE, CHANNEL, PERSON = "fake:7", "fake:70", "fake:42"
SITE = "http://127.0.0.1:9"  # where the articles are, which nobody serves
ANNA = Person(id=PERSON, name="Anna")
ASK = Ask(platform="fake", space=SPACE, channel=CHANNEL, person=ANNA, may_manage=True)


def feed(*titles: str, title: str = "The Feed", day: int = 21) -> bytes:
    """An RSS document of one morning, the newest entry first."""
    items = "".join(
        f"<item><guid>{name}</guid><title>{name}</title><link>{SITE}/"
        f"{name.replace(' ', '-').lower()}</link>"
        f"<pubDate>{day} Nov 2026 0{max(8 - number, 0)}:00:00 GMT</pubDate>"
        f"<description>{name}: this is what the article on it says. It is long enough to be read, "
        "and tells what there is to tell of the matter in several plain words.</description></item>"
        for number, name in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


@dataclass
class Chat:
    """What a test types and presses. `woken` counts how often the poll job was woken."""

    desk: Desk
    database: Database
    clock: FakeClock
    origin: Origin
    rooms: FakeRooms
    ingest: Ingest
    outside: Outside
    platform: FakePlatform
    deliver: DeliverJob
    summaries: SummarizeJob
    maker: DigestMaker
    woken: list[str] = field(default_factory=list)

    async def type(self, name: str, ask: Ask = ASK, **values: str) -> Reply:
        """`/news subscribe` and the like, with options."""
        known = dispatch.find_command(f"news {name}")
        return await dispatch.answer_command(
            self.desk, f"news {name}" if known else name, replace(ask, values=values)
        )

    async def press(self, action: str, ask: Ask = ASK, **values: str) -> Reply:
        return await dispatch.answer_press(self.desk, action, replace(ask, values=values))

    async def choose(self, action: str, value: str, ask: Ask = ASK) -> Reply:
        """Choose from a menu."""
        return await dispatch.answer_press(self.desk, action, replace(ask, values={"": value}))

    async def post(self) -> None:
        """Summarise and deliver what there is."""
        while await self.summaries.run():
            pass
        await self.deliver.run()

    async def subscriptions(self) -> list[str]:
        """What there is, a line each."""
        rows = await self.database.read(subscriptions.listed)
        return [f"{one.channel} {one.post} {' '.join(one.sources)} {one.state}" for one in rows]


async def poll(it: Chat, target: str, *titles: str, title: str = "The Feed") -> None:
    """The feed at `target` has these entries now, and is polled."""
    if titles:
        it.origin.serve(target, body=feed(*titles, title=title))
    source = await it.database.read(sources.by_url, it.origin.url(target))
    assert source is not None
    await it.ingest.polled(source, await it.outside.readers["feed"].poll(source))


def text_of(reply: Reply) -> str:
    """All that a reply shows."""
    return "\n".join(render_plain(post, width=None) for post in reply.posts)


def actions_of(reply: Reply) -> list[str]:
    """What can be pressed below it."""
    return [one.action for one in reply.controls]


def action_of(reply: Reply, name: str) -> str:
    """The action of this name."""
    return next(action for action in actions_of(reply) if action.partition(":")[0] == name)


def plain(replies: Iterable[Reply]) -> str:
    return "\n".join(text_of(reply) for reply in replies)


@contextlib.asynccontextmanager
async def chat(folder: Path, **sections: object) -> AsyncIterator[Chat]:
    """A desk on `folder/t.db`; `sections` are settings."""
    base: dict[str, object] = {
        "fetch": {"host_gap_s": 0, "allow_networks": ["127.0.0.0/8"], "timeout_s": 5},
        "hackernews": {"api_base": SITE},
        "reddit": {"api_base": SITE, "auth_base": SITE, "public_base": SITE},
    }
    settings = Settings.model_validate({**base, **sections})
    clock, rooms, platform = FakeClock(), FakeRooms(), FakePlatform()
    rooms.managers[CHANNEL] = {PERSON}
    woken: list[str] = []
    async with (
        Origin() as origin,
        Database(folder / "t.db", exclusive=True) as database,
        open_outside(settings, database, processes=0, clock=clock) as outside,
    ):
        ingest = Ingest(database, settings, clock, random.Random(1))
        await ingest.warm_up()
        summaries = SummarizeJob(
            database, outside.articles, outside.summarizer, outside.extractive, clock
        )
        maker = open_digests(settings, outside, database, database, summaries, clock)
        desk = open_desk(
            settings,
            database,
            outside,
            ingest,
            maker.discussions,
            clock,
            rooms={"fake": rooms},
            wake=lambda: woken.append("poll"),
            queued=lambda: woken.append("queued"),
        )
        composer = Composer(maker.kinds)
        deliver = DeliverJob(database, {"fake": platform}, composer, clock, random.Random(1))
        yield Chat(
            desk=desk,
            database=database,
            clock=clock,
            origin=origin,
            rooms=rooms,
            ingest=ingest,
            outside=outside,
            platform=platform,
            deliver=deliver,
            summaries=summaries,
            maker=maker,
            woken=woken,
        )
