"""The daily community digest: what a subreddit discussed, ranked, and thread by thread.

The skeleton is that of the customer's sample 000; under it every view carries its count, its
comments and a verbatim quote.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from bot.digests.kind import DigestOptions
from bot.digests.markdown_parts import tidy_url
from bot.digests.material import DigestStory, Material, PastPrediction
from bot.ingest.url import display_url
from bot.model import Method, Post, Result, ThreadSummary
from bot.ports import LanguageModel
from bot.posts.safety import clean_line, clip, domain_of, safe_url
from bot.summarize.sentences import split_sentences

MAX_SENTENCE = 280
MIN_SENTENCE = 25
MAX_TAGS = 6
MAX_SUMMARY = 600
SUMMARY_SENTENCES = 2

# Where the words of the next person begin: names are often in small letters.
_NEXT_SPEAKER = re.compile(r"(?<=[.!?…。！？”\")]) (?=\S{1,40}(?: says| asks)?: )")


class CommunityView(Result):
    """One point of view: how many of how many hold it, where, and in whose words."""

    text: str
    supporters: int
    of: int
    links: tuple[str, ...]
    quote: str
    quote_author: str | None
    quote_url: str | None


class CommunityDetail(Result):
    """What a discussion says. `read` of `num_comments` comments were read."""

    summary: str
    emotion: str
    positive: int
    neutral: int
    negative: int
    views: tuple[CommunityView, ...]
    read: int
    num_comments: int
    skipped_deleted: int
    skipped_bots: int


class OtherReport(Result):
    """Someone else who covered the same."""

    name: str
    url: str | None


class CommunityItem(Result):
    """One thread. `url` is its discussion, `link_url` what it points at elsewhere.

    `is_moving`: it rose only after its own day's digest.
    """

    title: str
    url: str | None
    link_url: str | None
    score: int | None
    num_comments: int | None
    sentence: str
    is_moving: bool
    also_covered_by: tuple[OtherReport, ...]
    detail: CommunityDetail | None


class CommunityDigest(Result):
    """The threads of `[since, until)`, the highest score first."""

    kind: Literal["community"] = "community"
    title: str
    description: str
    date: str
    tags: tuple[str, ...]
    since: datetime
    until: datetime
    timezone: str
    measured_at: datetime | None
    items: tuple[CommunityItem, ...]
    method: Method
    model: str | None


class Community:
    """The kind (`bot.digests.kind.DigestKind`)."""

    record = CommunityDigest
    reads_threads = True
    summarised = 25

    async def build(
        self, material: Material, options: DigestOptions, model: LanguageModel | None
    ) -> CommunityDigest:
        return await asyncio.to_thread(_built, material, options)  # beside the loop, not on it

    def shown(self, material: Material, options: DigestOptions) -> Sequence[DigestStory]:
        return ranked(material.stories)[: options.max_items]

    def is_empty(self, record: CommunityDigest) -> bool:
        return not record.items

    def title(self, record: CommunityDigest) -> str:
        return record.title

    def front_matter(self, record: CommunityDigest) -> str:
        from bot.digests import community_document

        return community_document.head(record)

    def body(self, record: CommunityDigest) -> str:
        from bot.digests import community_document

        return community_document.body(record)

    def parse(self, document: str) -> CommunityDigest:
        from bot.digests import community_document

        return community_document.parse(document)

    def post(self, record: CommunityDigest, *, language: str) -> Post:
        from bot.digests import community_post

        document = {"document": self.body(record), "front_matter": self.front_matter(record)}
        return community_post.post(record, language=language).model_copy(update=document)

    def predictions(self, record: CommunityDigest) -> tuple[PastPrediction, ...]:
        return ()


def _built(material: Material, options: DigestOptions) -> CommunityDigest:
    shown = ranked(material.stories)[: options.max_items]
    items = tuple(_item(story, options) for story in shown)
    summaries = [story.summary for story in shown if story.summary]
    answered = [summary.model for summary in summaries if summary.method == "llm"]
    period = material.period
    return CommunityDigest(
        title=_title(material),
        description=f"Analysis of top discussions and trends in {_place(material)}",
        date=period.on.isoformat(),
        tags=_tags(material, shown),
        since=period.since,
        until=period.until,
        timezone=period.timezone,
        measured_at=material.measured_at,
        items=items,
        method="llm" if answered else "extractive",
        model=answered[0] if answered else None,
    )


def ranked(stories: Iterable[DigestStory]) -> list[DigestStory]:
    """Score descending, ties by older first; what has no score comes after what has."""

    def rank(story: DigestStory) -> tuple[bool, int, datetime]:
        score = story.submission.score if story.submission else None
        return (score is None, -(score or 0), story.news_at)

    return sorted(stories, key=rank)


def _title(material: Material) -> str:
    name = clean_line(material.name)
    return f"{name} Subreddit" if _subreddit(material) else name


def _subreddit(material: Material) -> str | None:
    """The one subreddit that the digest is about."""
    only = material.sources[0] if len(material.sources) == 1 else ""
    return only.removeprefix("r/") if only.startswith("r/") else None


def _place(material: Material) -> str:
    subreddit = _subreddit(material)
    if subreddit:
        return f"the {subreddit.lower()} subreddit"
    return clean_line(material.name)


def _tags(material: Material, shown: Sequence[DigestStory]) -> tuple[str, ...]:
    """The subreddits and tags that it is of, then the flairs and tags that come most often."""
    named = (name for name in material.sources if "://" not in name)  # an address is no tag
    names = [name.split("/")[-1].removeprefix("tag:").lower() for name in named]
    counts = Counter(
        clean_line(tag)
        for story in shown
        for tag in {*story.view.tags, *([story.submission.flair or ""] if story.submission else [])}
    )
    common = [tag for tag, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if tag]
    tags: dict[str, str] = {}
    for tag in (*(name for name in names if "." not in name), *common):
        tags.setdefault(tag.casefold(), tag)
    return tuple(tags.values())[:MAX_TAGS]


def _item(story: DigestStory, options: DigestOptions) -> CommunityItem:
    submission, view = story.submission, story.view
    sentence = _sentence(story)
    count = _num_comments(story)
    detail = _detail(story, sentence) if _deserves_detail(story, options) else None
    url = submission.permalink if submission else view.url
    elsewhere = display_url(submission.link_url or "") if submission else None
    return CommunityItem(
        title=clean_line(view.title) or "Untitled",
        url=tidy_url(url),
        link_url=tidy_url(elsewhere) if elsewhere != url else None,
        score=submission.score if submission else view.score,
        num_comments=detail.num_comments if count is None and detail else count,
        sentence=sentence,
        is_moving=story.is_moving,
        also_covered_by=_others(story),
        detail=detail,
    )


def _num_comments(story: DigestStory) -> int | None:
    if story.thread is not None:
        return story.thread.num_comments
    return story.submission.num_comments if story.submission else story.view.num_comments


def _others(story: DigestStory) -> tuple[OtherReport, ...]:
    """Who else reports it: all but the place whose discussion this is, else but the first."""
    reports: dict[str, OtherReport] = {}
    for one in story.view.coverage:
        name = clean_line(one.source)
        if name and name not in reports:
            reports[name] = OtherReport(name=name, url=tidy_url(one.discussion or one.url))
    if story.submission is not None and story.submission.place in reports:
        del reports[story.submission.place]
        return tuple(reports.values())
    return tuple(reports.values())[1:]


def _deserves_detail(story: DigestStory, options: DigestOptions) -> bool:
    if story.summary is None:
        return False
    score = story.submission.score if story.submission else None
    enough_votes = score is None or score >= options.detail_min_score
    return enough_votes and (_num_comments(story) or 0) >= options.detail_min_comments


def _sentence(story: DigestStory) -> str:
    """What the thread is about, from its own text or its article, never from its comments.

    Where it has neither, the facts that we know of it.
    """
    own = story.thread.text if story.thread else ""
    article = story.view.summary.summary if story.view.summary else ""
    for text in (own, article, story.text):
        for sentence in split_sentences(text):
            line = clean_line(sentence)
            if len(line) >= MIN_SENTENCE and line.casefold() != story.view.title.casefold():
                return clip(line, MAX_SENTENCE)
    return _facts(story)


def _facts(story: DigestStory) -> str:
    link = safe_url(story.submission.link_url if story.submission else None)
    count = _num_comments(story)
    what = f"A link to {domain_of(link)}" if link else "A post that is only its title"
    if count is None:
        return f"{what}."
    return f"{what}, with {count} {'comment' if count == 1 else 'comments'}."


def _detail(story: DigestStory, sentence: str) -> CommunityDetail:
    summary = story.summary
    assert summary is not None
    return CommunityDetail(
        summary=_told_apart(summary, sentence),
        emotion=clean_line(summary.emotion.label),
        positive=summary.emotion.positive,
        neutral=summary.emotion.neutral,
        negative=summary.emotion.negative,
        views=tuple(
            CommunityView(
                text=clean_line(point.text),
                supporters=point.supporters,
                of=point.of,
                links=tuple(tidy for link in point.links[:3] if (tidy := tidy_url(link))),
                quote=clean_line(point.quote),
                quote_author=clean_line(point.quote_author or "") or None,
                quote_url=tidy_url(point.quote_url),
            )
            for point in summary.points
        ),
        read=summary.comments_read,
        num_comments=max(summary.num_comments, summary.comments_read + summary.skipped_deleted),
        skipped_deleted=summary.skipped_deleted,
        skipped_bots=summary.skipped_bots,
    )


def _told_apart(summary: ThreadSummary, sentence: str) -> str:
    """The first sentences of the summary, without what the ranking's has said already."""
    said = _letters(sentence)
    told = [
        one
        for turn in _NEXT_SPEAKER.split(summary.summary)
        for one in split_sentences(turn)
        if clean_line(one)
    ]
    kept = [one for one in told if (letters := _letters(one)) not in said and said not in letters]
    shown = (clean_line(one) for one in (kept or told)[:SUMMARY_SENTENCES])
    return clip(" ".join(shown), MAX_SUMMARY)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
