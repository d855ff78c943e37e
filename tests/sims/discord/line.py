"""One WebSocket of the gateway: frames in order, compressed as the client asked for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import zlib
from collections import deque
from typing import Any

from aiohttp import web

TIMED_OUT = 4009
RATE = 120  # events per 60 s (events/gateway, rate limiting)


class _Zlib:
    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def frame(self, text: bytes) -> bytes:
        return self._stream.compress(text) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self) -> None:
        zstd = _zstd()
        self._stream = zstd.ZstdCompressor()
        self._mode = zstd.ZstdCompressor.FLUSH_BLOCK

    def frame(self, text: bytes) -> bytes:
        framed: bytes = self._stream.compress(text, self._mode)
        return framed


def _zstd() -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore] # 3.14
    except ImportError:
        from backports import zstd
    return zstd


def _packer(compress: str | None) -> _Zlib | _Zstd | None:
    if compress == "zlib-stream":
        return _Zlib()
    return _Zstd() if compress == "zstd-stream" else None


class Line:
    """Frames wait while `flow` is not set."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.Request,
        compress: str | None,
        flow: asyncio.Event,
    ) -> None:
        self.compress = compress
        self._flow = flow
        self._socket = socket
        self._request = request
        self._queue: asyncio.Queue[dict[str, Any] | int] = asyncio.Queue()
        self._received: deque[float] = deque()
        self._deadline: asyncio.TimerHandle | None = None
        self.closed_by_us = False
        self._packer = _packer(compress)

    def put(self, frame: dict[str, Any]) -> None:
        self._queue.put_nowait(frame)

    def close(self, code: int) -> None:
        self.closed_by_us = True
        self._queue.put_nowait(code)

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    def expect_within(self, seconds: float) -> None:
        """Hangs up unless it is asked again in time."""
        self.expect_nothing()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(seconds, self.close, TIMED_OUT)

    def expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def over_its_rate(self) -> bool:
        now = time.monotonic()
        self._received.append(now)
        while self._received[0] < now - 60:
            self._received.popleft()
        return len(self._received) > RATE

    async def write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while not self._socket.closed:
                frame = await self._queue.get()
                if isinstance(frame, int):
                    await self._socket.close(code=frame)
                    return
                await self._flow.wait()
                await self._send(frame)

    async def _send(self, frame: dict[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        if self._packer is None:
            await self._socket.send_str(text)
        else:
            await self._socket.send_bytes(self._packer.frame(text.encode()))
