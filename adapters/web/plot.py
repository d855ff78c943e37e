"""A plot of years foretold against the dates on which they were: marks, a step line, two axes.

Pure, like `adapters.web.charts`. The plot is a group and no picture to assistive technology, since
its marks are links; they are out of the tab order, for each page has them again in its table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 330
LEFT, RIGHT, TOP, BOTTOM = 70, 22, 12, 46
MOST_DATES, MOST_YEARS = 4, 7
YEAR_STEPS = (1, 2, 5, 10, 20, 25, 50, 100)
DAY_STEPS = (1, 2, 7, 14)
MONTH_STEPS = (1, 2, 3, 6)
DATE_YEAR_STEPS = (1, 2, 5, 10, 20, 50)
MARK = 5.5  # half a mark's width
DODGE = 7  # between marks that would hide each other
LEAST_SPAN_S = 6 * 86_400.0
DAYS_FROM = timedelta(days=56)  # above: ticks at months; far above: at years
YEARS_FROM = timedelta(days=730)


class Dot(NamedTuple):
    """A forecast: made `at`, for `year`. `text` says it in words, `url` leads to who made it."""

    at: datetime
    year: int
    text: str
    url: str | None
    is_ours: bool


class Step(NamedTuple):
    """From `at` on, the line runs at `year`."""

    at: datetime
    year: float


class Tick(NamedTuple):
    """A place on an axis, with its label."""

    value: float
    text: str


class _Scale(NamedTuple):
    """Takes values from `low` to `high` to lengths from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


def scatter(
    dots: Sequence[Dot], line: Sequence[Step], *, title: str, about: str, name: str
) -> Markup:
    """The plot. `name` sets its ids apart on the page; nothing is drawn without dots."""
    if not dots:
        return Markup("")
    times = [dot.at.timestamp() for dot in dots]
    first, last = _dates_shown(min(times), max(times))
    years = [dot.year for dot in dots]
    step = year_step(min(years), max(years))
    across = _Scale(first, last, LEFT, WIDTH - RIGHT)
    up = _Scale(*_years_shown(min(years), max(years), step), HEIGHT - BOTTOM, TOP)
    return Markup(
        '<svg class="chart plot" role="group" aria-labelledby="{name}-title {name}-about"'
        ' width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        '<title id="{name}-title">{title}</title><desc id="{name}-about">{about}</desc>'
        "{years}{dates}{line}{dots}</svg>"
    ).format(
        name=name,
        title=title,
        about=about,
        width=WIDTH,
        height=HEIGHT,
        years=_join(_year_line(tick, up) for tick in year_ticks(up.low, up.high, step)),
        dates=_join(_date_line(tick, across) for tick in date_ticks(first, last)),
        line=_median(line, across, up),
        dots=_join(_marks(dots, across, up)),
    )


def _dates_shown(first: float, last: float) -> tuple[float, float]:
    """A little more than what is there, and never so little that a day fills the plot."""
    missing = max(LEAST_SPAN_S - (last - first), 0) / 2
    margin = (last - first) * 0.03
    return first - missing - margin, last + missing + margin


def _years_shown(low: int, high: int, step: int) -> tuple[float, float]:
    """Half a tick more at both ends, so that no mark lies on the frame."""
    room = max(step / 2, 0.6) if high > low else 1.5
    return low - room, high + room


def year_step(low: int, high: int) -> int:
    """How many years lie between two ticks."""
    for step in YEAR_STEPS:
        if (high - low) / step < MOST_YEARS:
            return step
    return YEAR_STEPS[-1]


def year_ticks(low: float, high: float, step: int) -> list[Tick]:
    """Round years within a range."""
    first = -int(-low // step) * step
    return [Tick(year, str(year)) for year in range(first, int(high // 1) + 1, step)]


def date_ticks(first: float, last: float) -> list[Tick]:
    """The days, months or years within a range of time stamps, at most `MOST_DATES` of them."""
    begin, end = (datetime.fromtimestamp(one, UTC) for one in (first, last))
    span = end - begin
    if span < DAYS_FROM:
        return _fewest([_days(begin, end, step) for step in DAY_STEPS])
    if span < YEARS_FROM:
        return _fewest([_months(begin, end, step) for step in MONTH_STEPS])
    return _fewest([_months(begin, end, 12 * step) for step in DATE_YEAR_STEPS])


def _fewest(choices: Sequence[list[Tick]]) -> list[Tick]:
    """The finest that fit side by side."""
    return next((ticks for ticks in choices if len(ticks) <= MOST_DATES), choices[-1])


def _days(begin: datetime, end: datetime, step: int) -> list[Tick]:
    day = datetime(begin.year, begin.month, begin.day, tzinfo=UTC) + timedelta(days=1)
    ticks = []
    while day <= end:
        ticks.append(Tick(day.timestamp(), f"{day.day} {day:%b}"))
        day += timedelta(days=step)
    return ticks


def _months(begin: datetime, end: datetime, step: int) -> list[Tick]:
    """The first of every `step`th month; whole years count from a year that `step` divides."""
    ticks = []
    month = begin.year * 12 + begin.month  # months since the year 0: that after `begin`'s
    month += -month % step
    while (at := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) <= end:
        text = str(at.year) if step % 12 == 0 else f"{at:%b} {at.year}"
        ticks.append(Tick(at.timestamp(), text))
        month += step
    return ticks


def _year_line(tick: Tick, up: _Scale) -> Markup:
    y = _short(up(tick.value))
    return Markup(
        '<path class="grid" d="M{left} {y}H{right}"/>'
        '<text class="year" x="{x}" y="{y}" dy=".35em" text-anchor="end">{text}</text>'
    ).format(left=LEFT, right=WIDTH - RIGHT, x=LEFT - 8, y=y, text=tick.text)


def _date_line(tick: Tick, across: _Scale) -> Markup:
    x = across(tick.value)
    anchor = "end" if x > WIDTH - RIGHT - 30 else "middle"
    return Markup(
        '<path class="tick" d="M{x} {top}V{bottom}"/>'
        '<text class="date" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'
    ).format(
        x=_short(x),
        top=HEIGHT - BOTTOM,
        bottom=HEIGHT - BOTTOM + 5,
        y=HEIGHT - 16,
        anchor=anchor,
        text=tick.text,
    )


def _median(line: Sequence[Step], across: _Scale, up: _Scale) -> Markup:
    """Steps: what was known stands until something new is said, and to the end of the plot."""
    if not line:
        return Markup("")
    path = [f"M{_short(across(line[0].at.timestamp()))} {_short(up(line[0].year))}"]
    path += [f"H{_short(across(step.at.timestamp()))}V{_short(up(step.year))}" for step in line[1:]]
    path.append(f"H{WIDTH - RIGHT}")
    return Markup('<path class="median" d="{path}" fill="none"/>').format(path="".join(path))


def _marks(dots: Sequence[Dot], across: _Scale, up: _Scale) -> Iterator[Markup]:
    """Round for what was said elsewhere, a diamond for our own; those in one place side by side."""
    here: dict[tuple[int, int], int] = {}
    for dot in dots:
        x, y = across(dot.at.timestamp()), up(dot.year)
        place = (round(x / MARK), round(y / MARK))
        number = here[place] = here.get(place, -1) + 1
        x = min(max(x + _dodge(number), LEFT), WIDTH - RIGHT)
        yield _mark(dot, x, y)


def _dodge(number: int) -> int:
    """0, then in turn to the right and to the left."""
    return (number + 1) // 2 * (DODGE if number % 2 else -DODGE)


# Filled in by `%`, a third of the cost of `format`: a page has hundreds of marks.
_OWN = Markup('<path class="own" d="M%s %sl%s %sl-%s %sl-%s -%sz"/>')
_SAID = Markup('<circle class="said" cx="%s" cy="%s" r="%s"/>')
_TOLD = Markup("<title>%s</title>%s")
_ALONE = Markup("<g>%s</g>")
_LINK = Markup('<a href="%s" rel="nofollow noopener" tabindex="-1" aria-label="%s">%s</a>')


def _mark(dot: Dot, x: float, y: float) -> Markup:
    if dot.is_ours:
        shape = _OWN % (_short(x), _short(y - MARK - 1), *[MARK + 1] * 6)
    else:
        shape = _SAID % (_short(x), _short(y), MARK)
    told = _TOLD % (dot.text, shape)
    if dot.url is None:
        return _ALONE % (told,)
    return _LINK % (dot.url, dot.text, told)


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _short(length: float) -> str:
    return f"{length:.1f}"
