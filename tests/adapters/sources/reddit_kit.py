"""The real Reddit client against a local Reddit."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from adapters.http import HttpClient
from adapters.sources.reddit import Reddit, open_reddit, pace_rules
from bot.model import Source
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext
from tests.fakes.clock import FakeClock
from tests.fakes.runner import run_at_once
from tests.sims.reddit import CLIENT, FEED, RedditSim

OAUTH = {"reddit_client_id": CLIENT[0], "reddit_client_secret": CLIENT[1]}
FEED_TOKEN = {"reddit_feed_token": FEED["feed"], "reddit_feed_user": FEED["user"]}
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class Bench:
    sim: RedditSim
    reddit: Reddit
    clock: FakeClock


@contextlib.asynccontextmanager
async def opened(
    secrets: Mapping[str, str] = OAUTH, *, fetch: Mapping[str, Any] | None = None, **reddit: Any
) -> AsyncIterator[Bench]:
    """Reddit as the settings open it, on a simulated one that is its API and its public site."""
    async with RedditSim() as sim:
        bases = {"api_base": sim.url, "auth_base": sim.url, "public_base": sim.url}
        settings = Settings.model_validate(
            {
                "fetch": {"host_gap_s": 0, **(fetch or {})},
                "reddit": {**bases, "anonymous_gap_s": 0, **reddit},
            },
            context=LoadContext(
                working_dir=Path(),
                home=None,
                secrets=Secrets.model_validate({key: SecretStr(secrets[key]) for key in secrets}),
            ),
        )
        async with HttpClient(
            user_agent="another client",
            host_gap_s=settings.fetch.host_gap_s,
            pace_rules=pace_rules(settings),
        ) as http:
            clock = FakeClock(NOW)
            yield Bench(sim, open_reddit(settings, http, run_at_once, clock), clock)


def subreddit(name: str = "r/sample", **fields: Any) -> Source:
    return Source(id=1, url=name, kind="reddit", fetch_url=name, **fields)
