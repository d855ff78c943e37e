"""Numbers, names and links that the source does not have are found; those it has are let be."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summarize.verify import MAX_CLAIM, clean_claim, faults_in, foreign_links

SOURCE = (
    "Yann LeCun was at Bell Labs in 1993. I don't think it's fair; **10-15%** of CS students are"
    " women. We paid $30M for 16 GB, 2,500 GPUs and three engineers at NeurIPS, -5 degrees."
    " GPT-4o beats it by 1.5x. Machine learning is hard. See https://www.mobi.example/a/b or"
    " [this](https://en.wiki.example/X_(Y)). u/someguy said so."
)


@pytest.mark.parametrize(
    "claim",
    [
        "LeCun worked at Bell Labs in 1993.",
        "Commenters say three engineers were paid $30 million.",
        "They paid 30 million dollars for engineers.",
        "Between 10% and 15 percent of the students are women.",
        "Two camps argue whether it is fair to women.",
        "The students used 2500 GPUs and 16GB.",
        "ML is hard, and GPT-4o beats the engineers.",
        "One commenter finds the students fair.",
        "Engineers point to mobi.example and https://mobi.example/a/b for students.",
        "Students link https://en.wiki.example/X_(Y) to engineers.",
        "Many Users Think The Students Are Fair To Women",
        "u/someguy said that students are fair.",
    ],
)
def test_what_the_source_says_passes(claim: str) -> None:
    assert faults_in(claim, SOURCE) == []


@pytest.mark.parametrize(
    ("claim", "named"),
    [
        ("LeCun worked at Bell Labs in 1994.", "1994"),
        ("About 12% of the students are women.", "12%"),
        ("Exactly 10 dollars of students are women.", "10 dollars"),
        ("The students paid $40M for engineers.", "$40M"),
        ("They hired five engineers at NeurIPS.", "five engineers"),
        ("Millions of students are women.", "Millions"),
        ("It was 5 degrees for the students.", "5"),
        ("Musk said that students are fair.", "Musk"),
        ("Geoffrey Hinton was at Bell Labs.", "Hinton"),
        ("Students agree that Elon LeCun is fair.", "Elon"),
        ("Students find that Bell LeCun is fair.", "Bell LeCun"),
        ("Engineers say GPT-5 is fair to students.", "GPT-5"),
        ("The students left OpenAI for the Labs.", "OpenAI"),
        ("Ask u/otherguy about students and engineers.", "u/otherguy"),
        ("See https://evil.example/x for the students.", "https://evil.example/x"),
        ("See https://mobi.example/a/b/c for the students.", "https://mobi.example/a/b/c"),
        ("Students go to evil.example for engineers.", "evil.example"),
        ("Students open javascript:alert(1) for engineers.", "javascript:alert(1)"),
        ("Bananas ripen slowly under tropical sunshine.", "says nothing of this"),
        ("PWNED", "says nothing"),
        ("", "says nothing"),
        ("students " * 100, "longer"),
    ],
)
def test_what_the_source_does_not_say_is_named(claim: str, named: str) -> None:
    assert any(named in fault for fault in faults_in(claim, SOURCE))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("**Students** are `fair` [3] and kind (comments 4, 5).", "Students are fair and kind."),
        ("# - Students are fair (2020)", "Students are fair (2020)"),
        ("@everyone <@123> <!channel> students <b>are</b> fair", "everyone students are fair"),
        ("Students\u202e are\u200b \x1b[31mfair\n\nand kind", "Students are [31mfair and kind"),
        ("[students](https://evil.example) are fair", "students https://evil.example are fair"),
        ("snake_case stays, _this_ not", "snake_case stays, this not"),
    ],
)
def test_claims_lose_markup_pings_and_unseen_characters(said: str, shown: str) -> None:
    assert clean_claim(said) == shown


def test_long_claims_are_cut_at_a_sentence() -> None:
    assert clean_claim("Students are fair. " + "word " * 200) == "Students are fair."
    assert len(clean_claim("word " * 200)) > MAX_CLAIM


def test_german_nouns_are_no_names_but_people_are() -> None:
    source = "Die Gutachter sind unfair und die Studie ist nicht gut, sagt Anna Kurz."
    assert faults_in("Viele halten die Studie und die Bewertung für unfair.", source) == []
    assert faults_in("Anna Kurz nennt die Studie und die Gutachter unfair.", source) == []
    assert faults_in("Das sagt Peter Lang über die Studie und die Gutachter.", source) != []


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_changed_number_never_passes(right: int, wrong: int) -> None:
    source = f"The engineers counted {right} students last year."
    claim = f"Engineers counted {wrong:,} students."
    assert (faults_in(claim, source) == []) == (right == wrong)


@given(st.text(max_size=600), st.text(max_size=600))
def test_any_text_can_be_judged(claim: str, source: str) -> None:
    cleaned = clean_claim(claim)
    assert clean_claim(cleaned) == cleaned or len(cleaned) <= MAX_CLAIM
    assert isinstance(faults_in(cleaned, source), list)


@pytest.mark.parametrize("seed", ["a-", "a.", "A.", "one-", "a+", "-", "www.", "://", "a-b."])
def test_no_source_makes_the_search_for_links_slow(seed: str) -> None:
    source = (seed * 100_000)[:200_000]
    started = process_time()
    assert foreign_links("see evil.example/x", source) == ["evil.example/x"]
    assert process_time() - started < 2  # at 40 ms; quadratic took minutes
