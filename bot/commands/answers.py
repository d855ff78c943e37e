"""Small parts that answers are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.commands.kit import Ask, Control, Reply, Said
from bot.commands.words import told
from bot.errors import UserError
from bot.ingest.url import display_url
from bot.model import (
    Block,
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
from bot.posts.safety import clean_line, clip, safe_url
from bot.posts.words import words_for
from bot.store.space_stories import SeenStory

MAX_LINE = 300
MAX_TITLE = 200


def line(text: str, ask: Ask, *, controls: Sequence[Control] = (), private: bool = True) -> Reply:
    """An answer of one line."""
    return Reply(posts=(notice(text, ask),), controls=tuple(controls), private=private)


def notice(title: str, ask: Ask, *blocks: Block, fields: Iterable[PostField] = ()) -> Post:
    """Something that we say ourselves."""
    return Post(
        kind="notice",
        title=clip(clean_line(title), MAX_LINE),
        blocks=blocks,
        fields=tuple(fields),
        language=ask.person.language,
    )


def refusal(text: Said, ask: Ask, /, **values: object) -> UserError:
    """To be raised: the command is not done, and why."""
    return UserError(told(text, ask, **values))


def paragraph(*parts: str | Span) -> Paragraph:
    return Paragraph(spans=_spans(parts))


def item(*parts: str | Span, items: Iterable[ListingItem] = ()) -> ListingItem:
    return ListingItem(spans=_spans(parts), items=tuple(items))


def listing(items: Iterable[ListingItem]) -> Listing:
    return Listing(items=tuple(items))


def strong(text: str) -> Text:
    return Text(text=clean_line(text), style="strong")


def code(text: str) -> Text:
    return Text(text=text, style="code")


def field(label: str, *parts: str | Span) -> PostField:
    return PostField(label=label, spans=_spans(parts))


def link(text: str, url: str | None) -> Span:
    """A link where the address may be one, else its text."""
    label = clip(clean_line(text), MAX_TITLE)
    shown = display_url(url) if url else None
    return Link(text=label, url=shown) if shown and safe_url(shown) else Text(text=label)


def story_item(story: SeenStory, ask: Ask) -> ListingItem:
    """A story as one item of a list: headline, who tells it, when, where it is discussed."""
    words = words_for(ask.person.language)
    title = clean_line(story.title) or words.untitled
    spans: list[str | Span] = [
        link(title, story.url),
        f" · {clip(clean_line(story.sources[0]), 60)}",
    ]
    if len(story.sources) > 1:
        spans.append(f" +{len(story.sources) - 1}")
    spans += [" · ", Time(at=story.at)]
    if story.discussion and story.discussion != story.url:
        comments = story.num_comments
        label = words.discussion if comments is None else words.comments(comments)
        spans += [" · ", link(label, story.discussion)]
    if story.score is not None:
        spans.append(f" · {words.points(story.score)}")
    return item(*spans)


def _spans(parts: Iterable[str | Span]) -> tuple[Span, ...]:
    return tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
