"""A store as large as the benchmark of the web pages wants it, and what is in it."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.model import Paragraph, Post, Result, Text
from bot.store import predictions
from bot.store.database import connect
from bot.store.digests import NewDigest, keep
from bot.store.predictions import PredictionRow
from bot.store.story_pages import Place, place_text
from bot.store.times import to_text
from tests.bench.growth import FILL_SEED, fill
from tests.bench.synthetic import Newsroom
from tests.bot.digests.samples import COMMUNITY, OUTLOOK, ROUNDUP

RETOLD = 10  # each so many-th entry tells the story of the one before it
DIGESTS, FORECASTS = 10_000, 5_000
STORIES_A_DIGEST = 20
DELIVERIES = 50_000
SUMMARIES = 5_000
WORDS_A_TEXT, TEXTS = 85, 5_000
LIKE = "a bare LIKE for the rare word"
OFFSET = "a bare OFFSET to half way down"


def furnish(path: Path, stories: int) -> None:
    """A store of so many stories with all that pages show."""
    now = datetime.now(UTC)
    fill(path, stories * RETOLD // (RETOLD - 1), now)
    connection = connect(path)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        newsroom, rng = Newsroom(seed=FILL_SEED), random.Random(4)
        _lengthen_texts(connection, newsroom, rng)
        _join_stories(connection)
        _poll_sources(connection, now)
        _post(connection, now)
        _summarise(connection, now)
        _keep_digests(connection, newsroom, rng, now)
        _keep_forecasts(connection, rng, now)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    finally:
        connection.close()


def _lengthen_texts(connection: sqlite3.Connection, newsroom: Newsroom, rng: random.Random) -> None:
    """Texts as long as feeds have them."""
    texts = [newsroom.text(WORDS_A_TEXT) for _ in range(TEXTS)]
    entries = connection.execute("SELECT id FROM entry").fetchall()
    connection.executemany(
        "UPDATE entry SET text = ? WHERE id = ?",
        ((rng.choice(texts), row["id"]) for row in entries),
    )
    connection.execute("INSERT INTO entry_search (entry_search) VALUES ('rebuild')")


def _join_stories(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE entry SET story_id = id - 1 WHERE id % ? = 0", (RETOLD,))
    connection.execute("DELETE FROM story WHERE id % ? = 0", (RETOLD,))
    connection.execute(
        "UPDATE story SET entry_count = 2, source_count = 2 WHERE id % ? = ?", (RETOLD, RETOLD - 1)
    )
    connection.execute("UPDATE search_state SET indexed_until = (SELECT MAX(id) FROM entry)")


def _poll_sources(connection: sqlite3.Connection, now: datetime) -> None:
    """As if they had been polled; the service leaves them alone."""
    connection.execute(
        """
        UPDATE source
        SET origin = 'cli', title = 'Source ' || id, last_polled_at = ?, last_ok_at = ?,
            next_poll_at = ?
        """,
        (to_text(now), to_text(now), to_text(now + timedelta(days=3_000))),
    )
    connection.execute(
        """
        UPDATE source SET state = 'failing', failures = 3, last_error = 'it answered 503'
        WHERE id % 30 = 0
        """
    )


def _post(connection: sqlite3.Connection, now: datetime) -> None:
    connection.execute(
        """
        INSERT INTO subscription
            (id, key, origin, channel, sources, post, timezone, language, created_at)
        VALUES (1, 'bench', 'cli', 'files', '["tag:bench"]', 'instant', 'UTC', 'en', ?)
        """,
        (to_text(now),),
    )
    gap = timedelta(days=60) / DELIVERIES
    said = Paragraph(spans=(Text(text="What the channel got to read of it. " * 20),))
    post = Post(kind="story", title="A headline", blocks=(said,)).model_dump_json()
    told = connection.execute("SELECT id FROM story ORDER BY id DESC LIMIT ?", (DELIVERIES,))
    rows = [
        (f"k{n}", f"s{n}", row["id"], post, to_text(now - n * gap), to_text(now - n * gap))
        for n, row in enumerate(told.fetchall())
    ]
    connection.executemany(
        """
        INSERT INTO delivery
            (key, subscription_id, channel, kind, subject, story_id, state, payload, created_at,
             sent_at)
        VALUES (?, 1, 'files', 'story', ?, ?, 'sent', ?, ?, ?)
        """,
        rows,
    )
    connection.execute(
        """
        INSERT INTO delivery_attempt (delivery_id, at, outcome, reason)
        SELECT id, sent_at, 'sent', '' FROM delivery
        """
    )


def _summarise(connection: sqlite3.Connection, now: datetime) -> None:
    summary: dict[str, object] = {
        "title": "t",
        "url": None,
        "site": "s.example",
        "published_at": None,
        "summary": "It is said here what the article says, in two sentences of usual length. " * 4,
        "points": [],
        "text": "",
        "method": "extractive",
        "model": None,
    }
    connection.execute(
        """
        INSERT INTO article_summary (story_id, content_hash, method, result, made_at)
        SELECT id, '', 'extractive', ?, ? FROM story ORDER BY id DESC LIMIT ?
        """,
        (json.dumps(summary), to_text(now), SUMMARIES),
    )


def _keep_digests(
    connection: sqlite3.Connection, newsroom: Newsroom, rng: random.Random, now: datetime
) -> None:
    kinds: list[tuple[str, Result]] = [
        ("community", COMMUNITY),
        ("outlook", OUTLOOK),
        ("roundup", ROUNDUP),
    ]
    told = [row["id"] for row in connection.execute("SELECT id FROM story")]
    for number in range(DIGESTS):
        until = now - timedelta(hours=DIGESTS - number)
        kind, sample = kinds[number % 3]
        made = NewDigest(
            kind=kind,
            scope=f"scope {number % 20}",
            since=until - timedelta(hours=1),
            until=until,
            fingerprint=str(number),
            result=sample.model_copy(update={"title": newsroom.text(6)}).model_dump_json(),
        )
        keep(connection, made, rng.sample(told, STORIES_A_DIGEST), until)


def _keep_forecasts(connection: sqlite3.Connection, rng: random.Random, now: datetime) -> None:
    rows = [
        PredictionRow(
            event_key=f"event {number % 60}",
            event=f"Event {number % 60} comes to pass",
            year=rng.randint(2026, 2100),
            confidence="",
            reason="",
            made_at=now - timedelta(hours=number),
            made_by=f"Forecaster {rng.randint(1, 40)}",
            by_model=number % 5 == 0,
            url=f"https://news.example/{number}",
            quote="It is expected to come to pass in that year, said the author of the report.",
        )
        for number in range(FORECASTS)
    ]
    predictions.keep(connection, "scope 1", rows)


def words_in(path: Path) -> tuple[str, str, str]:
    """The two commonest words of the texts, and one that few have."""
    with closing(connect(path)) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE temp.word USING fts5vocab ('main', 'entry_search', 'row')"
        )
        rows = connection.execute(
            "SELECT term FROM temp.word WHERE LENGTH(term) > 3 ORDER BY doc DESC, term"
        )
        terms = [row["term"] for row in rows]
    return terms[0], terms[1], terms[-1]


def place_half_way(path: Path) -> str:
    """Where the older half of the stories begins, as the list of stories names a place."""
    with closing(connect(path)) as connection:
        row = connection.execute(
            """
            SELECT news_at, id FROM story
            ORDER BY news_at
            LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM story)
            """
        ).fetchone()
    return place_text(Place(row["news_at"], row["id"]))


def bare_statements(path: Path, rare: str, stories: int) -> dict[str, float]:
    """What a page would wait for without an index, with no page around it: ms, the median of 5."""
    statements: dict[str, tuple[str, tuple[object, ...]]] = {
        LIKE: (
            "SELECT id FROM entry WHERE title LIKE ? OR text LIKE ? ORDER BY id DESC LIMIT 20",
            (f"%{rare}%", f"%{rare}%"),
        ),
        OFFSET: (
            "SELECT id FROM story ORDER BY news_at DESC, id DESC LIMIT 40 OFFSET ?",
            (stories // 2,),
        ),
    }
    with closing(connect(path, query_only=True)) as connection:
        return {name: _median_ms(connection, *asked) for name, asked in statements.items()}


def _median_ms(connection: sqlite3.Connection, sql: str, bound: tuple[object, ...]) -> float:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        connection.execute(sql, bound).fetchall()
        times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times)
