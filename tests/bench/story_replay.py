"""Feeds headlines through the real index and matcher, as the ingest does, on a bare database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.ingest.cluster import Incoming, Settings, StoryMatcher, Verdict, story_terms
from bot.store import story_index
from bot.store.times import to_text

# The columns of the store's table that clustering reads, with its indexes.
ENTRY_DDL = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    canonical_url TEXT,
    title TEXT NOT NULL,
    news_at TEXT NOT NULL,
    terms TEXT NOT NULL,
    story_id INTEGER NOT NULL
);
CREATE INDEX entry_story ON entry (story_id);
CREATE INDEX entry_address ON entry (canonical_url) WHERE canonical_url IS NOT NULL;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A labelled entry. `truth` names the story it belongs to."""

    title: str
    canonical_url: str | None
    source: str
    news_at: datetime
    truth: str
    news: bool = True


class Replay:
    """One database, one matcher, entries one by one."""

    def __init__(self, settings: Settings | None = None, path: str = ":memory:") -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(ENTRY_DDL + story_index.STORY_INDEX_DDL)
        self.matcher = StoryMatcher(settings)
        self._sources: dict[str, int] = {}
        self._entries = 0

    def ingest(self, headline: Headline) -> tuple[int, Verdict]:
        """Find the story of one entry and store it; returns the story's id."""
        source_id = self._sources.setdefault(headline.source, len(self._sources) + 1)
        return self.add(
            Incoming(
                source_id=source_id,
                title=headline.title,
                canonical_url=headline.canonical_url,
                news_at=headline.news_at,
                terms=story_terms(headline.title, ""),
            )
        )

    def add(self, entry: Incoming) -> tuple[int, Verdict]:
        """What the ingest does for one entry."""
        probe = self.matcher.probe(entry.terms)
        lookup = story_index.Lookup(probe.search, probe.weights, entry.news_at, entry.canonical_url)
        finder = story_index.Finder(self.connection, [lookup])
        verdict = self.matcher.match(entry, finder.candidates(0))
        for absorbed in verdict.absorbs:
            self.connection.execute(
                "UPDATE entry SET story_id = ? WHERE story_id = ?", (verdict.story_id, absorbed)
            )
        self._entries += 1
        story_id = verdict.story_id or self._entries
        self.connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._entries,
                entry.source_id,
                entry.canonical_url,
                entry.title,
                to_text(entry.news_at),
                " ".join(entry.terms),
                story_id,
            ),
        )
        finder.add([self._entries])
        self.matcher.observe(verdict)
        return story_id, verdict

    def restart(self, entries: int) -> None:
        """Go on with `entries` stored by other means, as after a restart of the program."""
        self._entries = entries
        self.matcher = StoryMatcher(self.matcher.settings)
        self.matcher.warm(story_index.recent_terms(self.connection, 20_000))

    def labels(self) -> list[int]:
        """The story of each entry, in the order in which they came."""
        return [row[0] for row in self.connection.execute("SELECT story_id FROM entry ORDER BY id")]
