"""What an outlook holds."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.model import Method, Result


class Cover(Result):
    """The picture at the head of the page; `image` is "" where there is none."""

    image: str
    alt: str
    hidden: bool


class Consequence(Result):
    """What a source says of somebody's gain or loss. `quote` stands word for word at `url`.

    `who` gains or loses. `text` puts it shortly; "" where the quote says it all.
    """

    who: str
    text: str
    quote: str
    site: str
    url: str


class Development(Result):
    """Something that happened: a release, a result, a decision, an incident.

    `text`, and where it stands, are for the making of the digest: no part of what it says.
    """

    title: str
    url: str | None
    benefits: tuple[Consequence, ...] = ()
    ramifications: tuple[Consequence, ...] = ()
    text: str = Field("", exclude=True)
    text_url: str | None = Field(None, exclude=True)


class Trend(Result):
    """A term that more of the period's stories have than is usual. `before`: the period before."""

    term: str
    count: int
    before: int
    url: str | None


class Forecast(Result):
    """Somebody's dated forecast. `moved_from` is the year that the last outlook had for the event.

    `quote` is a source's own wording, "" where a model foretells. `event_key` is the same for the
    same event, however it is worded.
    """

    event_key: str
    event: str
    year: int
    reason: str
    quote: str
    confidence: Literal["", "low", "medium", "high"]
    made_by: str
    made_at: datetime
    url: str | None
    moved_from: int | None = None
    moved_since: datetime | None = None


class DueForecast(Result):
    """An earlier forecast whose year has come."""

    event: str
    year: int
    made_by: str
    made_at: datetime
    url: str | None


class OutlookDigest(Result):
    """The outlook of `[since, until)`. `said` by sources, `own` by the model."""

    kind: Literal["outlook"] = "outlook"
    title: str
    date: datetime
    author: str
    tags: tuple[str, ...]
    cover: Cover
    developments: tuple[Development, ...]
    trends: tuple[Trend, ...]
    said: tuple[Forecast, ...]
    own: tuple[Forecast, ...]
    due: tuple[DueForecast, ...]
    since: datetime
    until: datetime
    timezone: str
    method: Method
    model: str | None
    dropped_claims: int = 0
