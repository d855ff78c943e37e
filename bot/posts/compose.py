"""What we know becomes a post: a story, a catch-up, a notice.

Pure, and the same input gives the same post. Times stay times (`bot.model.Time`), so that a file
can show a date where a terminal shows an age. Foreign text is cleaned and clipped here; markup in
it is the renderers' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from bot.model import (
    Action,
    ArticleSummary,
    Block,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Span,
    Text,
    Time,
)
from bot.posts.safety import clean_line, clean_text, clip, domain_of, safe_url, shown_of
from bot.posts.words import Words, words_for

MAX_TITLE = 300
MAX_NAME = 100
MAX_PARAGRAPH = 1_200
MAX_COVERAGE_LINKS = 20
MAX_LISTED = 200
MAX_TAGS = 10

SUMMARIZE = "Summarize thread"
STAR = "Star"
MUTE = "Mute source"
WHY = "Why am I seeing this"


Gone = Literal["", "deleted", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One source's report of a story.

    `source` is the source's title, `source_url` its name to us, `url` the report's canonical URL.
    `gone`: its author deleted it, or moderators removed it. `discussion`: what is really its own
    where it submitted a page of somebody else's.
    """

    source: str
    source_url: str
    url: str | None
    published_at: datetime | None
    gone: Gone = ""
    discussion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A story as posts show it. `coverage`: the source that tells it first, then the others, those
    whose report is gone last.

    `url` is the story's canonical URL. `id` is None where nothing is stored (a preview).
    """

    title: str
    url: str | None
    coverage: tuple[Coverage, ...]
    summary: ArticleSummary | None = None
    id: int | None = None
    image_url: str | None = None
    comments_url: str | None = None
    score: int | None = None
    num_comments: int | None = None
    is_rising: bool = False
    tags: tuple[str, ...] = ()

    @property
    def gone(self) -> Gone:
        """What became of it where nobody tells it any more."""
        return self.coverage[0].gone if self.coverage else ""


def story_post(view: StoryView, *, language: str, now: datetime) -> Post:
    """One story: headline, summary, who reported it and when, where it is discussed.

    Dates after `now` are publishers' mistakes and shown as `now`.
    """
    words = words_for(language)
    if view.gone:
        return _gone_post(view, words, language, now)
    fields = (
        _source_field(view, words, now),
        _coverage_field(view, words),
        _discussion_field(view, words),
        _summary_field(view.summary, words),
    )
    return Post(
        kind="story",
        title=_title(view.title, view.url, words),
        url=_linkable(view.url),
        blocks=tuple(_paragraphs(view.summary.summary if view.summary else "")),
        fields=tuple(field for field in fields if field is not None),
        image_url=_image(view.image_url),
        actions=tuple(_actions(view)),
        published_at=_not_after(_published_at(view), now),
        tags=_tags(view.tags),
        language=language,
        score=view.score,
        num_comments=view.num_comments,
    )


def _gone_post(view: StoryView, words: Words, language: str, now: datetime) -> Post:
    """What is left of a story whose original was deleted: where it stood, and that it is gone."""
    source = _source_field(view, words, now)
    said = _gone_text(view.gone, words)
    sentence = Text(text=f"{said[0].upper()}{said[1:]}.", style="emphasis")
    return Post(
        kind="story",
        title=_shown_title(view, words),
        url=_linkable(view.url),
        blocks=(Paragraph(spans=(sentence,)),),
        fields=(source,) if source else (),
        actions=tuple(action for action in _actions(view) if action.kind == "why"),
        published_at=_not_after(_published_at(view), now),
        language=language,
        struck=True,
    )


def _gone_text(gone: Gone, words: Words) -> str:
    return words.removed_by_moderators if gone == "removed" else words.deleted_by_author


def _shown_title(view: StoryView, words: Words) -> str:
    """The headline; of what was deleted only where it stood, for a title is its author's words."""
    if not view.gone:
        return _title(view.title, view.url, words)
    link = _linkable(view.comments_url) or _linkable(view.url)
    place = _discussion_place(link) if link else _name(view.coverage[0].source)
    return words.gone_title.format(place=place or words.unknown_source)


def catchup_post(name: str, stories: Sequence[StoryView], *, language: str, now: datetime) -> Post:
    """The stories that are not posted singly, as one list by source. `name`: whose they are."""
    words = words_for(language)
    blocks: list[Block] = [_paragraph(words.catchup_intro(len(stories)))]
    listed = shown_of(len(stories), MAX_LISTED)
    groups = _by_source(stories[:listed])
    for source, members in groups.items():
        if len(groups) > 1:
            blocks.append(Heading(text=source or words.unknown_source))
        blocks.append(Listing(items=tuple(_listed(view, words, now) for view in members)))
    if len(stories) > listed:
        blocks.append(_paragraph(words.more(len(stories) - listed)))
    return Post(
        kind="catchup",
        title=words.catchup_title(len(stories), name=_name(name)),
        blocks=tuple(blocks),
        published_at=now,
        tags=_tags(tag for view in stories for tag in view.tags),
        language=language,
    )


def notice_post(
    title: str, text: str = "", *, language: str, now: datetime, url: str | None = None
) -> Post:
    """Something that we have to say ourselves: a source went away, a digest could not be made."""
    words = words_for(language)
    return Post(
        kind="notice",
        title=_title(title, url, words),
        url=_linkable(url),
        blocks=tuple(_paragraphs(text)),
        published_at=now,
        language=language,
    )


def _title(title: str, url: str | None, words: Words) -> str:
    link = safe_url(url)
    return clip(clean_line(title), MAX_TITLE) or (domain_of(link) if link else words.untitled)


def _name(name: str) -> str:
    return clip(clean_line(name), MAX_NAME)


def _linkable(url: str | None) -> str | None:
    """The URL as it is, where it may be a link: readers and tests know a story by it."""
    return url if safe_url(url) else None


def _image(url: str | None) -> str | None:
    link = safe_url(url)
    return url if link and link.startswith("https:") else None


def _named_link(name: str, url: str | None) -> Span:
    link = _linkable(url)
    return Link(text=name, url=link) if link else Text(text=name)


def _paragraph(text: str) -> Paragraph:
    return Paragraph(spans=(Text(text=text),))


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for line in clean_text(text).split("\n"):
        if line.strip():
            yield _paragraph(clip(clean_line(line), MAX_PARAGRAPH))


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The first few distinct tags; the same word in another case is the same tag."""
    distinct: dict[str, str] = {}
    for tag in tags:
        if cleaned := _name(tag):
            distinct.setdefault(cleaned.casefold(), cleaned)
    return tuple(distinct.values())[:MAX_TAGS]


def _not_after(at: datetime | None, now: datetime) -> datetime:
    return now if at is None else min(at, now)


def _published_at(view: StoryView) -> datetime | None:
    """When it was first told. Later coverage does not make a story younger."""
    return min((one.published_at for one in view.coverage if one.published_at), default=None)


def _distinct(coverage: Iterable[Coverage]) -> list[Coverage]:
    """One report per source, the first of each; the same page under the same name is one too."""
    reports: dict[str, Coverage] = {}
    for one in coverage:
        reports.setdefault(one.source_url or one.source, one)
    shown = {(clean_line(one.source), one.url): one for one in reversed(reports.values())}
    return [one for one in reports.values() if shown[clean_line(one.source), one.url] is one]


def _source_field(view: StoryView, words: Words, now: datetime) -> PostField | None:
    """Who told it first, linked where that is not where the headline leads, and when."""
    if not view.coverage:
        return None
    first = view.coverage[0]
    name = _name(first.source) or _site(first.url) or words.unknown_source
    spans: list[Span] = [_named_link(name, None if first.url == view.url else first.url)]
    if first.published_at:
        spans += [Text(text=" · "), Time(at=_not_after(first.published_at, now))]
    return PostField(label=words.source, spans=tuple(spans))


def _site(url: str | None) -> str:
    link = safe_url(url)
    return domain_of(link) if link else ""


def _coverage_field(view: StoryView, words: Words) -> PostField | None:
    """The other sources, linked; one that only points to a page linked already is named."""
    others = _distinct(view.coverage)[1:]
    if not others:
        return None
    spans: list[Span] = []
    linked = {view.url}
    shown = shown_of(len(others), MAX_COVERAGE_LINKS)
    for one in others[:shown]:
        name = _name(one.source) or _site(one.url) or words.unknown_source
        if one.gone:
            spans += [Text(text=", "), Text(text=name, style="strike")]
            spans.append(Text(text=f" ({_gone_text(one.gone, words)})"))
            continue
        url = one.discussion or one.url
        spans += [Text(text=", "), _named_link(name, None if url in linked else url)]
        linked.add(url)
    if len(others) > shown:
        spans.append(Text(text=", " + words.more(len(others) - shown)))
    return PostField(label=words.also_covered_by, spans=tuple(spans[1:]))


def _discussion_field(view: StoryView, words: Words) -> PostField | None:
    link = _linkable(view.comments_url)
    counts = [words.points(view.score)] if view.score is not None else []
    counts += [words.comments(view.num_comments)] if view.num_comments is not None else []
    counts += [words.rising] if view.is_rising else []
    if link is None:
        return _text_field(words.score, counts[0]) if view.score is not None else None
    spans: list[Span] = [Link(text=_discussion_place(link), url=link)]
    if counts:
        spans.append(Text(text=" · " + " · ".join(counts)))
    return PostField(label=words.discussion, spans=tuple(spans))


def _discussion_place(url: str) -> str:
    domain = _site(url)
    if domain == "news.ycombinator.com":
        return "Hacker News"
    if domain == "reddit.com" or domain.endswith(".reddit.com"):
        parts = urlsplit(url).path.split("/")
        return f"r/{parts[2]}" if len(parts) > 2 and parts[1] == "r" else "Reddit"
    return domain


def _summary_field(summary: ArticleSummary | None, words: Words) -> PostField | None:
    """Who wrote the summary, and from what, where there is one.

    A reader must not take an extract for a person's words, or ours.
    """
    if summary is None or not summary.summary.strip():
        return None
    read = words.the_article if summary.read == "article" else words.the_feed
    if summary.method == "extractive":
        return _text_field(words.summary, words.extracted.format(read=read))
    model = _name(summary.model or "")
    written = words.written_by if model else words.written_by_model
    return _text_field(words.summary, written.format(model=model, read=read))


def _text_field(label: str, text: str) -> PostField:
    return PostField(label=label, spans=(Text(text=text),))


def _actions(view: StoryView) -> Iterator[Action]:
    """A stored story's go by its number, which is short and tells nobody anything."""
    story = f"story:{view.id}" if view.id is not None else view.url
    # Where nobody discusses it, the button answers with what the article says.
    if page := _linkable(view.comments_url) or _linkable(view.url):
        target = page if view.id is None else f"story:{view.id}"
        yield Action(kind="summarize", label=SUMMARIZE, target=target)
    if story:
        yield Action(kind="star", label=STAR, target=story)
    if view.coverage:
        target = view.coverage[0].source_url if view.id is None else f"story:{view.id}"
        yield Action(kind="mute", label=MUTE, target=target)
    if story:
        yield Action(kind="why", label=WHY, target=story)


def _by_source(stories: Iterable[StoryView]) -> dict[str, list[StoryView]]:
    groups: dict[str, list[StoryView]] = {}
    for view in stories:
        source = _name(view.coverage[0].source) if view.coverage else ""
        groups.setdefault(source, []).append(view)
    return groups


def _listed(view: StoryView, words: Words, now: datetime) -> ListingItem:
    title = _shown_title(view, words)
    if view.gone:
        gone = Text(text=f" · {_gone_text(view.gone, words)}")
        return ListingItem(spans=(Text(text=title, style="strike"), gone))
    spans: list[Span] = [_named_link(title, view.url)]
    if at := _published_at(view):
        spans += [Text(text=" · "), Time(at=_not_after(at, now))]
    others = len(_distinct(view.coverage)) - 1
    if others > 0:
        spans.append(Text(text=f" · +{words.from_sources(others)}"))
    return ListingItem(spans=tuple(spans))
