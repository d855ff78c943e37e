"""`/healthz` and `/metrics` over HTTP, and the id that every request gets."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.metrics import Metrics
from bot.pages import build_app
from bot.store.database import Database
from bot.vitals import Vitals
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext
from tests.fakes.clock import FakeClock

Client = TestClient[web.Request, web.Application]


@contextlib.asynccontextmanager
async def served(folder: Path, *, token: str = "", public_url: str = "") -> AsyncIterator[Client]:
    secrets = Secrets(threadwire_web_token=SecretStr(token)) if token else Secrets()
    context = LoadContext(working_dir=folder, home=None, secrets=secrets)
    settings = Settings.model_validate({"web": {"public_url": public_url}}, context=context)
    async with Database(folder / "t.db") as database:
        vitals = Vitals(database, FakeClock(), Metrics(), database_within_s=0.5)
        app = build_app(settings, vitals)

        async def crash(_: web.Request) -> web.Response:
            raise RuntimeError("a bug")

        app.router.add_get("/crash", crash)
        async with TestClient(TestServer(app)) as client:
            yield client


async def test_health_is_200_while_well_and_503_when_broken(tmp_path: Path) -> None:
    async with served(tmp_path) as client:
        answer = await client.get("/healthz")
        assert answer.status == 200
        assert (await answer.json())["status"] == "ok"
    async with served(tmp_path) as client:
        (tmp_path / "t.db").unlink()
        answer = await client.get("/healthz")
        assert answer.status == 503
        assert (await answer.json())["status"] == "broken"


async def test_spending_is_shown_to_who_has_the_token(tmp_path: Path) -> None:
    async with served(tmp_path, token="sesame") as client:
        stranger = await client.get("/metrics")
        owner = await client.get("/metrics", headers={"Authorization": "Bearer sesame"})
        assert "threadwire_model" not in await stranger.text()
        assert "threadwire_model_spent_today_usd" in await owner.text()


async def test_spending_is_hidden_from_the_public_where_nobody_set_a_token(tmp_path: Path) -> None:
    async with served(tmp_path, public_url="https://news.example") as client:
        assert "threadwire_model" not in await (await client.get("/metrics")).text()


async def test_an_id_from_a_proxy_is_kept_and_a_strange_one_is_not(tmp_path: Path) -> None:
    async with served(tmp_path) as client:
        kept = await client.get("/healthz", headers={"X-Request-ID": "abcd-1234-efgh"})
        assert kept.headers["X-Request-ID"] == "abcd-1234-efgh"
        strange = await client.get("/healthz", headers={"X-Request-ID": "<script> x"})
        assert len(strange.headers["X-Request-ID"]) == 32


async def test_log_lines_of_a_request_carry_its_id(tmp_path: Path) -> None:
    async with served(tmp_path) as client:
        with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
            missing = await client.get("/nowhere?q=private+words")
            crashed = await client.get("/crash")
    assert (missing.status, crashed.status) == (404, 500)
    by_event = {(line["event"], line.get("path")): line for line in lines}
    line = by_event["request answered", "/nowhere"]
    assert line["request_id"] == missing.headers["X-Request-ID"]
    crash = by_event["request crashed", "/crash"]
    assert crash["request_id"] == crashed.headers["X-Request-ID"]
    assert "private" not in str(lines)
