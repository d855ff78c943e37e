"""A discussion's summary becomes a post: what was said, in which mood, by how many, and where.

Pure, and the same summary gives the same post. Every point of view says how many hold it, leads to
comments that do, and lets one of them speak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import (
    Block,
    Emotion,
    Heading,
    Link,
    Paragraph,
    PointOfView,
    Post,
    PostField,
    Quote,
    Span,
    Text,
    ThreadSummary,
)
from bot.posts.safety import clean_line, clean_text, clip, domain_of, safe_url, shown_of
from bot.posts.words import Words, number_text, words_for

MAX_TITLE = 300
MAX_PARAGRAPH = 2_000
MAX_POINT = 400
MAX_NAME = 100
MAX_NUMBERED = 8
_WHY_NO_POINTS = ("too few comments", "no point of view")  # how such notes begin
_WORDS = re.compile(r"[^\W_]+")


def thread_post(summary: ThreadSummary, *, language: str = "en") -> Post:
    """One discussion: summary, mood, points of view, and what all of it rests on."""
    words = words_for(language)
    url = summary.url if safe_url(summary.url) else None
    title = clip(clean_line(summary.title), MAX_TITLE)
    return Post(
        kind="thread",
        title=title or (domain_of(url) if url else words.untitled),
        url=url,
        blocks=(
            *_paragraphs(summary.summary),
            _emotion(summary.emotion, words),
            Heading(text=words.points_of_view),
            *_points(summary, words),
        ),
        fields=tuple(_fields(summary, words)),
        language=language,
    )


def emotion_text(emotion: Emotion, words: Words) -> str:
    """The mood with the counts behind it: `Mostly positive: 9 positive, 6 neutral, 2 negative`."""
    if not emotion.positive + emotion.neutral + emotion.negative:
        return words.too_few
    label = clean_line(emotion.label)
    for theirs, ours in words.moods:
        label = label.replace(theirs, ours)
    counts = (
        words.positive(emotion.positive),
        words.neutral(emotion.neutral),
        words.negative(emotion.negative),
    )
    return f"{label[:1].upper()}{label[1:]}: {', '.join(counts)}"


def share_text(point: PointOfView, words: Words, *, are_authors_known: bool) -> str:
    """How many hold a view, as counts: `5 of 17 commenters`."""
    phrase = words.of_commenters if are_authors_known else words.of_comments
    return phrase.format(
        some=number_text(words, point.supporters), all=number_text(words, point.of)
    )


def coverage_text(summary: ThreadSummary, words: Words) -> str:
    """How much was read: `17 of 17 comments; skipped 3 deleted, 1 bot`."""
    skipped = summary.skipped_deleted + summary.skipped_bots
    readable = max(summary.comments_read, summary.num_comments - skipped)
    read = words.read_comments.format(
        some=number_text(words, summary.comments_read), all=number_text(words, readable)
    )
    what = [words.deleted(summary.skipped_deleted)] if summary.skipped_deleted else []
    what += [words.bots(summary.skipped_bots)] if summary.skipped_bots else []
    return f"{read}; {words.skipped.format(what=', '.join(what))}" if what else read


def note_text(note: str, words: Words) -> str:
    """A note in the reader's language, as far as it is one that we know."""
    for theirs, ours in words.known_notes:
        note = note.replace(theirs, ours)
    return clean_line(note)


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for line in clean_text(text).split("\n"):
        if line.strip():
            yield Paragraph(spans=(Text(text=clip(clean_line(line), MAX_PARAGRAPH)),))


def _emotion(emotion: Emotion, words: Words) -> Paragraph:
    label = Text(text=f"{words.emotion}:", style="strong")
    return Paragraph(spans=(label, Text(text=f" {emotion_text(emotion, words)}")))


def _points(summary: ThreadSummary, words: Words) -> Iterator[Block]:
    if not summary.points:
        notes = (note for note in summary.notes if note.startswith(_WHY_NO_POINTS))
        why = next((note_text(note, words) for note in notes), words.too_few)
        yield Paragraph(spans=(Text(text=why),))
    # On a site each commenter has a name; a dump has none, and no address either.
    known = summary.url is not None or any(point.quote_author for point in summary.points)
    for point in summary.points:
        share = f" ({share_text(point, words, are_authors_known=known)})"
        evidence = tuple(_evidence(point, words))
        if _same(point.text, point.quote):
            said = words.quoted.format(text=clean_line(point.quote))
            quoted = Text(text=said, style="strong")
            speaker = _speaker(point, words)
            yield Paragraph(spans=(quoted, Text(text=" — "), speaker, Text(text=share), *evidence))
            continue
        text = Text(text=clip(clean_line(point.text), MAX_POINT), style="strong")
        yield Paragraph(spans=(text, Text(text=share), *evidence))
        speaker = _speaker(point, words)
        yield Quote(text=point.quote, author=speaker.text, url=point.quote_url)


def _same(text: str, quote: str) -> bool:
    """Whether a point is told in its quote's own words: then once is enough."""
    said, quoted = (" ".join(_WORDS.findall(one.casefold())) for one in (text, quote))
    return said in quoted


def _speaker(point: PointOfView, words: Words) -> Text | Link:
    """Who said it, leading there; where nobody knows, the number of the comment."""
    name = clip(clean_line(point.quote_author or ""), MAX_NAME)
    name = name or words.in_comment.format(id=clean_line(point.quote_id))
    url = point.quote_url if safe_url(point.quote_url) else None
    return Link(text=name, url=url) if url else Text(text=name)


def _evidence(point: PointOfView, words: Words) -> Iterator[Span]:
    """Links to comments that hold the view; where there are none, their numbers."""
    links = [url for url in point.links if safe_url(url)]
    if not links and not point.citations:
        return
    yield Text(text=f" · {words.in_comments} ")
    for number, url in enumerate(links, 1):
        if number > 1:
            yield Text(text=", ")
        yield Link(text=str(number), url=url)
    named = len(links) or shown_of(len(point.citations), MAX_NUMBERED)
    if not links:
        yield Text(text=", ".join(clean_line(one) for one in point.citations[:named]))
    more = len(point.citations) - named
    if more > 0:
        yield Text(text=f", {words.more(more)}")


def _fields(summary: ThreadSummary, words: Words) -> Iterator[PostField]:
    if summary.score is not None:
        counts = f"{number_text(words, summary.score)} · {words.comments(summary.num_comments)}"
        yield _field(words.score, counts)
    yield _field(words.read, coverage_text(summary, words))
    told = () if summary.points else _WHY_NO_POINTS
    notes = [note_text(note, words) for note in summary.notes if not note.startswith(told)]
    if summary.dropped_claims:
        notes.append(words.dropped_claims(summary.dropped_claims))
    for note in notes:
        yield _field(words.notes, note)
    yield _field(words.summary, _method(summary, words))


def _method(summary: ThreadSummary, words: Words) -> str:
    if summary.method == "extractive":
        return words.thread_extracted
    model = clip(clean_line(summary.model or ""), MAX_NAME)
    return words.thread_written_by.format(model=model) if model else words.thread_written_by_model


def _field(label: str, text: str) -> PostField:
    return PostField(label=label, spans=(Text(text=text),))
