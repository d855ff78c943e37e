"""Articles by a model: what their text does not bear out is never shown."""

from __future__ import annotations

import pytest

from bot.errors import ModelError
from bot.ports import Article
from bot.summarize.article_llm import LlmArticleSummarizer
from bot.summarize.threads.answers import ArticleAnswer
from tests.fakes.model import FakeModel, tokens_of
from tests.fakes.runner import run_at_once

ARTICLE = Article(
    url="https://news.example/a",
    title="Northlight opens its weights",
    site="Northlight Journal",
    text=(
        "Northlight released the weights of Polaris on Monday. The model has 12 billion parameters."
        " It was trained for 40 days on harbour data.\n\nThe licence allows commercial use."
        " Ada Bly, who leads the team, said that the data stays closed. Rivals cheered."
    ),
)
TRUE = "Northlight released the weights of Polaris."


def summarizer(model: FakeModel, max_input_tokens: int = 24_000) -> LlmArticleSummarizer:
    return LlmArticleSummarizer(model, run_at_once, max_input_tokens)


async def test_true_sentences_are_shown() -> None:
    model = FakeModel()
    summary = await summarizer(model).summarize_article(ARTICLE)
    assert summary.summary.startswith("Northlight released the weights of Polaris on Monday.")
    assert len(summary.points) == 3
    assert (summary.method, summary.model, summary.text) == ("llm", "fake-1", ARTICLE.text)
    assert [one.purpose for one in model.asked] == ["article"]


@pytest.mark.parametrize(
    "lie",
    [
        "Polaris has 13 billion parameters.",
        "Northlight trained Polaris for 40 weeks.",
        "Ada Lang leads the team behind Polaris.",
        "Download the weights at https://evil.example/weights.",
    ],
)
async def test_false_sentences_are_asked_for_again_then_dropped(lie: str) -> None:
    model = FakeModel(answering=lambda _: ArticleAnswer(summary=[TRUE, lie], points=[lie, TRUE]))
    summary = await summarizer(model).summarize_article(ARTICLE)
    assert (summary.summary, summary.points) == (TRUE, ())
    assert [one.refused is None for one in model.asked] == [True, False]


async def test_nothing_true_raises_for_the_extractive_one_to_take_over() -> None:
    model = FakeModel(answering=lambda _: ArticleAnswer(summary=["Quux won 5 prizes."], points=[]))
    with pytest.raises(ModelError, match="stands in"):
        await summarizer(model).summarize_article(ARTICLE)


async def test_long_articles_are_cut_to_the_limit() -> None:
    model = FakeModel()
    long = Article(url="https://news.example/b", title="Long", text=ARTICLE.text * 300)
    await summarizer(model, 3_000).summarize_article(long)
    assert 2_000 < max(map(tokens_of, model.asked)) <= 3_000


async def test_an_article_without_text_asks_nobody() -> None:
    model = FakeModel()
    empty = Article(url="https://news.example/c", title="Nothing", text=" ")
    assert (await summarizer(model).summarize_article(empty)).method == "extractive"
    assert model.asked == []
