"""A discussion's summary as the story page shows it: each claim with the comments behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from adapters.web import charts
from adapters.web.html import Anchors
from bot.model import Emotion, PointOfView, ThreadSummary
from bot.posts.safety import clean_line, clean_text, clip, safe_url
from bot.posts.thread import coverage_text, emotion_text, note_text, share_text
from bot.posts.words import Words, words_for
from bot.store.story_details import Thread

MAX_POINT = 400
MAX_NAME = 80
MAX_QUOTE = 1_200
_WORDS = re.compile(r"[^\W_]+")


class PointView(NamedTuple):
    """A view that people hold. `is_quote`: it is told in its quote's own words, once is enough."""

    anchor: str
    text: str
    share: str
    percent: int
    bar: Markup
    quote: str
    author: str
    quote_url: str | None
    links: tuple[str, ...]
    more: int
    is_quote: bool


class EmotionView(NamedTuple):
    """The mood in words and as a chart; `counts` are (class name, word, count)."""

    text: str
    chart: Markup
    counts: tuple[tuple[str, str, int], ...]


class SaidView(NamedTuple):
    """What a discussion says. `links` lead to comments that the paragraphs rest on."""

    paragraphs: tuple[str, ...]
    links: tuple[str, ...]
    more: int
    emotion: EmotionView | None
    points: tuple[PointView, ...]
    coverage: str
    notes: tuple[str, ...]
    method: str
    made_at: datetime | None


class ThreadView(NamedTuple):
    """A discussion; `said` is None where nobody summarised it."""

    place: str
    url: str | None
    score: int | None
    num_comments: int | None
    measured_at: datetime
    said: SaidView | None


def thread_view(thread: Thread, anchors: Anchors) -> ThreadView:
    """A stored discussion: foreign words cleaned, links checked."""
    one = thread.submission
    return ThreadView(
        place=clip(clean_line(one.place), MAX_NAME) or "a discussion",
        url=safe_url(one.permalink),
        score=one.score,
        num_comments=one.num_comments,
        measured_at=one.measured_at,
        said=_said(thread.summary, thread.made_at, anchors) if thread.summary else None,
    )


def _said(summary: ThreadSummary, made_at: datetime | None, anchors: Anchors) -> SaidView:
    words = words_for("en")
    notes = [note_text(note, words) for note in summary.notes]
    if summary.dropped_claims:
        notes.append(words.dropped_claims(summary.dropped_claims))
    links = tuple(url for one in summary.summary_links if (url := safe_url(one)))
    paragraphs = (clean_line(line) for line in clean_text(summary.summary).split("\n"))
    return SaidView(
        paragraphs=tuple(line for line in paragraphs if line),
        links=links,
        more=max(len(summary.summary_citations) - len(links), 0) if links else 0,
        emotion=_emotion(summary.emotion, words),
        points=tuple(_points(summary, words, anchors)),
        coverage=coverage_text(summary, words),
        notes=tuple(notes),
        method=_method(summary, words),
        made_at=made_at,
    )


def _emotion(emotion: Emotion, words: Words) -> EmotionView | None:
    """None where too few comments had any."""
    counts = (
        ("positive", "positive", emotion.positive),
        ("neutral", "neutral", emotion.neutral),
        ("negative", "negative", emotion.negative),
    )
    if not any(count for _, _, count in counts):
        return None
    text = emotion_text(emotion, words)
    chart = charts.split([(name, count) for name, _, count in counts], label=text)
    return EmotionView(text.partition(":")[0], chart, counts)


def _points(summary: ThreadSummary, words: Words, anchors: Anchors) -> Iterator[PointView]:
    known = summary.url is not None or any(point.quote_author for point in summary.points)
    shares = [
        (point.share, share_text(point, words, are_authors_known=known)) for point in summary.points
    ]
    bars = charts.bars([(share, text) for share, text in shares])
    for point, (share, text), bar in zip(summary.points, shares, bars, strict=True):
        yield _point(point, text, round(share * 100), bar, words, anchors)


def _point(
    point: PointOfView, share: str, percent: int, bar: Markup, words: Words, anchors: Anchors
) -> PointView:
    links = tuple(url for one in point.links if (url := safe_url(one)))
    said = clean_line(point.text)
    return PointView(
        anchor=anchors.name(said),
        text=clip(said, MAX_POINT),
        share=share,
        percent=percent,
        bar=bar,
        quote=clip(clean_line(point.quote), MAX_QUOTE),
        author=clip(clean_line(point.quote_author or ""), MAX_NAME)
        or words.in_comment.format(id=clean_line(point.quote_id)),
        quote_url=safe_url(point.quote_url),
        links=links,
        more=max(len(point.citations) - len(links), 0),
        is_quote=_same(point.text, point.quote),
    )


def _same(text: str, quote: str) -> bool:
    said, quoted = (" ".join(_WORDS.findall(one.casefold())) for one in (text, quote))
    return bool(said) and said in quoted


def _method(summary: ThreadSummary, words: Words) -> str:
    if summary.method == "extractive":
        return words.thread_extracted
    model = clip(clean_line(summary.model or ""), MAX_NAME)
    return words.thread_written_by.format(model=model) if model else words.thread_written_by_model
