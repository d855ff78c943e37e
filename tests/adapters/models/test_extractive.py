"""The summariser that is always there."""

from adapters.models.extractive import ExtractiveSummarizer
from bot.ports import Article, ArticleSummarizer
from tests.fakes.runner import run_at_once


def summarizer() -> ArticleSummarizer:
    return ExtractiveSummarizer(run_at_once)


async def test_it_quotes_the_article() -> None:
    text = "The lab released a small model on Monday. It runs on phones and needs no network."
    summary = await summarizer().summarize_article(Article(url="", title="A model", text=text))
    assert summary.summary == text
    assert summary.url is None


async def test_an_empty_article_is_no_error() -> None:
    summary = await summarizer().summarize_article(Article(url="", title="A model", text=""))
    assert (summary.summary, summary.points, summary.method) == ("", (), "extractive")
