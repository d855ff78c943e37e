"""Threads summarised over the wire, with a server that is honest, lies, stumbles or fails."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from bot.errors import ModelError
from bot.summarize.threads.llm import LlmThreadSummarizer
from tests.adapters.models.asking import a_model
from tests.bot.summarize.threads.test_llm import LONG, SMALL, TALK, check_true
from tests.fakes.model import comments_in, honest_merge, honest_part
from tests.fakes.runner import run_at_once
from tests.sims.openai import Mode, ModelServer

APIS = ["chat", "responses"]
# What the server answers is usable in the end, or true where it is used.
ANSWERING = {"honest", "lying", "injected", "chatty", "slow", "no_usage"}
ANSWERING |= {"no_json_schema", "no_json"}
FAILING = sorted(set(get_args(Mode)) - ANSWERING)


def answer(schema: dict[str, Any], content: str) -> object:
    """An honest answer of the shape that the schema asks for."""
    material = content.removeprefix("<material>\n").removesuffix("\n</material>")
    is_part = "summary_citations" in schema["properties"]
    return (honest_part if is_part else honest_merge)(material).model_dump()


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("mode", sorted(ANSWERING))
async def test_what_is_shown_is_true_in_every_mode(api: str, mode: str) -> None:
    async with ModelServer(answer=answer, mode=mode) as server, a_model(server, api=api) as model:  # type: ignore[arg-type]  # parametrized
        summary = await LlmThreadSummarizer(model, run_at_once, 24_000).summarize_thread(TALK)
    check_true(summary, TALK)
    server.check_requests()
    if mode in {"lying", "injected"}:
        assert summary.dropped_claims >= 2
        assert any("stand in the material" in str(one.turns) for one in server.requests)
    else:
        assert (summary.method, summary.dropped_claims) == ("llm", 0)
        assert summary.model == "m-2026-11-01"
        assert summary.points
    assert summary.tokens_in > 0


@pytest.mark.parametrize("mode", FAILING)
async def test_no_usable_answer_is_an_error_for_the_offline_method_to_cover(mode: str) -> None:
    async with ModelServer(answer=answer, mode=mode) as server, a_model(server) as model:  # type: ignore[arg-type]  # parametrized
        with pytest.raises(ModelError):
            await LlmThreadSummarizer(model, run_at_once, 24_000).summarize_thread(TALK)


async def test_a_stumbling_server_delays_and_changes_nothing() -> None:
    async with ModelServer(answer=answer) as server, a_model(server) as model:
        smooth = await LlmThreadSummarizer(model, run_at_once, SMALL).summarize_thread(LONG)
        server.play("503", "reset", "malformed", "429")
        bumpy = await LlmThreadSummarizer(model, run_at_once, SMALL).summarize_thread(LONG)
    check_true(bumpy, LONG)
    spent = {"tokens_in": 0, "tokens_out": 0}
    assert bumpy.model_copy(update=spent) == smooth.model_copy(update=spent)


async def test_all_of_a_long_thread_goes_over_the_wire_with_one_beginning() -> None:
    async with ModelServer(answer=answer) as server, a_model(server) as model:
        await LlmThreadSummarizer(model, run_at_once, SMALL).summarize_thread(LONG)
    parts = [one for one in server.requests if "summary_citations" in one.schema["properties"]]
    assert len({one.instructions for one in parts}) == 1
    sent = " ".join(text for one in parts for text in comments_in(one.content).values())
    assert all(comment.text in sent for comment in LONG.comments)
    assert not any(comment.author in sent for comment in LONG.comments if comment.author)
