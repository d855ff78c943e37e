"""The roundup as a post: the picks at a glance; every month and discussion in the details."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot.digests.roundup_record import Citation, RoundupDigest, RoundupItem, RoundupThread
from bot.model import (
    Block,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    Quote,
    Span,
    Text,
)
from bot.posts.safety import clip
from bot.posts.words import Words, period_text, words_for

OVERVIEW = 5
MAX_SENTENCE = 180


def post(record: RoundupDigest, *, language: str) -> Post:
    words = words_for(language)
    zone = ZoneInfo(record.timezone)
    period = period_text(words, record.since, record.until, zone, record.timezone)
    blocks: list[Block] = [Paragraph(spans=(Text(text=period, style="emphasis"),))]
    items = [item for month in record.months for item in month.items]
    first = sorted(items, key=lambda item: not item.reasons)[:OVERVIEW]
    if first:
        blocks.append(Listing(items=tuple(_short(item) for item in first), ordered=True))
    if items or record.threads:
        blocks.append(Paragraph(spans=(Text(text=_coverage(record, words), style="emphasis"),)))
    else:
        blocks.append(Paragraph(spans=(Text(text=words.nothing_new),)))
    return Post(
        kind="digest",
        title=record.title,
        blocks=tuple(blocks),
        details=tuple(_details(record, words)),
        published_at=record.until,
        language=language,
    )


def _coverage(record: RoundupDigest, words: Words) -> str:
    items = [item for month in record.months for item in month.items]
    facts = [words.stories(len(items))] if items else []
    if record.threads:
        facts.append(words.threads(len(record.threads)))
    return ", ".join(facts)


def _short(item: RoundupItem) -> ListingItem:
    below = clip(item.summary, MAX_SENTENCE) or "; ".join(item.reasons)
    return ListingItem(
        spans=tuple(_headline(item)),
        items=(ListingItem(spans=(Text(text=below),)),) if below else (),
    )


def _headline(item: RoundupItem) -> Iterator[Span]:
    if item.reasons:
        yield Text(text="★ ")
    yield Text(text=f"{item.source}: ")
    yield Link(text=item.title, url=item.url)


def _details(record: RoundupDigest, words: Words) -> Iterator[Block]:
    for month in record.months:
        yield Heading(text=month.month)
        yield Listing(items=tuple(_item(item, words) for item in month.items))
    for thread in record.threads:
        yield Heading(text=f"{thread.place}: {thread.title}", level=3)
        yield from _thread(thread, words)


def _item(item: RoundupItem, words: Words) -> ListingItem:
    below: list[ListingItem] = []
    if item.reasons:
        below.append(ListingItem(spans=(Text(text="; ".join(item.reasons), style="emphasis"),)))
    if item.summary:
        below.append(ListingItem(spans=(Text(text=item.summary),)))
    below += [
        ListingItem(spans=(Text(text=f"“{remark.text}” — {remark.by}"),)) for remark in item.remarks
    ]
    if item.also_covered_by:
        spans: list[Span] = [Text(text=f"{words.also_covered_by}: ")]
        for number, one in enumerate(item.also_covered_by):
            spans += [Text(text=", " if number else ""), Link(text=one.name, url=one.url)]
        below.append(ListingItem(spans=tuple(spans)))
    return ListingItem(spans=tuple(_headline(item)), items=tuple(below))


def _thread(thread: RoundupThread, words: Words) -> Iterator[Block]:
    yield Paragraph(spans=(Link(text=words.discussion, url=thread.url),))
    for citation in (thread.post, thread.comment):
        if citation is not None:
            yield _quote(citation)


def _quote(one: Citation) -> Quote:
    facts = [one.author or "—"]
    if one.score is not None:
        facts.append(f"{one.score} points")
    if one.on is not None:
        facts.append(one.on.isoformat())
    text = f"{one.text} […]" if one.is_cut else one.text
    return Quote(text=text, author=", ".join(facts), url=one.url)
