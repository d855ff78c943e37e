"""Story clustering on labelled news and on the same articles across feeds, beside plain methods.

Run as `python -m tests.bench.story_clusters`. The news is 1,849 headlines of 44 stories in 36 hours
of March 2014, among the titles of all feeds of ../shared/data/feeds as noise. The noise is dated
into the same 36 hours: harder than life, where most of it lies years away. A baseline takes the
threshold with the best F1 at a precision of at least 0.95, chosen with hindsight; ours has one
setting for everything. Order is by time unless the line says otherwise: a poll of many sources
brings the entries of one source together.
"""

from __future__ import annotations

import html
import json
import random
import re
import time
import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import fastfeedparser
import feedparser

from bot.ingest.cluster import Settings
from bot.ingest.url import canonical_url
from tests.bench.story_baselines import BASELINES, Baseline
from tests.bench.story_replay import Headline, Replay
from tests.bench.story_scores import Score, score
from tests.shared_data import SHARED

EVAL = SHARED / "data" / "eval"
FEEDS = SHARED / "data" / "feeds"
PRECISION = 0.95


def load_news() -> list[Headline]:
    """The labelled headlines, in the order of their time."""
    lines = (EVAL / "news-clusters.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Headline(
            title=row["title"].replace("\\", ""),
            canonical_url=canonical_url(row["url"].replace("\\", "")),
            source=row["publisher"],
            news_at=datetime.fromtimestamp(row["published"], UTC),
            truth=row["story"],
        )
        for row in map(json.loads, lines)
    ]


def load_same_articles() -> list[Headline]:
    """One article as several feeds list it."""
    lines = (EVAL / "same-article-across-feeds.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Headline(
            title=item["title"],
            canonical_url=canonical_url(item["link"]),
            source=item["feed"],
            news_at=parsedate_to_datetime(item["published"]).astimezone(UTC),
            truth=row["url"],
        )
        for row in map(json.loads, lines)
        for item in row["items"]
    ]


def load_noise(news: Sequence[Headline], seed: int = 1) -> list[Headline]:
    """Each different title of the feeds once, dated at random into the time of the news.

    Titles at one address are one story; for the rest each is a story of its own. Some do report
    the same (a paper and the post on it), so the wrong merges counted are a little too many.
    """
    dates = random.Random(seed)
    first, last = news[0].news_at, news[-1].news_at
    seen: set[str] = set()
    noise = []
    for source, title, url in _feed_titles():
        if len(title) < 8 or title.casefold() in seen:
            continue
        seen.add(title.casefold())
        address = canonical_url(url) if url else None
        noise.append(
            Headline(
                title=title,
                canonical_url=address,
                source=source,
                news_at=first + (last - first) * dates.random(),
                truth=f"noise {address or title}",
                news=False,
            )
        )
    return noise


def _feed_titles() -> Iterator[tuple[str, str, str]]:
    for path in sorted(FEEDS.rglob("*")):
        if path.suffix not in (".xml", ".rss", ".atom", ".rdf"):
            continue
        for entry in _parse(path.read_bytes()):
            title = html.unescape(re.sub("<[^>]+>", "", entry.get("title") or ""))
            yield str(path.relative_to(FEEDS)), title.strip(), entry.get("link") or ""


def _parse(document: bytes) -> Sequence[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = fastfeedparser.parse(document)
        except Exception:  # noqa: BLE001  # whatever the fast reader trips over, the other reads
            parsed = feedparser.parse(document)
    entries: Sequence[Any] = parsed.entries
    return entries


def cluster(entries: Sequence[Headline], settings: Settings | None = None) -> tuple[Score, float]:
    """Our clusters' score, and microseconds per entry."""
    replay = Replay(settings)
    replay.connection.execute("BEGIN")
    started = time.process_time()
    for entry in entries:
        replay.ingest(entry)
    took = (time.process_time() - started) * 1e6 / len(entries)
    return score(entries, replay.labels()), took


def by_source(entries: Sequence[Headline], seed: int = 1) -> list[Headline]:
    """As a first poll brings them: one source after the other, the sources in any order."""
    sources = sorted({entry.source for entry in entries})
    random.Random(seed).shuffle(sources)
    place = {source: n for n, source in enumerate(sources)}
    return sorted(entries, key=lambda entry: (place[entry.source], entry.news_at))


def shuffled(entries: Sequence[Headline], seed: int = 1) -> list[Headline]:
    return random.Random(seed).sample(entries, len(entries))


def half(entries: Sequence[Headline], which: int) -> list[Headline]:
    """The entries whose story falls into one half by the hash of its name."""
    return [e for e in entries if sha256(e.truth.encode()).digest()[0] % 2 == which]


def _best_baseline(
    entries: Sequence[Headline], method: Baseline, thresholds: tuple[float, ...]
) -> tuple[float, Score]:
    scored = [(threshold, score(entries, method(entries, threshold))) for threshold in thresholds]
    return max(scored, key=lambda found: (found[1].precision >= PRECISION, found[1].f1))


def _line(name: str, result: Score, note: str = "") -> None:
    print(
        f"{name:36} {result.precision:9.3f} {result.recall:7.3f} {result.f1:7.3f} "
        f"{result.wrong:9.1f}  {note}"
    )


def _head(title: str) -> None:
    print(f"\n{title:36} {'precision':>9} {'recall':>7} {'F1':>7} {'wrong/1k':>9}")


def _compare(title: str, entries: Sequence[Headline]) -> None:
    _head(title)
    for name, (method, thresholds) in BASELINES.items():
        threshold, result = _best_baseline(entries, method, thresholds)
        _line(name, result, f"at {threshold:g}")
    result, took = cluster(entries)
    _line("threadwire", result, f"{took:.0f} us of processor time per entry")


def main() -> None:
    news = load_news()
    noise = load_noise(news)
    mixed = sorted(news + noise, key=lambda entry: entry.news_at)
    _compare(f"news among noise ({len(news)} + {len(noise)})", mixed)
    unbridged = cluster(mixed, Settings(bridge=2.0))[0]
    _line("threadwire, stories never made one", unbridged)
    _line("threadwire, source by source", cluster(by_source(mixed))[0])
    _line("threadwire, in any order", cluster(shuffled(mixed))[0])
    _line("threadwire, half of the stories", cluster(half(mixed, 0))[0])
    _line("threadwire, the other half", cluster(half(mixed, 1))[0])
    _line("threadwire, without noise", cluster(news)[0])
    _line("threadwire, no noise, by source", cluster(by_source(news))[0])
    apart = [
        Headline(
            title=entry.title,
            canonical_url=entry.canonical_url,
            source=entry.source,
            news_at=entry.news_at + timedelta(days=n % 900),
            truth=entry.truth,
            news=False,
        )
        for n, entry in enumerate(noise)
    ]
    _line("threadwire, noise over 900 days", cluster(news + apart)[0])
    _compare("same article across feeds", load_same_articles())


if __name__ == "__main__":
    if not Path(EVAL).exists():
        raise SystemExit("../shared is not in this checkout: nothing to compare with")
    main()
