"""A discussion's post: nothing that was not in the summary, each share and speaker where it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Heading, Link, Paragraph, PointOfView, Post, Quote, Text
from bot.posts.markdown import render_markdown
from bot.posts.plain import render_plain
from bot.posts.safety import safe_url
from bot.posts.thread import coverage_text, emotion_text, note_text, thread_post
from bot.posts.words import words_for
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import discussion, dump, quiet_thread

EN, DE = words_for("en"), words_for("de")


def shown(post: Post) -> str:
    return render_plain(post, width=None)


def links(post: Post) -> list[str]:
    spans = [one for block in post.blocks if isinstance(block, Paragraph) for one in block.spans]
    return [span.url for span in spans if isinstance(span, Link)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "17 of 17 comments; skipped 3 deleted, 1 bot"),
        ({"skipped_deleted": 0, "skipped_bots": 0, "num_comments": 17}, "17 of 17 comments"),
        ({"comments_read": 9}, "9 of 17 comments; skipped 3 deleted, 1 bot"),
        ({"num_comments": 3_021}, "17 of 3,017 comments; skipped 3 deleted, 1 bot"),
        ({"num_comments": 0}, "17 of 17 comments; skipped 3 deleted, 1 bot"),
    ],
)
def test_coverage_says_how_much_was_read(changes: dict[str, object], expected: str) -> None:
    assert coverage_text(discussion(**changes), EN) == expected


def test_the_mood_has_its_counts() -> None:
    mood = discussion().emotion
    assert emotion_text(mood, EN) == "Mostly Positive: 9 positive, 6 neutral, 2 negative"
    assert emotion_text(mood, DE) == "Überwiegend positiv: 9 positiv, 6 neutral, 2 negativ"


def test_where_nobody_speaks_there_is_no_mood() -> None:
    nobody = discussion().emotion.model_copy(update={"positive": 0, "neutral": 0, "negative": 0})
    assert emotion_text(nobody, EN) == "too few comments to tell"


def test_a_share_counts_people_where_they_are_known_and_comments_where_not() -> None:
    assert "(5 of 17 commenters)" in shown(thread_post(discussion()))
    assert "(9 of 1,203 comments)" in shown(thread_post(dump()))


def test_a_quote_stands_word_for_word_with_who_said_it_and_where() -> None:
    quotes = [block for block in thread_post(discussion()).blocks if isinstance(block, Quote)]
    point = discussion().points[0]
    assert quotes == [Quote(text=point.quote, author=point.quote_author, url=point.quote_url)]


def test_a_point_in_its_quotes_own_words_is_told_once() -> None:
    assert shown(thread_post(dump())).count("im Sturm nicht") == 1


def test_comments_are_named_by_number_where_they_have_no_address() -> None:
    text = shown(thread_post(dump()))
    assert "comment 7" in text
    assert "comments 3, 5, 7, 9, 11, 13, 15, 17, 3 more" in text
    assert "Note: order and votes unknown" in text


def test_no_points_are_made_up() -> None:
    post = thread_post(quiet_thread())
    assert shown(post).count("too few comments to tell") == 1
    assert not [block for block in post.blocks if isinstance(block, Quote)]
    bare = thread_post(quiet_thread().model_copy(update={"notes": ()}))
    assert "too few comments to tell" in shown(bare)


def test_only_safe_links_are_links() -> None:
    assert all(
        url.startswith("https://www.reddit.com/") for url in links(thread_post(discussion()))
    )


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("order and votes unknown", "Reihenfolge und Bewertungen unbekannt"),
        ("that a thread begins at “[D] On kites” is a guess",
         "dass eine Diskussion beginnt bei “[D] On kites” ist geraten"),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_notes_are_in_the_readers_language(note: str, expected: str) -> None:
    assert note_text(note, DE) == expected
    assert note_text(note, EN) == note


points = st.builds(
    PointOfView,
    text=texts,
    share=st.floats(0, 1),
    supporters=st.integers(0, 9),
    of=st.integers(0, 9),
    citations=st.lists(texts, max_size=12).map(tuple),
    quote=texts,
    quote_id=texts,
    quote_author=st.none() | texts,
    quote_url=st.none() | urls,
    links=st.lists(urls, max_size=3).map(tuple),
)


@given(st.lists(points, max_size=3).map(tuple), texts, st.none() | urls)
def test_hostile_summaries_stay_data(
    found: tuple[PointOfView, ...], title: str, url: str | None
) -> None:
    summary = discussion(points=found, title=title, url=url, summary=title, notes=(title,))
    post = thread_post(summary)
    allowed = {one for point in found for one in (*point.links, point.quote_url)}
    assert set(links(post)) <= allowed
    assert all(safe_url(one) for one in links(post))
    assert [block.text for block in post.blocks if isinstance(block, Heading)] == [
        EN.points_of_view
    ]
    assert render_markdown(post)
    assert isinstance(post.fields[-1].spans[0], Text)
