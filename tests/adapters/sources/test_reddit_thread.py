"""Reddit's comment pages become threads: whole, in order, without what was deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.reddit_thread import is_bot_name, thread_from_json
from adapters.sources.reddit_tree import CommentTree
from bot.errors import SourceError
from bot.thread_model import Trait
from tests.shared_data import SHARED, needs_shared
from tests.sims.reddit_things import comment, link, more, page, submission

RECORDED = SHARED / "data" / "reddit"


def test_comments_come_in_order_with_their_depth() -> None:
    nested = comment("b", "t1_a", replies=[comment("c", "t1_b")])
    thread = thread_from_json(
        page(submission("s1"), [comment("a", "t3_s1", replies=[nested]), comment("d", "t3_s1")])
    )
    assert [(one.id, one.depth, one.parent_id) for one in thread.comments] == [
        ("a", 0, None),
        ("b", 1, "a"),
        ("c", 2, "b"),
        ("d", 0, None),
    ]


@pytest.mark.parametrize(
    "gone",
    [
        {"body": "[deleted]", "author": "[deleted]"},
        {"body": "[removed]"},
        {"body": "[ Removed by Reddit ]"},
        {"body": "Comment deleted by user"},
        {"body": "", "collapsed_reason_code": "DELETED"},
    ],
    ids=lambda gone: gone["body"] or "reason code",
)
def test_deleted_comments_never_appear_and_their_answers_stay(gone: dict[str, Any]) -> None:
    fields = {"author": "somebody", "body_html": f"<p>{gone['body']}</p>"} | gone
    body = fields.pop("body")
    reply = comment("b", "t1_a", "Still here.")
    thread = thread_from_json(
        page(submission("s1"), [comment("a", "t3_s1", body, replies=[reply], **fields)])
    )
    assert [(one.id, one.depth, one.text) for one in thread.comments] == [("b", 1, "Still here.")]
    assert thread.skipped_deleted == 1


def test_a_comment_of_an_account_that_is_gone_stays_without_a_name() -> None:
    thread = thread_from_json(page(submission("s1"), [comment("a", "t3_s1", author="[deleted]")]))
    assert thread.comments[0].author is None


def test_what_a_comment_quotes_is_marked_as_not_its_own() -> None:
    answer = comment("a", "t3_s1", "> It is proven.\n\nIt is not.")
    thread = thread_from_json(page(submission("s1"), [answer]))
    assert thread.comments[0].text == "> It is proven.\n\nIt is not."


def test_an_escaped_body_reads_like_a_plain_one() -> None:
    body = escape('<div class="md"><p>R&amp;D &lt; 3</p></div>')
    saved = comment("a", "t3_s1", "R&amp;D &lt; 3", body_html=body)
    assert thread_from_json(page(submission("s1"), [saved])).comments[0].text == "R&D < 3"


def test_a_hidden_score_is_unknown() -> None:
    thread = thread_from_json(page(submission("s1"), [comment("a", "t3_s1", score_hidden=True)]))
    assert thread.comments[0].score is None


def test_what_the_page_left_out_is_counted() -> None:
    things = [comment("a", "t3_s1", replies=[more("t1_a", [])]), more("t3_s1", ["x", "y"], count=7)]
    assert thread_from_json(page(submission("s1"), things)).unread == 8


def test_a_link_names_both_addresses() -> None:
    head = link("s1", "A paper", "https://example.org/paper.pdf", over_18=True)
    thread = thread_from_json(page(head, []), measured_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert thread.url == "https://www.reddit.com/r/sample/comments/s1/a_title/"
    assert thread.link_url == "https://example.org/paper.pdf"
    assert thread.traits == (Trait.NSFW, Trait.LINK)


def test_a_deleted_submission_has_no_text_and_says_so() -> None:
    head = submission("s1", selftext="[deleted]", author="[deleted]")
    thread = thread_from_json(page(head, [comment("a", "t3_s1")]))
    assert (thread.text, thread.author) == ("", None)
    assert thread.notes == ("its author deleted the submission",)


@pytest.mark.parametrize("payload", [None, {}, [], [{}, {}], {"kind": "Listing"}, [1, 2], "x"])
def test_other_json_is_refused(payload: object) -> None:
    with pytest.raises(SourceError, match="no Reddit thread"):
        thread_from_json(payload)


@pytest.mark.parametrize(
    ("name", "is_bot"),
    [
        ("AutoModerator", True),
        ("RemindMeBot", True),
        ("summary-bot", True),
        ("haiku_bot2", True),
        ("Talbot", False),
        ("abbot", False),
        ("THE_GREAT_SHAZBOT", False),
        (None, False),
    ],
)
def test_bots_are_known_by_name(name: str | None, is_bot: bool) -> None:
    assert is_bot_name(name) is is_bot


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.randoms())))
def test_order_does_not_depend_on_the_order_of_answers(case: tuple[int, Any]) -> None:
    count, rng = case
    parents = {str(n): f"t1_{rng.randrange(n)}" if n and rng.random() < 0.7 else "t3_s1"
               for n in range(count)}  # fmt: skip
    whole = CommentTree()
    whole.add(comment(one, parents[one]) for one in parents)
    pieces = CommentTree()
    for parent in dict.fromkeys(parents.values()):
        pieces.add([more(parent, [one for one in parents if parents[one] == parent])])
    late = list(parents)
    rng.shuffle(late)
    for one in late:
        pieces.add([comment(one, parents[one])])
    assert [one[:2] for one in pieces.comments()] == [one[:2] for one in whole.comments()]
    assert pieces.unread() == 0


def test_a_very_deep_tree_is_read() -> None:
    tree = CommentTree()
    tree.add(comment(str(n), f"t1_{n - 1}" if n else "t3_s1") for n in range(5_000))
    assert max(one.depth for one in tree.comments()) == 4_999


@needs_shared
@pytest.mark.parametrize(
    ("name", "loaded"),
    [
        ("threads/sticky-2.json", 114),
        ("threads/refresh__twice-2.json", 10),
        ("threads/refresh__removed_comment-2.json", 200),
        ("threads/comments__continue_thread_type-2.json", 476),
        ("threads/replace__on_direct_comment-2.json", 145),
    ],
)
def test_recorded_pages_are_read_whole(name: str, loaded: int) -> None:
    thread = thread_from_json(json.loads((RECORDED / name).read_text())["body"])
    assert len(thread.comments) + thread.skipped_deleted == loaded
    depth = {one.id: one.depth for one in thread.comments}
    assert all(depth.get(one.parent_id or "", one.depth - 1) == one.depth - 1
               for one in thread.comments)  # fmt: skip
