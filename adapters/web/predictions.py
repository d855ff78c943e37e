"""Predictions: what was foretold for which year, when, by whom; and how the median moves."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from aiohttp import web
from markupsafe import Markup

from adapters.web.plot import Dot, Step, scatter
from adapters.web.site import Site, no_page
from bot.posts.safety import clean_line, clip, domain_of, safe_url
from bot.posts.words import date_text, words_for
from bot.store import prediction_pages
from bot.store.paging import place_from, place_text
from bot.store.prediction_pages import ShownForecast

A_PAGE = 40
MOST_READ = 2_000  # forecasts, the newest ones: years of weekly outlooks
MOST_DRAWN = 250
MOST_EVENTS = 30
PLOTTED_EVENTS = 4
DRAWN_OF_EACH = 60
MAX_KEY = 400
MAX_EVENT, MAX_NAME, MAX_QUOTE = 160, 80, 300
MAX_TOLD = 70  # characters of an event's name beside a mark


class ForecastRow(NamedTuple):
    """A forecast in the table. `source` is the site behind `url`, where that may be a link."""

    event_key: str
    event: str
    year: int
    made_at: datetime
    made_by: str
    is_ours: bool
    url: str | None
    source: str
    quote: str
    reason: str
    confidence: str


class EventView(NamedTuple):
    """An event that was foretold more than once. `median` as it is now, `before` as it began."""

    key: str
    name: str
    told: int
    last_at: datetime
    median: str
    before: str


class Drawn(NamedTuple):
    """An event, or all of them, with its plot.

    `is_sources`: its line is that of the sources. `is_whole`: there are no more than were read.
    """

    name: str
    key: str
    plot: Markup
    told: int
    left_out: int
    is_sources: bool
    is_whole: bool


class _Pictures(NamedTuple):
    """The plots of the overview, with the events that were foretold more than once."""

    all: Drawn | None
    events: list[EventView]
    plotted: list[Drawn]


def routes(site: Site) -> list[web.RouteDef]:
    """`/predictions`, and with `?event=` those of one event."""

    async def predictions(request: web.Request) -> web.Response:
        key = request.query.get("event", "")
        if key:
            return await _event(site, request, key)
        return await _overview(site, request)

    return [web.get("/predictions", predictions)]


async def _overview(site: Site, request: web.Request) -> web.Response:
    audience = site.audience(request)
    before = place_from(request.query.get("before", ""))
    most = MOST_READ if before is None else A_PAGE + 1
    rows = await site.database.read(prediction_pages.forecasts, audience, most, before=before)
    found = rows if before is None else []  # further down only the table goes on
    pictures = await asyncio.to_thread(_pictures, found)
    return await site.page(
        request,
        "predictions.html",
        all=pictures.all,
        events=pictures.events,
        plotted=pictures.plotted,
        rows=[_row(one) for one in rows[:A_PAGE]],
        more=_place_after(rows[A_PAGE - 1]) if len(rows) > A_PAGE else "",
        is_first=before is None,
        event=None,
        key="",
        now=site.clock.now(),
    )


def _pictures(found: Sequence[ShownForecast]) -> _Pictures:
    """What takes a while to draw."""
    events = _events(found)
    plotted = [
        _drawn([one for one in found if one.event_key == event.key], event.name, number, event.key)
        for number, event in enumerate(events[:PLOTTED_EVENTS])
    ]
    return _Pictures(_drawn(found, "All events", "all") if found else None, events, plotted)


async def _event(site: Site, request: web.Request, key: str) -> web.Response:
    audience = site.audience(request)
    before = place_from(request.query.get("before", ""))
    found = await site.database.read(
        prediction_pages.forecasts, audience, MOST_READ, event_key=key[:MAX_KEY]
    )
    if not found:
        raise no_page("Nobody has foretold this.")
    drawn = None
    if before is None:
        drawn = await asyncio.to_thread(_drawn, found, _name(found[0]), "event")
    below = [one for one in found if before is None or (one.made_at, one.id) < tuple(before)]
    return await site.page(
        request,
        "predictions.html",
        all=drawn,
        events=[],
        plotted=[],
        rows=[_row(one) for one in below[:A_PAGE]],
        more=_place_after(below[A_PAGE - 1]) if len(below) > A_PAGE else "",
        is_first=before is None,
        event=_name(found[0]),
        key=key,
        now=site.clock.now(),
    )


def _place_after(row: ShownForecast) -> str:
    return place_text(row.made_at, row.id)


def _events(found: Sequence[ShownForecast]) -> list[EventView]:
    """Events with more than one forecast, those with the most first."""
    by_key = dict[str, list[ShownForecast]]()
    for one in found:
        by_key.setdefault(one.event_key, []).append(one)
    told = [(key, forecasts) for key, forecasts in by_key.items() if len(forecasts) > 1]
    told.sort(key=lambda one: (len(one[1]), one[1][0].made_at), reverse=True)
    return [_event_view(key, forecasts) for key, forecasts in told[:MOST_EVENTS]]


def _event_view(key: str, told: Sequence[ShownForecast]) -> EventView:
    steps = median_steps(told)
    return EventView(
        key=key,
        name=_name(told[0]),
        told=len(told),
        last_at=told[0].made_at,
        median=_year(steps[-1].year),
        before=_year(steps[0].year),
    )


def median_steps(found: Iterable[ShownForecast]) -> list[Step]:
    """How the median of what was known moves: at each moment the latest forecast of each who
    foretold an event counts, once for each event. Of sources where there are any, else of models.
    """
    told = list(found)
    counted = [one for one in told if not one.by_model] or told
    ordered = sorted(counted, key=lambda one: (one.made_at, one.id))
    latest = dict[tuple[str, str], int]()
    years = list[int]()
    steps = list[Step]()
    for made_at, group in groupby(ordered, key=lambda one: one.made_at):
        for one in group:
            whose = (one.event_key, one.made_by)
            if whose in latest:
                del years[bisect_left(years, latest[whose])]
            latest[whose] = one.year
            insort(years, one.year)
        middle = (years[(len(years) - 1) // 2] + years[len(years) // 2]) / 2
        if not steps or steps[-1].year != middle:
            steps.append(Step(made_at, middle))
    return steps


def _year(year: float) -> str:
    return f"{year:.1f}".removesuffix(".0")


def _drawn(found: Sequence[ShownForecast], name: str, mark: object, key: str = "") -> Drawn:
    """The plot of these forecasts, the newest first; of many only the newest are drawn."""
    most = DRAWN_OF_EACH if key else MOST_DRAWN
    shown = found[:most]
    tells_event = mark == "all"
    steps = median_steps(found)
    return Drawn(
        name=name,
        key=key,
        plot=scatter(
            [_dot(one, tells_event=tells_event) for one in reversed(shown)],
            _visible(steps, shown),
            title=f"Forecasts: {name}",
            about=_about(shown, steps) if shown else "",
            name=f"plot-{mark}",
        ),
        told=len(found),
        left_out=len(found) - len(shown),
        is_sources=any(not one.by_model for one in found),
        is_whole=len(found) < MOST_READ,
    )


def _visible(steps: Sequence[Step], shown: Sequence[ShownForecast]) -> list[Step]:
    """The steps from the first drawn forecast on; what the line was before it is its beginning."""
    if not shown:
        return []
    first = shown[-1].made_at
    earlier = [step for step in steps if step.at < first]
    begin = [Step(first, earlier[-1].year)] if earlier else []
    return [*begin, *(step for step in steps if step.at >= first)]


def _about(shown: Sequence[ShownForecast], steps: Sequence[Step]) -> str:
    years = [one.year for one in shown]
    return (
        f"{len(shown)} forecasts made from {_day(shown[-1].made_at)} to {_day(shown[0].made_at)} "
        f"name years from {min(years)} to {max(years)}. "
        f"The median began at {_year(steps[0].year)} and is {_year(steps[-1].year)} now. "
        "The table below has all of them."
    )


def _dot(one: ShownForecast, *, tells_event: bool) -> Dot:
    event = f"{clip(_name(one), MAX_TOLD)}: " if tells_event else ""
    text = f"{event}{one.year}, {_maker(one)}, {_day(one.made_at)}"
    return Dot(one.made_at, one.year, text, safe_url(one.url), one.by_model)


def _row(one: ShownForecast) -> ForecastRow:
    url = safe_url(one.url)
    return ForecastRow(
        event_key=one.event_key,
        event=_name(one),
        year=one.year,
        made_at=one.made_at,
        made_by=_maker(one),
        is_ours=one.by_model,
        url=url,
        source=domain_of(url) if url else "",
        quote=clip(clean_line(one.quote), MAX_QUOTE),
        reason=clip(clean_line(one.reason), MAX_QUOTE),
        confidence=clean_line(one.confidence),
    )


def _name(one: ShownForecast) -> str:
    return clip(clean_line(one.event), MAX_EVENT) or "Untitled"


def _maker(one: ShownForecast) -> str:
    return clip(clean_line(one.made_by), MAX_NAME) or "unknown"


def _day(at: datetime) -> str:
    return date_text(words_for("en"), at.astimezone(UTC))
