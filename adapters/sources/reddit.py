"""Reddit, as the settings open it.

Three ways in, in this order: OAuth, a personal feed token, anonymous `.rss`. `open_reddit` chooses
once; where Reddit refuses the OAuth client, the next way serves meanwhile and the source says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.pacing import PaceRule
from adapters.sources.reddit_api import Credentials, RedditApi
from adapters.sources.reddit_budget import Budget
from adapters.sources.reddit_links import hosts_of
from adapters.sources.reddit_readers import RedditMeter, RedditReader, RedditThreadReader
from adapters.sources.reddit_rss import FeedToken, RedditFeeds
from bot.ports import Clock, Fetcher, Runner

if TYPE_CHECKING:
    from config.settings import Settings

API_AT_ONCE = 4
_REDDIT_NAME = re.compile(r"/?u/([A-Za-z0-9_-]{3,20})/?")


class WayIn(StrEnum):
    """How Reddit is read."""

    OAUTH = "OAuth"
    FEED_TOKEN = "personal feed token"  # noqa: S105  # a name, not a secret
    ANONYMOUS = "anonymous .rss"

    @property
    def meaning(self) -> str:
        """What this way in gives, and how a better one is had."""
        return _MEANING[self]


_MEANING = {
    WayIn.OAUTH: "listings, scores and whole discussions",
    WayIn.FEED_TOKEN: "no scores, few comments of a discussion (OAuth gives them; Reddit has to "
    "approve the client)",
    WayIn.ANONYMOUS: "about one request a minute, no scores, few comments of a discussion "
    "(REDDIT_FEED_TOKEN and REDDIT_FEED_USER, from reddit.com/prefs/feeds, lift the first)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reddit:
    """All that reaches Reddit. `meter` is None where no way in knows scores."""

    way_in: WayIn
    reader: RedditReader
    threads: RedditThreadReader
    meter: RedditMeter | None
    api: RedditApi | None

    async def check(self) -> None:
        """Whether Reddit takes our OAuth client; the other ways are too scarce to be tried.

        Raises `SourceError`.
        """
        if self.api is not None:
            await self.api.check()


def way_in(settings: Settings) -> WayIn:
    """Which way in the secrets open, without asking anybody; for `doctor` and `status`."""
    secrets = settings.secrets
    if secrets.reddit_client_id and secrets.reddit_client_secret:
        return WayIn.OAUTH
    if secrets.reddit_feed_token and secrets.reddit_feed_user:
        return WayIn.FEED_TOKEN
    return WayIn.ANONYMOUS


def user_agent(settings: Settings) -> str:
    """Who asks. In the form that Reddit wants where the operator's contact is a Reddit name."""
    fetch = settings.fetch
    named = _REDDIT_NAME.fullmatch(fetch.contact.strip())
    if fetch.user_agent or not named:
        return fetch.effective_user_agent
    version = fetch.effective_user_agent.partition("/")[2].partition(" ")[0]
    return f"python:threadwire:{version} (by /u/{named[1]})"


def pace_rules(settings: Settings) -> tuple[PaceRule, ...]:
    """How Reddit's hosts are paced: the API by its own budget, feeds as no account may ask."""
    reddit = settings.reddit
    anonymous = way_in(settings) is not WayIn.FEED_TOKEN
    feeds = PaceRule(
        domain="reddit.com",
        per_host=1,
        host_gap_s=reddit.anonymous_gap_s if anonymous else 0.0,
    )
    if way_in(settings) is not WayIn.OAUTH:
        return (feeds,)
    place = urlsplit(str(reddit.api_base)).netloc.lower()
    return (
        PaceRule(domain=place, per_host=API_AT_ONCE, host_gap_s=0.0, is_own_pace=True),
        feeds,
    )


def open_reddit(settings: Settings, http: Fetcher, run_parse: Runner, clock: Clock) -> Reddit:
    """Everything for Reddit on one budget per way in. Nothing is fetched yet."""
    way = way_in(settings)
    hosts = hosts_of(settings)
    agent = user_agent(settings)
    token = _feed_token(settings)
    feeds = RedditFeeds(
        http,
        public_base=str(settings.reddit.public_base),
        user_agent=agent,
        budget=Budget(gap_s=0.0 if token else settings.reddit.anonymous_gap_s),
        token=token,
    )
    api = _api(settings, http, agent) if way is WayIn.OAUTH else None
    return Reddit(
        way_in=way,
        reader=RedditReader(api, feeds, run_parse, clock, hosts=hosts,
                            public_base=str(settings.reddit.public_base)),
        threads=RedditThreadReader(api, feeds, run_parse, clock, hosts=hosts),
        meter=RedditMeter(api, clock) if api else None,
        api=api,
    )  # fmt: skip


def _api(settings: Settings, http: Fetcher, agent: str) -> RedditApi:
    secrets = settings.secrets
    assert secrets.reddit_client_id is not None
    assert secrets.reddit_client_secret is not None
    return RedditApi(
        http,
        Credentials(
            client_id=secrets.reddit_client_id.get_secret_value(),
            client_secret=secrets.reddit_client_secret.get_secret_value(),
        ),
        api_base=str(settings.reddit.api_base),
        auth_base=str(settings.reddit.auth_base),
        user_agent=agent,
        budget=Budget(),
    )


def _feed_token(settings: Settings) -> FeedToken | None:
    secrets = settings.secrets
    if secrets.reddit_feed_token is None or secrets.reddit_feed_user is None:
        return None
    return FeedToken(
        feed=secrets.reddit_feed_token.get_secret_value(),
        user=secrets.reddit_feed_user.get_secret_value(),
    )
