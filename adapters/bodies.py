"""Bodies of HTTP answers: decoded piece by piece, so that no bomb is ever unpacked.

Servers send gzip twice, name an encoding that they did not use, or serve a `.gz` file as it lies on
their disk. So the head's word is a hint, the first bytes decide, and one more layer is taken off
when what comes out is compressed again.
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

MAX_LAYERS = 3
_PIECE_BYTES = 256 * 1024
_HEAD_BYTES = 16  # enough for every magic number
_TRIAL_BYTES = 1024
# Unpacking runs on the loop: after this much output (about 2 ms) others get their turn.
_TURN_BYTES = 1024 * 1024
# Real files have a few members (bgzip: one for 64 kB); many tiny ones only cost time.
_MAX_MEMBERS = 1_000
# Browsers refuse zstd windows over 8 MB too (RFC 9659); the library would take 128 MB.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}

_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class BodyError(Exception):
    """A body cannot be decoded. The message is read after the name of the host."""


class BodyTooLargeError(BodyError):
    """A body is over the limit, as it comes or unpacked."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"sent more than the {max_bytes:_} bytes of fetch.max_bytes")


async def read_body(chunks: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes:
    """Take in a body and decode it. Raises `BodyError`.

    Neither what comes in, nor what comes out of any layer, may be more than `max_bytes`.
    """
    decoder = BodyDecoder(encoding, max_bytes)
    pieces: list[bytes] = []
    taken = made = 0
    async for chunk in chunks:
        taken += len(chunk)
        if taken > max_bytes:
            raise BodyTooLargeError(max_bytes)
        for piece in decoder.feed(chunk):
            pieces.append(piece)
            made += len(piece)
            if made >= _TURN_BYTES:
                made = 0
                await asyncio.sleep(0)
    pieces.extend(decoder.finish())
    return b"".join(pieces)


class BodyDecoder:
    """Takes off all layers of compression. `encoding` is the Content-Encoding header."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
        if len(names) > MAX_LAYERS:
            raise BodyError("sent a body in too many layers of compression")
        self._layers = [_Layer(name, max_bytes) for name in (*reversed(names), "")]

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Decoded pieces, none longer than a few hundred kB. To be used up before the next call."""
        return self._through(0, chunk)

    def finish(self) -> Iterator[bytes]:
        """The last pieces. Raises `BodyError` when a stream was cut off."""
        for index, layer in enumerate(self._layers):
            for piece in layer.finish():
                yield from self._through(index + 1, piece)

    def _through(self, index: int, chunk: bytes) -> Iterator[bytes]:
        if index == len(self._layers):
            yield chunk
            return
        for piece in self._layers[index].feed(chunk):
            yield from self._through(index + 1, piece)


class _Codec(Protocol):
    """One compressed stream. `complete`: it may end here."""

    complete: bool

    def feed(self, chunk: bytes) -> Iterator[bytes]: ...


class _Layer:
    """One layer: waits for the first bytes, chooses the codec by them, counts what comes out."""

    def __init__(self, name: str, max_bytes: int) -> None:
        self._name = name
        self._max_bytes = max_bytes
        self._made = 0
        self._head = b""
        self._codec: _Codec | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._codec is None:
            self._head += chunk
            if len(self._head) < _HEAD_BYTES:
                return
            chunk = self._head
            self._codec = _choose(self._name, chunk)
        yield from self._decode(self._codec, chunk)

    def finish(self) -> Iterator[bytes]:
        if self._codec is None:
            if not self._head:
                return
            self._codec = _choose(self._name, self._head, is_all=True)
            yield from self._decode(self._codec, self._head)
        if not self._codec.complete:
            raise BodyError("sent a compressed body that is cut off")

    def _decode(self, codec: _Codec, chunk: bytes) -> Iterator[bytes]:
        try:
            for piece in codec.feed(chunk):
                self._made += len(piece)
                if self._made > self._max_bytes:
                    raise BodyTooLargeError(self._max_bytes)
                yield piece
        except (zlib.error, zstd.ZstdError, brotli.error) as exc:
            raise BodyError("sent a damaged compressed body") from exc


def _choose(name: str, head: bytes, *, is_all: bool = False) -> _Codec:
    """The codec for a stream that begins with `head` and is said to be `name`.

    What carries a magic number is known by it. The two that carry none are believed if they can be
    decoded at all; an unknown name ("utf-8" is a common one) means nothing.
    """
    if head.startswith(_GZIP_MAGIC):
        return _Zlib(_GZIP)
    if head.startswith(_ZSTD_MAGIC):
        return _Zstd()
    if name == "deflate" and _opens(_Zlib(_DEFLATE), head, is_all):
        return _Zlib(_DEFLATE)
    if name == "deflate" and _opens(_Zlib(_RAW_DEFLATE), head, is_all):
        return _Zlib(_RAW_DEFLATE)
    if name == "br" and _opens(_Brotli(), head, is_all):
        return _Brotli()
    return _Plain()


def _opens(codec: _Codec, head: bytes, is_all: bool) -> bool:
    """Whether `head` can be decoded; if nothing follows it, to a proper end or a large piece."""
    try:
        piece = next(codec.feed(head[:_TRIAL_BYTES]), b"")
    except (zlib.error, brotli.error):
        return False
    return not is_all or codec.complete or len(piece) >= _PIECE_BYTES


class _Plain:
    """Not compressed."""

    complete = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk


_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


class _Zlib:
    """gzip with all its members, or one deflate stream."""

    def __init__(self, wbits: int) -> None:
        self.complete = False
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._members = 1

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        is_full = False
        while chunk or is_full:
            if self.complete and not self._next_member(chunk):
                return
            piece = self._stream.decompress(chunk, _PIECE_BYTES)
            is_full = len(piece) == _PIECE_BYTES
            self.complete = self._stream.eof
            chunk = self._stream.unused_data if self.complete else self._stream.unconsumed_tail
            if piece:
                yield piece

    def _next_member(self, rest: bytes) -> bool:
        """Begin another member; False when `rest` is padding, as tape formats leave it."""
        if self._wbits != _GZIP or not rest.startswith(_GZIP_MAGIC[:1]):
            return False
        self._members = _count_member(self._members)
        self._stream = zlib.decompressobj(self._wbits)
        return True


class _Zstd:
    """zstd with all its frames."""

    def __init__(self) -> None:
        self.complete = False
        self._stream = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        self._members = 1

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while True:
            if self.complete and not self._next_frame(chunk):
                return
            piece = self._stream.decompress(chunk, _PIECE_BYTES)
            self.complete = self._stream.eof
            chunk = self._stream.unused_data if self.complete else b""
            if piece:
                yield piece
            if not self.complete and self._stream.needs_input:
                return

    def _next_frame(self, rest: bytes) -> bool:
        # The first byte must do, the others may come later: a frame, or one to be skipped.
        if not rest or (rest[:1] != _ZSTD_MAGIC[:1] and rest[0] >> 4 != 5):
            return False
        self._members = _count_member(self._members)
        self._stream = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        return True


class _Brotli:
    """brotli; its decoder keeps what it was given and could not use yet."""

    def __init__(self) -> None:
        self.complete = False
        self._stream = brotli.Decompressor()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self.complete:
            return
        while True:
            piece = self._stream.process(chunk, output_buffer_limit=_PIECE_BYTES)
            self.complete = self._stream.is_finished()
            chunk = b""
            if piece:
                yield piece
            # `can_accept_more_data` is true while output still waits inside: ask until none comes.
            if self.complete or not piece:
                return


def _count_member(members: int) -> int:
    if members >= _MAX_MEMBERS:
        raise BodyError(f"sent a body of more than {_MAX_MEMBERS} compressed parts")
    return members + 1
