"""Where sentences end, and where they only seem to."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summarize.sentences import BlockKind, find_sentences, is_cut, split_sentences


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith met Prof. Jones and J. R. R. Tolkien on Tuesday.",
        "The U.S. Senate and the U.K. Parliament agreed on Jan. 5 to wait.",
        "Apple Inc. said so at 5 p.m. Monday in Washington, D.C. on camera.",
        "Several tools, e.g. Ollama, i.e. a runner, etc. are named in No. 5 and Fig. 3 here.",
        "Vaswani et al. (2017) wrote it.",
        "GPT-4.5 scored 3.14 points, v2.0.1 of Node.js only 1.5.",
        "See https://example.org/a.b?c=1.2&d=e.f for the paper.",
        "And so on… but nobody knew... not even they.",
        "He asked “Why now? Why here?” and left.",
        '"Who knows?" she said.',
        "The tool (see Fig. 3. It is small) works.",
        "Das Treffen war am 3. Oktober, z.B. in Bonn, u.a. mit Dr. Weiß.",
        "ST. JOSEPH, Mich. (AP) — Officials report a case.",
        "Yahoo! said so.",
        "「はい。そうです」と言った。",
        "「はい。」と彼は言った。",
    ],
)
def test_one_sentence_stays_one(text: str) -> None:
    assert split_sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It works. It is fast! Is it?", ["It works.", "It is fast!", "Is it?"]),
        ('He said "It is done." Then he left.', ['He said "It is done."', "Then he left."]),
        ("It is (really.) Good it is.", ["It is (really.)", "Good it is."]),
        ("It costs $3.5 million. The price rose.", ["It costs $3.5 million.", "The price rose."]),
        ("They live in the U.S. The law is new.", ["They live in the U.S.", "The law is new."]),
        ("She said no. Then she left.", ["She said no.", "Then she left."]),
        ("Es war 2019. Dann kam er.", ["Es war 2019.", "Dann kam er."]),
        ("It reflects values.1 The values differ.", ["It reflects values.1", "The values differ."]),
        ("これは文です。次の文です！本当？", ["これは文です。", "次の文です！", "本当？"]),
        ("这是第一句。这是第二句。", ["这是第一句。", "这是第二句。"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("So it ends… Then it began.", ["So it ends…", "Then it began."]),
    ],
)
def test_sentences_end_where_a_reader_sees_it(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_code_is_left_out() -> None:
    text = (
        "Run it.\n\n```\nx = 1. y = 2.\nprint(x)\n```\n\nimport numpy as np\n    indented()\nDone."
    )
    assert split_sentences(text) == ["Run it.", "Done."]


def test_unclosed_code_fence_swallows_the_rest() -> None:
    assert split_sentences("Before it.\n```\na. b. c.") == ["Before it."]


def test_sentences_do_not_reach_over_lines_or_list_items() -> None:
    found = find_sentences(
        "A heading\n\nA line that ends here.\n- First item\n2. Second item. More."
    )
    assert [(one.text, one.kind) for one in found] == [
        ("A heading", BlockKind.HEADING),
        ("A line that ends here.", BlockKind.PROSE),
        ("First item", BlockKind.ITEM),
        ("Second item.", BlockKind.ITEM),
        ("More.", BlockKind.ITEM),
    ]


def test_wrapped_lines_are_put_together() -> None:
    text = "This line of prose was wrapped at a column\nby some mail program. It goes on."
    assert split_sentences(text) == [
        "This line of prose was wrapped at a column by some mail program.",
        "It goes on.",
    ]


@pytest.mark.parametrize("text", ["It goes on …", "It goes on...", "It goes [...]", "On […]\n"])
def test_cut_text_is_known(text: str) -> None:
    assert is_cut(text)
    assert not any(sentence.complete for sentence in find_sentences(text))


@given(st.text(alphabet=st.sampled_from("aB1 .!?…。\"“”()「」\n-`'*:ñж中"), max_size=200))
def test_every_sentence_stands_in_the_text(text: str) -> None:
    flat = " ".join(text.split())
    at = 0
    for sentence in find_sentences(text):
        found = flat.find(sentence.text, at)
        assert found >= 0
        at = found + len(sentence.text)


def test_splitting_takes_linear_time() -> None:
    hostile = ["“a. " * 20_000, "A. " * 30_000, "(" * 50_000, '"a" ' * 20_000, "." * 100_000]
    started = time.perf_counter()
    for text in hostile:
        find_sentences(text)
    assert time.perf_counter() - started < 5
