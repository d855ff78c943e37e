"""Discussions: a submission and its comment tree, whatever site, chat or file they came from.

Times are aware UTC datetimes. What nobody knows is None: a dump has no authors, votes or times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

ThreadKind = Literal["reddit", "hackernews", "dump", "discord", "slack"]

ORDER_UNKNOWN = "order and votes unknown"  # the note of threads that carry neither (dumps)


class SubmissionState(StrEnum):
    """What became of a submission on its site. Text of one that is not `LIVE` is not kept."""

    LIVE = "live"
    DELETED = "deleted"  # by its author
    REMOVED = "removed"  # by moderators or the site


class Trait(StrEnum):
    """What kind of submission it is; several may hold."""

    SELF = "self"
    LINK = "link"
    GALLERY = "gallery"
    POLL = "poll"
    CROSSPOST = "crosspost"
    VIDEO = "video"
    IMAGE = "image"
    STICKIED = "stickied"
    NSFW = "nsfw"
    SPOILER = "spoiler"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a discussion site knows of an entry beside its text.

    `fullname` is the site's own id (`t3_1jws42t`, Hacker News' number); `permalink` leads to the
    discussion, `link_url` to what it points at, None where it points at nothing else. `place` is
    where it was submitted (`r/MachineLearning`, `Hacker News`). `score` and `num_comments` were
    true at `measured_at`.
    """

    fullname: str
    permalink: str
    place: str
    link_url: str | None = None
    author: str | None = None
    flair: str | None = None
    score: int | None = None
    num_comments: int | None = None
    traits: tuple[Trait, ...] = ()
    state: SubmissionState = SubmissionState.LIVE
    measured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment, cleaned to readable text. Deleted, removed and empty ones are no comments.

    `id` is what citations name: Reddit's or Hacker News' id, a message's id or timestamp, in a
    dump the segment's number. `parent_id` is None where it answers the submission itself. `depth`
    counts from 0. `author` is None where nobody knows; `is_bot` marks what no person wrote.
    """

    id: str
    text: str
    parent_id: str | None = None
    depth: int = 0
    author: str | None = None
    score: int | None = None
    created_at: datetime | None = None
    permalink: str | None = None
    stickied: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A submission with its comments in the site's order, parents before their answers.

    `url` is the discussion's permalink, `link_url` what the submission points at elsewhere.
    `num_comments` is the site's own count, else that of `comments` and `skipped_deleted`; either
    way deleted ones are in it.
    `skipped_deleted` counts comments that were deleted or removed, `unread` those that the site
    has and we could not get. `notes` are doubts worth saying (an uncertain border in a dump).
    """

    kind: ThreadKind
    id: str
    title: str
    url: str | None = None
    link_url: str | None = None
    place: str = ""
    text: str = ""
    author: str | None = None
    score: int | None = None
    num_comments: int = 0
    created_at: datetime | None = None
    flair: str | None = None
    traits: tuple[Trait, ...] = ()
    image_url: str | None = None
    comments: tuple[Comment, ...] = ()
    skipped_deleted: int = 0
    unread: int = 0
    measured_at: datetime | None = None
    notes: tuple[str, ...] = ()
