"""Which comment adds most to a post: informative, well received, and no joke."""

from __future__ import annotations

import math
import re

from bot.summarize.words import content_words, overlap
from bot.thread_model import Comment, Thread

LEAST_WORDS = 20
ENOUGH_WORDS = 80

_JOKE = re.compile(
    r"\b(?:lol|lmao|rofl|haha\w*|this\.?$|username checks out|came here to say|/s\b|r/\w+irl)|"
    r"^[^.!?]{0,60}!+$|[\U0001f600-\U0001f64f]{2}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^(?:thanks?|thank you|congrat\w*|nice|great|awesome|cool|amazing|following|same here)\b",
    re.IGNORECASE,
)
_SUBSTANCE = re.compile(
    r"\d|https?://|```|\b(?:because|for example|e\.g\.|however|in practice)\b", re.I
)


def best_comment(thread: Thread) -> Comment | None:
    """The comment with most to add; None where none has anything."""
    words = content_words(f"{thread.title} {thread.text}")
    top = max((comment.score or 0 for comment in thread.comments), default=0)
    worth = [
        (_worth(comment, words, top), -number, comment)
        for number, comment in enumerate(thread.comments)
        if _counts(comment, thread)
    ]
    best = max(worth, default=None, key=lambda one: one[:2])
    return best[2] if best and best[0] > 0 else None


def _counts(comment: Comment, thread: Thread) -> bool:
    """Whether it may be chosen at all: by somebody else, no bot, long enough to inform."""
    is_own = comment.author is not None and comment.author == thread.author
    size = len(comment.text.split())
    return not (comment.is_bot or comment.stickied or is_own) and size >= LEAST_WORDS


def _worth(comment: Comment, post_words: frozenset[str], top_score: int) -> float:
    """From its substance, how new it is beside the post, and how it was received."""
    text = comment.text
    words = content_words(text)
    size = len(text.split())
    length = min(1.0, math.log1p(size) / math.log1p(ENOUGH_WORDS))
    related = overlap(words, post_words)
    novelty = len(words - post_words) / max(1, len(words))
    score = max(comment.score or 0, 0)
    received = math.log1p(score) / math.log1p(top_score) if top_score > 0 else 0.0
    substance = min(3, len(_SUBSTANCE.findall(text))) / 3
    worth = (
        0.8 * length + 0.8 * received + 0.5 * substance + 0.4 * novelty + 0.8 * min(related, 0.3)
    )
    if _JOKE.search(text) or _THANKS.match(text):
        worth -= 1.0
    if text.rstrip().endswith("?") and size < ENOUGH_WORDS:
        worth -= 0.5
    if (comment.score or 0) < 0:
        worth -= 1.5
    return worth - 0.1 * comment.depth
