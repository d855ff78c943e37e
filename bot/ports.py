"""The ports: what the core asks of the outside world. Adapters implement them.

Each docstring is the specification: who calls it, in what order, and what it may raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar, TypeVarTuple, runtime_checkable

from pydantic import BaseModel

from bot.model import ArticleSummary, Entry, Post, Source, ThreadSummary
from bot.thread_model import Submission, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One guarded request: a GET, or with `form` a POST of these fields.

    `trusted`: the address is the admin's own setting and may be private. `headers` go along to the
    origin of `url` and nowhere else. `whole_answer`: any status comes back as it is, redirects
    included, with its body and headers; without it everything but 200 and 304 is an error.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    accept: str | None = None
    trusted: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold a token
    form: tuple[tuple[str, str], ...] | None = None
    whole_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """A 200 or 304. `url` is the final address after redirects.

    `moved_to` is set only where every redirect on the way was permanent (301, 308).
    `max_age_s` comes from Cache-Control or Expires. `body` is decompressed, empty on 304.
    `headers` are filled where the request asked for a whole answer, names in lower case.
    """

    status: int
    url: str
    moved_to: str | None
    body: bytes
    content_type: str
    etag: str | None
    last_modified: str | None
    max_age_s: float | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def not_modified(self) -> bool:
        return self.status == 304


class Fetcher(Protocol):
    """The only way out to the web."""

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """Get one URL within the fetch rules.

        Raises `SourceError` for everything else than 200 and 304: refused addresses
        (`refused=True`), timeouts, too large bodies, HTTP errors (`status` set, `retry_after_s`
        where the host named one). Waits for the host's turn; where the host asked us to stay away
        for longer than a few seconds it raises at once with `retry_after_s`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What one poll brought. `entries` is None where nothing changed (304, same body).

    `measured` are submissions that were asked for again: their scores, counts and states now.
    """

    entries: tuple[Entry, ...] | None
    title: str = ""
    site_url: str | None = None
    fetch_url: str
    moved_to: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    max_age_s: float | None = None
    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    hub_url: str | None = None
    self_url: str | None = None
    warning: str | None = None
    measured: tuple[Submission, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSource:
    """What a person's words turned out to mean: the feed behind a page, a channel, a repository."""

    kind: str
    fetch_url: str
    title: str = ""


class SourceReader(Protocol):
    """Reads one kind of source. Holds no state of its own; all of it is in `Source`."""

    async def resolve(self, url: str) -> ResolvedSource:
        """Find what to poll behind `url`. Raises `SourceError` when there is nothing to poll."""

    async def poll(self, source: Source) -> PollResult:
        """Fetch, parse and clean once. Raises `SourceError`; never returns half a document."""


class ArticleReader(Protocol):
    """Turns a page into the article on it."""

    async def read(self, url: str) -> Article:
        """Fetch and extract. Raises `SourceError` where there is no readable article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The main text of a page and what its head says about it. `links`: where the text leads."""

    url: str
    title: str
    text: str
    site: str = ""
    description: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    image_url: str | None = None
    language: str | None = None
    links: tuple[str, ...] = ()


class ArticleSummarizer(Protocol):
    """Writes an `ArticleSummary`: a language model, or the extractive one that is always there."""

    async def summarize_article(self, article: Article) -> ArticleSummary:
        """Raises `ModelError`. The extractive one never does."""


class ThreadReader(Protocol):
    """Reads whole discussions of one site."""

    def recognises(self, url: str) -> bool:
        """Whether `url` leads to a discussion that this reader can read. Asks nobody."""

    async def read_thread(self, url: str) -> Thread:
        """Fetch a discussion with all its comments, as many requests as that takes.

        Raises `SourceError` where it cannot be read at all; comments that could not be got are
        counted in `Thread.unread`.
        """


class SubmissionMeter(Protocol):
    """Asks a discussion site again what became of submissions."""

    async def measure(self, fullnames: Sequence[str]) -> tuple[Submission, ...]:
        """Scores, counts and states now, many per request. What the site no longer knows is left
        out. Raises `SourceError`.
        """


class ThreadSummarizer(Protocol):
    """Writes a `ThreadSummary`: a language model, or the extractive one that is always there."""

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        """`channel`: who asked, for budgets. Raises `ModelError`. The extractive one never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One question to a language model, answered in the shape of `answer`.

    `instructions` is the same text for every request of one `purpose`: it comes first, so that
    servers can cache it. `content` is the material, from untrusted writers. `refused` is what an
    earlier answer to the same content (or more of it) got wrong, then that answer, where we ask
    once more.
    `channel` is who asked, for budgets; `private` material comes from a chat that not everyone
    can read, and what is kept of it is kept for an hour.
    """

    purpose: str
    instructions: str
    content: str
    answer: type[BaseModel]
    max_output_tokens: int
    refused: tuple[str, str] | None = None
    channel: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a model answered: valid in shape, not yet checked for truth.

    `result` is an instance of the request's `answer`. `model` is the one that really answered.
    Tokens are what this answer cost now: 0 where it came from our own cache (`from_cache`).
    """

    result: BaseModel
    model: str
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    from_cache: bool = False


class LanguageModel(Protocol):
    """A language model behind whatever interface. Retries, deadlines and limits are its matter."""

    name: str

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """Ask once; an answer of the wrong shape is sent back for repair one time.

        Raises `ModelError`: unreachable, out of budget or quota, refused, unusable.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A conversation in a chat, read for a summary. `thread` cites messages by their own links.

    `is_public`: everyone in its server or workspace can read it. `left_out` counts what was not
    read for a reason worth saying (bots, commands, empty messages).
    """

    thread: Thread
    is_public: bool = False
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A post that a platform has. `message_id` is the platform's own and enough to edit it."""

    message_id: str


class Platform(Protocol):
    """A place that posts go to. One instance serves all its channels.

    `can_edit`: posted messages can be changed later. `same_key_s`: for how long after an attempt
    sending the same key again leaves one post, so that a doubtful attempt may simply be repeated;
    0 where it never does, infinite where it always does.
    """

    name: str
    can_edit: bool
    same_key_s: float

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        """Post once. `key` names the delivery and survives restarts.

        Raises `DeliveryError`; `doubtful=True` when the platform may have the post all the same.
        """

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        """Replace a posted message. Raises `DeliveryError`. Only called where `can_edit`."""

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        """Look whether `key` was posted since then. None: surely not.

        Raises `DeliveryError` where that cannot be known: `permanent` where nobody can ever look
        (no history, no permission to read it), else it is asked again later.
        """


@runtime_checkable
class Landing(Protocol):
    """A platform on which a post may arrive some time after who sent it was killed."""

    @property
    def landing_s(self) -> float:
        """How long after, at most."""


@runtime_checkable
class Telling(Protocol):
    """What a platform may be able to do beside posting: write to one person."""

    async def tell(self, person: str, post: Post, *, space: str = "") -> None:
        """Show a post to one person alone. `person` is the platform's own id, as it stands behind
        the colon in `Subscription.made_by`; `space` is the server or workspace that they subscribed
        in. Best effort: raises `DeliveryError`, and is not tried again.
        """


@runtime_checkable
class Finishing(Protocol):
    """A platform that puts `Post.details` into messages of their own, below the post's message."""

    async def finish(self, channel: str, message_id: str, post: Post, key: str) -> None:
        """Send what of the details is missing below a message that was found. Raises
        `DeliveryError`.
        """


@runtime_checkable
class ChecksChannels(Protocol):
    """A platform that can say beforehand whether posting will work; `channel` has no prefix."""

    async def who_we_are(self) -> str:
        """Our own name there, which takes a token that is accepted. Raises `DeliveryError`."""

    async def check(self, channel: str, post: str) -> Sequence[str]:
        """Names of the permissions that posts of this kind need there and that we lack. Raises
        `DeliveryError` where the channel cannot be looked at.
        """


class Channels(Protocol):
    """What a chat platform's connection tells the outbox about channels."""

    def mended(self, channel: str | None) -> None:
        """Something changed that may let posts through again, in that channel (`discord:123`) or
        (None) anywhere. May be called often, from the event loop; it only wakes.
        """

    def gone(self, channel: str, reason: str) -> None:
        """That channel was deleted, before any post failed there. It only wakes."""


T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Runner(Protocol):
    """Runs CPU-heavy work off the event loop, in a thread or a process."""

    async def __call__(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run `work(*args)`, a module-level function and picklable values. Raises what it does."""


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
