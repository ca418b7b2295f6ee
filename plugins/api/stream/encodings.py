"""Content encodings of the stream: each message is compressed once, and shared by all clients of that encoding.

No client has a compressor of its own, so 500 cost what one costs. For that, each message must be decodable whatever
came before it: a zstd frame of its own, or a gzip stream's deflate blocks that look back at nothing and end at a byte
(a client gets gzip's header once). Brotli has no such form, and is not offered.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import zstandard

LARGE: Final = 64 * 1024
"""Bytes from which on compressing is left to a thread: below, handing over costs more than it saves."""


class Encoding(NamedTuple):
    """A content coding: its name, the bytes before the first message, and its compressor."""

    name: bytes
    prologue: bytes
    compress: Callable[[bytes], bytes]


def _deflate(message: bytes) -> bytes:
    compressor = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH)


def _zstd(message: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(message)


GZIP: Final = Encoding(b"gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", _deflate)
ZSTD: Final = Encoding(b"zstd", b"", _zstd)
OFFERED: Final = (GZIP, ZSTD)
"""The first where a client likes both: zstd is smaller, but httpx's decoder fails where a read ends with a frame."""


class EncodedMessage:
    """A message framed as a chunk of HTTP/1.1, cached in every encoding that was asked for."""

    __slots__ = ("_chunks", "_plain", "size")

    def __init__(self, plain: bytes) -> None:
        self.size: Final = len(plain)
        """In bytes, as it is."""
        self._plain: Final = framed(plain)
        self._chunks: dict[bytes, asyncio.Future[bytes]] = {}

    @property
    def plain(self) -> bytes:
        """Uncompressed, without its frame."""
        return self._plain[-2 - self.size : -2]

    def chunk_now(self, encoding: Encoding | None) -> bytes:
        """The chunk in that encoding (None: identity); compressed here where it is not cached."""
        if encoding is None:
            return self._plain
        chunk = self._chunks.get(encoding.name)
        if chunk is None or not chunk.done():
            chunk = self._chunks[encoding.name] = asyncio.get_running_loop().create_future()
            chunk.set_result(self._made(encoding))
        return chunk.result()

    async def chunk(self, encoding: Encoding | None) -> bytes:
        """The same, but a large message is compressed in a thread, once for all who wait."""
        if encoding is None or self.size < LARGE:
            return self.chunk_now(encoding)
        chunk = self._chunks.get(encoding.name)
        if chunk is None:
            loop = asyncio.get_running_loop()
            chunk = self._chunks[encoding.name] = loop.run_in_executor(None, self._made, encoding)
        return chunk.result() if chunk.done() else await asyncio.shield(chunk)

    def _made(self, encoding: Encoding) -> bytes:
        return framed(encoding.compress(self.plain))


def framed(body: bytes) -> bytes:
    """`body` as one chunk of HTTP/1.1's chunked transfer coding."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def choose(accepted: str) -> Encoding | None:
    """Negotiate the encoding from Accept-Encoding; None for identity."""
    weights: dict[str, float] = {}
    for part in accepted.split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip().lower()] = _weight(parameter)
    best = max(OFFERED, key=lambda encoding: weights.get(encoding.name.decode(), 0.0))
    return best if weights.get(best.name.decode(), 0.0) > 0 else None


def _weight(parameter: str) -> float:
    """`q=0.5` is a half, `q=0` not at all, and nothing said is 1; what is no number is not at all."""
    key, _, value = parameter.strip().partition("=")
    if key.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
