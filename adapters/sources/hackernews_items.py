"""Hacker News as its interfaces say it, read into our nouns. Pure.

Three forms: an item with its whole tree (Algolia, `/items/<id>`), a list of submissions (Algolia,
`/search`), and a lone item of the official interface, which knows its answers' numbers only.
Deleted and dead comments come without author and text; their answers hang on the next one above.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.errors import SourceError
from bot.ingest.markup import markup_text
from bot.ingest.prepare import prepare
from bot.ingest.text import clean_title
from bot.ingest.url import display_url
from bot.model import Entry, RawEntry
from bot.thread_model import Comment, Submission, SubmissionState, Thread, Trait

PLACE = "Hacker News"
_SUBMISSIONS = ("story", "job", "poll")
_TITLE_CHARS = 80

Item = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the tree with what hangs it on the comments that are kept."""

    item: Item
    parent_id: str | None
    depth: int


def item_url(number: object) -> str:
    """Where people read an item."""
    return f"https://news.ycombinator.com/item?id={number}"


def thread_from_items(payload: object, *, measured_at: datetime | None = None) -> Thread:
    """The discussion of an Algolia item. Raises `SourceError` where it is none.

    A comment's address gives the discussion below that comment.
    """
    if not is_algolia_item(payload):
        raise SourceError("no item of Hacker News: it has no tree of answers", permanent=True)
    assert isinstance(payload, dict)
    comments, deleted = _comments(payload)
    return replace(
        _thread(payload, measured_at),
        comments=tuple(comments),
        num_comments=len(comments) + deleted,
        skipped_deleted=deleted,
    )


def thread_from_official(payload: object, *, measured_at: datetime | None = None) -> Thread:
    """A saved item of the official interface: its comments are elsewhere, and counted as unread.

    Raises `SourceError` where it is none.
    """
    if not is_official_item(payload):
        raise SourceError("no item of Hacker News", permanent=True)
    assert isinstance(payload, dict)
    count = _number(payload.get("descendants"))
    if count is None:
        kids = payload.get("kids")
        count = len(kids) if isinstance(kids, list) else 0
    note = f"the comments are not in this file: summarize {item_url(payload['id'])} to read them"
    return replace(
        _thread(payload, measured_at),
        num_comments=count,
        unread=count,
        notes=(note,) if count else (),
    )


def is_algolia_item(payload: object) -> bool:
    """Whether this is an item with its tree, as Algolia gives it."""
    if not isinstance(payload, dict) or _number(payload.get("id")) is None:
        return False
    return isinstance(payload.get("children"), list) and isinstance(payload.get("type"), str)


def is_official_item(payload: object) -> bool:
    """Whether this is an item as the official interface gives it."""
    if not isinstance(payload, dict) or _number(payload.get("id")) is None:
        return False
    return isinstance(payload.get("type"), str) and _number(payload.get("time")) is not None


def entries_from_search(payload: object, *, measured_at: datetime) -> tuple[Entry, ...]:
    """The submissions of a search, each under the identity `hn:<id>`. Raises `SourceError`."""
    hits = payload.get("hits") if isinstance(payload, dict) else None
    if not isinstance(hits, list):
        raise SourceError("Hacker News answered something that is no list of submissions")
    entries = {entry.guid: entry for hit in hits if (entry := _entry(hit, measured_at)) is not None}
    return tuple(entries.values())


def _entry(hit: object, measured_at: datetime) -> Entry | None:
    if not isinstance(hit, dict):
        return None
    number, title = hit.get("objectID") or hit.get("story_id"), _text(hit.get("title"))
    if not number or not title:
        return None
    link = _link(hit)
    raw = RawEntry(
        guid=f"hn:{number}",
        url=link or item_url(number),
        title=title,
        author=_text(hit.get("author")) or None,
        published_at=_time(hit),
        html=_text(hit.get("story_text")),
        comments_url=item_url(number),
        num_comments=_number(hit.get("num_comments")),
    )
    submission = Submission(
        fullname=str(number),
        permalink=item_url(number),
        place=PLACE,
        link_url=link,
        author=raw.author,
        score=_number(hit.get("points")),
        num_comments=raw.num_comments,
        traits=(Trait.LINK if link else Trait.SELF,),
        measured_at=measured_at,
    )
    return prepare(raw)._replace(submission=submission)


def submissions_of(entries: tuple[Entry, ...]) -> tuple[Submission, ...]:
    """What a listing says of its submissions now: scores and counts change at every look."""
    return tuple(
        entry.submission
        for entry in entries
        if entry.submission is not None and entry.submission.state is SubmissionState.LIVE
    )


def _thread(item: Item, measured_at: datetime | None) -> Thread:
    """All of a thread but its comments."""
    link = _link(item)
    kind = item.get("type")
    traits = (Trait.POLL,) if kind == "poll" else ()
    return Thread(
        kind="hackernews",
        id=str(item["id"]),
        title=_title(item),
        url=item_url(item["id"]),
        link_url=link,
        place=PLACE,
        text=_readable(item),
        author=_author(item),
        score=_number(item.get("points", item.get("score"))),
        created_at=_time(item),
        traits=(*traits, Trait.LINK if link else Trait.SELF),
        measured_at=measured_at,
    )


def _title(item: Item) -> str:
    title = clean_title(_text(item.get("title")))
    if title or item.get("type") in _SUBMISSIONS:
        return title
    said = " ".join(_readable(item).split())
    said = said if len(said) <= _TITLE_CHARS else f"{said[:_TITLE_CHARS].rsplit(' ', 1)[0]}…"
    return f"{_author(item) or 'somebody'}: {said}" if said else "a deleted comment"


def _comments(root: Item) -> tuple[list[Comment], int]:
    """The tree below an item, parents before their answers, and how many of it are deleted."""
    comments: list[Comment] = []
    deleted = 0
    waiting = [_Place(child, None, 0) for child in reversed(list(_children(root)))]
    while waiting:
        place = waiting.pop()
        comment = _comment(place)
        parent_id, depth = place.parent_id, place.depth
        if comment is None:
            # A poll's choices and what else hangs in the tree are no comments at all.
            deleted += place.item.get("type") in ("comment", None)
        else:
            comments.append(comment)
            parent_id, depth = comment.id, depth + 1
        children = reversed(list(_children(place.item)))
        waiting += [_Place(child, parent_id, depth) for child in children]
    return comments, deleted


def _children(item: Item) -> Iterator[Item]:
    children = item.get("children")
    if isinstance(children, list):
        yield from (child for child in children if isinstance(child, dict))


def _comment(place: _Place) -> Comment | None:
    """None for one that is deleted, dead or empty."""
    item = place.item
    text = _readable(item)
    if not text or item.get("type", "comment") != "comment" or item.get("id") is None:
        return None
    return Comment(
        id=str(item["id"]),
        text=text,
        parent_id=place.parent_id,
        depth=place.depth,
        author=_author(item),
        created_at=_time(item),
        permalink=item_url(item["id"]),
    )


def _readable(item: Item) -> str:
    if item.get("deleted") is True or item.get("dead") is True:
        return ""
    text = _text(item.get("text"))
    return "" if text in ("[deleted]", "[dead]", "[flagged]") else markup_text(text).strip()


def _author(item: Item) -> str | None:
    return clean_title(_text(item.get("author", item.get("by")))) or None


def _link(item: Item) -> str | None:
    url = _text(item.get("url"))
    return display_url(url) if url else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _time(item: Item) -> datetime | None:
    seconds = _number(item.get("created_at_i", item.get("time")))
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        at = datetime.fromisoformat(_text(item.get("created_at")))
    except (ValueError, OverflowError, OSError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
