"""Posted stories whose discussion has grown notably are edited, a few times and while it is news.

Notably: the score or the comments at least doubled since the post was written or last edited, by
`LEAST_GROWTH` or more. Less tells nobody anything; and Discord takes few edits of older posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Delivery, Post
from bot.store import edits, submissions
from bot.store.database import Connection
from bot.thread_model import Submission, SubmissionState

LEAST_GROWTH = 50
MOST_EDITS = 5  # of a post for whatever reason; after that its numbers stay
GROWS_WITHIN = timedelta(hours=24)


def note_growth(connection: Connection, entry_ids: Sequence[int], now: datetime) -> int:
    """Have the posts edited whose entries were measured again and have grown; returns how many.

    Runs in the transaction that stores the new measures.
    """
    posted = edits.discussed(connection, entry_ids, since=now - GROWS_WITHIN, most_edits=MOST_EDITS)
    story_ids = [delivery.story_id for delivery in posted if delivery.story_id is not None]
    measured = submissions.of_stories(connection, list(dict.fromkeys(story_ids)))
    grown = 0
    for delivery in posted:
        submission = measured.get(delivery.story_id or 0)
        reason = _growth(delivery, submission) if submission is not None else ""
        if reason:
            edits.mark_due(connection, delivery.id, reason, now)
            grown += 1
    return grown


def _growth(delivery: Delivery, submission: Submission) -> str:
    """What has grown since the post was written, as a sentence; empty where nothing notable has."""
    if delivery.payload is None or submission.state is not SubmissionState.LIVE:
        return ""
    shown = Post.model_validate_json(delivery.payload)
    if has_grown(shown.score, submission.score):
        return f"its score rose from {shown.score or 0} to {submission.score}"
    if has_grown(shown.num_comments, submission.num_comments):
        return f"its comments grew from {shown.num_comments or 0} to {submission.num_comments}"
    return ""


def has_grown(shown: int | None, measured: int | None) -> bool:
    """Whether a reader would want to know the new number. What a feed did not know counts as 0."""
    before, after = max(shown or 0, 0), measured or 0
    return after >= 2 * before and after - before >= LEAST_GROWTH
