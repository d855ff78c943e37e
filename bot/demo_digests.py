"""The demo's discussion and digests: a thread summary, then each kind of digest.

They are made as the service makes them and sent to the same platforms. The terminal gets the
overview, the files hold all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from bot.app import Service
from bot.digest_desk import open_digests
from bot.digests.material import DigestKindName, Period
from bot.model import Post
from bot.posts.filters import Filter
from bot.posts.thread import thread_post
from bot.store import sources, stars, stories
from bot.store.database import Connection
from bot.store.stars import StarRow
from jobs.digest_material import DigestWish, digest_name

if TYPE_CHECKING:
    from jobs.digest_maker import DigestMaker

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
NAME = "Coastal AI"
READER = "Ulla"
REMARK = "The list of sources is what I would have every lab publish."


class Demonstrated(NamedTuple):
    """What was shown, under which title. `about` says what was done, in a line or two."""

    title: str
    about: str
    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A digest to be shown. `before`: how many periods ago it was due."""

    kind: DigestKindName
    name: str
    sources: tuple[str, ...]
    length: timedelta
    title: str
    about: str
    before: int = 0


def _plans(subreddit: str) -> Sequence[_Plan]:
    everything = ("tag:demo", subreddit)
    return (
        _Plan(
            kind="community",
            name=digest_name((subreddit,)),
            sources=(subreddit,),
            length=DAY,
            title=f"A community digest: a day of {subreddit}",
            about="Scores were measured again, each discussion was read whole.",
        ),
        _Plan(
            kind="outlook",
            name=NAME,
            sources=everything,
            length=WEEK,
            title="An outlook: last week's",
            about="Its forecasts are in the ledger now, for the next one.",
            before=1,
        ),
        _Plan(
            kind="outlook",
            name=NAME,
            sources=everything,
            length=WEEK,
            title="An outlook: where this week may lead",
            about="Gains, losses and forecasts are the sources' words; one moved since last week.",
        ),
        _Plan(
            kind="roundup",
            name=f"{NAME} Watch",
            sources=everything,
            length=MONTH,
            title="A roundup: the month",
            about=f"{READER} (whom the demo plays) has starred one story.",
        ),
    )


async def show_digests(
    console: Console,
    service: Service,
    files: Path,
    *,
    discussion: str,
    subreddit: str,
    starred: str,
) -> list[Demonstrated]:
    """Summarise `discussion`, make the digests, print and file them; returns what was shown.

    Last week's outlook is made and filed, but not printed: it is there for what this week's says.
    """
    maker = open_digests(
        service.settings,
        service.outside,
        service.database,
        service.database,
        service.summarize,
        service.clock,
    )
    found = await maker.discussions.read(discussion)
    thread = Demonstrated(
        "A long discussion, read whole",
        f"{len(found.thread.comments)} comments and no model: a key would let one write this.",
        thread_post(found.summary),
    )
    await _show(console, service, thread, files)
    await service.database.write(_star, starred, service.clock.now())
    shown = [thread]
    for plan in _plans(subreddit):
        made = Demonstrated(plan.title, plan.about, await _digest(service, maker, plan))
        if plan.before:
            await _file(service, made, files)
            continue
        await _show(console, service, made, files)
        shown.append(made)
    return shown


async def _digest(service: Service, maker: DigestMaker, plan: _Plan) -> Post:
    until = service.clock.now() - plan.before * plan.length
    listed = await service.database.read(sources.listed)
    wish = DigestWish(
        kind=plan.kind,
        name=plan.name,
        scope=plan.name,
        sources=plan.sources,
        source_ids=tuple(
            one.id
            for one in listed
            if one.url in plan.sources or {f"tag:{tag}" for tag in one.tags} & set(plan.sources)
        ),
        period=Period(since=until - plan.length, until=until),
        language="en",
        chosen=Filter(languages=("en",)),
        by="news",
    )
    made = await maker.make(wish)
    return maker.kinds[plan.kind].post(made.record, language=wish.language)


def _star(connection: Connection, url: str, now: datetime) -> None:
    """What a reader's click would do: mark the story that was reported at `url`."""
    for story in stories.since(connection, datetime.fromtimestamp(0, UTC)):
        if any(entry.url == url for entry in story.entries):
            star = StarRow(
                story_id=story.id, person="demo:1", name=READER, place="demo", remark=REMARK, at=now
            )
            stars.put(connection, star)


async def _show(console: Console, service: Service, shown: Demonstrated, files: Path) -> None:
    console.print(Rule(Text(shown.title, style="bold"), align="left"))
    console.print(Text(shown.about), style="cyan")
    console.print()
    overview = shown.post.model_copy(update={"details": ()})
    await service.platforms["terminal"].send("terminal", overview, shown.title)
    path = await _file(service, shown, files)
    lines = len((await asyncio.to_thread(path.read_text, encoding="utf-8")).splitlines())
    what = "in full" if shown.post.details else "as a file"
    console.print(Text(f"{what}: {path} ({lines} lines)"), style="cyan", soft_wrap=True)
    console.print()


async def _file(service: Service, shown: Demonstrated, files: Path) -> Path:
    sent = await service.platforms["files"].send("files", shown.post, shown.title)
    return files / sent.message_id
