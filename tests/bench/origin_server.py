"""A web server on loopback that is much faster than the clients that are measured against it.

Run in a process of its own: `python -m tests.bench.origin_server --feeds 2000 --entries 30`. It
prints its address and serves `/f/<i>.xml`; answers are made before the first request, so that
serving costs a lookup and one write. ETag and If-None-Match work; there is no compression.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import cast

import uvloop

from tests.bench.synthetic import Newsroom, feed_xml

ROOT = Path(__file__).parents[2]
_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Answers:
    """Prepared responses by path: whole, or 304 where the client has the current one."""

    def __init__(self) -> None:
        self._whole: dict[bytes, bytes] = {}
        self._unchanged: dict[bytes, bytes] = {}
        self._etags: dict[bytes, bytes] = {}

    def add(self, path: str, body: bytes) -> None:
        key = path.encode()
        etag = b'"' + blake2b(body, digest_size=8).hexdigest().encode() + b'"'
        self._etags[key] = etag
        self._unchanged[key] = b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n"
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nETag: {etag.decode()}\r\n\r\n"
        )
        self._whole[key] = head.encode() + body

    def answer(self, request: bytes) -> bytes:
        """The response to one request head, up to its blank line."""
        _, path, _ = request.split(b" ", maxsplit=2)
        etag = self._etags.get(path)
        if etag is None:
            return _MISSING
        # The tag cannot occur by chance elsewhere in a request for this path.
        return self._unchanged[path] if etag in request else self._whole[path]


class Connection(asyncio.Protocol):
    """One client connection, kept alive until the client closes it."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods, not the base class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        assert self._transport is not None
        for request in requests:
            self._transport.write(self._answers.answer(request))


@contextlib.contextmanager
def running_origin(feeds: int, entries: int) -> Iterator[str]:
    """Start the server in its own process; gives its address once it answers."""
    command = [sys.executable, "-m", "tests.bench.origin_server"]
    command += ["--feeds", str(feeds), "--entries", str(entries)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("the benchmark's origin did not start")
            yield address
        finally:
            process.terminate()


def feed_urls(origin: str, feeds: int) -> list[str]:
    """The addresses of all feeds."""
    return [f"{origin}/f/{number}.xml" for number in range(feeds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--entries", type=int, default=30)
    options = parser.parse_args()
    uvloop.run(_serve(options.feeds, options.entries))


async def _serve(feeds: int, entries: int) -> None:
    answers = Answers()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(answers), "127.0.0.1", 0, backlog=1024
    )
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    newsroom = Newsroom()
    for number in range(feeds):
        answers.add(f"/f/{number}.xml", feed_xml(number, newsroom.entries(number, entries)))
    sys.stdout.write(origin + "\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
