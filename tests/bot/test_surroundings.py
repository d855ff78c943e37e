"""What `doctor` finds out about the clock and the pages' address."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network

import pytest
from pydantic import SecretStr

from adapters.http import HttpClient
from bot.model import Source
from bot.surroundings import check_clock, check_web
from config.secrets import Secrets
from config.settings import Settings
from config.types import LoadContext
from tests.sims.origin import Origin


@dataclass
class Ahead:
    """A clock that is wrong by so much."""

    by: timedelta

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


def client(ahead_s: float) -> HttpClient:
    return HttpClient(
        user_agent="test",
        host_gap_s=0,
        allow_networks=[ip_network("127.0.0.0/8")],
        now=Ahead(timedelta(seconds=ahead_s)),
    )


def source(url: str) -> Source:
    return Source(id=1, url=url, kind="feed", fetch_url=url)


@pytest.mark.parametrize(
    ("ahead_s", "is_well", "word"),
    [(0, True, "agrees"), (300, False, "ahead"), (-300, False, "behind")],
)
async def test_a_wrong_clock_is_told(ahead_s: float, is_well: bool, word: str) -> None:
    async with Origin() as origin, client(ahead_s) as http:
        date = format_datetime(datetime.now(UTC), usegmt=True)
        origin.serve("/feed", body=b"<rss/>", headers={"Date": date})
        found, text = await check_clock(http, [source(origin.url("/feed"))])
    assert found is is_well
    assert word in text


async def test_the_time_that_a_cache_kept_an_answer_is_not_a_wrong_clock() -> None:
    async with Origin() as origin, client(0) as http:
        date = format_datetime(datetime.now(UTC) - timedelta(hours=2), usegmt=True)
        origin.serve("/feed", body=b"<rss/>", headers={"Date": date, "Age": "7200"})
        assert (await check_clock(http, [source(origin.url("/feed"))]))[0] is True


async def test_without_an_answer_the_clock_is_not_judged() -> None:
    async with client(300) as http:
        assert (await check_clock(http, []))[0] is True
        assert (await check_clock(http, [source("http://127.0.0.1:1/feed")]))[0] is True


async def test_a_chosen_port_that_is_taken_is_told_and_the_usual_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        chosen = Settings.model_validate({"web": {"listen": listen}})
        ((is_well, text),) = await check_web(chosen)
    assert not is_well
    assert listen in text
    ((is_well, _),) = await check_web(Settings())
    assert is_well


async def test_pages_that_others_reach_want_a_token() -> None:
    context = LoadContext(
        working_dir=None,  # type: ignore[arg-type]  # no path is read
        home=None,
        secrets=Secrets(threadwire_web_token=SecretStr("x")),
    )
    tree = {"web": {"listen": "0.0.0.0:0"}}
    assert "THREADWIRE_WEB_TOKEN" in (await check_web(Settings.model_validate(tree)))[-1][1]
    assert len(await check_web(Settings.model_validate(tree, context=context))) == 1


async def test_a_public_address_that_nobody_answers_is_told() -> None:
    tree = {"web": {"listen": "", "public_url": "https://news.example"}}
    assert [is_well for is_well, _ in await check_web(Settings.model_validate(tree))] == [False]
