"""Summaries through the real client, whatever the model does: always a correct, honest result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot.model import ThreadSummary
from bot.outside import open_outside
from bot.posts.thread import thread_post
from bot.summarize.threads.fallback import MODEL_AWAY
from bot.thread_model import Comment, Thread
from config.settings import Settings
from tests.fakes.model import honest_merge, honest_part
from tests.sims.openai import LIE_QUOTE, LIE_URL, Mode, ModelServer

# What a model may do and still be of use; all else ends as an extract.
USEFUL = {"honest", "chatty", "no_json_schema", "no_json", "no_usage"}
# What it says is taken for what it is: claims to be checked.
DECEIVING = {"lying", "injected"}
SLOW = {"slow", "429", "500", "503", "reset"}  # with the model's own tests: they take retries
VIEWS = (
    "The harbour needs a second crane because ships wait for days.",
    "A second crane costs more than the waiting ships do.",
    "Nobody has asked the pilots what they need.",
)
THREAD = Thread(
    kind="reddit",
    id="t1",
    title="Should the harbour buy a second crane?",
    url="https://www.reddit.com/r/harbour/comments/t1/_/",
    text="The council votes on Monday. What do you think?",
    num_comments=30,
    comments=tuple(
        Comment(
            id=f"c{number}",
            text=f"{VIEWS[number % 3]} I have seen that for {number + 2} years.",
            author=f"sailor{number}",
            permalink=f"https://www.reddit.com/r/harbour/comments/t1/_/c{number}/",
        )
        for number in range(30)
    ),
)


def answer(schema: dict[str, Any], content: str) -> object:
    """Honest: every word stands in the material."""
    fields = schema.get("properties", {})
    made: BaseModel = honest_merge(content) if "summary_notes" in fields else honest_part(content)
    return made.model_dump()


async def summarized(folder: Path, mode: Mode, api: str = "chat") -> tuple[ThreadSummary, int]:
    """The summary of THREAD by a model in that mode, and how many requests it took."""
    async with ModelServer(answer=answer, mode=mode) as server:
        settings = Settings.model_validate(
            {
                "database": {"path": str(folder / "t.db")},
                "llm": {"base_url": server.base_url, "model": "m", "api": api, "timeout_s": 5},
            }
        )
        async with open_outside(settings, processes=0) as outside:
            summary = await outside.thread_summarizer.summarize_thread(THREAD)
        server.check_requests()
        return summary, len(server.requests)


def assert_honest(summary: ThreadSummary) -> None:
    """What is shown stands in the thread; nothing of the model's own is alive in it."""
    comments = {comment.id: comment for comment in THREAD.comments}
    for point in summary.points:
        assert point.quote in comments[point.quote_id].text
        assert set(point.citations) <= set(comments)
        assert point.share == pytest.approx(point.supporters / point.of)
        assert point.supporters == len({comments[name].author for name in point.citations})
    shown = summary.model_dump_json() + thread_post(summary, language="en").model_dump_json()
    for foreign in (LIE_QUOTE, LIE_URL, "9731", "4711", "@everyone", "<!channel>", "evil.example"):
        assert foreign not in shown


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("mode", sorted(USEFUL))
async def test_a_useful_model_is_used(mode: Mode, api: str, tmp_path: Path) -> None:
    summary, _ = await summarized(tmp_path, mode, api)
    assert summary.method == "llm"
    assert summary.model == "m-2026-11-01"
    assert summary.points
    assert summary.dropped_claims == 0
    assert summary.tokens_in > 0
    assert_honest(summary)


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("mode", sorted(DECEIVING))
async def test_what_a_model_invents_is_dropped_and_counted(
    mode: Mode, api: str, tmp_path: Path
) -> None:
    summary, requests = await summarized(tmp_path, mode, api)
    assert_honest(summary)
    assert summary.summary
    if mode == "lying":
        assert summary.dropped_claims > 0
        assert requests == 2  # it is asked once more, not again and again


@pytest.mark.parametrize("mode", sorted(set(get_args(Mode)) - USEFUL - DECEIVING - SLOW))
async def test_without_a_useful_answer_there_is_an_extract(mode: Mode, tmp_path: Path) -> None:
    summary, _ = await summarized(tmp_path, mode)
    assert summary.method == "extractive"
    assert summary.model is None
    assert MODEL_AWAY in summary.notes
    assert summary.points
    assert_honest(summary)


async def test_an_unchanged_thread_is_paid_once(tmp_path: Path) -> None:
    async with ModelServer(answer=answer) as server:
        settings = Settings.model_validate(
            {
                "database": {"path": str(tmp_path / "t.db")},
                "llm": {"base_url": server.base_url, "model": "m"},
            }
        )
        async with open_outside(settings, processes=0) as outside:
            first = await outside.thread_summarizer.summarize_thread(THREAD)
            asked = len(server.requests)
            again = await outside.thread_summarizer.summarize_thread(THREAD)
        assert len(server.requests) == asked
        assert again.points == first.points
        assert (again.tokens_in, again.tokens_out) == (0, 0)
        told = json.dumps([request.content for request in server.requests])
        assert "sailor" not in told  # names stay here
