"""What a digest is made of, gathered by the job and handed to the kind that was asked for.

Everything here is already in the store or was fetched for this digest; the digest kinds compute
and write, they ask nobody but the language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.model import ThreadSummary
from bot.posts.compose import StoryView
from bot.thread_model import Submission, Thread

DigestKindName = Literal["community", "outlook", "roundup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`[since, until)`, and the time zone in which its days are counted."""

    since: datetime
    until: datetime
    timezone: str = "UTC"

    @property
    def on(self) -> date:
        """The day that the period is about: that of its last moment, in its own zone."""
        last = max(self.since, self.until - timedelta(microseconds=1))
        return last.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Star:
    """A person's mark on a story, with the comment they left, if any."""

    by: str
    at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStory:
    """A story of the period. `text` is the longest text of it that we have (article or entry), and
    stands at `text_url`: of several reports, not always where the story's title leads.

    `submission` is there where a discussion site is among its sources; `thread` and `summary` where
    its discussion was read for this digest. `is_moving`: an earlier digest had its period, and it
    rose only since. `content` stands for what its reports said, also when their texts had to go.
    `links` are the addresses behind the words of its reports.
    """

    view: StoryView
    text: str
    news_at: datetime
    text_url: str | None = None
    submission: Submission | None = None
    thread: Thread | None = None
    summary: ThreadSummary | None = None
    is_moving: bool = False
    content: str = ""
    links: tuple[str, ...] = ()
    stars: tuple[Star, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPrediction:
    """One line of the predictions ledger.

    `event_key` is the same for the same event, however it is worded. `made_by` is a person or
    publication, or the model's name where `by_model`. `quote` is their wording, verbatim.
    """

    event_key: str
    event: str
    year: int
    confidence: str
    reason: str
    made_at: datetime
    made_by: str
    by_model: bool
    url: str | None
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that a digest of one period is made of.

    `name` is what the digest is called (a subreddit's name, a subscription's); `sources` are as
    written in the settings. `background` are the titles of the previous periods' stories, newest
    period first, each period as long as this one. `archive_url` is where the archive is reached,
    "" where it is not.
    """

    name: str
    sources: tuple[str, ...]
    period: Period
    language: str
    made_at: datetime
    measured_at: datetime | None
    stories: tuple[DigestStory, ...]
    background: tuple[Sequence[str], ...] = ()
    ledger: tuple[PastPrediction, ...] = ()
    archive_url: str = ""
