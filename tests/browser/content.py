"""What the pages are looked at with: a month of a small newsroom, and what an enemy would publish.

Everything is made up. Feeds are served and read as real ones are; what a model or a discussion site
would say is put into the store in the form that it has there.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from bot.errors import SourceError
from bot.model import DeliveryState, Emotion, PointOfView, Post, Source, ThreadSummary
from bot.store import (
    outbox,
    predictions,
    sending,
    sources,
    submissions,
    subscriptions,
    thread_summaries,
)
from bot.store.database import Connection
from bot.store.outbox import NewDelivery
from bot.store.predictions import PredictionRow
from bot.store.sources import DeclaredSource
from bot.store.subscriptions import DeclaredSubscription
from bot.thread_model import Submission
from tests.adapters.web.site import Served
from tests.browser.digests import DISCUSSED, STORY, THREAD, community, outlook, roundup

PAPERS = Path(__file__).with_name("papers.toml")
PRIVATE_CHANNEL = "discord:4711"
DEAD_FEED = "https://closed.example/feed.xml"
_REFUSED = "slack answered not_in_channel: invite the app first"
_PAYLOAD = Post(kind="story", title=STORY, url="https://gradient.example/9").model_dump_json()


@dataclass(frozen=True)
class Paper:
    """A publisher: headlines, the newest first, `hours` apart, each with a sentence."""

    slug: str
    title: str
    hours: float
    told: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        return f"https://{self.slug}.example/feed.xml"

    def feed(self, now: datetime) -> bytes:
        gap = timedelta(hours=self.hours)
        items = "".join(
            f"<item><title>{escape(title)}</title>"
            f"<link>https://{self.slug}.example/{number}</link><guid>{self.slug}-{number}</guid>"
            f"<pubDate>{format_datetime(now - (place + 0.4) * gap)}</pubDate>"
            f"<description>{escape(text)}</description></item>"
            for place, (number, (title, text)) in enumerate(
                zip(range(len(self.told), 0, -1), self.told, strict=True)
            )
        )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(self.title)}</title>'
            f"<link>https://{self.slug}.example/</link><description>d</description>{items}"
            "</channel></rss>"
        ).encode()


HOSTILE = Paper(
    slug="hostile",
    title='<b>Feed</b> & "friends" | [x]: https://evil.example',
    hours=3,
    told=(
        (
            "<script>alert(1)</script><img src=x onerror=alert(2)> & \"quotes\" 'here'",
            "<style>body{display:none}</style><iframe src='https://evil.example'></iframe>Text.",
        ),
        ("Supercalifragilistic" * 12, "Unbroken" * 200),
        ("a\u202egpj.exe \u2067right to left\u2069 \u200b\u200b end", "\x9b31m red?"),
        ("{{ 7*7 }} {% include 'x' %} ${7*7} #{7*7} <%= 7*7 %>", "{{ config }}"),
        ("https://evil.example/" + "a/" * 150, "javascript:alert(1) data:text/html,x"),
        ("Long " + "words and more words " * 120, "Sentence after sentence. " * 400),
        ("👩‍💻🏳️‍🌈 Z" + "\u0351\u036b\u0343" * 12 + "algo", "combining"),
    ),
)


def papers() -> list[Paper]:
    """The publishers, an enemy among them."""
    told = tomllib.loads(PAPERS.read_text(encoding="utf-8"))["paper"]
    return [Paper(**{**one, "told": tuple(map(tuple, one["told"]))}) for one in told] + [HOSTILE]


async def fill(site: Served) -> None:
    """Everything that the pages can show."""
    now = site.clock.now()
    for paper in papers():
        await publish(site, paper)
    boats = Paper("learnsystems", "r/LearnSystems", 6, (
        (DISCUSSED, "It plans a week of sailing from tide tables and wind forecasts."),
        ("[D] Do you keep tide tables in SQL?", "We keep them in one table, and it is slow."),
    ))  # fmt: skip
    await publish(site, boats, tags=("discussions",))
    await _fail(site)
    await site.database.write(lambda connection: _fill(connection, now))
    told = await site.database.read(_story_ids)
    for day in range(24):
        until = now - timedelta(days=day, hours=1)
        await site.keep_digest("community", community(until), until=until, story_ids=told[:3])
    await site.keep_digest("outlook", outlook(now), until=now, scope="o", story_ids=told[3:6])
    await site.keep_digest("roundup", roundup(), until=now, scope="r", story_ids=told[:8])
    await site.keep_digest(
        "community",
        community(now).model_copy(update={"title": "What the team talks about"}),
        until=now + timedelta(minutes=1),
        is_public=False,
        scope="chat",
    )


async def publish(site: Served, paper: Paper, *, tags: tuple[str, ...] = ("ai", "news")) -> None:
    """A paper's feed, known by its own name and read where the test's origin serves it."""
    source = await _declared(site, paper.url, tags)
    site.origin.serve(f"/{paper.slug}", body=paper.feed(site.clock.now()))
    here = replace(source, fetch_url=site.origin.url(f"/{paper.slug}"))
    await site.ingest.polled(source, await site.outside.readers["feed"].poll(here))
    while await site.ingest.index():
        pass


async def _fail(site: Served) -> None:
    """A source that has not answered five times."""
    for _ in range(5):
        source = await _declared(site, DEAD_FEED, ("news",))
        error = SourceError("closed.example answered 503 Service Unavailable")
        await site.ingest.failed(source, error)


async def _declared(site: Served, url: str, tags: tuple[str, ...]) -> Source:
    declared = DeclaredSource(url=url, kind="feed", fetch_url=url, tags=tags)
    now = site.clock.now()
    await site.database.write(
        lambda connection: sources.declare(connection, [declared], origin="file", now=now)
    )
    source = await site.database.read(sources.by_url, url)
    assert source is not None
    return source


def _story_ids(connection: Connection) -> tuple[int, ...]:
    rows = connection.execute("SELECT id FROM story ORDER BY id")
    return tuple(row["id"] for row in rows)


def _fill(connection: Connection, now: datetime) -> None:
    _discuss(connection, now)
    predictions.keep(connection, "o", forecasts(now))
    _deliver(connection, now)


def _discuss(connection: Connection, now: datetime) -> None:
    """One of the submissions has been read with its comments."""
    row = connection.execute("SELECT id FROM entry WHERE title = ?", (DISCUSSED,)).fetchone()
    submission = Submission(
        fullname="t3_1boats",
        permalink=THREAD,
        place="r/LearnSystems",
        author="tidal_wave",
        flair="Project",
        score=342,
        num_comments=121,
        measured_at=now,
    )
    submissions.put(connection, row["id"], submission)
    thread_summaries.keep(connection, "reddit:1boats", "hash", discussion(), now)


def discussion() -> ThreadSummary:
    """A thread with four points of view, of which one is everybody's and one is two people's."""
    views = (
        ("Working offline is what makes it useful.", 24, "No signal, no problem for me."),
        ("The tide tables of 2019 are out of date.", 9, "In Brittany that's off by half an hour."),
        ("It should say how sure it is of the wind.", 6, "Show me the spread, not one arrow."),
        ("<b>Phones</b> & salt water do not go together.", 2, "Mine lasted \"one\" <i>season</i>."),
    )  # fmt: skip
    points = tuple(
        PointOfView(
            text=text,
            share=supporters / 61,
            supporters=supporters,
            of=61,
            citations=tuple(f"c{number}{each}" for each in range(supporters)),
            quote=quote,
            quote_id=f"c{number}0",
            quote_author=f"sailor_{number}",
            quote_url=f"{THREAD}c{number}0/",
            links=tuple(f"{THREAD}c{number}{each}/" for each in range(min(3, supporters))),
        )
        for number, (text, supporters, quote) in enumerate(views)
    )
    return ThreadSummary(
        title=DISCUSSED,
        url=THREAD,
        score=342,
        num_comments=121,
        comments_read=117,
        summary="Somebody shows a planner for small boats. Most like that it works offline.",
        emotion=Emotion(label="Mostly Positive", positive=71, neutral=34, negative=12),
        points=points,
        method="llm",
        model="example-model",
        dropped_claims=1,
        tokens_in=19_204,
        tokens_out=812,
        summary_citations=("c00",),
        skipped_deleted=3,
        skipped_bots=1,
    )


def forecasts(now: datetime) -> list[PredictionRow]:
    """Thirty dated forecasts of five events, which come nearer the later they are made."""
    events = (
        ("ships pilots", "Half of all ports will dock ships without pilots", 2036),
        ("grade essays", "Schools will grade essays by machine", 2032),
        ("translate live", "Live translation is as good as an interpreter", 2031),
        ("court clerk", "A court lets a model write its first draft", 2029),
        ("agi", "A model passes every test that we have for people", 2045),
    )
    return [
        PredictionRow(
            event_key=key,
            event=event,
            year=year - age + (age * len(key)) % 3,
            confidence="medium" if by_model else "",
            reason="It follows the trend of the last years." if by_model else "",
            made_at=now - timedelta(days=330 - 55 * age),
            made_by="example-model" if by_model else f"Ada Marin {age}",
            by_model=by_model,
            url=f"https://gradient.example/{age}",
            quote="" if by_model else f"{event} by {year - age}, said Ada Marin.",
        )
        for key, event, year in events
        for age in range(6)
        for by_model in [age % 3 == 2]
    ]


def _deliver(connection: Connection, now: datetime) -> None:
    """A channel that got posts, and one that takes none."""
    for channel in (PRIVATE_CHANNEL, "slack:C0DEAD"):
        wish = DeclaredSubscription(channel=channel, sources=("tag:ai",))
        number = subscriptions.declare(connection, wish, origin="file", now=now)
        for place, story in enumerate(_story_ids(connection)[:6]):
            at = now - timedelta(hours=3 * place)
            key = f"{channel}:{story}"
            row = NewDelivery(
                key=key,
                subscription_id=number,
                channel=channel,
                kind="story",
                subject=f"story:{story}",
                story_id=story,
            )
            delivery = outbox.add(connection, row, at)
            assert delivery is not None
            sending.claim(connection, delivery, payload=_PAYLOAD, now=at)
            if channel == PRIVATE_CHANNEL:
                sending.mark_sent(connection, delivery, message_id=str(story), now=at)
            else:
                sending.mark_ended(
                    connection, delivery, state=DeliveryState.DEAD, reason=_REFUSED, now=at
                )
