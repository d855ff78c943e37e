from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.posts.filters import Filter, FilterSubject, FilterVerdict, compile_filter
from tests.bot.posts.hostile import texts


def passes(word: str, text: str) -> bool:
    return compile_filter(include=[word]).verdict(FilterSubject(title=text)).passes


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("AI", "Why ai matters"),
        ("AI", "#AI: what's new?"),
        ("OpenAI", "OpenAI's new model"),
        ("machine learning", "Machine\n  Learning at scale"),
        ("C++", "Modern C++ in 2026"),
        (".NET", "What is new in .NET 11"),
        ("GPT-5", "GPT-5.2 is out"),
        ("resume", "How to write a résumé"),
        ("Résumé", "RÉSUMÉ screening"),
        ("zürich", "Zu\u0308rich hosts"),
        ("STRASSE", "Die Straße"),
        ("人工知能", "最新人工知能ニュース"),
        ("인공지능", "인공지능이 온다"),
        ("AI", "最新AIニュース"),
        ("ｆｕｌｌ", "full width"),
        ("/gpt-?[45]/", "GPT4 and GPT-5"),
        ("/агент/", "АГЕНТЫ"),
        ("/", "and/or"),
    ],
)
def test_word_is_found(word: str, text: str) -> None:
    assert passes(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("AI", "He said it again"),
        ("AI", "OpenAI"),
        ("cat", "concatenate"),
        ("résumé", "They resume work"),
        ("machine learning", "machine-made learning"),
        ("/^gpt$/", "gpt-5"),
    ],
)
def test_word_is_not_found(word: str, text: str) -> None:
    assert not passes(word, text)


@pytest.mark.parametrize(
    ("fields", "subject", "verdict"),
    [
        ({}, {}, (True, "no filter stands against it")),
        ({"exclude": ["crypto"]}, {}, (False, "excluded by the word 'crypto' in its title")),
        ({"exclude": ["/coins?/"]}, {}, (False, "excluded by /coins?/ in its text")),
        ({"exclude": ["Markets"]}, {}, (False, "excluded by the word 'Markets' in its tags")),
        ({"include": ["agents"]}, {}, (False, "no include word matched")),
        ({"include": ["x", "news"]}, {}, (True, "included by the word 'news' in its title")),
        (
            {"include": ["news"], "exclude": ["crypto"]},
            {},
            (False, "excluded by the word 'crypto' in its title"),
        ),
        ({"min_score": 10}, {"score": 3}, (False, "score 3 is under min_score 10")),
        ({"min_score": 10}, {"score": 10}, (True, "score 10 reaches min_score 10")),
        ({"min_score": 10}, {}, (True, "min_score 10 does not apply: no score is known")),
        (
            {"languages": ["en", "de-AT"]},
            {"language": "fr-CA"},
            (False, "language 'fr' is not among en, de"),
        ),
        ({"languages": ["de"]}, {"language": "de_CH"}, (True, "no filter stands against it")),
        ({"languages": ["de"]}, {}, (True, "its language is not known")),
        ({"tags": ["Research"]}, {}, (False, "no tag is among research")),
        ({"tags": ["MARKETS"]}, {}, (True, "no filter stands against it")),
    ],
)
def test_verdicts_name_their_rule(
    fields: dict[str, object], subject: dict[str, object], verdict: tuple[bool, str]
) -> None:
    entry = FilterSubject(
        title="Crypto news",
        text="About coins.",
        tags=("markets",),
        **subject,  # type: ignore[arg-type]  # a table
    )
    decided = compile_filter(**fields).verdict(entry)  # type: ignore[arg-type]  # a table of fields

    assert decided == FilterVerdict(passes=verdict[0], rule=verdict[1])


def test_no_filter_passes_everything() -> None:
    assert Filter().verdict(FilterSubject(title="")).passes


@pytest.mark.parametrize("expression", ["/(/", "/(?=x)/", r"/(a)\1/", "/" + "x" * 2_000 + "/"])
def test_expression_beyond_re2_is_refused_in_one_line(expression: str) -> None:
    with pytest.raises(UserError, match=r"^/.*/ is .+$") as caught:
        compile_filter(exclude=[expression])

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "expression", ["/(x+x+)+y/", "/(a|aa)+$/", "/(.*)*b/", "/((a{1,10}){1,10}){1,9}z/", "/.{900}é/"]
)
def test_malicious_expression_takes_bounded_time(expression: str) -> None:
    found = compile_filter(exclude=[expression])
    subject = FilterSubject(title="a" * 100_000, text="é" * 1_000_000)

    started = time.perf_counter()
    found.verdict(subject)
    assert time.perf_counter() - started < 5


@given(
    words=st.lists(texts | st.text(min_size=1, max_size=4), max_size=3),
    title=texts,
    text=texts,
)
def test_any_text_and_word_give_a_verdict(words: list[str], title: str, text: str) -> None:
    plain = [word for word in words if not word.strip().startswith("/")]
    verdict = compile_filter(include=plain).verdict(FilterSubject(title=title, text=text))

    assert verdict.rule
    assert verdict.passes or any(word.strip() for word in plain)


@given(word=st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8))
@example(word="\u1fd2")  # its small and its large form come apart differently
def test_a_word_finds_itself_in_any_case(word: str) -> None:
    assert passes(word, f"« {word.upper()} »") or word.upper().casefold() != word.casefold()
