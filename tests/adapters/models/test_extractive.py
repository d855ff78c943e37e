"""The summariser that is always there."""

from adapters.models.extractive import ExtractiveSummarizer
from bot.ports import Article, ArticleSummarizer, ThreadSummarizer
from bot.thread_model import Comment, Thread
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


async def test_it_reads_a_discussion() -> None:
    said = ("Trees beat nets on tables.", "Nets beat trees on images.", "Trees need no tuning.")
    comments = tuple(Comment(id=str(number), text=text) for number, text in enumerate(said, 1))
    thread = Thread(kind="dump", id="1", title="Trees?", num_comments=3, comments=comments)
    threads: ThreadSummarizer = ExtractiveSummarizer(run_at_once)
    summary = await threads.summarize_thread(thread, channel="cli")
    assert (summary.method, summary.model, summary.comments_read) == ("extractive", None, 3)


async def test_an_empty_discussion_is_no_error() -> None:
    threads: ThreadSummarizer = ExtractiveSummarizer(run_at_once)
    summary = await threads.summarize_thread(Thread(kind="dump", id="1", title="Trees?"))
    assert (summary.points, summary.comments_read) == ((), 0)
