"""Compressed streams: what comes out is what went in, whoever shares it and wherever a read ends."""

from __future__ import annotations

import asyncio
import zlib
from random import Random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kernel.testing import FakeTransport
from plugins.api.stream.encodings import GZIP, LARGE, ZSTD, EncodedMessage, Encoding, choose
from tests.plugins.api.client import DEADLINE_S, Mirror, contents, serving
from tests.plugins.api.stream.test_streams import following, happen


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br, zstd", GZIP),
        ("gzip, deflate, zstd", GZIP),
        ("zstd", ZSTD),
        ("GZIP;q=0.5, zstd;q=0.9", ZSTD),
        ("zstd;q=0.2, gzip", GZIP),
        ("gzip;q=0", None),
        ("gzip;q=0, zstd; q=1.0", ZSTD),
        ("gzip;q=lots", None),
        ("gzip;q=nan", None),
        ("gzip;q=-1", None),
        ("identity", None),
        ("br", None),
        ("", None),
        (";;;,,,=", None),
    ],
)
def test_a_client_gets_the_coding_that_it_likes_best(accepted: str, chosen: Encoding | None) -> None:
    assert choose(accepted) is chosen


@given(st.text(max_size=200))
def test_no_header_is_too_odd(accepted: str) -> None:
    assert choose(accepted) in (GZIP, ZSTD, None)


def decoded(encoding: Encoding, coded: bytes) -> bytes:
    """By an independent decoder, as one stream."""
    if encoding is GZIP:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(coded)
    with zstandard.ZstdDecompressor().stream_reader(coded, read_across_frames=True) as reader:
        return reader.read()


def bodies(chunks: list[bytes]) -> bytes:
    """What the chunks of HTTP/1.1 carry."""
    found = []
    for chunk in chunks:
        size, _, rest = chunk.partition(b"\r\n")
        assert (len(rest), rest[-2:]) == (int(size, 16) + 2, b"\r\n")
        found.append(rest[:-2])
    return b"".join(found)


@pytest.mark.parametrize("encoding", [GZIP, ZSTD])
async def test_a_client_that_comes_late_can_read_what_was_compressed_for_others(encoding: Encoding) -> None:
    made = Random(5)
    messages = [EncodedMessage(made.randbytes(3) * made.randrange(1, 300)) for _ in range(50)]
    messages.append(EncodedMessage(made.randbytes(1_000) * (LARGE // 500)))
    early = [await message.chunk(encoding) for message in messages]
    late = [message.chunk_now(encoding) for message in messages[20:]]

    assert decoded(encoding, encoding.prologue + bodies(early)) == b"".join(m.plain for m in messages)
    assert decoded(encoding, encoding.prologue + bodies(late)) == b"".join(m.plain for m in messages[20:])
    assert all(one is other for one, other in zip(early[20:], late, strict=True)), "compressed once, for all"
    assert bodies([await messages[0].chunk(None)]) == messages[0].plain


async def test_a_reader_that_leaves_does_not_take_the_coding_from_the_others() -> None:
    message = EncodedMessage(bytes(LARGE * 20))
    first = asyncio.create_task(message.chunk(GZIP))
    second = asyncio.create_task(message.chunk(GZIP))
    await asyncio.sleep(0)
    first.cancel()

    assert decoded(GZIP, GZIP.prologue + bodies([await second])) == message.plain


@pytest.mark.parametrize("encoding", [GZIP, ZSTD])
async def test_each_message_can_be_read_as_soon_as_it_has_come(encoding: Encoding) -> None:
    async with serving(FakeTransport, batch_window_ms=1) as site:
        reader, writer = await site.connect()
        request = (
            f"GET /api/event-stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {site.token}\r\n"
            f"accept-encoding: {encoding.name.decode()}\r\n\r\n"
        )
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-encoding: " + encoding.name in head
        assert b"vary: accept-encoding" in head
        body = b""
        async with asyncio.timeout(DEADLINE_S):
            while b"event: snapshot" not in decoded(encoding, body):
                body += await _chunk(reader)
            site.world.add_bot()
            while b"bot.connected" not in decoded(encoding, body):
                body += await _chunk(reader)
        writer.transport.abort()


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    """One chunk of a chunked body."""
    size = int(await reader.readuntil(b"\r\n"), 16)
    return (await reader.readexactly(size + 2))[:-2]


async def test_without_compression_a_client_that_takes_it_gets_plain_text() -> None:
    async with (
        serving(FakeTransport, batch_window_ms=1, compress=False) as site,
        site.anna.stream("GET", "/api/event-stream") as response,
    ):
        assert "content-encoding" not in response.headers


async def test_a_compressed_client_holds_the_servers_state() -> None:
    async with serving(FakeTransport, batch_window_ms=1) as site:
        mirror = Mirror()
        async with following(site, mirror):  # httpx asks for gzip
            await mirror.reach(site.world.state.seq)
            held = await happen(site, 300, seed=2)
            await mirror.reach(max(held))

        assert contents(mirror.state) == contents(site.world.state)
