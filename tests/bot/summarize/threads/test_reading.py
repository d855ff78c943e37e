"""What a comment itself says, and which comments say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summarize.threads.reading import (
    find_verbatim,
    is_bot_text,
    own_sentences,
    read_thread,
    readable,
)
from bot.thread_model import Comment, Thread


def test_quoted_lines_and_signatures_are_left_out() -> None:
    text = "> Is it fast?\n\nIt is fast on my machine.\n\nCheers,\nBob\nACME Inc"
    assert own_sentences(text) == ("It is fast on my machine.",)


def test_mail_run_together_on_one_line_is_read() -> None:
    text = (
        "Hi Ann,      > Which parser   > should we use?      The new parser is a better choice, "
        "as it reads   broken pages as well.      Regards,   Bob"
    )
    assert own_sentences(text) == (
        "The new parser is a better choice, as it reads broken pages as well.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "I am a bot, and this action was performed automatically.",
        "^(I'm a bot) beep boop",
        "RemindMe! 2 days",
        "u/savevideo",
    ],
)
def test_bots_and_calls_for_them_are_known(text: str) -> None:
    assert is_bot_text(text)


def test_talk_about_bots_is_no_bot() -> None:
    assert not is_bot_text("Half of these reviews were written by a bot, I am sure of it.")


@pytest.mark.parametrize("text", ["[deleted]", "[removed]", "nan", "&#x200B;", "Lol", "haha nice"])
def test_comments_without_a_word_to_weigh_are_no_remarks(text: str) -> None:
    thread = Thread(kind="dump", id="t", title="T", comments=(Comment(id="1", text=text),))
    assert read_thread(thread).remarks == ()


def test_markup_is_taken_from_around_words() -> None:
    shown = readable("See **the** [paper](https://x.example/a_(b)) on _gradient_descent_.")
    assert shown == "See the paper on gradient_descent."


def test_verbatim_is_the_source_with_its_white_space() -> None:
    assert find_verbatim("two words here", "so: two   words\nhere!") == "two   words\nhere"
    assert find_verbatim("two words there", "two words here") is None


@given(st.text(max_size=300))
def test_every_sentence_stands_in_its_comment(text: str) -> None:
    words = "".join(text.split())
    for sentence in own_sentences(text):
        assert "".join(sentence.split()) in words or "&#" in text or "\u200b" in text
