"""The offline thread summary: everything in it stands in the thread, every share is a count."""

from __future__ import annotations

import pickle
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.summarize.threads.extractive import TOO_FEW, summarize_thread
from bot.summarize.threads.reading import readable
from bot.thread_model import Comment, Thread

COST = [
    "Running the new model at home costs more electricity than the whole subscription.",
    "The electricity alone costs more than a subscription, so running it at home is no saving.",
    "I did the maths: electricity and hardware at home costs double the subscription.",
    "Nobody counts the electricity, and at home it costs real money.",
]
PRIVACY = [
    "For hospitals privacy decides everything, patient records must never leave the building.",
    "Privacy matters most to us, our patient records stay inside the building.",
    "Patient records and privacy rules make any hosted service impossible.",
]
SMALL_TALK = ["Lol", "[deleted]", "This.", "nice", "haha yes"]


def thread_of(texts: list[str], authors: list[str | None] | None = None, **more: str) -> Thread:
    named = authors or [f"user{at}" for at in range(len(texts))]
    comments = tuple(
        Comment(
            id=f"c{at}",
            text=text,
            author=named[at],
            permalink=f"https://forum.example/c{at}",
        )
        for at, text in enumerate(texts)
    )
    return Thread(
        kind="reddit",
        id="t",
        title=more.get("title", "Should we run models locally?"),
        text=more.get("text", ""),
        num_comments=len(texts),
        comments=comments,
    )


def test_largest_views_are_found_with_everyone_who_holds_them() -> None:
    summary = summarize_thread(thread_of(COST + PRIVACY + SMALL_TALK))
    first, second = summary.points[:2]
    assert set(first.citations) == {"c0", "c1", "c2", "c3"}
    assert set(second.citations) == {"c4", "c5", "c6"}
    assert (first.supporters, first.of) == (4, 7)


def test_who_says_it_twice_counts_once() -> None:
    authors = ["ann", "ann", "bob", "cy", "dee", "eve", "fay"]
    summary = summarize_thread(thread_of(COST + PRIVACY, [*authors]))
    by_citations = {point.citations: point for point in summary.points}
    assert by_citations["c0", "c1", "c2", "c3"].supporters == 3
    assert by_citations["c0", "c1", "c2", "c3"].of == 6


def test_small_talk_is_neither_counted_nor_quoted() -> None:
    summary = summarize_thread(thread_of(SMALL_TALK * 5))
    assert summary.points == ()
    assert summary.emotion.neutral + summary.emotion.negative == 0


def test_applause_tells_a_mood_and_no_view() -> None:
    summary = summarize_thread(thread_of(["Amazing!", "Thank you", "Lol", "lovely"]))
    assert (summary.emotion.positive, summary.points) == (3, ())


def test_small_circle_hears_lone_views_and_says_that_they_are() -> None:
    views = [COST[0], PRIVACY[0], "A rented model is always better than one that nobody updates."]
    summary = summarize_thread(thread_of(views))
    assert {point.quote for point in summary.points} == set(views)
    assert all((point.supporters, point.of) == (1, 3) for point in summary.points)


def test_crowd_has_no_point_that_one_person_holds() -> None:
    texts = [
        f"Number{at} zebra{at} quilt{at} is better than lamp{at} vase{at}." for at in range(60)
    ]
    assert all(point.supporters >= 3 for point in summarize_thread(thread_of(texts)).points)


def test_comment_listed_twice_counts_once() -> None:
    thread = thread_of(COST + PRIVACY)
    twice = replace(thread, comments=(*thread.comments, *thread.comments))
    assert summarize_thread(twice).points == summarize_thread(thread).points


def test_hostile_markup_takes_no_long_time() -> None:
    texts = ["*a " * 4_000, "[x](" * 3_000, "_^~~" * 3_000, "> " * 5_000, "(" * 9_000, "a." * 6_000]
    started = time.process_time()
    summarize_thread(thread_of(texts))
    assert time.process_time() - started < 2


def test_too_few_comments_have_no_points_and_say_so() -> None:
    summary = summarize_thread(thread_of(COST[:2]))
    assert summary.points == ()
    assert TOO_FEW in summary.notes


def test_bots_are_skipped_and_counted() -> None:
    bot = "^(I am a bot, and this action was performed automatically. Contact the moderators.)"
    summary = summarize_thread(thread_of([*COST, bot, "RemindMe! 3 days"]))
    assert summary.skipped_bots == 2
    assert summary.comments_read == 4
    assert "bot" not in summary.summary


def test_quoted_lines_are_not_what_a_comment_says() -> None:
    quoting = f"> {PRIVACY[0]}\n\nThat rule is older than the internet and nobody enforces it."
    summary = summarize_thread(thread_of([*COST, *PRIVACY[1:], quoting]))
    assert all(point.quote_id != "c6" or "Privacy" not in point.quote for point in summary.points)


def test_opening_comes_from_the_submission() -> None:
    text = "Our team moved a translation service from a hosted model to two old graphics cards."
    summary = summarize_thread(thread_of(COST + PRIVACY, text=text))
    assert "moved a translation service" in summary.summary


def test_summary_fits_a_chat_message() -> None:
    long = [f"{text} " * 9 for text in COST + PRIVACY]
    assert len(summarize_thread(thread_of(long)).summary) <= 700


def test_thread_and_summary_travel_to_a_worker_process() -> None:
    thread = pickle.loads(pickle.dumps(thread_of(COST + PRIVACY)))
    summary = summarize_thread(thread)
    assert pickle.loads(pickle.dumps(summary)) == summary


@pytest.mark.parametrize(
    "texts",
    [
        ["Das Modell ist schnell, aber die Lizenz verbietet den Einsatz in der Firma."] * 3
        + ["Die Lizenz verbietet uns leider jeden Einsatz in der Firma."] * 2,
        ["这个模型的速度很快，但是许可证不允许商业使用。"] * 4,
        ["الترخيص لا يسمح بالاستخدام التجاري لهذا النموذج."] * 4,
    ],
    ids=["german", "chinese", "arabic"],
)
def test_other_languages_are_summarized_in_their_own_words(texts: list[str]) -> None:
    summary = summarize_thread(thread_of(texts, title="?"))
    assert readable(texts[0])[:10] in summary.summary
    assert "says" not in summary.summary


WORDS = st.sampled_from(
    [
        *(word for text in COST + PRIVACY for word in text.split()),
        *("lol", "**bold**", "[link](https://x.example/y)", "> quoted", "&#x200B;", "\n", "\n\n"),
        *("https://a.example", "- item", "许可证", "نموذج", "😀", "better?", "worse.", "I agree"),
    ]
)
COMMENTS = st.lists(
    st.one_of(st.lists(WORDS, max_size=40).map(" ".join), st.text(max_size=120)), max_size=25
)


@settings(max_examples=60, deadline=None)
@given(texts=COMMENTS, title=st.text(max_size=30), text=st.text(max_size=80))
def test_every_claim_is_borne_out_by_the_thread(texts: list[str], title: str, text: str) -> None:
    names = ["ann", "bob", None, "cy"]
    thread = thread_of(texts, [names[at % 4] for at in range(len(texts))], title=title, text=text)
    summary = summarize_thread(thread)
    by_id = {comment.id: comment for comment in thread.comments}
    for point in summary.points:
        assert point.quote in by_id[point.quote_id].text
        assert point.quote_id in point.citations
        assert set(point.citations) <= set(by_id)
        assert 1 <= point.supporters <= point.of <= summary.comments_read
        assert point.share == point.supporters / point.of
    assert len(summary.points) <= 3
    assert set(summary.summary_citations) <= set(by_id)
    addresses = [by_id[one].permalink for one in summary.summary_citations]
    assert list(summary.summary_links) == [one for one in addresses if one][:3]
    assert summarize_thread(thread) == summary
