"""The monthly watch: months of stories with their picks, then the discussions worth reading.

The skeleton is that of the customer's sample 003. Sources are named by the site that the link
leads to, a star has its reason, and quotes are verbatim with author, score, date and permalink.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.digests.kind import DigestOptions
from bot.digests.markdown_parts import tidy_url
from bot.digests.material import DigestStory, Material, PastPrediction
from bot.digests.quoting import cut_at_sentence, normal
from bot.digests.roundup_comment import best_comment
from bot.digests.roundup_record import (
    Citation,
    NamedLink,
    Remark,
    RoundupDigest,
    RoundupItem,
    RoundupMonth,
    RoundupThread,
)
from bot.model import Post
from bot.ports import LanguageModel
from bot.posts.compose import Coverage
from bot.posts.safety import clean_line, domain_of, safe_url
from bot.thread_model import Comment

MAX_PER_MONTH = 60
MAX_THREADS = 10
MAX_KEYWORDS = 5
MAX_POST_CHARS = 1_500
MAX_COMMENT_CHARS = 1_000
PICK_SOURCES = 3
PICK_SCORE = 100
PICK_COMMENTS = 100

_PAPER = re.compile(
    r"https?://(?:www\.)?(?:arxiv\.org/(?:abs|pdf)/|openreview\.net/|aclanthology\.org/|doi\.org/|"
    r"proceedings\.|papers\.|dl\.acm\.org/)[^\s<>()\]\"']+",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|huggingface\.co)/"
    r"[\w.-]+/[^\s<>()\]\"']+",
    re.IGNORECASE,
)
_PROJECT = re.compile(r"https?://[\w-]+\.github\.io/[^\s<>()\]\"']*", re.IGNORECASE)
_LINKS = (("paper", _PAPER), ("code", _CODE), ("project page", _PROJECT))


class Roundup:
    """The kind (`bot.digests.kind.DigestKind`)."""

    record = RoundupDigest
    reads_threads = True
    summarised = 25

    async def build(
        self, material: Material, options: DigestOptions, model: LanguageModel | None
    ) -> RoundupDigest:
        return await asyncio.to_thread(_built, material, options)  # beside the loop, not on it

    def shown(self, material: Material, options: DigestOptions) -> Sequence[DigestStory]:
        return material.stories

    def is_empty(self, record: RoundupDigest) -> bool:
        return not (record.months or record.threads)

    def title(self, record: RoundupDigest) -> str:
        return record.title

    def front_matter(self, record: RoundupDigest) -> str:
        from bot.digests import roundup_document

        return roundup_document.head(record)

    def body(self, record: RoundupDigest) -> str:
        from bot.digests import roundup_document

        return roundup_document.body(record)

    def parse(self, document: str) -> RoundupDigest:
        from bot.digests import roundup_document

        return roundup_document.parse(document)

    def post(self, record: RoundupDigest, *, language: str) -> Post:
        from bot.digests import roundup_post

        document = {"document": self.body(record), "front_matter": self.front_matter(record)}
        return roundup_post.post(record, language=language).model_copy(update=document)

    def predictions(self, record: RoundupDigest) -> tuple[PastPrediction, ...]:
        return ()


def _built(material: Material, options: DigestOptions) -> RoundupDigest:
    articles = [story for story in material.stories if not _is_discussion(story)]
    discussed = [story for story in material.stories if _is_discussion(story)]
    zone = ZoneInfo(material.period.timezone)
    return RoundupDigest(
        title=clean_line(material.name),
        key=f"page-{_slug(material.name)}",
        months=tuple(_months(articles, zone, by_source=options.group_by_source)),
        topics=_topics(material.sources),
        threads=tuple(_threads(discussed)),
        since=material.period.since,
        until=material.period.until,
        timezone=material.period.timezone,
        method="extractive",
        model=None,
    )


def _is_discussion(story: DigestStory) -> bool:
    """Whether a story is a discussion alone: nobody but a discussion site reports it."""
    permalink = story.submission.permalink if story.submission else None
    if permalink is None:
        return False
    # A report is known by its source's name for it; a discussion's own leads to the site.
    place = _host(permalink)
    return all(_host(one.source_url) in {place, ""} for one in story.view.coverage)


def _host(url: str | None) -> str:
    """The registrable part of a host, near enough: its last two names."""
    link = safe_url(url)
    return ".".join(domain_of(link).split(".")[-2:]) if link else ""


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", clean_line(name).lower())) or "roundup"


def _months(
    stories: Sequence[DigestStory], zone: ZoneInfo, *, by_source: bool
) -> Iterator[RoundupMonth]:
    """The newest month first, in it the newest story first."""
    months: dict[str, list[DigestStory]] = defaultdict(list)
    for story in stories:  # the most important first
        month = months[story.news_at.astimezone(zone).strftime("%Y-%m")]
        if len(month) < MAX_PER_MONTH and tidy_url(story.view.url):
            month.append(story)
    for name in sorted(months, reverse=True):
        shown = sorted(months[name], key=lambda one: (one.news_at, one.view.title), reverse=True)
        items = [_item(story) for story in shown]
        if by_source:
            items.sort(key=lambda item: item.source.casefold())
        if items:
            yield RoundupMonth(month=name, items=tuple(items))


def _item(story: DigestStory) -> RoundupItem:
    view = story.view
    url = tidy_url(view.url)
    assert url is not None
    reasons = tuple(_reasons(story))
    summary = view.summary.summary if view.summary and reasons else ""
    return RoundupItem(
        source=_source(view.coverage, url),
        title=clean_line(view.title) or url,
        url=url,
        reasons=reasons,
        links=tuple(_page_links("\n".join((story.text, *story.links)), url)),
        keywords=_keywords(view.tags),
        summary=clean_line(summary),
        image_url=tidy_url(view.image_url) if reasons else None,
        remarks=tuple(
            Remark(text=clean_line(star.comment), by=clean_line(star.by))
            for star in story.stars
            if clean_line(star.comment)
        ),
        also_covered_by=tuple(_others(story)),
    )


def _source(coverage: Sequence[Coverage], url: str) -> str:
    """The site's name: its feed's title where the feed is the site's own, else its domain."""
    for one in coverage:
        if _host(one.source_url) == _host(url) and clean_line(one.source):
            return clean_line(one.source)
    link = safe_url(url)
    return domain_of(link) if link else url


def _others(story: DigestStory) -> Iterator[NamedLink]:
    """Who else reports it; a discussion site with its discussion, not with what that links to."""
    seen: set[str] = set()
    submission = story.submission
    for number, one in enumerate(story.view.coverage):
        name = clean_line(one.source)
        is_discussed = submission is not None and name == submission.place
        discussion = submission.permalink if submission and is_discussed else one.discussion
        url = tidy_url(discussion or one.url)
        is_another = number or (discussion and url != tidy_url(story.view.url))
        if url and name and name not in seen and is_another:
            yield NamedLink(name=name, url=url)
        seen.add(name)


def _reasons(story: DigestStory) -> Iterator[str]:
    """Why it is a pick: who starred it, or why it ranks."""
    if story.stars:
        names = dict.fromkeys(
            clean_line(star.by).replace(";", ",") or "somebody" for star in story.stars
        )
        yield f"starred by {', '.join(names)}"
    sources = len({one.source_url for one in story.view.coverage})
    if sources >= PICK_SOURCES:
        yield f"covered by {sources} sources"
    submission = story.submission
    if submission and (submission.score or 0) >= PICK_SCORE:
        yield f"{submission.score} points"
    if submission and (submission.num_comments or 0) >= PICK_COMMENTS:
        yield f"{submission.num_comments} comments"


def _page_links(text: str, url: str) -> Iterator[NamedLink]:
    """The first paper, code and project page that the article links to."""
    for name, pattern in _LINKS:
        for match in pattern.finditer(text):
            found = tidy_url(match[0].rstrip(".,;:!?"))
            if found and found != url:
                yield NamedLink(name=name, url=found)
                break


def _keywords(tags: Sequence[str]) -> tuple[str, ...]:
    words = dict.fromkeys(clean_line(tag).replace(";", ",") for tag in tags)
    return tuple(word for word in words if word and "/" not in word)[:MAX_KEYWORDS]


def _topics(sources: Sequence[str]) -> str:
    """What the discussions are about, as the heading names it."""
    names = [name.removeprefix("r/") for name in sources if name.startswith("r/")]
    return ", ".join(names) or "Topics"


def _threads(stories: Sequence[DigestStory]) -> Iterator[RoundupThread]:
    """The discussions with something to quote, in the order of their importance."""
    shown = 0
    for story in stories:
        thread = _thread(story)
        if thread is not None and shown < MAX_THREADS:
            shown += 1
            yield thread


def _thread(story: DigestStory) -> RoundupThread | None:
    submission, thread = story.submission, story.thread
    url = tidy_url(submission.permalink) if submission else None
    if submission is None or url is None:
        return None
    text = normal(thread.text if thread else "")
    cut, is_cut = cut_at_sentence(text, MAX_POST_CHARS)
    post = Citation(
        author=clean_line(submission.author or "") or None,
        url=url,
        score=submission.score,
        on=story.news_at.date(),
        text=cut,
        is_cut=is_cut,
    )
    comment = best_comment(thread) if thread else None
    quoted = _quoted_comment(comment, url) if comment else None
    if not cut and quoted is None:
        return None
    return RoundupThread(
        place=clean_line(submission.place),
        title=clean_line(story.view.title) or "Untitled",
        url=url,
        post=post if cut else None,
        comment=quoted,
    )


def _quoted_comment(comment: Comment, thread_url: str) -> Citation | None:
    cut, is_cut = cut_at_sentence(normal(comment.text), MAX_COMMENT_CHARS)
    if not cut:
        return None
    return Citation(
        author=clean_line(comment.author or "") or None,
        url=tidy_url(comment.permalink) or thread_url,
        score=comment.score,
        on=comment.created_at.date() if comment.created_at else None,
        text=cut,
        is_cut=is_cut,
    )


def profile_url(author: str, permalink: str) -> str | None:
    """Where a person's own page is, for sites that have one."""
    parts = urlsplit(permalink)
    host = parts.hostname or ""
    if host == "news.ycombinator.com":
        return tidy_url(f"https://{host}/user?id={author}")
    if "/r/" in parts.path or host.endswith("reddit.com"):
        return tidy_url(f"{parts.scheme}://{parts.netloc}/user/{author}/")
    return None
