"""`/healthz` and `/metrics` over HTTP, and the id that every request gets."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from aiohttp import web

from tests.adapters.web import site
from tests.adapters.web.site import Client


@contextlib.asynccontextmanager
async def served(folder: Path, *, token: str = "", public_url: str = "") -> AsyncIterator[Client]:

    async def crash(_: web.Request) -> web.Response:
        raise RuntimeError("a bug")

    routes = [web.get("/crash", crash)]
    async with site.served(
        folder, token=token, routes=routes, web={"public_url": public_url}
    ) as it:
        yield it.client


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
