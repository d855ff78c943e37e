"""What the client must not do: reach private addresses, or take in more than it is told to."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
import ssl
import subprocess
import tracemalloc
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.addresses import AddressPolicy, AddressRefusedError
from adapters.connections import Resolver, open_connector
from adapters.http import HttpClient
from bot.ports import FetchRequest
from tests.adapters.http_kit import error_of, open_client
from tests.sims.origin import ENCODERS, Origin

FEED = b"<rss><channel><title>Sample</title></channel></rss>" * 20
BOMB = bytes(8_000_000)
LIMIT = 1_000_000


@pytest_asyncio.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as server:
        server.serve("/feed", body=FEED)
        yield server


@pytest_asyncio.fixture
async def strict() -> AsyncIterator[HttpClient]:
    async with open_client(allow_networks=()) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "１２７.0.0.1",
             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "127.0.0.1."]
)  # fmt: skip
async def test_a_private_address_is_refused_unasked(
    origin: Origin, strict: HttpClient, host: str
) -> None:
    error = await error_of(strict, f"http://{host}:{origin.port}/feed?token=secret")
    assert error.refused
    assert error.permanent
    assert "is not a public address (allow it with fetch.allow_networks)" in str(error)
    assert "secret" not in str(error)
    assert origin.connections == 0


async def test_a_name_of_a_private_address_is_refused(origin: Origin, strict: HttpClient) -> None:
    for name in ("localhost", "LocalHost", "feeds.localhost"):
        error = await error_of(strict, origin.url("/feed", host=name))
        assert error.refused
        assert str(error).startswith(name.lower())
        assert "is not a public address" in str(error)
    assert origin.connections == 0


async def test_a_named_network_may_be_reached(origin: Origin) -> None:
    async with open_client() as http:
        for host in ("127.0.0.1", "localhost", "feeds.localhost", "127.1"):
            url = origin.url("/feed", host=host)
            got = await http.fetch(FetchRequest(url=url))
            assert (got.body, got.url) == (FEED, url)


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "feeds.localhost", "a.b.localhost."])
async def test_names_of_this_machine_are_looked_up_nowhere(host: str) -> None:
    """Not every machine knows them: a container may have neither a resolver nor a hosts file."""
    resolver = Resolver(None)
    await resolver.close()  # a look-up would fail now

    both = await resolver.resolve(host, 80)
    old = await resolver.resolve(host, 80, socket.AF_INET)

    assert [(one["host"], one["port"]) for one in both] == [("127.0.0.1", 80), ("::1", 80)]
    assert [one["host"] for one in old] == ["127.0.0.1"]


class LyingResolver(AbstractResolver):
    """A name server that has changed its mind since the name was checked."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=self._address, port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


async def test_the_address_is_checked_where_it_is_connected_to(origin: Origin) -> None:
    connector = open_connector(AddressPolicy(), LyingResolver("127.0.0.1"))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(f"http://example.org:{origin.port}/feed")
        assert isinstance(caught.value.os_error, AddressRefusedError)
    assert origin.connections == 0


async def test_every_redirect_is_checked(origin: Origin) -> None:
    only_that = (ip_network("127.0.0.2/32"),)
    async with Origin(host="127.0.0.2") as public, open_client(allow_networks=only_that) as http:
        for target in (origin.url("/feed"), origin.url("/feed", host="localhost")):
            public.redirect("/feed", target, status=302)
            error = await error_of(http, public.url("/feed"))
            assert error.refused
    assert origin.connections == 0


async def test_a_trusted_address_may_be_private(origin: Origin, strict: HttpClient) -> None:
    got = await strict.fetch(FetchRequest(url=origin.url("/feed"), trusted=True))
    assert got.body == FEED


async def test_trust_does_not_follow_a_redirect_elsewhere(
    origin: Origin, strict: HttpClient
) -> None:
    async with Origin(host="127.0.0.2") as admins:
        admins.redirect("/feed", origin.url("/feed"))
        admins.redirect("/moved", "/here")
        admins.serve("/here", body=FEED)
        moved = await strict.fetch(FetchRequest(url=admins.url("/moved"), trusted=True))
        assert moved.body == FEED
        assert (await error_of(strict, admins.url("/feed"), trusted=True)).refused
    assert origin.connections == 0


async def test_nobody_rides_on_a_trusted_connection(origin: Origin, strict: HttpClient) -> None:
    url = origin.url("/feed", host="localhost")
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(strict.fetch(FetchRequest(url=url, trusted=True)))
    assert (await error_of(strict, url)).refused
    assert origin.count("/feed") == 4


async def test_the_environments_proxy_is_not_used(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Origin(host="127.0.0.2") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(""))
        async with open_client() as http:
            await http.fetch(FetchRequest(url=origin.url("/feed")))
        assert proxy.connections == 0


@pytest.mark.parametrize("encoding", [*ENCODERS, None])
async def test_each_encoding_is_read(origin: Origin, encoding: str | None) -> None:
    origin.serve("/feed", body=FEED, encoding=encoding)
    async with open_client() as http:
        assert (await http.fetch(FetchRequest(url=origin.url("/feed")))).body == FEED
    asked = origin.requests[0].headers["accept-encoding"]
    assert set(asked.replace(" ", "").split(",")) == {*ENCODERS}


@pytest.mark.parametrize("encoding", [*ENCODERS, None])
async def test_a_body_over_the_limit_is_not_taken_in(origin: Origin, encoding: str | None) -> None:
    origin.serve("/feed", body=b"x" * (LIMIT + 1), encoding=encoding, declared_length=-1)
    origin.serve("/fits", body=b"x" * LIMIT, encoding=encoding)
    async with open_client(max_bytes=LIMIT) as http:
        error = await error_of(http, origin.url("/feed"))
        assert len((await http.fetch(FetchRequest(url=origin.url("/fits")))).body) == LIMIT
    assert str(error) == "127.0.0.1 sent more than the 1_000_000 bytes of fetch.max_bytes"
    assert (error.refused, error.permanent) == (True, False)


async def test_a_body_that_admits_its_size_is_not_begun(origin: Origin) -> None:
    origin.serve("/feed", body=b"x", declared_length=LIMIT + 1)
    async with open_client(max_bytes=LIMIT) as http:
        assert "sent more than" in str(await error_of(http, origin.url("/feed")))


@pytest.mark.parametrize("kind", ["gzip", "br", "zstd", "deflate", "gzip twice", "members"])
async def test_a_bomb_goes_off_outside(origin: Origin, kind: str) -> None:
    encoding = kind.split()[0] if kind != "members" else "gzip"
    body = _bomb(kind)
    origin.serve("/feed", body=body, headers={"Content-Encoding": encoding})
    async with open_client(max_bytes=LIMIT) as http:
        tracemalloc.start()
        error = await error_of(http, origin.url("/feed"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "sent more than the 1_000_000 bytes" in str(error)
    assert peak < 6 * LIMIT


def _bomb(kind: str) -> bytes:
    if kind == "members":
        return gzip.compress(b"\0" * 640_000) * 100
    if kind == "gzip twice":
        return gzip.compress(gzip.compress(BOMB * 8, 1))
    return ENCODERS[kind](BOMB)


@pytest.mark.parametrize("length", [len(FEED) + 1, 10 * len(FEED)])
async def test_a_body_shorter_than_promised_is_an_error(origin: Origin, length: int) -> None:
    origin.serve("/feed", body=FEED, declared_length=length)
    async with open_client() as http:
        error = await error_of(http, origin.url("/feed"))
    assert str(error) == "127.0.0.1 broke off in the middle of its answer"


async def test_a_connection_that_breaks_in_the_body_is_an_error(origin: Origin) -> None:
    origin.serve("/feed", body=b"x" * 200_000, reset="body")
    async with open_client() as http:
        error = await error_of(http, origin.url("/feed"))
    assert str(error) == "127.0.0.1 broke off in the middle of its answer"
    assert not error.permanent


async def test_a_cut_gzip_stream_is_an_error(origin: Origin) -> None:
    body = gzip.compress(FEED)[:-9]
    origin.serve("/feed", body=body, headers={"Content-Encoding": "gzip"})
    async with open_client() as http:
        error = await error_of(http, origin.url("/feed"))
    assert str(error) == "127.0.0.1 sent a compressed body that is cut off"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = await asyncio.to_thread(_own_certificate, tmp_path)
    async with (
        await asyncio.start_server(lambda _, writer: None, "127.0.0.1", 0, ssl=context) as server,
        open_client() as http,
    ):
        port = server.sockets[0].getsockname()[1]
        error = await error_of(http, f"https://127.0.0.1:{port}/feed")
    assert str(error) == "127.0.0.1 has no valid certificate (self-signed certificate)"
    assert not error.permanent


def _own_certificate(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [*make.split(), "-keyout", str(key), "-out", str(certificate), *names]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
