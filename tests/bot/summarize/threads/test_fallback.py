"""A model that is away changes who writes a summary, not whether there is one."""

from __future__ import annotations

import pytest

from bot.errors import ModelError, SourceError
from bot.model import Emotion, Method, ThreadSummary
from bot.summarize.threads.fallback import ThreadSummarizerWithFallback
from bot.thread_model import Thread

THREAD = Thread(kind="dump", id="1", title="On kites")


class FakeSummarizer:
    """Answers, or fails as it is told; remembers who asked."""

    def __init__(self, method: Method, failure: Exception | None = None) -> None:
        self._method = method
        self._failure = failure
        self.channels: list[str] = []

    async def summarize_thread(self, thread: Thread, *, channel: str = "") -> ThreadSummary:
        self.channels.append(channel)
        if self._failure is not None:
            raise self._failure
        return ThreadSummary(
            title=thread.title, url=None, score=None, num_comments=0, comments_read=0,
            summary="", emotion=Emotion(label="Neutral", positive=0, neutral=0, negative=0),
            points=(), method=self._method, model=None, dropped_claims=0, tokens_in=0,
            tokens_out=0,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("failure", "method"), [(None, "llm"), (ModelError("out of quota"), "extractive")]
)
async def test_the_extract_steps_in_where_the_model_fails(
    failure: Exception | None, method: str
) -> None:
    primary, extract = FakeSummarizer("llm", failure), FakeSummarizer("extractive")
    both = ThreadSummarizerWithFallback(primary, extract)
    summary = await both.summarize_thread(THREAD, channel="discord:1")
    assert summary.method == method
    assert primary.channels == ["discord:1"]
    assert extract.channels == (["discord:1"] if failure else [])


async def test_other_errors_are_not_hidden() -> None:
    both = ThreadSummarizerWithFallback(
        FakeSummarizer("llm", SourceError("gone")), FakeSummarizer("extractive")
    )
    with pytest.raises(SourceError):
        await both.summarize_thread(THREAD)
