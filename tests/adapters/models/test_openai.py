"""The language model behind OpenAI's interface, against every mode of the simulated server."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import structlog
from structlog.testing import capture_logs

from adapters.models.openai import OpenAiModel
from bot.errors import ModelError
from config.settings import LlmSettings
from tests.adapters.models.asking import GOOD, KEY, Summary, a_model, a_request, honest
from tests.sims.openai import LIE_QUOTE, ModelServer

APIS = ["chat", "responses"]


@pytest.mark.parametrize("api", APIS)
async def test_an_answer_comes_in_the_shape_asked_for(api: str) -> None:
    async with ModelServer(answer=honest, cached_tokens=7) as server, a_model(server, api=api) as m:
        answer = await m.ask(a_request())
    assert answer.result == Summary.model_validate(GOOD)
    assert answer.model == "m-2026-11-01"
    assert (answer.tokens_cached, answer.from_cache) == (7, False)
    assert answer.tokens_in > 50
    assert answer.tokens_out > 10
    assert len(server.requests) == 1
    server.check_requests()


@pytest.mark.parametrize("api", APIS)
async def test_requests_begin_alike_and_end_with_the_material(api: str) -> None:
    async with ModelServer(answer=honest) as server, a_model(server, api=api) as model:
        await model.ask(a_request("one"))
        await model.ask(a_request("two"))
    first, second = server.requests
    assert first.instructions == second.instructions
    assert first.instructions.startswith("Summarise the discussion.")
    assert [one["content"] for one in second.turns] == ["<material>\ntwo\n</material>"]
    assert "prompt_cache_key" not in first.body  # not every compatible server knows it
    server.check_requests()


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("mode", ["malformed", "misshapen"])
async def test_an_unusable_answer_is_sent_back_once_with_its_faults(api: str, mode: str) -> None:
    async with ModelServer(answer=honest) as server, a_model(server, api=api) as model:
        server.play(mode)  # type: ignore[arg-type]  # parametrized
        answer = await model.ask(a_request())
    assert answer.result == Summary.model_validate(GOOD)
    first, second = server.requests
    assert [turn["role"] for turn in second.turns] == ["user", "assistant", "user"]
    assert second.turns[0] == first.turns[0]
    fault = "not a JSON object" if mode == "malformed" else "summary: Field required"
    assert fault in second.turns[2]["content"]
    assert second.instructions.startswith(first.instructions)
    assert answer.tokens_in > 1.5 * len(first.content) / 4
    server.check_requests()


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("mode", "message", "requests"),
    [
        ("malformed", "the model's answer was not in JSON, twice", 2),
        ("misshapen", "the model's answer was of the wrong form, twice", 2),
        ("truncated", "the model's answer was cut off", 2),
        ("refusing", "the model declined to answer", 1),
        ("filtered", "content filter", 1),
        ("html", "sent a web page instead of an answer", 2),
        ("empty", "sent no ", 2),
        ("quota", "quota is used up", 1),
        ("wrong_key", "refused the key: check OPENAI_API_KEY", 1),
        ("unknown_model", "check llm.model", 1),
        ("too_long", "lower llm.max_input_tokens", 1),
        ("429", r"answered 429 \(rate_limit_exceeded\)", 4),
        ("500", r"answered 500 \(server_error\)", 4),
        ("reset", "cannot be reached", 4),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalnum() else None,
)
async def test_what_cannot_be_used_is_one_clear_line(
    api: str, mode: str, message: str, requests: int
) -> None:
    async with ModelServer(mode=mode, answer=honest) as server, a_model(server, api=api) as model:  # type: ignore[arg-type]  # parametrized
        with pytest.raises(ModelError, match=message) as caught:
            await model.ask(a_request())
    assert len(server.requests) == requests
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("api", APIS)
async def test_a_cut_off_answer_gets_more_room(api: str) -> None:
    async with ModelServer(answer=honest) as server, a_model(server, api=api) as model:
        server.play("truncated")
        assert (await model.ask(a_request())).result == Summary.model_validate(GOOD)
    limit = "max_tokens" if api == "chat" else "max_output_tokens"
    first, second = (one.body[limit] for one in server.requests)
    assert second >= 2 * first
    assert len(server.requests[1].turns) == 1


async def test_a_stumbling_server_is_asked_again() -> None:
    async with ModelServer(answer=honest) as server, a_model(server) as model:
        server.play("503", "reset", "429")
        assert (await model.ask(a_request())).result == Summary.model_validate(GOOD)
    assert len(server.requests) == 4


async def test_a_short_retry_after_is_waited_for() -> None:
    async with ModelServer(answer=honest, retry_after="0.2") as server, a_model(server) as model:
        server.play("429")
        started = asyncio.get_running_loop().time()
        await model.ask(a_request())
        assert asyncio.get_running_loop().time() - started >= 0.2


async def test_a_long_retry_after_is_handed_on_and_obeyed() -> None:
    async with ModelServer(mode="429", retry_after="77") as server, a_model(server) as model:
        with pytest.raises(ModelError) as caught:
            await model.ask(a_request())
        assert caught.value.retry_after_s == 77
        server.mode = "honest"
        with pytest.raises(ModelError, match="429"):
            await model.ask(a_request("else"))
    assert len(server.requests) == 1


async def test_without_quota_nobody_asks_for_a_while() -> None:
    now_s = 1000.0
    async with ModelServer(mode="quota", answer=honest) as server:
        settings = LlmSettings(base_url=server.base_url, model="m", timeout_s=5)
        async with OpenAiModel(settings, KEY, backoff_s=0.001, monotonic=lambda: now_s) as model:
            for _ in range(3):
                with pytest.raises(ModelError, match="quota is used up"):
                    await model.ask(a_request())
            assert len(server.requests) == 1
            now_s += 901
            server.mode = "honest"
            await model.ask(a_request())


async def test_a_slow_server_is_left_at_the_limit() -> None:
    async with (
        ModelServer(answer=honest, delay_s=5) as server,
        a_model(server, timeout_s=0.2) as model,
    ):
        started = asyncio.get_running_loop().time()
        with pytest.raises(ModelError, match="no answer within"):
            await model.ask(a_request())
        assert asyncio.get_running_loop().time() - started < 2
        assert len(server.requests) == 1


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("mode", "calls", "form"), [("no_json_schema", 2, "json_object"), ("no_json", 3, "text")]
)
async def test_a_server_without_schemas_is_remembered(
    api: str, mode: str, calls: int, form: str
) -> None:
    async with ModelServer(mode=mode, answer=honest) as server, a_model(server, api=api) as model:  # type: ignore[arg-type]  # parametrized
        for _ in range(2):
            assert (await model.ask(a_request())).result == Summary.model_validate(GOOD)
        assert form.removeprefix("json_object") in await model.check()
    assert [one.format["type"] for one in server.requests[calls:]] == [form, form]
    assert server.requests[-2].schema["required"] == ["summary", "views"]
    server.check_requests()


async def test_talk_around_the_answer_is_left_out() -> None:
    async with ModelServer(mode="chatty", answer=honest) as server, a_model(server) as model:
        assert (await model.ask(a_request())).result == Summary.model_validate(GOOD)
    assert len(server.requests) == 1


async def test_a_server_that_ignores_schemas_is_told_in_words() -> None:
    async with ModelServer(answer=honest) as server, a_model(server) as model:
        server.play("misshapen")
        await model.ask(a_request())
        await model.ask(a_request("else"))
    assert all("JSON Schema" in one.instructions for one in server.requests[1:])


async def test_tokens_are_counted_here_where_the_server_does_not() -> None:
    async with ModelServer(mode="no_usage", answer=honest) as server, a_model(server) as model:
        short = await model.ask(a_request("few words"))
        long = await model.ask(a_request("many more words " * 100))
    assert short.tokens_out == long.tokens_out > 20
    assert 200 < long.tokens_in - short.tokens_in < 500


async def test_lies_in_the_right_shape_are_left_to_verification() -> None:
    async with ModelServer(mode="lying", answer=honest) as server, a_model(server) as model:
        server.answer = lambda schema, content: GOOD | {"views": []}
        summary = (await model.ask(a_request())).result
        assert "9731" in summary.model_dump()["summary"]
        server.answer = honest
        with pytest.raises(ModelError):  # its weight is out of range in both answers
            await model.ask(a_request())
    assert LIE_QUOTE in server.requests[-1].turns[1]["content"]


async def test_faults_found_by_the_caller_are_sent_back() -> None:
    request = replace(a_request(), refused=("- the quote is not in c1", '{"summary": "x"}'))
    async with ModelServer(answer=honest) as server, a_model(server) as model:
        await model.ask(request)
    turns = server.requests[0].turns
    assert turns[1] == {"role": "assistant", "content": '{"summary": "x"}'}
    assert "- the quote is not in c1" in turns[2]["content"]


async def test_no_more_calls_at_once_than_set() -> None:
    async with (
        ModelServer(answer=honest, delay_s=0.02) as server,
        a_model(server, concurrency=3) as model,
    ):
        await asyncio.gather(*(model.ask(a_request(str(n))) for n in range(12)))
    assert server.most_at_once == 3


@pytest.mark.parametrize("key", [None, KEY], ids=["none", "given"])
async def test_the_key_is_in_its_header_and_nowhere_else(
    key: object, caplog: pytest.LogCaptureFixture
) -> None:
    structlog.reset_defaults()
    async with ModelServer(answer=honest) as server:
        settings = LlmSettings(base_url=server.base_url, model="m")
        with caplog.at_level("DEBUG"), capture_logs() as logged:
            async with OpenAiModel(settings, KEY if key else None) as model:
                await model.ask(a_request())
                server.mode = "wrong_key"
                with pytest.raises(ModelError):
                    await model.ask(a_request())
    sent = server.requests[0].headers
    assert sent["authorization"] == ("Bearer sk-secret-of-ours" if key else "Bearer none")
    assert "sk-secret" not in caplog.text + repr(logged) + repr(server.requests[0].body)
    assert "tabs it is" not in caplog.text + repr(logged)


async def test_openai_itself_needs_a_key() -> None:
    async with OpenAiModel(LlmSettings(model="m")) as model:
        with pytest.raises(ModelError, match="set OPENAI_API_KEY"):
            await model.ask(a_request())


async def test_check_says_what_the_server_can_do() -> None:
    async with ModelServer() as server, a_model(server) as model:
        assert "answers in the form asked for" in await model.check()
    server.check_requests()


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    settings = LlmSettings(base_url="http://127.0.0.1:1/v1", model="m", timeout_s=5)
    async with OpenAiModel(settings, KEY, backoff_s=0.001) as model:
        with pytest.raises(ModelError, match="cannot be reached"):
            await model.ask(a_request())
