"""Bodies decoded in pieces: right, wrong, doubled, cut off."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.bodies import BodyDecoder, BodyError, read_body
from tests.sims.origin import ENCODERS

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def gz(data: bytes) -> bytes:
    """Without a time in it, so that names of cases are the same in every process."""
    return gzip.compress(data, mtime=0)


FEED = b"<?xml version='1.0'?><rss><channel><title>Sample</title></channel></rss>"
LIMIT = 100_000


def _raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


def decode(data: bytes, encoding: str, *, chunk: int = 64 * 1024, limit: int = LIMIT) -> bytes:
    decoder = BodyDecoder(encoding, limit)
    pieces: list[bytes] = []
    for start in range(0, len(data), chunk):
        pieces.extend(decoder.feed(data[start : start + chunk]))
    pieces.extend(decoder.finish())
    return b"".join(pieces)


@given(
    body=st.binary(max_size=3_000) | st.binary(min_size=1, max_size=20).map(lambda b: b * 1_000),
    names=st.lists(st.sampled_from(sorted(ENCODERS)), max_size=3),
    chunk=st.sampled_from([1, 7, 1_000, 64 * 1024]),
)
def test_layers_come_off_in_any_order_and_any_pieces(
    body: bytes, names: list[str], chunk: int
) -> None:
    plain = b"<" + body  # what begins like gzip would be taken for it
    data = plain
    for name in names:
        data = ENCODERS[name](data)
    assert decode(data, ", ".join(names), chunk=chunk) == plain


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (FEED, "gzip"),
        (FEED, "br"),
        (FEED, "deflate"),
        (FEED, "zstd"),
        (FEED, "utf-8"),
        (FEED, "identity"),
        (FEED, " , "),
        (gz(FEED), ""),
        (gz(FEED), "br"),
        (gz(FEED), "x-gzip"),
        (gz(FEED), "none"),
        (gz(gz(FEED)), "gzip"),
        (zstd.compress(FEED), "gzip"),
        (_raw_deflate(FEED), "deflate"),
        (zlib.compress(FEED), "DEFLATE"),
        (gz(FEED[:10]) + gz(FEED[10:]), "gzip"),
        (gz(FEED) + b"\0" * 512, "gzip"),
        (zstd.compress(FEED[:10]) + zstd.compress(FEED[10:]), "zstd"),
        (zstd.compress(FEED) + b"\x50\x2a\x4d\x18\x02\0\0\0ab", "zstd"),
        (zstd.compress(FEED) + b"junk", "zstd"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 5, 10_000])
def test_what_servers_do_is_understood(data: bytes, encoding: str, chunk: int) -> None:
    assert decode(data, encoding, chunk=chunk) == FEED


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "deflate", "zstd"])
@pytest.mark.parametrize("body", [b"", b"<", b"short"])
def test_tiny_bodies_are_themselves(body: bytes, encoding: str) -> None:
    assert decode(body, encoding) == body


@pytest.mark.parametrize("name", sorted(ENCODERS))
@pytest.mark.parametrize("chunk", [3, 100_000])
def test_a_cut_stream_is_an_error(name: str, chunk: int) -> None:
    data = ENCODERS[name](bytes(range(256)) * 8)
    with pytest.raises(BodyError, match="cut off"):
        decode(data[:-5], name, chunk=chunk)


def test_a_damaged_stream_is_an_error() -> None:
    data = bytearray(gz(FEED * 50))
    data[20:40] = b"\xff" * 20
    with pytest.raises(BodyError, match="damaged"):
        decode(bytes(data), "gzip")


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_no_piece_is_large_and_no_sum_over_the_limit(name: str) -> None:
    data = ENCODERS[name](bytes(6_000_000))
    with pytest.raises(BodyError, match="sent more than"):
        decode(data, name, limit=5_999_999)
    decoder = BodyDecoder(name, 6_000_000)
    sizes = [len(piece) for piece in (*decoder.feed(data), *decoder.finish())]
    assert sum(sizes) == 6_000_000
    assert max(sizes) <= 512 * 1024


def test_an_inner_layer_may_not_be_over_the_limit_either() -> None:
    empty = gz(b"") * 50_000
    with pytest.raises(BodyError, match="sent more than"):
        decode(gz(empty), "gzip, gzip")


def test_a_thousand_members_are_enough() -> None:
    member = gz(b"x")
    assert decode(member * 1_000, "gzip") == b"x" * 1_000
    with pytest.raises(BodyError, match="compressed parts"):
        decode(member * 1_001, "gzip")


def test_too_many_layers_are_refused() -> None:
    with pytest.raises(BodyError, match="too many layers"):
        BodyDecoder("gzip, gzip, gzip, gzip", LIMIT)


def test_a_wide_zstd_window_is_refused() -> None:
    wide: dict[int, int] = {zstd.CompressionParameter.window_log: 27}
    compressor = zstd.ZstdCompressor(options=wide)
    data = compressor.compress(b"<rss/>" * 1000) + compressor.flush()
    with pytest.raises(BodyError, match="damaged"):
        decode(data, "zstd")


@given(data=st.binary(max_size=500), encoding=st.sampled_from([*sorted(ENCODERS), "", "gzip,br"]))
def test_no_bytes_do_more_than_raise_our_error(data: bytes, encoding: str) -> None:
    for head in (b"", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"):
        try:
            decode(head + data, encoding)
        except BodyError as error:
            assert str(error).startswith("sent ")  # noqa: PT017 - either outcome is fine


async def _chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_body_is_read_whole() -> None:
    data = gz(FEED)
    assert await read_body(_chunks(data[:5], data[5:]), "gzip", LIMIT) == FEED


async def test_what_comes_in_is_limited_too() -> None:
    stored = gzip.compress(b"", 0)[:-8]
    with pytest.raises(BodyError, match="sent more than"):
        await read_body(_chunks(stored, *[b"\0" * 40_000] * 3), "gzip", LIMIT)
