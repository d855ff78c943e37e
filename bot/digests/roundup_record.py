"""What a roundup holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from bot.model import Method, Result


class NamedLink(Result):
    """A link with what it is called."""

    name: str
    url: str


class Remark(Result):
    """What a person wrote when they starred it."""

    text: str
    by: str


class RoundupItem(Result):
    """One story. `source` is its site; `reasons` say why it is a pick, none where it is not."""

    source: str
    title: str
    url: str
    reasons: tuple[str, ...]
    links: tuple[NamedLink, ...]
    keywords: tuple[str, ...]
    summary: str
    image_url: str | None
    remarks: tuple[Remark, ...]
    also_covered_by: tuple[NamedLink, ...]


class RoundupMonth(Result):
    """The stories of one month (`2022-03`), the newest first."""

    month: str
    items: tuple[RoundupItem, ...]


class Citation(Result):
    """Somebody's words, verbatim, as far as `is_cut` leaves them; the rest is at `url`.

    `author` is None where they are gone or unknown. Lines of `text` may open lists, quotes and
    fenced code, which stay what they are.
    """

    author: str | None
    url: str
    score: int | None
    on: date | None
    text: str
    is_cut: bool


class RoundupThread(Result):
    """A discussion worth reading: the post's words, and the comment that adds most to them."""

    place: str
    title: str
    url: str
    post: Citation | None
    comment: Citation | None


class RoundupDigest(Result):
    """The watch over `[since, until)`: months of stories, then discussions."""

    kind: Literal["roundup"] = "roundup"
    title: str
    key: str
    months: tuple[RoundupMonth, ...]
    topics: str
    threads: tuple[RoundupThread, ...]
    since: datetime
    until: datetime
    timezone: str
    method: Method
    model: str | None
