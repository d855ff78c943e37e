"""Every setting: its key, type, unit, default and what it does. One frozen tree.

The example file and docs/settings.md are generated from this module (`config.example`), so a
field's description is written for the person who sets it. `[[sources]]` and `[[subscriptions]]`
are in `config.subscriptions`; loading is in `config.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)

from config.secrets import Secrets
from config.subscriptions import (
    SourceSettings,
    SubscriptionSettings,
    refuse_repeated_sources,
    refuse_unknown_tags,
    remarks,
    unlisted,
)
from config.types import (
    AtLeast0,
    AtLeast1,
    BaseUrl,
    Cidr,
    Cron,
    Duration,
    FilePath,
    Flag,
    Line,
    Listen,
    LoadContext,
    Name,
    NotNegative,
    OptionalPath,
    OptionalUrl,
    Positive,
    Section,
    Toggle,
    Whole,
    conflict,
    parse_duration,
    split_listen,
)

PROJECT_URL = "https://github.com/threadwire/threadwire"


class DatabaseSettings(Section):
    """Where everything is kept."""

    path: FilePath = Field(
        Path("data/threadwire.db"),
        validate_default=True,
        description="The SQLite file; its folder is made when it is missing.",
    )


class FetchSettings(Section):
    """How the web is asked. Holds for every feed, page and thread."""

    user_agent: Line = Field(
        "",
        description="What we call ourselves. "
        'Empty: "Threadwire/<version> (+<project>; <contact>)".',
    )
    contact: Line = Field(
        "", description="How publishers reach you: an address or page, part of the user agent."
    )
    allow_networks: tuple[Cidr, ...] = Field(
        (), description="Private networks that sources and links may lead to nevertheless."
    )
    timeout_s: Positive = Field(
        20, description="Limit for one fetch, redirects and body included. Seconds."
    )
    max_bytes: AtLeast1 = Field(
        10_000_000, description="Largest document, after decompression. Bytes."
    )
    concurrency: AtLeast1 = Field(100, description="Fetches at the same time, over all hosts.")
    per_host: AtLeast1 = Field(1, description="Fetches at the same time from one host.")
    host_gap_s: NotNegative = Field(
        2.0,
        description="Least time between two requests to one host (name and port). "
        "Seconds; 0 = none.",
    )

    @property
    def effective_user_agent(self) -> str:
        """The User-Agent to send."""
        if self.user_agent:
            return self.user_agent
        contact = f"; {self.contact}" if self.contact else ""
        return f"Threadwire/{_version()} (+{PROJECT_URL}{contact})"


class PollSettings(Section):
    """When sources are asked, and how much of what is new is posted."""

    interval: Duration = Field(
        parse_duration("60m"),
        description="Time between two polls of a source, to begin with. A source may set its own; "
        "publishers' hints and the observed rhythm move it between the least and the longest.",
    )
    min_interval: Duration = Field(
        parse_duration("15m"), description="Least time between polls that adapting may choose."
    )
    max_interval: Duration = Field(
        parse_duration("24h"), description="Longest time between polls that adapting may choose."
    )
    first_posts: AtLeast0 = Field(
        1,
        description="Newest existing entries of a source that a new subscription posts; "
        "the rest count as seen.",
    )
    max_age: Duration = Field(
        parse_duration("30d"),
        description="An entry first seen now but dated earlier than this is stored and "
        "searchable, not posted.",
    )
    max_posts: AtLeast0 = Field(
        20,
        description="New entries of one source that one poll may post singly; the rest go into "
        "one catch-up post. 0 = no limit.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _keep_limits_in_order(cls, tree: object, build: ModelWrapValidatorHandler[Self]) -> Self:
        """Who moves one limit past the default of the other means the other to follow."""
        poll = build(tree)
        if poll.min_interval <= poll.max_interval or not isinstance(tree, Mapping):
            return poll
        if {"min_interval", "max_interval"} <= poll.model_fields_set:
            raise conflict("expected no more than poll.max_interval", "min_interval")
        if "min_interval" in poll.model_fields_set:
            return build({**tree, "max_interval": tree["min_interval"]})
        return build({**tree, "min_interval": tree["max_interval"]})


class StoriesSettings(Section):
    """How entries from different sources become one story."""

    window: Duration = Field(
        parse_duration("72h"),
        description="How long after its latest entry a story still takes in new coverage.",
    )


class LlmSettings(Section):
    """The language model. Without one, summaries are extractive: built in, offline, free."""

    provider: Literal["auto", "openai", "extractive"] = Field(
        "auto",
        description="openai = any server with that interface; auto = openai if OPENAI_API_KEY or "
        "a base_url is given, else extractive.",
    )
    base_url: BaseUrl = Field(
        "https://api.openai.com/v1", description="Where the server's interface begins."
    )
    api: Literal["chat", "responses"] = Field(
        "chat", description="Which of the two interfaces to use; responses are not stored there."
    )
    model: Name = Field("gpt-5-mini", description="The model's name, as the server knows it.")
    max_input_tokens: AtLeast1 = Field(
        24_000, description="Most tokens sent in one call; longer threads are read in parts."
    )
    concurrency: AtLeast1 = Field(4, description="Calls at the same time.")
    timeout_s: Positive = Field(60, description="Limit for one call. Seconds.")
    daily_budget_usd: NotNegative = Field(
        1.0,
        description="Most to spend in a day (UTC), priced as below; then extractive. US dollars; "
        "0 = no limit. Binds only where prices are set.",
    )
    channel_budget_usd: NotNegative = Field(
        0.0,
        description="Most of it to spend in a day for one channel. US dollars; 0 = no limit.",
    )
    price_in: NotNegative = Field(0.0, description="Price of a million input tokens. US dollars.")
    price_cached_in: NotNegative = Field(
        0.0,
        description="Price of a million input tokens that the server had cached. US dollars; "
        "not set = as price_in.",
    )
    price_out: NotNegative = Field(0.0, description="Price of a million output tokens. US dollars.")


class DiscordSettings(Section):
    """Discord. Needs DISCORD_TOKEN."""

    enabled: Toggle = Field("auto", description="auto = on when DISCORD_TOKEN is set.")
    api_base: BaseUrl = Field(
        "https://discord.com/api/v10",
        description="Where the interface begins; it also names the gateway.",
    )
    chat_threads: Toggle = Field(
        "auto",
        description="Whether /tldr and the message menu may read chat threads and channels. Needs "
        "Message Content Intent in Discord's developer portal; auto = on when that is on there.",
    )


class SlackSettings(Section):
    """Slack. Needs SLACK_BOT_TOKEN, and SLACK_APP_TOKEN (socket) or SLACK_SIGNING_SECRET (http)."""

    enabled: Toggle = Field(
        "auto",
        description="auto = on when SLACK_BOT_TOKEN is set, or SLACK_CLIENT_ID for several "
        "workspaces.",
    )
    mode: Literal["socket", "http"] = Field(
        "socket", description="How Slack reaches us: our own connection, or requests to [web]."
    )
    api_base: BaseUrl = Field("https://slack.com/api/", description="Where the interface begins.")


class RedditSettings(Section):
    """Reddit. Works without credentials, slowly; see the REDDIT_ secrets."""

    api_base: BaseUrl = Field(
        "https://oauth.reddit.com", description="Where the interface with credentials begins."
    )
    auth_base: BaseUrl = Field(
        "https://www.reddit.com", description="Where tokens are asked for: /api/v1/access_token."
    )
    public_base: BaseUrl = Field(
        "https://www.reddit.com", description="Where .rss is read, with or without feed token."
    )
    anonymous_gap_s: NotNegative = Field(
        60, description="Least time between two requests without credentials. Seconds."
    )
    keep_text: Duration = Field(
        parse_duration("48h"),
        description="How long bodies and author names from Reddit are kept. Reddit asks for 48h.",
    )


class HackernewsSettings(Section):
    """Hacker News."""

    api_base: BaseUrl = Field(
        "https://hn.algolia.com/api/v1", description="Where the interface begins."
    )


class WebSettings(Section):
    """The web pages: archive, feeds out, status, metrics."""

    listen: Listen = Field("127.0.0.1:8080", description='Address to listen on. "" = off.')
    public_url: OptionalUrl = Field(
        "", description="Where others reach these pages, for links in posts and feeds."
    )
    chat_sources: Literal["public", "private"] = Field(
        "public",
        description=(
            "Whether everybody sees what feeds subscribed to in chats brought, or only who has the "
            "web token. Who subscribed to what is never public."
        ),
    )

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, or None for off."""
        return split_listen(self.listen) if self.listen else None


class ArchiveSettings(Section):
    """Posts as Markdown files, for subscriptions whose channel is "files"."""

    directory: OptionalPath = Field(
        None, description='Folder for the files; only whole files appear in it. "" = off.'
    )
    front_matter: Literal["auto", "hugo", "jekyll", "none"] = Field(
        "auto", description="Head of each file. auto = each digest's own form."
    )


class DigestSettings(Section):
    """What digests show, and what stands in the head of their files."""

    max_items: AtLeast1 = Field(25, description="Most threads or stories in one digest.")
    detail_min_score: Whole = Field(
        0, description="Least score of a thread for the detailed part; the rest are one line each."
    )
    detail_min_comments: AtLeast0 = Field(
        0, description="Least number of comments of a thread for the detailed part."
    )
    post_empty: Flag = Field(
        False, description='Post a line "nothing new" where a digest has nothing to tell.'
    )
    group_by_source: Flag = Field(
        False, description="In a roundup: a month's items by source, not by date."
    )
    author: Line = Field("Threadwire", description="The author in the head of an outlook.")
    cover_image: OptionalUrl = Field("", description="Cover image in the head of an outlook.")
    cover_alt: Line = Field("", description="What the cover image shows, for those who cannot see.")
    cover_hidden: Flag = Field(False, description="Whether the theme is to hide the cover.")


class RetentionSettings(Section):
    """What is let go of, and when. Ids and titles of entries stay, so nothing is told twice."""

    entries: Duration = Field(
        parse_duration("365d"),
        description="How long texts of entries and articles are kept, and names of authors.",
    )
    summaries: Duration = Field(
        parse_duration("365d"),
        description="How long summaries of discussions are kept, with the quotes in them. "
        "Those of Reddit's no longer than reddit.keep_text.",
    )
    model_cache: Duration = Field(
        parse_duration("30d"), description="How long a model's answers are kept, to be used again."
    )
    model_cache_mb: AtLeast0 = Field(
        200, description="Most of them to keep; the oldest go first. Megabytes; 0 = no limit."
    )
    database_mb: AtLeast0 = Field(
        0,
        description="Size of the database above which the oldest texts go before their time. "
        "Megabytes; 0 = no limit.",
    )


class BackupSettings(Section):
    """Copies of the database, made while it is in use. How to restore one: docs/ops/backup.md."""

    directory: OptionalPath = Field(
        None, description='Folder for the copies, best on another disk. "" = off.'
    )
    schedule: Cron = Field("0 3 * * *", description="When a copy is made, in UTC.")
    keep: AtLeast1 = Field(7, description="How many copies are kept; the oldest goes first.")


class LogSettings(Section):
    """What is logged, on stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least important kind that is logged."
    )
    format: Literal["auto", "human", "json"] = Field(
        "auto", description="auto = human on a terminal, JSON elsewhere."
    )


class Settings(Section):
    """All settings. Secrets travel with them but are no fields: no dump or repr shows them."""

    database: DatabaseSettings = DatabaseSettings()
    fetch: FetchSettings = FetchSettings()
    poll: PollSettings = PollSettings()
    stories: StoriesSettings = StoriesSettings()
    llm: LlmSettings = LlmSettings()
    discord: DiscordSettings = DiscordSettings()
    slack: SlackSettings = SlackSettings()
    reddit: RedditSettings = RedditSettings()
    hackernews: HackernewsSettings = HackernewsSettings()
    web: WebSettings = WebSettings()
    archive: ArchiveSettings = ArchiveSettings()
    digests: DigestSettings = DigestSettings()
    retention: RetentionSettings = RetentionSettings()
    backup: BackupSettings = BackupSettings()
    log: LogSettings = LogSettings()
    sources: tuple[SourceSettings, ...] = ()
    subscriptions: tuple[SubscriptionSettings, ...] = ()

    _secrets: Secrets = PrivateAttr(default_factory=Secrets)
    _working_dir: Path = PrivateAttr(default_factory=Path)

    @model_validator(mode="after")
    def _take_context(self, info: ValidationInfo) -> Self:
        context: LoadContext | None = info.context
        if context is not None:
            self._secrets = context.secrets
            self._working_dir = context.working_dir
        return self

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> Self:
        refuse_repeated_sources(self.sources)
        refuse_unknown_tags(self.sources, self.subscriptions)
        for number, subscription in enumerate(self.subscriptions):
            if subscription.channel == "files" and self.archive.directory is None:
                text = 'channel "files" expects archive.directory to be set'
                raise conflict(text, "subscriptions", number, "channel")
        return self

    @property
    def secrets(self) -> Secrets:
        return self._secrets

    def secrets_in_use(self) -> tuple[str, ...]:
        """Plain text of every secret that is set, for `config.secrets.redact`."""
        return self._secrets.plain_values()

    @property
    def llm_provider(self) -> Literal["openai", "extractive"]:
        """The provider that `auto` comes down to."""
        if self.llm.provider != "auto":
            return self.llm.provider
        given = self._secrets.openai_api_key or "base_url" in self.llm.model_fields_set
        return "openai" if given else "extractive"

    @property
    def discord_enabled(self) -> bool:
        return _is_on(self.discord.enabled, self._secrets.discord_token)

    @property
    def slack_enabled(self) -> bool:
        secrets = self._secrets
        return _is_on(self.slack.enabled, secrets.slack_bot_token or secrets.slack_client_id)

    def polled_sources(self) -> tuple[SourceSettings, ...]:
        """The listed sources, then those that only a subscription names, each once."""
        named = dict.fromkeys(url for _, url in unlisted(self.sources, self.subscriptions))
        return self.sources + tuple(SourceSettings(url=url) for url in named)

    def resolve(self, path: str) -> Path:
        """A path as written in the settings (an OPML source), from the working folder."""
        return self._working_dir / path

    def remarks(self) -> tuple[str, ...]:
        """What is allowed but probably not meant, a line each, for `doctor`."""
        return remarks(self.sources, self.subscriptions)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("threadwire")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"


def _is_on(enabled: Literal["auto"] | bool, token: object) -> bool:
    return token is not None if enabled == "auto" else enabled


def section_models() -> dict[str, type[Section]]:
    """The tables that stand once in a file, by name."""
    return {
        name: model
        for name, field in Settings.model_fields.items()
        if isinstance(model := field.annotation, type) and issubclass(model, Section)
    }


def list_models() -> dict[str, type[Section]]:
    """The tables that may stand several times (`[[sources]]`), by name."""
    return {"sources": SourceSettings, "subscriptions": SubscriptionSettings}
