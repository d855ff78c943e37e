"""The nouns of Threadwire, in the order in which data passes through them.

Times are aware UTC datetimes (`*_at`). Everything is frozen: a step reads nouns and makes new ones.
Dataclasses where we made the values ourselves, pydantic where a model or the outside did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from bot.thread_model import Submission


class SourceState(StrEnum):
    """What became of a source. Only `ACTIVE` and `FAILING` ones are polled."""

    ACTIVE = "active"
    FAILING = "failing"  # polled on, with backoff
    GONE = "gone"  # the publisher said 410, or 404 for two weeks: polled no more
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Anything that is polled, with what the last polls taught us about it.

    `url` is what the person wrote and the name the outside knows it by; `fetch_url` is where its
    feed really is (found behind a page, moved by 301). Both validators are kept verbatim.
    """

    id: int
    url: str
    kind: str
    fetch_url: str
    title: str = ""
    tags: tuple[str, ...] = ()
    interval_s: float | None = None
    state: SourceState = SourceState.ACTIVE
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    moved_to: str | None = None
    moved_count: int = 0
    moved_since: datetime | None = None
    gone_count: int = 0
    gone_since: datetime | None = None
    habits: tuple[str, ...] = ()
    publish_gap_s: float | None = None
    origin: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry as its document said it: HTML not cleaned, URL absolute, dates in UTC."""

    guid: str
    url: str | None = None
    title: str = ""
    author: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    html: str = ""
    summary_html: str = ""
    image_url: str | None = None
    comments_url: str | None = None
    num_comments: int | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One feed as it was at one moment.

    `ttl_s` is the longest of RSS `ttl` and `sy:updatePeriod / updateFrequency`; `skip_hours` are
    hours 0-23 UTC.
    """

    title: str = ""
    site_url: str | None = None
    language: str | None = None
    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    hub_url: str | None = None
    self_url: str | None = None
    format: str = ""
    entries: tuple[RawEntry, ...] = ()


class Entry(NamedTuple):
    """One entry, cleaned: readable text, canonical URL, and the hashes that identify it.

    `guid` is the source's own id or a stated fallback. `content_hash` changes when a reader would
    see a difference in title or text, and only then. `terms` are the words that the story index
    knows it by (`bot.ingest.cluster`). `submission` is there where a discussion site is the source.
    """

    guid: str
    url: str | None
    canonical_url: str | None
    title: str
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
    text: str
    image_url: str | None
    comments_url: str | None
    tags: tuple[str, ...]
    language: str | None
    content_hash: str
    terms: tuple[str, ...]
    submission: Submission | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEntry:
    """A story's member: where it was published and what it said."""

    id: int
    source: str
    guid: str
    url: str | None
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One piece of news, told once. `entries` are its members, the earliest seen first."""

    id: int
    title: str
    url: str | None
    first_seen_at: datetime
    updated_at: datetime
    entries: tuple[StoryEntry, ...] = ()


class DeliveryState(StrEnum):
    """Where a delivery stands. Rows in `UNCERTAIN` and `DEAD` need a person."""

    PENDING = "pending"
    SENDING = "sending"  # claimed; the platform may or may not have it
    SENT = "sent"
    RETRY = "retry"
    UNCERTAIN = "uncertain"  # it may have been posted and nobody can look: not repeated
    DEAD = "dead"
    SKIPPED = "skipped"  # decided not to post; `rule` and `reason` say why


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who wants what: the entries of some sources, in one channel, at once or as a digest.

    `space` is the server or workspace that it belongs to (`discord:7`; empty where nobody knows or
    there is none), `made_by` who made it in chat (`discord:42`). `role` is called with each post,
    by the platform's id; `publish`: posts go on to the channels that follow this one.
    """

    id: int
    key: str
    origin: str
    channel: str
    sources: tuple[str, ...]
    post: Literal["instant", "community", "outlook", "roundup"]
    schedule: str | None
    timezone: str
    language: str
    min_score: int
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    languages: tuple[str, ...]
    state: Literal["active", "paused", "removed"]
    created_at: datetime
    next_run_at: datetime | None
    covered_until: datetime | None
    space: str = ""
    made_by: str = ""
    role: str | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing on its way to one channel: a row of the outbox.

    `key` survives restarts and goes with every attempt. `payload` is the post, frozen before the
    first attempt. `rule` is the short name of what decided a skipped row, `reason` its sentence.
    """

    id: int
    key: str
    subscription_id: int
    channel: str
    kind: Literal["story", "catchup", "digest"]
    subject: str
    story_id: int | None
    state: DeliveryState
    rule: str
    reason: str
    payload: str | None
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    message_id: str | None
    edit_due: bool
    edits: int


class StoryCandidate(NamedTuple):
    """A stored entry of a story that a new entry may belong to."""

    entry_id: int
    story_id: int
    source_id: int
    title: str
    canonical_url: str | None
    news_at: datetime
    terms: tuple[str, ...]


class Result(BaseModel):
    """Base of the structured results: frozen, nothing unknown let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Method = Literal["llm", "extractive"]


class ArticleSummary(Result):
    """What an article says. `text`: the article as extracted; `points`: key sentences.

    `read`: whether that was the article's own page or what the feed had of it; `links`: the
    addresses that the page's main text links to.
    """

    title: str
    url: str | None
    site: str
    published_at: datetime | None
    summary: str
    points: tuple[str, ...]
    text: str
    method: Method
    model: str | None
    language: str | None = None
    read: Literal["article", "feed"] = "article"
    links: tuple[str, ...] = ()


class Emotion(Result):
    """The mood of a thread: counts of classified comments behind one label."""

    label: str
    positive: int
    neutral: int
    negative: int


class PointOfView(Result):
    """One view that people in a thread hold. `share` is `supporters / of`, computed by us.

    `citations` are the ids of all comments that carry it, `links` lead to the first few of them.
    `quote` stands word for word in the comment `quote_id`.
    """

    text: str
    share: float
    supporters: int
    of: int
    citations: tuple[str, ...]
    quote: str
    quote_id: str
    quote_author: str | None = None
    quote_url: str | None = None
    links: tuple[str, ...] = ()


class ThreadSummary(Result):
    """What a discussion says, each point with the comments that carry it.

    `summary_citations` are the comments that the summary rests on, `summary_links` lead to the
    first few of them; both are empty where it rests on the submission's own text.
    `dropped_claims` counts what a model said and no source bore out.
    """

    title: str
    url: str | None
    score: int | None
    num_comments: int
    comments_read: int
    summary: str
    emotion: Emotion
    points: tuple[PointOfView, ...]
    method: Method
    model: str | None
    dropped_claims: int
    tokens_in: int
    tokens_out: int
    summary_citations: tuple[str, ...] = ()
    summary_links: tuple[str, ...] = ()
    skipped_deleted: int = 0
    skipped_bots: int = 0
    notes: tuple[str, ...] = ()


class Text(Result):
    """A run of text. It is data: renderers escape it, it can carry no markup of its own."""

    type: Literal["text"] = "text"
    text: str
    style: Literal["plain", "strong", "emphasis", "code", "strike"] = "plain"


class Link(Result):
    """A link with its label; `url` is http or https."""

    type: Literal["link"] = "link"
    text: str
    url: str


class Time(Result):
    """A moment. Each renderer shows it in its own way: an age, a date, the reader's own zone."""

    type: Literal["time"] = "time"
    at: datetime


Span = Annotated[Text | Link | Time, Field(discriminator="type")]


class Heading(Result):
    type: Literal["heading"] = "heading"
    text: str
    level: int = 2


class Paragraph(Result):
    type: Literal["paragraph"] = "paragraph"
    spans: tuple[Span, ...]


class ListingItem(Result):
    spans: tuple[Span, ...]
    items: tuple[ListingItem, ...] = ()


class Listing(Result):
    """A list; each item is a run of spans, with nested items one level below it.

    An ordered one counts from `start`: the rest of a list that was cut goes on counting.
    """

    type: Literal["list"] = "list"
    items: tuple[ListingItem, ...]
    ordered: bool = False
    start: int = 1


class Quote(Result):
    """Somebody's own words, with who said them and where."""

    type: Literal["quote"] = "quote"
    text: str
    author: str | None = None
    url: str | None = None


Block = Annotated[Heading | Paragraph | Listing | Quote, Field(discriminator="type")]


class PostField(Result):
    """A labelled fact below a post: source and age, score, also covered by."""

    label: str
    spans: tuple[Span, ...]


class Action(Result):
    """Something a reader can do with a post (a button where the platform has them)."""

    kind: Literal["summarize", "star", "mute", "why"]
    label: str
    target: str


class Post(Result):
    """A platform-neutral post. `url` is where the title leads; `language` chooses our own words.

    `details` are what a chat shows in a thread below the post, and other places after it.
    `document` is the same as one Markdown document with its `front_matter`, for files.
    `role` is to be called with it, `publish`: it goes on to the channels that follow the channel.
    `score` and `num_comments` are those that its fields show. `struck`: its original was deleted;
    the title is shown struck through.
    """

    kind: Literal["story", "catchup", "digest", "thread", "notice"]
    title: str
    url: str | None = None
    blocks: tuple[Block, ...] = ()
    details: tuple[Block, ...] = ()
    document: str = ""
    front_matter: str = ""
    fields: tuple[PostField, ...] = ()
    image_url: str | None = None
    actions: tuple[Action, ...] = ()
    published_at: datetime | None = None
    tags: tuple[str, ...] = ()
    language: str = "en"
    role: str | None = None
    publish: bool = False
    score: int | None = None
    num_comments: int | None = None
    struck: bool = False
