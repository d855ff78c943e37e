"""A language model behind OpenAI's interface, at OpenAI or at any compatible server.

One question is at most two answers long: one that cannot be used is sent back with its faults. Each
call may be repeated while the server is busy, within a deadline over all of them. What the server
turned out to take (`Dialect`) is remembered for the life of the process.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from pydantic import BaseModel, SecretStr

from adapters.models.circuit import Circuit
from adapters.models.json_text import UnreadableAnswerError, read_answer
from adapters.models.openai_failures import PAUSE_S, REPEATED_PAUSE_S, CallFailedError, Kind
from adapters.models.openai_transport import Transport
from adapters.models.openai_wire import Dialect, Reply, UnusableReplyError, body_of, read_reply
from adapters.models.purse import FREE, NOTHING, Purse, Use
from bot.errors import ModelError
from bot.ports import ModelAnswer, ModelRequest
from bot.summarize.tokens import estimate_tokens
from config.settings import LlmSettings

log = structlog.get_logger(__name__)

WHOLE_TIMES = 2.0  # a question with its repeats and its repair may take so many times one call
CALLS = 4  # of one answer, the first included
LONGEST_BACKOFF_S = 8.0
THINKING_TOKENS = 2_000  # models that reason count it as output
OVERHEAD_TOKENS = 50  # roles, names and the like


class _FaultyAnswerError(Exception):
    """An answer that may become usable when it is sent back, or given more room."""

    def __init__(self, message: str, refused: tuple[str, str] | None) -> None:
        super().__init__(message)
        self.refused = refused


@dataclasses.dataclass(slots=True)
class _Question:
    """One `ask` on its way: who pays, until when, and what it has used so far."""

    request: ModelRequest
    purse: Purse
    until_s: float
    max_tokens: int
    used: Use = NOTHING


class OpenAiModel:
    """Implements `bot.ports.LanguageModel`. Open with `async with`; asks nobody before `ask`."""

    def __init__(
        self,
        settings: LlmSettings,
        api_key: SecretStr | None = None,
        *,
        backoff_s: float = 0.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = settings.model
        self._api = settings.api
        self._timeout_s = settings.timeout_s
        self._backoff_s = backoff_s
        self._now_s = monotonic
        self._transport = Transport(
            base_url=str(settings.base_url),
            api_key=api_key.get_secret_value() if api_key else None,
            model=settings.model,
            timeout_s=settings.timeout_s,
        )
        self._dialect = Dialect.to_begin_with(official=self._transport.official)
        self._circuit = Circuit(monotonic)
        self._slots = asyncio.Semaphore(settings.concurrency)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transport.close()

    async def ask(self, request: ModelRequest, *, purse: Purse = FREE) -> ModelAnswer:
        """See `bot.ports.LanguageModel.ask`. `purse` pays for each call."""
        self._circuit.check()
        async with self._slots:
            started_s = self._now_s()
            question = _Question(
                request=request,
                purse=purse,
                until_s=started_s + WHOLE_TIMES * self._timeout_s,
                max_tokens=request.max_output_tokens
                + (THINKING_TOKENS if self._dialect.official else 0),
            )
            reply, result = await self._answer(question)
        used = question.used
        took_ms = round(1000 * (self._now_s() - started_s))
        log.info(
            "model asked", purpose=request.purpose, took_ms=took_ms, **dataclasses.asdict(used)
        )
        return ModelAnswer(
            result=result,
            model=" ".join(reply.model.split())[:100] or self.name,
            tokens_in=used.tokens_in,
            tokens_cached=used.tokens_cached,
            tokens_out=used.tokens_out,
        )

    async def check(self) -> str:
        """Ask for next to nothing and say what the server can do. Raises `ModelError`."""
        await self.ask(
            ModelRequest(
                purpose="check",
                instructions="Set ready to true.",
                content="ready?",
                answer=_Readiness,
                max_output_tokens=200,
            )
        )
        held = {
            "json_schema": "answers in the form asked for",
            "json_object": "has no JSON schemas, answers in JSON; each answer is checked",
            "text": "has no JSON mode, answers in text; each answer is checked",
        }
        return f"{self.name} at {self._transport.host} {held[self._dialect.format]}"

    async def _answer(self, question: _Question) -> tuple[Reply, BaseModel]:
        """An answer that can be used, from two tries."""
        reply = await self._exchange(question)
        try:
            return reply, self._read(reply, question.request)
        except _FaultyAnswerError as fault:
            if fault.refused is None:
                question.max_tokens = 2 * question.max_tokens + THINKING_TOKENS
            else:
                question.request = dataclasses.replace(question.request, refused=fault.refused)
        reply = await self._exchange(question)
        try:
            return reply, self._read(reply, question.request)
        except _FaultyAnswerError as fault:
            raise ModelError(f"{self._transport.host}: {fault}") from fault

    def _read(self, reply: Reply, request: ModelRequest) -> BaseModel:
        host = self._transport.host
        if reply.refusal is not None:
            raise ModelError(f"{host}: the model declined to answer", permanent=True)
        if reply.is_filtered:
            raise ModelError(f"{host}: the server's content filter held back the answer")
        try:
            return read_answer(reply.text, request.answer)
        except UnreadableAnswerError as exc:
            if reply.is_cut_off:
                raise _FaultyAnswerError("the model's answer was cut off", None) from exc
            if not self._dialect.official:
                # It may take a schema and never look at it; from now on the model reads it too.
                self._dialect = dataclasses.replace(self._dialect, tells_schema=True)
            what = "of the wrong form" if exc.is_json else "not in JSON"
            message = f"the model's answer was {what}, twice"
            raise _FaultyAnswerError(message, (exc.faults, reply.text)) from exc

    async def _exchange(self, question: _Question) -> Reply:
        """One reply: asked for more simply where the server does not take the request, and again
        while it is busy.
        """
        dialect, tried, repeats = self._dialect, {self._dialect}, 0
        while True:
            self._circuit.check()
            try:
                reply = await self._call(question, dialect)
            except CallFailedError as failure:
                weaker = dialect.weaker(failure.complaint) if failure.kind is Kind.FORM else None
                if weaker is not None and weaker not in tried:
                    dialect = weaker
                    tried.add(weaker)
                    continue
                repeats += 1
                await self._wait_or_give_up(failure, repeats, question)
                continue
            if dialect is not self._dialect and len(tried) > 1:
                log.info("model server speaks more simply", format=dialect.format)
                self._dialect = dialect
            self._circuit.worked()
            return reply

    async def _call(self, question: _Question, dialect: Dialect) -> Reply:
        """One call, paid for. Raises `CallFailedError`, or `ModelError` from the purse."""
        body, size = await asyncio.to_thread(self._prepare, question, dialect)
        most = Use(tokens_in=size, tokens_out=question.max_tokens)
        hold = await question.purse.hold(question.request, most)
        within_s = min(self._timeout_s, question.until_s - self._now_s())
        try:
            answer = await self._transport.post(self._api, body, within_s=max(0.001, within_s))
        except CallFailedError as failure:
            if failure.kind is not Kind.SLOW:  # the server may be at work on that one, and bill it
                await question.purse.settle(hold, NOTHING)
            raise
        except ModelError:
            await question.purse.settle(hold, NOTHING)
            raise
        return await self._settle(question, hold, answer, size)

    async def _settle(self, question: _Question, hold: int, answer: bytes, size: int) -> Reply:
        try:
            reply = read_reply(answer, self._api)
        except UnusableReplyError as exc:
            await question.purse.settle(hold, Use(tokens_in=size))
            raise CallFailedError(Kind.ODD, f"{self._transport.host} sent {exc}") from exc
        use = Use(
            tokens_in=reply.tokens_in or size,
            tokens_cached=min(reply.tokens_cached, reply.tokens_in),
            tokens_out=reply.tokens_out or estimate_tokens(reply.text),
        )
        question.used += use
        await question.purse.settle(hold, use)
        return reply

    def _prepare(self, question: _Question, dialect: Dialect) -> tuple[dict[str, object], int]:
        """The body, and about how many tokens it is."""
        body = body_of(
            question.request,
            api=self._api,
            model=self.name,
            dialect=dialect,
            max_tokens=question.max_tokens,
        )
        sent = json.dumps(body, ensure_ascii=False).replace("\\n", "\n")
        return body, estimate_tokens(sent) + OVERHEAD_TOKENS

    async def _wait_or_give_up(
        self, failure: CallFailedError, repeats: int, question: _Question
    ) -> None:
        """Wait for the next call, as long as the server asked; raises `ModelError` at the end."""
        backoff_s = min(LONGEST_BACKOFF_S, self._backoff_s * 2 ** (repeats - 1))
        jittered_s = backoff_s * random.uniform(0.75, 1.0)  # noqa: S311  # jitter only
        wait_s = jittered_s if failure.retry_after_s is None else failure.retry_after_s
        calls = 2 if failure.kind is Kind.ODD else CALLS
        is_in_time = self._now_s() + wait_s < question.until_s
        if failure.may_retry and repeats < calls and is_in_time:
            await asyncio.sleep(wait_s)
            return
        self._note(failure, is_in_time=is_in_time)
        raise failure.as_model_error() from failure

    def _note(self, failure: CallFailedError, *, is_in_time: bool) -> None:
        if failure.kind in PAUSE_S:
            self._circuit.open(str(failure), PAUSE_S[failure.kind])
        elif failure.retry_after_s is not None and not is_in_time:
            self._circuit.open(str(failure), failure.retry_after_s)
        elif failure.kind in REPEATED_PAUSE_S:
            self._circuit.failed(str(failure), REPEATED_PAUSE_S[failure.kind])


class _Readiness(BaseModel):
    ready: bool
