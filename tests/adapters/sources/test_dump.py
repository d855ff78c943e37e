"""Dumps become threads: titles, bodies, numbered comments, nothing lost, doubts said."""

from __future__ import annotations

import json
import time
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.dump import BODY_IS_GUESSED, find_threads, split_thread, threads_from_dump
from adapters.sources.dump_comments import JOIN, split_comments, split_post
from bot.thread_model import ORDER_UNKNOWN, Thread
from tests.shared_data import SHARED, needs_shared

TREES = "[D] Are trees overrated?. nan. They beat nets on tables.. Not on mine!. [deleted]. Why?"
SAILS = "[P] A kite that tows ships. nan. I love it.. [removed]. Who steers it?"

pieces = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            [
                ". ",
                ". nan",
                ". nan. ",
                "[D] ",
                "[removed]",
                "[deleted]",
                "lolThe",
                "nan",
                "‚Äô",
                "\n",
            ]
        ),
    ),
    max_size=25,
).map("".join)


def _only(text: str) -> Thread:
    (thread,) = threads_from_dump(text)
    return thread


def test_a_thread_has_title_and_numbered_comments() -> None:
    thread = _only(TREES)
    assert thread.title == "[D] Are trees overrated?"
    assert thread.text == ""
    assert [(one.id, one.text) for one in thread.comments] == [
        ("1", "They beat nets on tables."),
        ("2", "Not on mine!"),
        ("4", "Why?"),
    ]
    assert (thread.num_comments, thread.skipped_deleted) == (4, 1)
    assert thread.notes == (ORDER_UNKNOWN,)


def test_nobody_is_made_up() -> None:
    thread = _only(TREES)
    assert (thread.url, thread.score, thread.author, thread.measured_at) == (None,) * 4
    assert {(one.author, one.score, one.permalink) for one in thread.comments} == {(None,) * 3}


@pytest.mark.parametrize(
    "seam",
    [
        pytest.param("So it is an indictment.", id="behind a full stop"),
        pytest.param("That is how it goes", id="behind a word"),
        pytest.param("[removed]", id="behind a removed comment"),
    ],
)
def test_threads_joined_by_nothing_are_parted_at_the_tag(seam: str) -> None:
    found = threads_from_dump(f"{TREES}. {seam}{SAILS}")
    assert [one.title for one in found] == [
        "[D] Are trees overrated?",
        "[P] A kite that tows ships",
    ]
    assert [len(one.comments) for one in found] == [3 + (seam != "[removed]"), 2]
    assert not [note for one in found for note in one.notes if note != ORDER_UNKNOWN]


@pytest.mark.parametrize(
    ("before", "title"),
    [
        pytest.param("[removed]", "no tag at all", id="removed"),
        pytest.param(
            "This is the answer, if I had any lol", "The joy of it", id="two words in one"
        ),
        pytest.param("I like YouTube and it ends.", "A new start", id="full stop without a space"),
    ],
)
def test_a_title_without_tag_is_found_by_its_seam(before: str, title: str) -> None:
    text = f"{TREES}. lol what. The answer is. {before}{title}. nan. Good news"
    assert [one.title for one in threads_from_dump(text)] == ["[D] Are trees overrated?", title]


def test_a_tag_without_the_mark_of_a_body_is_a_border_and_a_doubt() -> None:
    text = f"{TREES}. It ends[D] On kites. I wrote this post. About kites!. Nice one"
    first, second = threads_from_dump(text)
    assert first.notes == (ORDER_UNKNOWN,)
    assert second.text == "I wrote this post. About kites!"
    assert [one.text for one in second.comments] == ["Nice one"]
    assert "[D] On kites" in second.notes[1]
    assert second.notes[1].endswith("is a guess")
    assert second.notes[2] == BODY_IS_GUESSED


def test_a_comment_that_says_nan_is_no_border_but_a_doubt() -> None:
    text = TREES + ". The mean was wrong. nan. And then it worked"
    thread = _only(text)
    assert len(thread.notes) == 2
    assert "The mean was wrong" in thread.notes[1]


def test_a_bracket_in_the_text_is_no_seam() -> None:
    text = TREES + ". See [D] in the list, x[P] = 1 and [this](https://a.example/[N] x)"
    assert len(threads_from_dump(text)) == 1


@pytest.mark.parametrize(
    "title", ["GPT-3 vs. BERT", "What would Dr. Strange do?", "Why [P] and [R] [N]", "Ende?"]
)
def test_a_title_is_kept_whole(title: str) -> None:
    assert _only(f"{title}. nan. A comment").title == title
    assert _only(f"{title}. The post says this.. A comment").title == title


@pytest.mark.parametrize("body", ["nan", "[removed]", "[deleted]", ""])
def test_a_missing_body_is_no_text_and_no_comment(body: str) -> None:
    thread = _only(f"On kites. {body}. One comment. [deleted]")
    assert thread.text == ""
    assert [one.id for one in thread.comments] == ["1"]
    assert thread.skipped_deleted == 1


def test_what_is_no_opinion_is_no_comment() -> None:
    text = "T. nan. Lol. &#x200B;. Haha 😂. u/savevideo. [ Removed by Reddit ]. I think&#32;so. 👍"
    thread = _only(text)
    assert [(one.text, one.is_bot) for one in thread.comments] == [
        ("u/savevideo", True),
        ("I think so", False),
    ]
    assert thread.skipped_deleted == 1


@pytest.mark.parametrize(
    "text", ["", "  \n ", ". ", ". nan", "nan. nan. nan", "[D]", "]", "\ufeff"]
)
def test_next_to_nothing_is_survived(text: str) -> None:
    assert all(len(one.comments) <= 1 for one in threads_from_dump(text))


@given(pieces)
def test_threads_joined_are_the_text(text: str) -> None:
    assert "".join(one.text for one in find_threads(text)) == text


@given(st.lists(pieces, min_size=1, max_size=6))
def test_comments_joined_are_what_stood_there(comments: list[str]) -> None:
    run = JOIN.join(comments)
    assert JOIN.join(split_comments(run)) == run
    title, body, found = split_thread(f"On kites. nan. {run}")
    assert (title, body) == ("On kites", "")
    assert JOIN.join(found) == (run if run.strip(". \n") else "")


@given(st.lists(pieces, min_size=1, max_size=6))
def test_a_post_and_its_comments_joined_are_what_stood_there(comments: list[str]) -> None:
    run = JOIN.join(["I wrote this", *comments])
    body, rest = split_post(run)
    assert run in (JOIN.join([body, rest]), body)


@given(pieces)
def test_any_text_is_read(text: str) -> None:
    for thread in threads_from_dump(text):
        ids = [int(one.id) for one in thread.comments]
        assert ids == sorted(set(ids))
        assert thread.num_comments == len(thread.comments) + thread.skipped_deleted
        assert all(one.text.strip() for one in thread.comments)


@pytest.mark.parametrize(
    "unit", ["nan. ", "[D] a", ". ", "a.B", ". nan. [D] foo", "u/", "ha", "‚Äôé "]
)
def test_a_hundred_kilobytes_of_marks_are_read_in_time(unit: str) -> None:
    began = time.process_time()
    threads_from_dump(unit * (100_000 // len(unit)))
    assert time.process_time() - began < 2


@needs_shared
def test_the_sample_falls_into_its_ten_threads() -> None:
    folder = SHARED / "data" / "threads"
    known = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*thread-*.json"))]
    exact = [path.read_bytes().decode() for path in sorted(folder.glob("*.exact.txt"))]
    text = "".join(one["raw_text"] for one in known)
    threads = threads_from_dump(text)
    assert [one.title for one in threads] == [one["title"] for one in known]
    starts = [one.start for one in find_threads("".join(exact))]
    assert starts == [0, *accumulate(map(len, exact[:-1]))]
    for thread, truth in zip(threads, exact, strict=True):
        assert thread.skipped_deleted >= (truth.count("[deleted]") + truth.count("[removed]")) * 0.9
        assert all(one.text in truth or "&" in truth for one in thread.comments)
    assert sum(len(one.text) > 0 for one in threads) == 1


@pytest.mark.parametrize(
    "said",
    [
        "Someone has linked to this thread from another place on reddit:\n\n- [x](https://a.example)",
        "I will be messaging you in 3 days on [**2026-01-01**](https://a.example)",
        "Hello!\n\n^^I'm ^^new | [^^Code](https://github.com/ann/kite-bot)",
        "*beep. boop.* Links below",
        "Hello! |[^(Info)](https://a.example/RemindMeBot/e1)|[^(Custom)](https://a.example/x)|\n|-|-|",
        "!RemindMe 12 hours",
    ],
)
def test_bots_take_nobody_along(said: str) -> None:
    thread = _only(f"On kites. nan. I like them.. {said}. They like me")
    told = [(one.text, one.is_bot) for one in thread.comments]
    assert told[0] == ("I like them.", False)
    assert told[1][1]


@pytest.mark.parametrize(
    "said",
    [
        "I wrote https://github.com/ann/kite-bot for that (it works)",
        "My code: [here](https://github.com/ann/kites)",
        "I am not a bot, I am a person",
        "They linked to this thread, see https://a.example/r/botany",
    ],
)
def test_people_who_speak_of_bots_are_none(said: str) -> None:
    assert not _only(f"On kites. nan. {said}").comments[0].is_bot
