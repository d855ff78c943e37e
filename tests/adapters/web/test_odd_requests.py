"""What nobody means well by: each is answered with a status of its own, never with a crash."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.web.site import Client, served
from tests.bot.commands.desk import feed
from tests.bot.digests.samples import COMMUNITY

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


async def status_of(client: Client, method: str, path: str, **given: object) -> int:
    async with client.request(method, path, allow_redirects=False, **given) as answer:  # type: ignore[arg-type]  # the client's own options
        await answer.read()
        return answer.status


@pytest.mark.parametrize("place", ["digests", "stories", "sources"])
@pytest.mark.parametrize("number", ["9" * 19, "9" * 5_000, "%D9%A1", "-1", "1e3"], ids=len)
async def test_numbers_that_nothing_has(tmp_path: Path, place: str, number: str) -> None:
    async with served(tmp_path) as it:
        assert await status_of(it.client, "GET", f"/{place}/{number}") == 404


@pytest.mark.parametrize("path", ["/", "/stories", "/predictions"])
@pytest.mark.parametrize(
    "before",
    ["9999-12-31T23:59:59-23:00~1", "0001-01-01T00:00:00%2B23:00~1", "2026-01-01~1", "~", "%00"],
)
async def test_places_at_the_ends_of_time(tmp_path: Path, path: str, before: str) -> None:
    async with served(tmp_path) as it:
        assert await status_of(it.client, "GET", f"{path}?before={before}") == 200


async def test_dates_at_the_end_of_time(tmp_path: Path) -> None:
    last = {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"}
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))
        assert await status_of(it.client, "GET", "/feed.atom", headers=last) == 304


@pytest.mark.parametrize("host", ["[::1", "[:::]", 'a"><b>', "a b", "a/b", "a:x", "é", "x" * 300])
async def test_hosts_that_no_link_can_be_made_of(tmp_path: Path, host: str) -> None:
    async with served(tmp_path) as it:
        await it.keep_digest("community", COMMUNITY, until=AT)
        for path in ("/feed.atom", "/feed.json", "/digests/1.json"):
            assert await status_of(it.client, "GET", path, headers={"Host": host}) == 400
        assert await status_of(it.client, "GET", "/", headers={"Host": host}) == 200


@pytest.mark.parametrize("host", ["news.example", "127.0.0.1:8080", "[::1]:8080", "my_host"])
async def test_hosts_as_they_are(tmp_path: Path, host: str) -> None:
    async with (
        served(tmp_path) as it,
        it.client.get("/feed.json", headers={"Host": host}) as answer,
    ):
        assert (await answer.json(content_type=None))["feed_url"] == f"http://{host}/feed.json"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=nonsense", b"csrf=a&token=b"),
        ("multipart/form-data", b"csrf=a&token=b"),
        ("multipart/form-data; boundary=x", b"no parts"),
    ],
    ids=["charset", "boundary", "parts"],
)
async def test_bodies_that_are_no_forms(tmp_path: Path, kind: str, body: bytes) -> None:
    async with served(tmp_path) as it:
        headers = {"Content-Type": kind}
        assert await status_of(it.client, "POST", "/login", data=body, headers=headers) == 400


async def test_forms_from_a_broken_address_are_not_ours(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        headers = {"Content-Type": FORM, "Origin": "http://[::1"}
        assert await status_of(it.client, "POST", "/login", data=b"csrf=a", headers=headers) == 403


async def test_cookies_that_we_did_not_make(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        for name in (b"threadwire_form", b"threadwire_session"):
            for path in (b"/login", b"/status"):
                reader, writer = await asyncio.open_connection(it.client.host, it.client.port)
                writer.write(
                    b"GET %b HTTP/1.1\r\nHost: a\r\nCookie: %b=\xff\xfe\r\n" % (path, name)
                )
                writer.write(b"Connection: close\r\n\r\n")
                assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
                writer.close()
                await writer.wait_closed()
