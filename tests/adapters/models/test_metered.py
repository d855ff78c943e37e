"""Paid once, and never beyond the budget: not side by side, not after a restart."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.models.metered import MeteredModel, StorePurse, answer_key
from adapters.models.purse import Use
from bot.errors import ModelError
from bot.ports import ModelAnswer
from bot.store import model_use
from bot.store.database import Database
from bot.store.model_use import Spending
from config.settings import LlmSettings
from tests.adapters.models.asking import GOOD, Summary, a_model, a_request, honest
from tests.fakes.clock import FakeClock
from tests.sims.openai import ModelServer

PRICES = {"price_in": 1.0, "price_cached_in": 0.1, "price_out": 10.0}


def _settings(**changes: Any) -> LlmSettings:
    fields: dict[str, Any] = {"model": "m", "daily_budget_usd": 0.0, **PRICES}
    return LlmSettings(**fields | changes)


async def _spent(database: Database, clock: FakeClock) -> Spending:
    return await database.read(model_use.spent, clock.now())


async def test_the_same_question_is_paid_once(tmp_path: Path) -> None:
    clock = FakeClock()
    async with ModelServer(answer=honest) as server, a_model(server) as model:

        async def ask_five() -> list[ModelAnswer]:
            async with Database(tmp_path / "t.db") as database:
                metered = MeteredModel(model, database, _settings(), clock)
                asked = (metered.ask(a_request(channel=f"c{n}")) for n in range(5))
                answers = await asyncio.gather(*asked)
                assert (await _spent(database, clock)).calls == 1
                return answers

        paid, kept = await ask_five(), await ask_five()  # the second time after a restart
    assert len(server.requests) == 1
    assert all(one.result == Summary.model_validate(GOOD) for one in paid + kept)
    assert sorted(one.from_cache for one in paid) == [False, True, True, True, True]
    assert [(one.from_cache, one.tokens_in, one.model) for one in kept] == [
        (True, 0, "m-2026-11-01")
    ] * 5


@pytest.mark.parametrize(
    "change",
    [
        {"content": "else"},
        {"instructions": "else"},
        {"refused": ("- x", "{}")},
        {"purpose": "merge"},
    ],
    ids=["content", "instructions", "refused", "purpose"],
)
def test_whatever_decides_the_answer_is_in_its_key(change: dict[str, Any]) -> None:
    assert answer_key(a_request(**change), "m") != answer_key(a_request(), "m")
    assert answer_key(a_request(), "other") != answer_key(a_request(), "m")


async def test_answers_have_their_time(tmp_path: Path) -> None:
    clock = FakeClock()
    private = a_request("whispered", private=True)
    async with (
        ModelServer(answer=honest) as server,
        a_model(server) as model,
        Database(tmp_path / "t.db") as database,
    ):
        metered = MeteredModel(model, database, _settings(), clock)
        await metered.ask(a_request())
        await metered.ask(private)
        clock.advance(minutes=29)
        assert (await metered.ask(private)).from_cache
        clock.advance(minutes=2)
        assert not (await metered.ask(private)).from_cache
        assert (await metered.ask(a_request())).from_cache
        assert await database.write(model_use.forget_private) == 1
        assert await database.write(model_use.forget_expired, clock.now()) == 0
        clock.advance(days=30)
        assert await database.write(model_use.forget_expired, clock.now()) == 1
        assert not (await metered.ask(a_request())).from_cache
    assert len(server.requests) == 4


async def test_the_books_hold_what_it_cost(tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        ModelServer(answer=honest, cached_tokens=40) as server,
        a_model(server) as model,
        Database(tmp_path / "t.db") as database,
    ):
        server.play("misshapen")  # both answers are paid
        answer = await MeteredModel(model, database, _settings(), clock).ask(a_request())
        books = await _spent(database, clock)
    assert books.calls == 2
    assert (books.tokens_in, books.tokens_cached, books.tokens_out) == (
        answer.tokens_in,
        answer.tokens_cached,
        answer.tokens_out,
    )
    fresh = books.tokens_in - 80
    assert books.cost_nanos == 1_000 * fresh + 100 * 80 + 10_000 * books.tokens_out


@pytest.mark.parametrize("mode", ["429", "500", "reset", "quota", "wrong_key"])
async def test_a_call_that_nobody_bills_costs_nothing(tmp_path: Path, mode: Any) -> None:
    clock = FakeClock()
    async with (
        ModelServer(mode=mode) as server,
        a_model(server) as model,
        Database(tmp_path / "t.db") as database,
    ):
        with pytest.raises(ModelError):
            await MeteredModel(model, database, _settings(), clock).ask(a_request())
        assert (await _spent(database, clock)).cost_nanos == 0


async def test_a_call_without_an_end_stays_paid(tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        ModelServer(delay_s=5) as server,
        a_model(server, timeout_s=0.1) as model,
        Database(tmp_path / "t.db") as database,
    ):
        with pytest.raises(ModelError, match="no answer within"):
            await MeteredModel(model, database, _settings(), clock).ask(a_request())
        assert (await _spent(database, clock)).cost_nanos > 300 * 10_000


async def test_calls_side_by_side_cannot_pass_the_budget(tmp_path: Path) -> None:
    clock = FakeClock()
    settings = _settings(daily_budget_usd=0.02)
    async with (
        ModelServer(answer=honest, delay_s=0.01) as server,
        a_model(server, concurrency=20) as model,
        Database(tmp_path / "t.db") as database,
    ):
        metered = MeteredModel(model, database, settings, clock)
        asked = (metered.ask(a_request(str(n))) for n in range(40))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        books = await _spent(database, clock)
    failed = [one for one in answers if isinstance(one, ModelError)]
    assert 0 < len(failed) < 40
    assert len(server.requests) == 40 - len(failed)
    assert books.cost_nanos <= 20_000_000
    assert str(failed[0]) == "the day's budget for the model, $0.02, is used up until midnight UTC"
    assert failed[0].retry_after_s == 15 * 3600


async def test_the_budget_holds_over_a_restart_and_ends_with_the_day(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    settings = _settings(daily_budget_usd=0.01)

    async def hold() -> int:
        async with Database(tmp_path / "t.db") as database:
            purse = StorePurse(database, settings, clock)
            return await purse.hold(a_request(), Use(tokens_out=600))

    assert await hold()
    with pytest.raises(ModelError, match="used up"):
        await hold()
    clock.at += timedelta(minutes=31)
    assert await hold()


async def test_each_channel_has_its_share(tmp_path: Path) -> None:
    settings = _settings(daily_budget_usd=0.03, channel_budget_usd=0.01)
    async with Database(tmp_path / "t.db") as database:
        purse = StorePurse(database, settings, FakeClock())
        most = Use(tokens_out=600)
        await purse.hold(a_request(channel="discord:1"), most)
        with pytest.raises(ModelError, match=r"discord:1's share of the budget for the model, \$0"):
            await purse.hold(a_request(channel="discord:1"), most)
        await purse.hold(a_request(channel="discord:2"), most)
        for _ in range(3):  # nobody's: the day's budget alone
            await purse.hold(a_request(), most)
        with pytest.raises(ModelError, match="the day's budget"):
            await purse.hold(a_request(), most)


async def test_a_call_larger_than_the_budget_says_so(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        purse = StorePurse(database, _settings(daily_budget_usd=0.001), FakeClock())
        with pytest.raises(ModelError, match=r"one call to the model may cost \$0.006, more than"):
            await purse.hold(a_request(), Use(tokens_out=600))


async def test_without_a_budget_nothing_is_refused(tmp_path: Path) -> None:
    async with Database(tmp_path / "t.db") as database:
        purse = StorePurse(database, _settings(), FakeClock())
        assert await purse.hold(a_request(channel="c"), Use(tokens_in=10**12))


def test_cached_tokens_cost_as_much_as_others_where_no_price_is_set() -> None:
    use = Use(tokens_in=100, tokens_cached=60, tokens_out=1)
    purse = StorePurse(
        Database(Path("unused")), LlmSettings(price_in=2.0, price_out=3.0), FakeClock()
    )
    assert purse.cost_nanos(use) == 2_000 * 100 + 3_000
