"""The client against an origin: validators, redirects, errors, manners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import pytest_asyncio

from adapters.http import HttpClient
from bot.ports import FetchRequest
from tests.adapters.http_kit import USER_AGENT, error_of, open_client
from tests.sims.origin import Origin

FEED = b"<rss><channel><title>Sample</title></channel></rss>"


@pytest_asyncio.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as server:
        yield server


@pytest_asyncio.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with open_client() as client:
        yield client


async def test_a_first_fetch_brings_the_body_and_its_validators(
    origin: Origin, http: HttpClient
) -> None:
    modified = "Wed, 21 Oct 2015 07:28:00 GMT"
    origin.serve("/feed", body=FEED, etag='W/"a,b"', last_modified=modified)
    got = await http.fetch(FetchRequest(url=origin.url("/feed")))
    assert (got.status, got.body, got.not_modified) == (200, FEED, False)
    assert (got.etag, got.last_modified) == ('W/"a,b"', modified)
    assert (got.url, got.moved_to) == (origin.url("/feed"), None)
    assert got.content_type == "application/xml"


@pytest.mark.parametrize("etag", ['"v1"', 'W/"weak"', "no-quotes", '"späte-x"'])
async def test_an_etag_goes_back_as_it_came(origin: Origin, http: HttpClient, etag: str) -> None:
    header = etag.encode().decode("latin-1")  # the origin writes headers byte by byte
    origin.serve("/feed", body=FEED, etag=header)
    first = await http.fetch(FetchRequest(url=origin.url("/feed")))
    again = await http.fetch(FetchRequest(url=origin.url("/feed"), etag=first.etag))
    assert (again.status, again.not_modified, again.body) == (304, True, b"")
    assert origin.seen("/feed")[1].headers["if-none-match"] == header


async def test_a_date_goes_back_as_it_came(origin: Origin, http: HttpClient) -> None:
    origin.serve("/feed", body=FEED, last_modified="yesterday, I think")
    got = await http.fetch(
        FetchRequest(url=origin.url("/feed"), last_modified="yesterday, I think")
    )
    assert got.not_modified


@pytest.mark.parametrize("junk", ["a\r\nX-Evil: 1", "a\udce4", "x" * 5000, ""])
async def test_a_validator_that_no_header_may_carry_is_left_out(
    origin: Origin, http: HttpClient, junk: str
) -> None:
    origin.serve("/feed", body=FEED)
    await http.fetch(FetchRequest(url=origin.url("/feed"), etag=junk, last_modified=junk))
    assert not {"if-none-match", "if-modified-since", "x-evil"} & origin.requests[0].headers.keys()


async def test_a_304_that_nobody_asked_for_is_an_error(origin: Origin, http: HttpClient) -> None:
    origin.serve("/feed", status=304)
    assert (await error_of(http, origin.url("/feed"))).status == 304


async def test_the_client_says_who_it_is_and_carries_no_cookie(
    origin: Origin, http: HttpClient
) -> None:
    origin.serve("/feed", body=FEED, headers={"Set-Cookie": "id=1"})
    origin.redirect("/moved", "/feed")
    await http.fetch(FetchRequest(url=origin.url("/moved"), accept="application/feed+json"))
    await http.fetch(FetchRequest(url=origin.url("/feed")))
    origin.check_manners()
    assert {seen.headers["user-agent"] for seen in origin.requests} == {USER_AGENT}
    assert [seen.headers["accept"] for seen in origin.requests] == [
        "application/feed+json",
        "application/feed+json",
        "*/*",
    ]


@pytest.mark.parametrize(
    ("headers", "max_age_s"),
    [
        ({"Cache-Control": "public, max-age=1800"}, 1800.0),
        ({"Cache-Control": "max-age=1800", "Age": "600"}, 1200.0),
        ({"Cache-Control": "no-cache, max-age=1800"}, None),
        (
            {
                "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
                "Expires": "Wed, 21 Oct 2015 08:28:00 GMT",
            },
            3600.0,
        ),
        ({}, None),
    ],
)
async def test_freshness_is_handed_on(
    origin: Origin, http: HttpClient, headers: dict[str, str], max_age_s: float | None
) -> None:
    origin.serve("/feed", body=FEED, etag='"1"', headers=headers)
    for etag in (None, '"1"'):
        got = await http.fetch(FetchRequest(url=origin.url("/feed"), etag=etag))
        assert got.max_age_s == max_age_s


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_redirect_moves(origin: Origin, http: HttpClient, status: int) -> None:
    origin.serve("/new%2Cname?a=1", body=FEED)
    origin.redirect("/old", "/new%2Cname?a=1#part", status=status)
    got = await http.fetch(FetchRequest(url=origin.url("/old")))
    assert got.moved_to == got.url == origin.url("/new%2Cname?a=1")


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_passing_redirect_does_not(origin: Origin, http: HttpClient, status: int) -> None:
    origin.serve("/new", body=FEED)
    origin.redirect("/old", origin.url("/new"), status=status)
    got = await http.fetch(FetchRequest(url=origin.url("/old")))
    assert (got.url, got.moved_to, got.body) == (origin.url("/new"), None, FEED)


@pytest.mark.parametrize("statuses", [(301, 302), (302, 308)])
async def test_a_chain_moves_only_if_all_of_it_does(
    origin: Origin, http: HttpClient, statuses: tuple[int, int]
) -> None:
    origin.redirect("/a", "/b", status=statuses[0])
    origin.redirect("/b", "c", status=statuses[1])
    origin.serve("/c", body=FEED)
    got = await http.fetch(FetchRequest(url=origin.url("/a")))
    assert (got.url, got.moved_to) == (origin.url("/c"), None)


async def test_a_moved_feed_may_be_unchanged(origin: Origin, http: HttpClient) -> None:
    origin.redirect("/old", "/new")
    origin.serve("/new", body=FEED, etag='"1"')
    got = await http.fetch(FetchRequest(url=origin.url("/old"), etag='"1"'))
    assert (got.not_modified, got.moved_to) == (True, origin.url("/new"))


async def test_five_redirects_are_followed_and_a_sixth_is_not(
    origin: Origin, http: HttpClient
) -> None:
    for number in range(6):
        origin.redirect(f"/{number}", f"/{number + 1}")
    origin.serve("/6", body=FEED)
    assert (await http.fetch(FetchRequest(url=origin.url("/1")))).body == FEED
    assert "redirects more than 5 times" in str(await error_of(http, origin.url("/0")))


async def test_a_loop_is_called_a_loop(origin: Origin, http: HttpClient) -> None:
    origin.redirect("/a", "/b")
    origin.redirect("/b", "/a#again", status=302)
    assert str(await error_of(http, origin.url("/a"))) == "127.0.0.1 redirects in a loop"
    assert len(origin.requests) == 2


async def test_validators_stay_with_their_origin(origin: Origin, http: HttpClient) -> None:
    async with Origin() as other:
        other.serve("/feed", body=FEED, etag='"1"')
        origin.redirect("/feed", other.url("/feed"))
        got = await http.fetch(
            FetchRequest(url=origin.url("/feed"), etag='"1"', last_modified="then")
        )
    assert (got.status, got.body) == (200, FEED)
    assert not {"if-none-match", "if-modified-since"} & other.requests[0].headers.keys()


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://u:p@127.0.0.1/", "ftp://example.org/x", "http://["]
)
async def test_a_redirect_to_where_we_do_not_go_is_refused(
    origin: Origin, http: HttpClient, location: str
) -> None:
    origin.redirect("/feed", location)
    error = await error_of(http, origin.url("/feed"))
    assert str(error).startswith("127.0.0.1 redirects to ")


async def test_a_redirect_without_a_place_to_go_is_an_error(
    origin: Origin, http: HttpClient
) -> None:
    origin.serve("/feed", status=302)
    assert (await error_of(http, origin.url("/feed"))).status == 302


async def test_a_location_may_hold_raw_bytes(origin: Origin, http: HttpClient) -> None:
    origin.serve("/%C3%BC", body=FEED)
    origin.redirect("/utf-8", "/ü".encode().decode("latin-1"))
    origin.redirect("/latin-1", "/ü")
    for target in ("/utf-8", "/latin-1"):
        assert (await http.fetch(FetchRequest(url=origin.url(target)))).body == FEED


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "127.0.0.1 answered 404 Not Found"),
        (410, "127.0.0.1 answered 410 Gone"),
        (500, "127.0.0.1 answered 500 Internal Server Error"),
        (202, "127.0.0.1 answered 202 Accepted"),
        (599, "127.0.0.1 answered 599"),
    ],
)
async def test_a_status_is_named(origin: Origin, http: HttpClient, status: int, text: str) -> None:
    origin.serve("/feed", status=status, body=b"<html>no</html>")
    error = await error_of(http, origin.url("/feed?token=secret"))
    assert (str(error), error.status, error.permanent) == (text, status, False)


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("120", 120.0),
        ("9999999999", 86_400.0),
        ("-5", None),
        ("soon", None),
        (format_datetime(datetime(2015, 10, 21, 7, 30, tzinfo=UTC), usegmt=True), 120.0),
        (format_datetime(datetime(2015, 10, 21, 7, 0, tzinfo=UTC), usegmt=True), 0.0),
    ],
)
async def test_retry_after_is_read(
    origin: Origin, http: HttpClient, value: str, wait_s: float | None
) -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    origin.serve("/feed", status=429, headers={"Retry-After": value, "Date": date})
    assert (await error_of(http, origin.url("/feed"))).retry_after_s == wait_s


async def test_retry_after_is_measured_by_our_clock_where_the_server_shows_none(
    origin: Origin,
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    later = format_datetime(moment + timedelta(seconds=90), usegmt=True)
    origin.serve("/feed", status=503, headers={"Retry-After": later})
    async with open_client(now=lambda: moment) as http:
        assert (await error_of(http, origin.url("/feed"))).retry_after_s == 90.0


async def test_a_dropped_connection_is_tried_once_more(origin: Origin, http: HttpClient) -> None:
    origin.serve("/feed", body=FEED)
    origin.serve_once("/feed", reset="head")
    assert (await http.fetch(FetchRequest(url=origin.url("/feed")))).body == FEED
    assert origin.count("/feed") == 2


async def test_a_host_that_always_hangs_up_is_left_alone(origin: Origin, http: HttpClient) -> None:
    origin.serve("/feed", reset="head")
    assert str(await error_of(http, origin.url("/feed"))) == "127.0.0.1 broke the connection off"
    assert origin.count("/feed") == 2


async def test_nobody_listening_is_said_so(http: HttpClient) -> None:
    async with Origin() as gone:
        url = gone.url("/feed")
    assert str(await error_of(http, url)) == "127.0.0.1 refused the connection"


async def test_a_name_that_does_not_exist_is_said_so(http: HttpClient) -> None:
    error = await error_of(http, "http://no-such-host.invalid/feed")
    assert str(error).startswith("no-such-host.invalid: ")
    assert not error.permanent


async def test_silence_ends_at_the_deadline(origin: Origin) -> None:
    origin.serve("/feed", hold=asyncio.Event())
    async with open_client(timeout_s=0.2) as http:
        error = await error_of(http, origin.url("/feed"))
    assert str(error) == "127.0.0.1 did not answer within 0.2 s"
    assert not error.permanent


async def test_a_dripping_body_ends_at_the_deadline(origin: Origin) -> None:
    origin.serve("/feed", body=b"x" * 1000, drip_s=0.02)
    async with open_client(timeout_s=0.2) as http:
        assert "did not answer within" in str(await error_of(http, origin.url("/feed")))


async def test_redirects_share_one_deadline(origin: Origin) -> None:
    for number in range(5):
        origin.serve(f"/{number}", status=302, headers={"Location": f"/{number + 1}"}, delay_s=0.1)
    async with open_client(timeout_s=0.25) as http:
        assert "did not answer within" in str(await error_of(http, origin.url("/0")))
    assert len(origin.requests) == 3


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(5000)) + b"\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
    ],
)
async def test_what_is_not_http_is_an_error_and_no_crash(
    origin: Origin, http: HttpClient, raw: bytes
) -> None:
    origin.serve("/feed", raw=raw)
    error = await error_of(http, origin.url("/feed"))
    assert str(error) == "127.0.0.1 sent no valid HTTP, or headers that are too long"


async def test_https_to_a_server_without_tls_is_said_so(http: HttpClient) -> None:
    def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await error_of(http, f"https://127.0.0.1:{port}/feed")
    assert str(error) == "127.0.0.1 does not speak TLS that we understand"


async def test_connections_are_kept_while_others_wait_for_the_host(origin: Origin) -> None:
    origin.serve("/feed", body=FEED)
    async with open_client(per_host=1) as http, asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(http.fetch(FetchRequest(url=origin.url("/feed"))))
    assert len({seen.connection for seen in origin.requests[1:]}) == 1


async def test_a_client_that_was_not_opened_says_so(origin: Origin) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await open_client().fetch(FetchRequest(url=origin.url("/feed")))
