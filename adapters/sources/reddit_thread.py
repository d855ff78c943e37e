"""Reddit's comment pages as threads: from the API, or as somebody saved them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from adapters.sources.reddit_json import (
    SITE,
    Json,
    author,
    children,
    data_of,
    flag,
    integer,
    is_gone,
    moment,
    rich_text,
    string,
)
from adapters.sources.reddit_submission import (
    image_url,
    submission_of,
    submission_text,
    submission_title,
)
from adapters.sources.reddit_tree import CommentTree, Placed
from bot.errors import SourceError
from bot.thread_model import Comment, SubmissionState, Thread

_BOTS = frozenset(
    ("automoderator", "remindmebot", "savevideo", "savevideobot", "sneakpeekbot", "wikitextbot")
)
_BOT_NAME = re.compile(r".*(?:[a-z0-9]Bot|[-_]bot|[-_]B(?:ot|OT))\d*")


def thread_from_json(payload: object, *, measured_at: datetime | None = None) -> Thread:
    """A thread from the JSON of a comment page (`….json`, `/comments/<id>`).

    What the page left out behind `more` is counted in `unread`. Raises `SourceError` where the
    payload is no such page.
    """
    submission, things = page_parts(payload)
    tree = CommentTree()
    tree.add(things)
    return thread_of(submission, tree, measured_at=measured_at)


def page_parts(payload: object) -> tuple[Json, list[Json]]:
    """The submission's fields and the comment things of a comment page. Raises `SourceError`."""
    if not isinstance(payload, list) or len(payload) < 2:
        raise SourceError("this JSON is no Reddit thread: expected the two listings of a page")
    submissions = [data_of(one) for one in children(payload[0]) if one.get("kind") == "t3"]
    if not submissions or not string(submissions[0], "id"):
        raise SourceError("this JSON is no Reddit thread: its first listing has no submission")
    return submissions[0], children(payload[1])


def thread_of(
    fields: Json, tree: CommentTree, *, measured_at: datetime | None, notes: Iterable[str] = ()
) -> Thread:
    """The thread of a submission (its fields) with the comments that `tree` holds."""
    submission = submission_of(fields, measured_at=measured_at or datetime.min.replace(tzinfo=UTC))
    placed = list(tree.comments())
    comments = tuple(found for one in placed if (found := _comment(one, submission.permalink)))
    doubts = [*notes]
    if submission.state is SubmissionState.DELETED:
        doubts.append("its author deleted the submission")
    elif submission.state is SubmissionState.REMOVED:
        doubts.append("moderators removed the submission")
    return Thread(
        kind="reddit",
        id=string(fields, "id"),
        title=submission_title(fields),
        url=submission.permalink,
        link_url=submission.link_url,
        place=submission.place,
        text=submission_text(fields),
        author=submission.author,
        score=submission.score,
        num_comments=submission.num_comments or len(comments),
        created_at=moment(fields, "created_utc"),
        flair=submission.flair,
        traits=submission.traits,
        image_url=image_url(fields),
        comments=comments,
        skipped_deleted=len(placed) - len(comments),
        unread=tree.unread(),
        measured_at=measured_at,
        notes=tuple(doubts),
    )


def _comment(placed: Placed, permalink: str) -> Comment | None:
    """A comment that says something; None for one that was deleted or removed."""
    fields = placed.fields
    if is_gone(string(fields, "body")) or string(fields, "collapsed_reason_code") == "DELETED":
        return None
    text = rich_text(fields, "body_html", "body")
    if not text or is_gone(text):
        return None
    name = author(fields)
    kind, _, parent = string(fields, "parent_id").partition("_")
    own = string(fields, "permalink")
    return Comment(
        id=placed.id,
        text=text,
        parent_id=parent if kind == "t1" else None,
        depth=placed.depth,
        author=name,
        score=None if flag(fields, "score_hidden") else integer(fields, "score"),
        created_at=moment(fields, "created_utc"),
        permalink=SITE + own if own.startswith("/") else f"{permalink}{placed.id}/",
        stickied=flag(fields, "stickied"),
        is_bot=is_bot_name(name),
    )


def is_bot_name(name: str | None) -> bool:
    """Whether an account's name says that no person writes there. Talbot and Abbot are people."""
    if name is None:
        return False
    return name.lower() in _BOTS or _BOT_NAME.fullmatch(name) is not None
