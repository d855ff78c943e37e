"""The community digest as a post: the first threads at a glance, all of them in the details."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot.digests.community import CommunityDetail, CommunityDigest, CommunityItem, CommunityView
from bot.digests.community_document import coverage
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
MAX_OVERVIEW_SENTENCE = 180


def post(record: CommunityDigest, *, language: str) -> Post:
    words = words_for(language)
    period = period_text(
        words, record.since, record.until, ZoneInfo(record.timezone), record.timezone
    )
    blocks: list[Block] = [Paragraph(spans=(Text(text=period, style="emphasis"),))]
    if record.items:
        first = record.items[:OVERVIEW]
        blocks.append(Listing(items=tuple(_short(item) for item in first), ordered=True))
        blocks.append(_coverage(record, words))
    else:
        blocks.append(Paragraph(spans=(Text(text=words.nothing_new),)))
    details = [block for item in record.items for block in _detailed(item, words)]
    return Post(
        kind="digest",
        title=record.title,
        blocks=tuple(blocks),
        details=tuple(details) if record.items else (),
        published_at=record.until,
        tags=record.tags,
        language=language,
    )


def _short(item: CommunityItem) -> ListingItem:
    sentence = clip(item.sentence, MAX_OVERVIEW_SENTENCE)
    return ListingItem(
        spans=(_title(item), *_score(item)), items=(ListingItem(spans=(Text(text=sentence),)),)
    )


def _title(item: CommunityItem) -> Span:
    return Link(text=item.title, url=item.url) if item.url else Text(text=item.title)


def _score(item: CommunityItem) -> Iterator[Span]:
    facts = [f"Score: {item.score}"] if item.score is not None else []
    if item.num_comments is not None:
        facts.append(f"{item.num_comments} comments")
    if facts:
        yield Text(text=f" ({', '.join(facts)})")
    if item.is_moving:
        yield Text(text=" ↑", style="strong")


def _coverage(record: CommunityDigest, words: Words) -> Paragraph:
    read = sum(item.detail.read for item in record.items if item.detail)
    total = sum(item.detail.num_comments for item in record.items if item.detail)
    line = words.digest_coverage.format(
        threads=words.threads(len(record.items)), read=read, comments=words.comments(total)
    )
    return Paragraph(spans=(Text(text=line, style="emphasis"),))


def _detailed(item: CommunityItem, words: Words) -> Iterator[Block]:
    yield Heading(text=item.title, level=3)
    spans: list[Span] = [Text(text=item.sentence)]
    if item.url:
        spans = [Link(text=words.discussion, url=item.url), *_score(item), Text(text=" · "), *spans]
    if item.link_url:
        spans += [Text(text=" → "), Link(text=item.link_url, url=item.link_url)]
    yield Paragraph(spans=tuple(spans))
    if item.detail is not None:
        yield from _discussion(item.detail, words)


def _discussion(detail: CommunityDetail, words: Words) -> Iterator[Block]:
    counts = words.mood.format(
        positive=detail.positive, neutral=detail.neutral, negative=detail.negative
    )
    yield Paragraph(spans=(Text(text=detail.summary),))
    yield Paragraph(
        spans=(Text(text=detail.emotion, style="strong"), Text(text=f": {counts}")),
    )
    if not detail.views:
        yield Paragraph(spans=(Text(text=words.too_few_comments),))
    for view in detail.views:
        yield Listing(items=(_view(view, words),))
        if view.quote and view.quote != view.text:
            yield Quote(text=view.quote, author=view.quote_author, url=view.quote_url)
    yield Paragraph(spans=(Text(text=coverage(detail), style="emphasis"),))


def _view(view: CommunityView, words: Words) -> ListingItem:
    holders = words.commenters.format(n=view.supporters, of=view.of)
    is_quote = view.quote == view.text
    text = f"“{view.text}”" if is_quote else view.text
    spans: list[Span] = [Text(text=f"{text} ({holders})")]
    for number, url in enumerate(view.links, 1):
        spans += [Text(text=" "), Link(text=f"[{number}]", url=url)]
    if is_quote and view.quote_author:
        spans.append(Text(text=" — "))
        name = view.quote_author
        spans.append(Link(text=name, url=view.quote_url) if view.quote_url else Text(text=name))
    return ListingItem(spans=tuple(spans))
