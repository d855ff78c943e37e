"""The sentences chosen from an article."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ArticleSummary
from bot.ports import Article
from bot.summarize.article import SUMMARY_CHARS, choose_sentences, needs_full_text, summarize
from tests.bot.summarize import samples
from tests.conftest import Golden

TITLE = "Tern 2.1 runs on a phone"
WORDS = [
    "the",
    "model",
    "phone.",
    "released",
    "Tern!",
    "2.1",
    "it",
    "costs…",
    "\n",
    "-",
    "`x`",
    "U.S.",
]
WORDS += ["今日", "は。"]
LEAD = "Halden Labs released Tern 2.1, a speech model that runs on a phone without a network."


def article(title: str, text: str) -> Article:
    return Article(
        url="https://example.org/a",
        title=title,
        text=text,
        site="Example",
        published_at=datetime(2026, 11, 3, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("name", "title", "text"),
    [
        ("english", samples.ENGLISH_TITLE, samples.ENGLISH),
        ("german", samples.GERMAN_TITLE, samples.GERMAN),
        ("japanese", samples.JAPANESE_TITLE, samples.JAPANESE),
    ],
)
def test_sample_articles_read_well(name: str, title: str, text: str, golden: Golden) -> None:
    golden(f"summary-{name}.txt", shown(summarize(article(title, text))))


def shown(summary: ArticleSummary) -> str:
    points = "".join(f"\n* {point}" for point in summary.points)
    return f"{summary.title} [{summary.language}]\n\n{summary.summary}\n{points}\n"


def test_summary_carries_what_the_article_says_of_itself() -> None:
    summary = summarize(article(samples.ENGLISH_TITLE, samples.ENGLISH))
    assert (summary.method, summary.model, summary.language) == ("extractive", None, "en")
    assert (summary.site, summary.url) == ("Example", "https://example.org/a")
    assert summary.text == samples.ENGLISH


@pytest.mark.parametrize("text", ["", "  \n", TITLE, f"{TITLE}.", "Comments", "By Jane Doe"])
def test_text_that_says_nothing_has_no_summary(text: str) -> None:
    assert choose_sentences(TITLE, text).summary == ()


def test_one_sentence_is_given_as_it_is() -> None:
    assert choose_sentences(TITLE, LEAD).summary == (LEAD,)


def test_a_short_text_is_given_as_it_is() -> None:
    short = ("Grüße aus Köln.", "Das ist ein Text über Öl.")
    assert choose_sentences("Neues", " ".join(short)).summary == short


def test_of_a_short_text_the_title_is_not_said_again() -> None:
    assert choose_sentences(TITLE, f"{TITLE}. It works.").summary == ()


def test_unended_teaser_is_better_than_nothing() -> None:
    teaser = "A new speech model for phones that needs no network and little memory to speak of"
    assert choose_sentences("Tern", teaser).summary == (teaser,)


@pytest.mark.parametrize(
    "end", ["The weights are open and …", "The weights […]", "The weights are"]
)
def test_half_sentence_is_dropped_beside_a_whole_one(end: str) -> None:
    assert choose_sentences(TITLE, f"{LEAD} {end}").summary == (LEAD,)


def test_cut_teaser_is_given_where_there_is_nothing_else() -> None:
    teaser = "Halden Labs released a speech model that runs on every phone and…"
    assert choose_sentences("Tern", teaser).summary == (teaser,)


def test_post_about_itself_is_passed_over() -> None:
    text = f"In this post we will explore what is new in speech models for phones today. {LEAD}"
    assert choose_sentences(TITLE, text).summary[0] == LEAD


def test_nothing_is_said_twice() -> None:
    again = LEAD.replace("released", "has released")
    assert choose_sentences(TITLE, f"{LEAD}\n{LEAD}\n{again}").summary in ((LEAD,), (again,))


def test_points_do_not_repeat_the_summary() -> None:
    choice = choose_sentences(samples.ENGLISH_TITLE, samples.ENGLISH)
    assert 3 <= len(choice.points) <= 5
    assert not set(choice.points) & set(choice.summary)


def test_code_is_never_quoted() -> None:
    choice = choose_sentences(samples.ENGLISH_TITLE, samples.ENGLISH)
    assert not any("tern.run" in one for one in (*choice.summary, *choice.points))


def test_order_is_the_articles() -> None:
    choice = choose_sentences(samples.ENGLISH_TITLE, samples.ENGLISH)
    for chosen in (choice.summary, choice.points):
        places = [samples.ENGLISH.index(one) for one in chosen]
        assert places == sorted(places)


@given(
    title=st.text(max_size=60),
    words=st.lists(
        st.sampled_from(WORDS),
        max_size=150,
    ),
)
def test_summary_stands_in_the_text_and_keeps_its_length(title: str, words: list[str]) -> None:
    text = " ".join(words)
    choice = choose_sentences(title, text)
    flat = " ".join(text.split())
    assert all(one in flat for one in (*choice.summary, *choice.points))
    assert len(choice.summary) <= 3
    assert len(choice.summary) == 1 or len(" ".join(choice.summary)) <= SUMMARY_CHARS


def test_choice_is_the_same_every_time() -> None:
    first = choose_sentences(samples.ENGLISH_TITLE, samples.ENGLISH)
    assert first == choose_sentences(samples.ENGLISH_TITLE, samples.ENGLISH)


def test_long_texts_are_summarised_in_time() -> None:
    text = "\n\n".join(f"{samples.ENGLISH} Number {n} is new here." for n in range(300))
    started = time.perf_counter()
    assert choose_sentences(samples.ENGLISH_TITLE, text).summary
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "text",
    ["", LEAD, "word " * 200 + "and then…", "word " * 200 + "[…]", "Word. " * 200 + "Read more »"],
)
def test_teasers_need_the_page(text: str) -> None:
    assert needs_full_text(text)


def test_full_texts_do_not_need_the_page() -> None:
    assert not needs_full_text(samples.ENGLISH)
