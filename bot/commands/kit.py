"""What a chat command is: defined once here, built and answered by each platform in its own way.

A platform turns what a person did (typed a command, pressed a button, filled a form, used a message
shortcut) into an `Ask`, has `bot.commands.dispatch` find who handles it, and shows the `Reply`. The
names of commands and options are the same everywhere; only texts are translated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from bot.model import Post, Subscription
from bot.ports import Clock, Room
from bot.store.database import Database
from bot.store.spaces import Viewer

if TYPE_CHECKING:
    from bot.commands.previews import Preview

Said = Mapping[str, str]  # a short text by language; "en" is always there


class Access(StrEnum):
    """Who may use a command. `MANAGE`: Manage Channels on Discord, membership on Slack."""

    EVERYONE = "everyone"
    MANAGE = "manage"


class Completes(StrEnum):
    """What an option's values are looked up in while they are typed."""

    SOURCE = "source"  # addresses of sources and `tag:…`, as far as this space may know them
    SUBSCRIPTION = "subscription"  # numbers of this space's subscriptions
    TIMEZONE = "timezone"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value to choose; `label` is what the person sees (at most 75 characters)."""

    value: str
    label: str
    description: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One word of a command. `name` is lower case, at most 32 characters, the same everywhere.

    `only_on`: the one platform that has what it is about; empty for all.
    """

    name: str
    description: Said
    required: bool = False
    kind: Literal["text", "whole", "role"] = "text"
    choices: tuple[str, ...] = ()
    completes: Completes | None = None
    max_length: int = 400
    only_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. `id` carries the platform (`discord:42`); `language` is a BCP 47 tag (`de`);
    `timezone` is empty where the platform does not tell it.
    """

    id: str
    name: str
    language: str = "en"
    timezone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointed:
    """The message that a button, a reaction or a shortcut is on.

    `room` is the chat thread below it or that it stands in, if there is one; `links` are what it
    links to.
    """

    channel: str
    id: str
    links: tuple[str, ...] = ()
    text: str = ""
    room: str | None = None


async def _silent(text: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person wants, on whatever platform.

    `space` is the server or workspace (`discord:7`), empty where there is none (a direct message):
    nothing of another space may be shown or changed. `channel` is where it was asked
    (`discord:123`), a chat thread's own id where it was asked in one. `may_manage`: the platform
    vouches that this person may change what this channel gets; `why_not` says in its own words what
    that would take, where there is more to say than everywhere. `values` are the options as typed,
    a form's fields, or a menu's choices joined by newlines. `argument` is what follows the name of
    a button. `progress` shows a line while it takes long.
    """

    platform: str
    space: str
    channel: str
    person: Person
    may_manage: bool = False
    why_not: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    argument: str = ""
    message: Pointed | None = None
    progress: Callable[[str], Awaitable[None]] = _silent

    @property
    def viewer(self) -> Viewer:
        """Whose eyes the store is to look with."""
        return Viewer(self.space, self.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Pressing it asks for `action` (`name` or `name:argument`, at most 100 characters).

    One with `url` is a plain link and asks nothing.
    """

    label: str
    action: str = ""
    style: Literal["primary", "plain", "danger"] = "plain"
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Choose one of `choices` (at most 25), or up to `most`; the answer arrives in `values[""]`."""

    placeholder: str
    action: str
    choices: tuple[Choice, ...]
    most: int = 1


Control = Button | Menu


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField:
    """A field of a form (at most 5 a form); its answer arrives in `values[name]`."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    required: bool = False
    is_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What opens over the chat. Sending it asks for `action`."""

    title: str
    action: str
    fields: tuple[TextField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer. `posts` are shown one after the other, `controls` below the last one.

    `private`: only the asker sees it. `in_place`: it replaces the message that the button is on,
    where that is an answer of ours. `failed`: nothing was done, the posts say why. `form`: a form
    is opened and nothing is shown; only a button's handler with `opens_form` may answer so, and it
    must not wait for anything slow.
    """

    posts: tuple[Post, ...] = ()
    controls: tuple[Control, ...] = ()
    private: bool = True
    in_place: bool = False
    failed: bool = False
    form: Form | None = None


Handler = Callable[["Desk", Ask], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Who handles a button, a menu or a form, by the name before the colon of its action."""

    name: str
    handle: Handler
    access: Access = Access.EVERYONE
    private: bool = True
    opens_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One slash command. `name` is `news subscribe` or `tldr`; `presses` are its own controls.

    `private`: the answer is the asker's alone (fixed when the command is acknowledged, before it is
    handled). `anywhere`: works in direct messages and where only the person installed the bot.
    `example` is the text after the command word in the help (`r/MachineLearning daily 9:00`).
    """

    name: str
    description: Said
    handle: Handler
    options: tuple[Option, ...] = ()
    access: Access = Access.EVERYONE
    private: bool = True
    anywhere: bool = False
    example: str = ""
    presses: tuple[Press, ...] = ()

    def on(self, platform: str) -> Command:
        """The command with the options that it has there."""
        options = tuple(one for one in self.options if one.only_on in ("", platform))
        return replace(self, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCommand:
    """An entry in a message's menu; `Ask.message` is the message."""

    name: str
    description: Said
    handle: Handler
    private: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionWish:
    """A subscription as a person states it in chat; None leaves what is there or the default."""

    channel: str
    sources: tuple[str, ...]
    post: str | None = None
    schedule: str | None = None
    timezone: str | None = None
    language: str | None = None
    min_score: int | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    role: str | None = None
    publish: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """What came of a wish. `is_new`: False where an equal subscription was brought up to date.

    `posts`: the newest of what it will post, as far as its sources were read by now; `waiting`
    counts the sources that are read next.
    """

    subscription: Subscription
    is_new: bool
    posts: tuple[Post, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a running service says of itself. `model` is None where summaries are extracts.

    `day_budget_usd` is 0 without a limit.
    """

    reddit: str
    model: str | None
    day_budget_usd: float


class Newsroom(Protocol):
    """What commands need done that reaches beyond the store. Every method may raise `UserError`
    (its line goes to the person as it stands) and `SourceError`.
    """

    async def subscribe(self, wish: SubscriptionWish, ask: Ask) -> Subscribed:
        """Check and store a subscription of `ask.space`, reading the sources that are new; an
        equal one (same channel, sources and kind of post) is brought up to date instead.
        """

    async def change(self, number: int, wish: SubscriptionWish, ask: Ask) -> Subscription:
        """Change a subscription of `ask.space` that was made in chat."""

    async def preview(self, source: str, *, language: str = "en") -> Preview:
        """What a subscription to this source would post. Nothing is stored."""

    async def summarize(self, url: str, *, channel: str, language: str = "en") -> Sequence[Post]:
        """The article or discussion behind an address, as posts. `channel`: for budgets."""

    async def summarize_room(self, ask: Ask, room: Room) -> Post:
        """A chat thread's or channel's messages; what is kept of it is kept as private."""

    async def digest(self, kind: str, source: str, *, since: str, ask: Ask) -> Post:
        """A digest made now of what `ask.space` may see. Nothing is posted."""

    def facts(self) -> Facts:
        """How it reads Reddit and what it pays for."""


class Rooms(Protocol):
    """What a chat platform knows of its channels. One per platform."""

    async def lacks(self, channel: str, post: str) -> Sequence[str]:
        """Names of the permissions that posting this kind (`instant`, `community` …) there needs
        and we do not have, in the platform's own words. Raises `UserError` for no such channel.
        """

    async def read(
        self, channel: str, person: str, *, messages: int | None = None, hours: float | None = None
    ) -> Room:
        """The chat thread, or the last messages of a channel, as far as `person` may read them.

        Raises `UserError` where that person or we may not, with what to do about it.
        """

    async def may_manage(self, channel: str, person: str) -> bool:
        """Whether that person may change what this channel gets: Manage Channels on Discord,
        membership on Slack. False where nobody knows.
        """

    def name_of(self, channel: str) -> str:
        """How people call the channel (`#news`); its id where nobody knows."""

    def mention(self, channel: str) -> str:
        """The same as the platform shows it as a link, for our own texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledRole:
    """A role that posts call. `reached`: its members are notified when we call it there."""

    name: str
    reached: bool


@runtime_checkable
class KnowsRoles(Protocol):
    """A chat platform that can say what will come of calling a role."""

    def role(self, space: str, channel: str, role: str) -> CalledRole | None:
        """A role of that server in that channel; None for one that does not exist (any more)."""


class Shelf(Protocol):
    """Keeps private posts in memory until they are shared or a quarter of an hour is over."""

    def put(self, person: str, post: Post) -> str:
        """Returns the name to take it by."""

    def take(self, person: str, name: str) -> Post | None:
        """What this same person put there; None when it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What handlers work with."""

    database: Database
    clock: Clock
    newsroom: Newsroom
    rooms: Mapping[str, Rooms]
    shelf: Shelf
