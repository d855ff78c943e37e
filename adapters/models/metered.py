"""A language model that is paid from a budget and never paid twice for the same.

Answers are kept by everything that decides them: instructions, material, the shape asked for, the
faults sent back and the model. The budget is the store's (`bot.store.model_use`), so that it holds
over restarts and for several processes on one database. A call is held at the most that it can cost
before it is made, so that calls side by side cannot pass the limit together.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

import structlog
from pydantic import BaseModel, ValidationError

from adapters.models.purse import Purse, Use
from bot.errors import ModelError
from bot.metrics import Metrics
from bot.ports import Clock, ModelAnswer, ModelRequest
from bot.store import model_use
from bot.store.database import Database
from bot.store.model_use import Limits, OverBudget
from config.settings import LlmSettings

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)
PRIVATE_KEPT_FOR = timedelta(minutes=30)  # gone from the disk within the hour, see MaintainJob
KEY_FORM = 1  # part of every key: a new number lets go of all that was kept


class PayingModel(Protocol):
    """A `bot.ports.LanguageModel` that lets a purse pay for each of its calls."""

    name: str

    async def ask(self, request: ModelRequest, *, purse: Purse = ...) -> ModelAnswer:
        """As `LanguageModel.ask`; raises what the purse raises."""


class MeteredModel:
    """Implements `bot.ports.LanguageModel` on top of one that costs money."""

    def __init__(
        self,
        model: PayingModel,
        database: Database,
        settings: LlmSettings,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self.name = model.name
        self._model = model
        self._database = database
        self._clock = clock
        self._purse = StorePurse(database, settings, clock, metrics)
        self._asking: dict[str, _Turn] = {}

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """An answer from the store, else from the model. The same question is asked once at a
        time: who asks it meanwhile gets the answer that the first one paid for.
        """
        key = await asyncio.to_thread(answer_key, request, self.name)
        async with self._alone(key):
            kept = await self._kept(key, request.answer)
            if kept is not None:
                return kept
            answer = await self._model.ask(request, purse=self._purse)
            await self._database.write(
                model_use.keep_answer,
                key,
                answer_json=answer.result.model_dump_json(),
                model=answer.model,
                purpose=request.purpose,
                is_private=request.private,
                now=self._clock.now(),
                keep_for=PRIVATE_KEPT_FOR if request.private else KEPT_FOR,
            )
            return answer

    async def _kept(self, key: str, shape: type[BaseModel]) -> ModelAnswer | None:
        found = await self._database.read(model_use.answer, key, self._clock.now())
        if found is None:
            return None
        answer_json, model = found
        try:
            result = shape.model_validate_json(answer_json)
        except ValidationError:  # the shape's rules are stricter by now
            return None
        return ModelAnswer(result=result, model=model, from_cache=True)

    @contextlib.asynccontextmanager
    async def _alone(self, key: str) -> AsyncIterator[None]:
        turn = self._asking.setdefault(key, _Turn())
        turn.takers += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.takers -= 1
            if not turn.takers:
                del self._asking[key]


class _Turn:
    """A question that somebody asks now, and how many wait for its answer."""

    __slots__ = ("lock", "takers")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.takers = 0


class StorePurse:
    """Pays from the settings' budgets, by the settings' prices, and keeps the books."""

    def __init__(
        self,
        database: Database,
        settings: LlmSettings,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._database = database
        self._settings = settings
        self._clock = clock
        self._limits = Limits(
            day_nanos=_limit(settings.daily_budget_usd),
            channel_nanos=_limit(settings.channel_budget_usd),
        )

    async def hold(self, request: ModelRequest, most: Use) -> int:
        """See `adapters.models.purse.Purse`."""
        now = self._clock.now()
        most_nanos = self.cost_nanos(most)
        row = await self._database.write(
            model_use.hold,
            purpose=request.purpose,
            channel=request.channel,
            model=self._settings.model,
            most_nanos=most_nanos,
            limits=self._limits,
            now=now,
        )
        if isinstance(row, OverBudget):
            message = _over_budget(row, most_nanos)
            raise ModelError(message, retry_after_s=_until_midnight_s(now))
        return row

    async def settle(self, hold: int, use: Use) -> None:
        """See `adapters.models.purse.Purse`."""
        cost_nanos = self.cost_nanos(use)
        if use.tokens_in or use.tokens_out:
            self._metrics.paid(
                tokens_in=use.tokens_in,
                tokens_cached=use.tokens_cached,
                tokens_out=use.tokens_out,
                cost_usd=cost_nanos / model_use.NANOS,
            )
        await self._database.write(
            model_use.settle,
            hold,
            tokens_in=use.tokens_in,
            tokens_cached=use.tokens_cached,
            tokens_out=use.tokens_out,
            cost_nanos=cost_nanos,
        )

    def cost_nanos(self, use: Use) -> int:
        """What tokens cost, rounded up. Prices are dollars for a million: 1,000 nanos for one."""
        prices = self._settings
        is_cached_priced = "price_cached_in" in prices.model_fields_set
        price_cached_in = prices.price_cached_in if is_cached_priced else prices.price_in
        dollars = (
            (use.tokens_in - use.tokens_cached) * prices.price_in
            + use.tokens_cached * price_cached_in
            + use.tokens_out * prices.price_out
        )
        return math.ceil(dollars * 1_000)


def answer_key(request: ModelRequest, model: str) -> str:
    """What an answer is kept by. The channel and the limits do not change what is answered."""
    parts = [
        KEY_FORM,
        model,
        request.purpose,
        request.instructions,
        request.content,
        request.answer.model_json_schema(),
        request.refused,
    ]
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _limit(dollars: float) -> int | None:
    return round(dollars * model_use.NANOS) if dollars else None


def _over_budget(over: OverBudget, most_nanos: int) -> str:
    whose = f"{over.channel}'s share of the budget" if over.channel else "the day's budget"
    limit = f"${over.limit_nanos / model_use.NANOS:.10g}"
    if most_nanos > over.limit_nanos:
        most = f"${most_nanos / model_use.NANOS:.2g}"
        return f"one call to the model may cost {most}, more than {whose} of {limit}"
    return f"{whose} for the model, {limit}, is used up until midnight UTC"


def _until_midnight_s(now: datetime) -> float:
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return (tomorrow - now).total_seconds()
