"""A web origin on loopback that does what it is told, also what no decent server would do.

    async with Origin() as origin:
        origin.serve("/feed", body=FEED, etag='"v1"')            # 200, or 304 to a matching ETag
        origin.serve("/moved", status=301, headers={"Location": "/feed"})
        origin.serve("/slow", body=b"x" * 100, drip_s=0.5)       # one byte each half second
        origin.serve_once("/feed", status=503, headers={"Retry-After": "7"})   # then as before
        ... fetch origin.url("/feed") ...
        assert origin.count("/feed") == 2
        assert origin.seen("/feed")[1].headers["if-none-match"] == '"v1"'
        origin.check_manners()

It speaks plain HTTP/1.1 with keep-alive, written on asyncio streams so that every byte of an answer
can be wrong on purpose. It runs in the loop of its test: no thread, no fixed port. Whatever is
served may be changed at any time. Paths are matched with their query first, then without it.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import sys
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Self, TypedDict, Unpack

import brotli  # type: ignore[import-untyped]  # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a path answers.

    `etag` and `last_modified` are sent and make matching conditional requests a 304.
    `encoding` compresses the body and says so. `declared_length` lies about Content-Length;
    -1 leaves it out and closes the connection at the end of the body. `raw` is a whole answer, byte
    for byte, in the place of all else. `delay_s` passes before the head, `drip_s` after each byte
    of the body. `reset` breaks the connection off: before the head, or after it and half the body.
    `hold` keeps the answer back until it is set.
    """

    body: bytes = b""
    status: int = 200
    content_type: str | None = "application/xml"
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    declared_length: int | None = None
    raw: bytes | None = None
    delay_s: float = 0.0
    drip_s: float = 0.0
    reset: str | None = None  # "head" | "body"
    hold: asyncio.Event | None = None


class ReplyFields(TypedDict, total=False):
    """The fields of `Reply`, for `serve` to pass on."""

    body: bytes
    status: int
    content_type: str | None
    etag: str | None
    last_modified: str | None
    headers: Mapping[str, str]
    encoding: str | None
    declared_length: int | None
    raw: bytes | None
    delay_s: float
    drip_s: float
    reset: str | None
    hold: asyncio.Event | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came in. Header names are lower case; `at_s` is the loop's time."""

    method: str
    target: str
    headers: Mapping[str, str]
    at_s: float
    connection: int


class Origin:
    """One server on `host` and a port of its own. See the module's docstring."""

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self.requests: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self.connections = 0
        self._standing: dict[str, Reply] = {}
        self._once: dict[str, deque[Reply]] = {}
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve_connection, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, target: str = "/", *, host: str | None = None) -> str:
        """The address of `target` here; `host` is another name for the same machine."""
        name = host or self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}{target}"

    def serve(self, target: str, **fields: Unpack[ReplyFields]) -> None:
        """Answer `target` like this from now on."""
        self._standing[target] = Reply(**fields)

    def serve_once(self, target: str, **fields: Unpack[ReplyFields]) -> None:
        """Answer the next request for `target` like this; several calls queue up."""
        self._once.setdefault(target, deque()).append(Reply(**fields))

    def redirect(self, target: str, location: str, *, status: int = 301) -> None:
        """Send requests for `target` on to `location`."""
        self.serve(target, status=status, headers={"Location": location})

    def seen(self, target: str) -> list[Seen]:
        """The requests for `target` (with or without its query) so far."""
        return [
            seen for seen in self.requests if target in (seen.target, seen.target.split("?")[0])
        ]

    def count(self, target: str) -> int:
        """How often `target` was asked for."""
        return len(self.seen(target))

    def check_manners(self) -> None:
        """Assert that every visitor behaved: says who it is, tracks nothing, asks for little."""
        for seen in self.requests:
            assert seen.method == "GET", seen
            assert "+http" in seen.headers.get("user-agent", ""), seen
            assert "gzip" in seen.headers.get("accept-encoding", ""), seen
            assert not {"cookie", "referer", "authorization"} & seen.headers.keys(), seen

    async def _serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        self.connections += 1
        number = next(self._numbers)
        try:
            while await self._serve_request(reader, writer, number):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the visitor left, or the test is over
        finally:
            del self._open[task]
            writer.close()

    async def _serve_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        """Answer one request; False when the connection ends with it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        at_s = asyncio.get_running_loop().time()
        self.requests.append(
            Seen(method=method, target=target, headers=headers, at_s=at_s, connection=number)
        )
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            is_kept = await _send(writer, self._reply_to(target), headers)
            return is_kept and headers.get("connection", "").lower() != "close"
        finally:
            self.at_once -= 1

    def _reply_to(self, target: str) -> Reply:
        for name in (target, target.split("?")[0]):
            if once := self._once.get(name):
                return once.popleft()
            if name in self._standing:
                return self._standing[name]
        return Reply(status=404, body=b"not here", content_type="text/plain")


async def _send(writer: asyncio.StreamWriter, reply: Reply, asked: Mapping[str, str]) -> bool:
    """Send `reply` with all its faults; True when the connection may serve another request."""
    if reply.delay_s:
        await asyncio.sleep(reply.delay_s)
    if reply.hold is not None:
        await reply.hold.wait()
    if reply.reset == "head":
        writer.transport.abort()
        return False
    if reply.raw is not None:
        writer.write(reply.raw)
        await writer.drain()
        return False
    not_modified = _matches(reply, asked)
    body = b"" if not_modified else _encoded(reply)
    writer.write(_head(reply, body, not_modified=not_modified))
    if reply.reset == "body":
        writer.write(body[: len(body) // 2])
        await writer.drain()
        writer.transport.abort()
        return False
    await _write_body(writer, body, reply.drip_s)
    return reply.declared_length is None


async def _write_body(writer: asyncio.StreamWriter, body: bytes, drip_s: float) -> None:
    if not drip_s:
        writer.write(body)
        await writer.drain()
        return
    for start in range(len(body)):
        writer.write(body[start : start + 1])
        await writer.drain()
        await asyncio.sleep(drip_s)


def _matches(reply: Reply, asked: Mapping[str, str]) -> bool:
    """Whether a conditional request has what `reply` would send (RFC 9110 section 13.2.2)."""
    if reply.status != 200:
        return False
    if "if-none-match" in asked:
        return reply.etag is not None and asked["if-none-match"] == reply.etag
    return reply.last_modified is not None and (
        asked.get("if-modified-since") == reply.last_modified
    )


def _encoded(reply: Reply) -> bytes:
    return ENCODERS[reply.encoding](reply.body) if reply.encoding else reply.body


def _head(reply: Reply, body: bytes, *, not_modified: bool) -> bytes:
    status = 304 if not_modified else reply.status
    headers: dict[str, str | None] = {
        "Content-Type": reply.content_type,
        "ETag": reply.etag,
        "Last-Modified": reply.last_modified,
        "Content-Encoding": None if not_modified else reply.encoding,
        "Content-Length": _length(reply, body, not_modified=not_modified),
        "Connection": "close" if reply.declared_length is not None else None,
        **reply.headers,
    }
    phrase = responses.get(status, "Strange")
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status} {phrase}", *lines, "", ""]).encode("latin-1")


def _length(reply: Reply, body: bytes, *, not_modified: bool) -> str | None:
    if not_modified or reply.declared_length == -1:
        return None
    return str(len(body) if reply.declared_length is None else reply.declared_length)
