"""Discussions written for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from bot.thread_model import Comment, Thread

START = datetime(2026, 11, 1, tzinfo=UTC)
VOCABULARY = (
    "reviewers papers benchmark training tokens hardware licence dataset funding students latency"
    " compiler scheduler kernel safety audit policy energy retrieval memory cluster gradient"
)
WORDS = VOCABULARY.split()


def a_comment(at: int, text: str, *, parent: str | None = None, author: str | None = "") -> Comment:
    """Written `at` minutes after the thread's start, by its own author unless told."""
    return Comment(
        id=f"c{at}",
        text=text,
        parent_id=parent,
        depth=0 if parent is None else 1,
        author=f"person-{at}" if author == "" else author,
        score=at % 17,
        created_at=START + timedelta(minutes=at),
        permalink=f"https://forum.example/c{at}",
    )


def a_tree(comments: int, *, seed: int = 1, words: int = 30) -> Thread:
    """A discussion in which every comment says something else."""
    random = Random(seed)
    found: list[Comment] = []
    for at in range(comments):
        said = " ".join(random.choices(WORDS, k=words))
        parent = random.choice(found).id if found and random.random() < 0.6 else None
        found.append(a_comment(at, f"I think item{at} matters: {said}.", parent=parent))
    return a_thread(*found)


def a_thread(*comments: Comment, text: str = "What do you make of the new benchmark?") -> Thread:
    return Thread(
        kind="reddit",
        id="t1",
        title="A new benchmark for reviewers",
        url="https://forum.example/t1",
        text=text,
        score=10,
        num_comments=len(comments),
        comments=comments,
    )
