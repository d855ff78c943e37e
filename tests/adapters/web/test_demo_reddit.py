"""The demo's subreddit, read by the real client as it reads Reddit."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from adapters.connections import Resolver
from adapters.http import HttpClient
from adapters.sources.reddit import Reddit, WayIn, open_reddit, pace_rules
from adapters.web.demo_origin import DemoOrigin
from bot.errors import SourceError
from bot.model import Source
from bot.thread_model import Thread
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext
from tests.fakes.clock import FakeClock
from tests.fakes.runner import run_at_once

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@dataclass
class Bench:
    origin: DemoOrigin
    reddit: Reddit

    async def titles(self) -> list[str]:
        name = self.origin.subreddit.name
        source = Source(id=1, url=name, kind="reddit", fetch_url=name)
        result = await self.reddit.reader.poll(source)
        return [entry.title for entry in result.entries or ()]

    async def long_thread(self) -> Thread:
        return await self.reddit.threads.read_thread(self.origin.subreddit.long_discussion)


@contextlib.asynccontextmanager
async def opened(*, client_secret: str = "") -> AsyncIterator[Bench]:
    async with DemoOrigin(now=NOW) as origin:
        base = origin.reddit_base
        secrets = Secrets(
            reddit_client_id=SecretStr(origin.reddit.client_id),
            reddit_client_secret=SecretStr(client_secret or origin.reddit.client_secret),
        )
        settings = Settings.model_validate(
            {"reddit": {"api_base": base, "auth_base": base, "public_base": base}},
            context=LoadContext(working_dir=Path(), home=None, secrets=secrets),
        )
        async with HttpClient(
            user_agent="demo test",
            host_gap_s=0,
            allow_networks=(ip_network("127.0.0.0/8"),),
            pace_rules=pace_rules(settings),
        ) as http:
            yield Bench(origin, open_reddit(settings, http, run_at_once, FakeClock(NOW)))


async def test_it_is_read_with_oauth_and_brings_news_in_the_second_state() -> None:
    async with opened() as bench:
        assert bench.reddit.way_in is WayIn.OAUTH
        before = await bench.titles()
        bench.origin.advance()
        after = await bench.titles()
    assert len(before) == 5
    assert len(set(after) - set(before)) == 1
    assert set(before) < set(after)


async def test_the_long_discussion_has_300_comments_and_replies_in_few_requests() -> None:
    async with opened() as bench:
        thread = await bench.long_thread()
        asked = [each.path for each in bench.origin.requests if each.path.startswith("/api/more")]
    assert len(thread.comments) == 300
    assert thread.skipped_deleted == 11
    assert 60 <= sum(comment.depth > 0 for comment in thread.comments) <= 120
    assert len(asked) <= 4
    assert thread.notes == ()


async def test_its_comments_read_as_written_by_people_and_are_always_the_same() -> None:
    async with opened() as bench:
        thread = await bench.long_thread()
    async with opened() as bench:
        again = await bench.long_thread()
    texts = [comment.text for comment in thread.comments]
    assert [comment.text for comment in again.comments] == texts
    assert not [text for text in texts if any(sign in text for sign in "{}|")]
    opinions = [text for text in texts if len(text.split()) > 15]
    assert len(set(opinions)) >= 0.95 * len(opinions) > 100


async def test_scores_are_measured_again_and_have_grown() -> None:
    async with opened() as bench:
        assert bench.reddit.meter is not None
        (before,) = await bench.reddit.meter.measure(["t3_dm001"])
        bench.origin.advance()
        (after,) = await bench.reddit.meter.measure(["t3_dm001", "t3_nowhere"])
    assert (before.score, after.score) == (318, 412)
    assert after.num_comments == 311


async def test_a_stranger_is_refused() -> None:
    async with opened(client_secret="wrong") as bench:
        with pytest.raises(SourceError, match="REDDIT_CLIENT_ID"):
            await bench.reddit.check()


@pytest.mark.parametrize("path", ["/r/HarbourTech/new", "/comments/dm001", "/api/info?id=t3_dm001"])
async def test_nothing_is_told_without_a_token(path: str) -> None:
    async with (
        DemoOrigin(now=NOW) as origin,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Resolver(None))) as client,
        client.get(origin.reddit_base + path) as response,
    ):
        assert response.status == 401
        assert float(response.headers["x-ratelimit-remaining"]) > 0
