"""What reaches the web: the guarded client, with the readers and summarisers on top of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from bot.language_model import load, open_model
from bot.metrics import Metrics
from bot.ports import (
    ArticleReader,
    ArticleSummarizer,
    Clock,
    LanguageModel,
    Runner,
    SourceReader,
    SubmissionMeter,
    ThreadReader,
    ThreadSummarizer,
)
from bot.store.database import Database

if TYPE_CHECKING:
    from adapters.http import HttpClient
    from adapters.offload import Offload
    from adapters.sources.feed import FeedReader
    from adapters.sources.reddit import Reddit
    from adapters.sources.thread_files import AddressReader
    from config.settings import Settings

PRELOAD = ("adapters.sources.feed",)  # what worker processes import before the first document


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What reaches the web: the guarded client, and the readers and summarisers on top of it.

    `threads` are asked in their order whether they recognise an address; `addresses` reads all
    that none of them does. `meter` is None where nothing can be measured again. `model` is the
    language model, paid for and cached, where the settings have one.
    """

    http: HttpClient
    offload: Offload
    feeds: FeedReader
    readers: Mapping[str, SourceReader]
    articles: ArticleReader
    threads: tuple[ThreadReader, ...]
    addresses: AddressReader
    reddit: Reddit
    meter: SubmissionMeter | None
    summarizer: ArticleSummarizer
    extractive: ArticleSummarizer
    thread_summarizer: ThreadSummarizer
    model: LanguageModel | None = None


def load_outside() -> None:
    """Import what `open_outside` needs: a fifth of a second, which can pass beside a wait."""
    from adapters.models import MODELS
    from adapters.sources import SOURCES

    for dotted in (*SOURCES.values(), MODELS["extractive"]):
        load(dotted)
    import_module("adapters.http")
    import_module("adapters.sources.webpage")


@contextlib.asynccontextmanager
async def open_outside(
    settings: Settings,
    database: Database | None = None,
    *,
    processes: int | None = None,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
) -> AsyncIterator[Outside]:
    """Open what reaches the web. Nothing is fetched yet.

    `database`: where a model's costs go, else the settings' own; `metrics` counts them.
    `processes`: how many to give CPU work to; None leaves one core to this one.
    """
    from adapters.http import HttpClient
    from adapters.models import MODELS
    from adapters.offload import Offload
    from adapters.pacing import PACE_RULES
    from adapters.sources import SOURCES
    from adapters.sources.reddit import open_reddit, pace_rules
    from adapters.sources.thread_files import AddressReader
    from adapters.sources.webpage import WebpageReader

    clock = clock or SystemClock()
    fetch = settings.fetch
    async with (
        Offload(processes, preload=PRELOAD) as offload,
        HttpClient(
            user_agent=fetch.effective_user_agent,
            timeout_s=fetch.timeout_s,
            max_bytes=fetch.max_bytes,
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            host_gap_s=fetch.host_gap_s,
            allow_networks=fetch.allow_networks,
            pace_rules=(*PACE_RULES, *pace_rules(settings)),
        ) as http,
        open_model(settings, database, clock, metrics) as model,
    ):
        extractive = load(MODELS["extractive"])(offload)
        hackernews = load(SOURCES["hackernews"])(
            http, offload, clock, api_base=settings.hackernews.api_base
        )
        feeds = load(SOURCES["feed"])(http, offload, reddit_base=settings.reddit.public_base)
        reddit = open_reddit(settings, http, offload, clock)
        yield Outside(
            http=http,
            offload=offload,
            feeds=feeds,
            readers={
                "feed": feeds,
                "hackernews": hackernews,
                "reddit": reddit.reader,
            },
            articles=WebpageReader(http, offload, clock),
            threads=(hackernews, reddit.threads),
            addresses=AddressReader(http, offload, clock),
            reddit=reddit,
            meter=reddit.meter,
            summarizer=_article_summarizer(settings, model, extractive, offload),
            extractive=extractive,
            thread_summarizer=_thread_summarizer(settings, model, extractive, offload),
            model=model,
        )


def _article_summarizer(
    settings: Settings, model: LanguageModel | None, extractive: ArticleSummarizer, run: Runner
) -> ArticleSummarizer:
    if model is None:
        return extractive
    from bot.summarize.article_fallback import ArticleSummarizerWithFallback
    from bot.summarize.article_llm import LlmArticleSummarizer

    written = LlmArticleSummarizer(model, run, settings.llm.max_input_tokens)
    return ArticleSummarizerWithFallback(written, extractive)


def _thread_summarizer(
    settings: Settings, model: LanguageModel | None, extractive: ThreadSummarizer, run: Runner
) -> ThreadSummarizer:
    if model is None:
        return extractive
    from bot.summarize.threads.fallback import ThreadSummarizerWithFallback
    from bot.summarize.threads.llm import LlmThreadSummarizer

    written = LlmThreadSummarizer(
        model, run, settings.llm.max_input_tokens, max_parts=2 * settings.llm.concurrency
    )
    return ThreadSummarizerWithFallback(written, extractive)
