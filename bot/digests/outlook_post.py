"""The outlook as a post: developments at a glance; consequences and forecasts in the details."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot.digests.outlook_document import direction
from bot.digests.outlook_record import (
    Consequence,
    Development,
    DueForecast,
    Forecast,
    OutlookDigest,
    Trend,
)
from bot.model import Block, Heading, Link, Listing, ListingItem, Paragraph, Post, Span, Text
from bot.posts.words import Words, period_text, words_for

OVERVIEW = 5


def post(record: OutlookDigest, *, language: str) -> Post:
    words = words_for(language)
    zone = ZoneInfo(record.timezone)
    period = period_text(words, record.since, record.until, zone, record.timezone)
    blocks: list[Block] = [Paragraph(spans=(Text(text=period, style="emphasis"),))]
    blocks += _overview(record, words)
    return Post(
        kind="digest",
        title=record.title,
        blocks=tuple(blocks),
        details=tuple(_details(record, words)),
        published_at=record.date,
        tags=record.tags,
        language=language,
    )


def _overview(record: OutlookDigest, words: Words) -> Iterator[Block]:
    if record.developments:
        first = record.developments[:OVERVIEW]
        yield Listing(items=tuple(_short(one) for one in first), ordered=True)
    if record.trends:
        terms = ", ".join(one.term for one in record.trends[:OVERVIEW])
        yield Paragraph(spans=(Text(text=f"{words.trending}: ", style="strong"), Text(text=terms)))
    forecasts = (*record.said, *record.own)
    if forecasts:
        yield Paragraph(
            spans=(
                Text(text=f"{words.foretold}: ", style="strong"),
                Text(text="; ".join(f"{one.event} ({one.year})" for one in forecasts[:3])),
            )
        )
    if not (record.developments or record.trends or forecasts):
        yield Paragraph(spans=(Text(text=words.nothing_new),))
    yield Paragraph(spans=(Text(text=words.outlook_notice, style="emphasis"),))


def _title(one: Development) -> Span:
    return Link(text=one.title, url=one.url) if one.url else Text(text=one.title)


def _short(one: Development) -> ListingItem:
    first = next((each for each in (*one.benefits, *one.ramifications)), None)
    below = (ListingItem(spans=tuple(_consequence(first))),) if first else ()
    return ListingItem(spans=(_title(one),), items=below)


def _consequence(one: Consequence) -> Iterator[Span]:
    yield Text(text=f"{one.who}: ", style="strong")
    if one.text:
        yield Text(text=f"{one.text} ")
    if one.quote:
        yield Text(text=f"“{one.quote}” ", style="emphasis")
    yield Link(text=one.site, url=one.url)


def _details(record: OutlookDigest, words: Words) -> Iterator[Block]:
    told = [one for one in record.developments if one.benefits or one.ramifications]
    if told:
        yield Heading(text=words.consequences)
        yield Listing(items=tuple(_development(one, words) for one in told), ordered=True)
    if record.trends:
        yield Heading(text=words.trending)
        yield Listing(items=tuple(_trend(one) for one in record.trends))
    for heading, group in ((words.said, record.said), (words.own, record.own)):
        if group:
            yield Heading(text=heading.format(model=record.model or ""))
            yield Listing(items=tuple(_forecast(one) for one in group))
    if record.due:
        yield Heading(text=words.due)
        yield Listing(items=tuple(_due(one) for one in record.due))


def _development(one: Development, words: Words) -> ListingItem:
    groups = ((words.benefits, one.benefits), (words.ramifications, one.ramifications))
    return ListingItem(
        spans=(_title(one),),
        items=tuple(
            ListingItem(spans=(Text(text=f"{label}: ", style="emphasis"), *_consequence(each)))
            for label, consequences in groups
            for each in consequences
        ),
    )


def _trend(one: Trend) -> ListingItem:
    term: Span = Link(text=one.term, url=one.url) if one.url else Text(text=one.term)
    return ListingItem(spans=(term, Text(text=f" — {one.count} stories, {direction(one)}")))


def _forecast(one: Forecast) -> ListingItem:
    said = f"“{one.quote}”" if one.quote else one.reason
    spans: list[Span] = [
        Text(text=one.event, style="strong"),
        Text(text=f" ({one.year}): {said} — "),
        Link(text=one.made_by, url=one.url) if one.url else Text(text=one.made_by),
        Text(text=f", {one.made_at:%Y-%m-%d}"),
    ]
    if one.moved_from is not None:
        spans.append(Text(text=f" ({one.moved_from} → {one.year})", style="strong"))
    return ListingItem(spans=tuple(spans))


def _due(one: DueForecast) -> ListingItem:
    by: Span = Link(text=one.made_by, url=one.url) if one.url else Text(text=one.made_by)
    return ListingItem(
        spans=(
            Text(text=one.event, style="strong"),
            Text(text=f" ({one.year}) — "),
            by,
            Text(text=f", {one.made_at:%Y-%m-%d}"),
        )
    )
