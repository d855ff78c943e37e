"""`threadwire demo`: the real pipeline on built-in publishers, offline, in a few seconds.

Two rounds: what a channel gets on the first day, and what happens two hours later, when feeds have
new entries, an edited headline, later coverage, and one feed that was down is back. Then what can
be made of it: the summary of a long discussion, and each kind of digest.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from bot import logs
from bot.app import Service, open_service, post_everything
from bot.demo_digests import Demonstrated, show_digests
from bot.model import DeliveryState, Post, Source, Story
from bot.platforms import local_platforms
from bot.store import outbox, sources, stories
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext

if TYPE_CHECKING:
    from adapters.web.demo_origin import DemoOrigin
    from jobs.deliver import DeliveryReport
    from jobs.poll import PollReport

OUTPUT = Path("demo-out")
LATER = timedelta(hours=2)
STARRED = "/northlight/polaris-3"


class DemoClock:
    """The machine's time, which the demo may turn forward between its rounds."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def turn_forward(self, by: timedelta) -> None:
        self._ahead += by


async def run_demo(output: Path = OUTPUT) -> None:
    """Run it and leave the posts and a page below `output`."""
    from adapters.web.demo_origin import DemoOrigin

    logs.configure(level="error", format="human", secrets=())
    await asyncio.to_thread(shutil.rmtree, output / "posts", ignore_errors=True)  # the last demo's
    console = Console()
    clock = DemoClock()
    with tempfile.TemporaryDirectory(prefix="threadwire-demo-") as folder:
        async with DemoOrigin(later=LATER) as origin:
            settings = _settings(Path(folder), output, origin)
            platforms = local_platforms(settings, clock, console)
            async with open_service(settings, platforms=platforms, clock=clock) as service:
                publishers = len(origin.sources)
                console.print(
                    f"{publishers} sample publishers and a subreddit, all on this machine.\n"
                )
                await _round(console, service, "The first poll")
                origin.advance()
                clock.turn_forward(LATER)
                await _round(console, service, "Two hours later")
                digests = await show_digests(
                    console,
                    service,
                    output / "posts",
                    discussion=origin.subreddit.long_discussion,
                    subreddit=origin.subreddit.name,
                    starred=origin.url(STARRED),
                )
                page = await _finish(console, service, output, digests)
    console.print(f"\nThe same as a page: {page}   as Markdown files: {output / 'posts'}")


def _settings(folder: Path, output: Path, origin: DemoOrigin) -> Settings:
    sources = [{"url": url, "tags": ["demo", *given]} for url, given in origin.tags.items()]
    context = LoadContext(
        working_dir=Path.cwd(),
        home=None,
        secrets=Secrets(
            reddit_client_id=SecretStr(origin.reddit.client_id),
            reddit_client_secret=SecretStr(origin.reddit.client_secret),
        ),
    )
    base = origin.reddit_base
    return Settings.model_validate(
        {
            "database": {"path": str(folder / "demo.db")},
            "fetch": {"allow_networks": ["127.0.0.0/8"], "host_gap_s": 0},
            "poll": {"interval": "30m", "max_interval": "1h"},
            "archive": {"directory": str(output / "posts")},
            "reddit": {"api_base": base, "auth_base": base, "public_base": base},
            "sources": [*sources, {"url": origin.subreddit.name, "tags": ["discussions"]}],
            "subscriptions": [
                {"channel": "terminal", "sources": ["tag:demo"]},
                {"channel": "files", "sources": ["tag:demo"]},
            ],
        },
        context=context,
    )


async def _round(console: Console, service: Service, title: str) -> None:
    console.print(Rule(Text(title, style="bold"), align="left"))
    polled = await service.poll.run_once()
    console.print(_line("polled", _poll_facts(polled)), style="cyan")
    for url, error in polled.failed.items():
        console.print(_line("failed", [f"{url}: {error}"]), style="yellow")
    console.print()
    delivered = await post_everything(service)
    console.print(_line("posted", _delivery_facts(delivered)), style="cyan")
    console.print()


def _poll_facts(report: PollReport) -> list[str]:
    return [
        f"{report.polled} sources",
        f"{report.unchanged} unchanged",
        f"{report.new} new entries",
        f"{report.merged} joined a story",
        f"{report.edited} edited",
        f"{len(report.failed)} failed",
    ]


def _delivery_facts(report: DeliveryReport) -> list[str]:
    return [f"{report.sent} deliveries", f"{report.edited} posts brought up to date"]


def _line(label: str, facts: Iterable[str]) -> Text:
    return Text(f"{label}: {', '.join(facts)}")


async def _finish(
    console: Console, service: Service, output: Path, digests: Sequence[Demonstrated]
) -> Path:
    """Say what was decided, and write the page."""
    from adapters.web.demo_page import DemoResult, write_demo_page

    database = service.database
    told = await database.read(stories.since, datetime.fromtimestamp(0, UTC))
    rows = await database.read(outbox.listed)
    decisions = [
        *_merges(told),
        *dict.fromkeys(
            f"Not posted: {row.reason}" for row in rows if row.state is DeliveryState.SKIPPED
        ),
        *_source_notes(await database.read(sources.listed)),
    ]
    console.print(Rule(Text("What was decided", style="bold"), align="left"))
    for decision in decisions:
        console.print(Text(f"- {decision}"))
    counts = await database.read(outbox.counts)
    posts = [
        Post.model_validate_json(row.payload)
        for row in rows
        if row.channel == "files" and row.payload
    ]
    page = output / "index.html"
    result = DemoResult(
        title="Threadwire demo",
        introduction="What a channel would have got from the built-in sample publishers.",
        facts=[
            ("Entries", str(sum(len(story.entries) for story in told))),
            ("Stories", str(len(told))),
            ("Posts", str(len(posts))),
            ("Deliveries", str(counts["sent"])),
            ("Digests", str(sum(one.post.kind == "digest" for one in digests))),
        ],
        decisions=decisions,
        posts=posts,
        digests=digests,
    )
    await asyncio.to_thread(write_demo_page, page, result)
    return page


def _merges(told: Iterable[Story]) -> list[str]:
    return [
        f"Told once: “{story.title}”, reported by {len(story.entries)} sources ({entry.reason})"
        for story in told
        for entry in story.entries[-1:]
        if len(story.entries) > 1
    ]


def _source_notes(found: Iterable[Source]) -> list[str]:
    moved = [f"{one.url} has moved to {one.moved_to}" for one in found if one.moved_to]
    failing = [f"{one.url}: {one.last_error}" for one in found if one.last_error]
    habits = [f"{one.url}: {habit}" for one in found for habit in one.habits]
    return moved + failing + habits
