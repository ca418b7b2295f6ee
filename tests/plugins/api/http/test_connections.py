"""What clients of every kind do with a connection: send ahead, end their side, speak an older or a newer HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from kernel.testing import FakeTransport, idle
from plugins.api import Api
from plugins.api.http import connections
from plugins.contact_policy import ContactPolicy
from tests.plugins.api.auth.test_gate import Shop
from tests.plugins.api.client import DEADLINE_S, Mirror, Site, serving


class Counter(Shop):
    """A shop that asks for patience, and remembers who came."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.opened = asyncio.Event()
        self.came = 0

    async def serve(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        self.came += 1
        await self.opened.wait()
        await super().serve(scope, receive, send)


def command(site: Site, kind: str, word: str, *extra: str, version: str = "1.1") -> bytes:
    """A command as it goes over the wire."""
    body = json.dumps({"kind": kind, "payload": {"word": word}}).encode()
    head = (
        f"POST /api/command HTTP/{version}",
        "host: localhost",
        f"authorization: Bearer {site.token}",
        f"content-length: {len(body)}",
        *extra,
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def in_chunks(whole: bytes) -> bytes:
    """The same, as it is sent by whoever does not know the length beforehand."""
    head, _, body = whole.partition(b"\r\n\r\n")
    head = re.sub(rb"content-length: \d+", b"transfer-encoding: chunked", head)
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]))
    return head + b"\r\n\r\n" + chunks + b"0\r\n\r\n"


def get(site: Site, path: str, *extra: str, version: str = "1.1") -> bytes:
    head = (f"GET {path} HTTP/{version}", "host: localhost", f"authorization: Bearer {site.token}", *extra)
    return "\r\n".join(head).encode() + b"\r\n\r\n"


async def talk(site: Site, *sent: bytes, end: bool = False) -> bytes:
    """What the server says to these bytes, each written by itself, until it closes the connection.

    `end`: the client ends its side once it has written.
    """
    reader, writer = await site.connect()
    try:
        async with asyncio.timeout(DEADLINE_S):
            for piece in sent:
                writer.write(piece)
                await writer.drain()
            if end:
                writer.write_eof()
            return await reader.read()
    finally:
        writer.close()


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", said)]


def protocols(site: Site) -> list[connections.Protocol]:
    server = site.world.plugin(Api)._server
    assert server is not None
    return [protocol for protocol in server.server_state.connections if isinstance(protocol, connections.Protocol)]


async def test_commands_that_are_sent_ahead_are_answered_in_turn_each_for_itself() -> None:
    async with serving(ContactPolicy) as site:
        burst = b"".join(
            command(site, "RemoveStopWord", word) + command(site, "AddStopWord", word) + in_chunks(removal)
            for word in (f"word number {number}" for number in range(250))
            for removal in [command(site, "RemoveStopWord", word)]
        )
        assert len(burst) > 2 * connections.HEAD_BYTES
        said = await talk(site, burst + get(site, "/healthz", "connection: close"))

        assert statuses(said) == [*[404, 200, 200] * 250, 200]
        assert not site.world.state.contact.stop_words


async def test_what_is_sent_ahead_may_be_torn_anywhere() -> None:
    async with serving(ContactPolicy) as site:
        two = command(site, "AddStopWord", "torn", "Upgrade: h2c") + in_chunks(command(site, "AddStopWord", "torn"))
        three = two + b"\r\n" + command(site, "AddStopWord", "torn", "connection: close")
        for at in range(1, len(three), 3):
            assert statuses(await talk(site, three[:at], three[at:])) == [200] * 3, three[:at]


async def test_a_client_that_sends_ahead_without_end_is_made_to_wait_and_served_one_by_one() -> None:
    async with serving(Counter) as site:
        shop = site.world.plugin(Counter)
        reader, writer = await site.connect()
        asked = get(site, "/shop")
        writer.write(asked * (16 * 1024 * 1024 // len(asked)))
        await reader_paused(site)
        await idle()

        assert shop.came == 1
        assert sum(len(protocol._unread) for protocol in protocols(site)) < 1024 * 1024
        shop.opened.set()
        async with asyncio.timeout(DEADLINE_S):
            while shop.came < 1_000:
                await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()


async def reader_paused(site: Site) -> None:
    """Return once the server takes no more of somebody."""
    async with asyncio.timeout(DEADLINE_S):
        while not any(protocol.flow.read_paused for protocol in protocols(site)):  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0)


async def test_a_stream_ends_with_its_client_even_if_that_has_sent_more_behind_it() -> None:
    async with serving(FakeTransport, keep_alive_s=0.05) as site:
        for behind in (b"", b"\r\n", get(site, "/healthz"), b"x" * 300_000):
            _, writer = await site.connect()
            writer.write(get(site, "/api/event-stream") + behind)
            await streams_open(site, 1)
            writer.transport.abort()
            await streams_open(site, 0)


async def streams_open(site: Site, count: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while (await site.anna.get("/healthz")).json()["streams"] != count:  # noqa: ASYNC110 - a client
            await asyncio.sleep(0.01)


async def test_whoever_has_ended_their_side_is_answered_all_that_they_asked() -> None:
    async with serving(ContactPolicy) as site:
        for asked in (command(site, "AddStopWord", "ended"), in_chunks(command(site, "AddStopWord", "ended"))):
            assert statuses(await talk(site, asked, end=True)) == [200]
            assert statuses(await talk(site, asked * 5, end=True)) == [200] * 5
        assert statuses(await talk(site, get(site, "/healthz") * 3, end=True)) == [200] * 3


async def test_a_side_that_is_ended_within_a_request_or_on_a_stream_is_the_end_of_the_connection() -> None:
    async with serving(ContactPolicy) as site:
        half = command(site, "AddStopWord", "half")[:-1]
        for asked in (b"", half, in_chunks(half)[:-2], b"GET /healthz"):
            assert await talk(site, asked, end=True) == b""
        await talk(site, get(site, "/api/event-stream"), end=True)
        await streams_open(site, 0)
        assert not site.world.state.contact.stop_words


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0"])
async def test_an_upgrade_is_ignored_and_the_command_answered(protocol: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(ContactPolicy) as site:
        caplog.clear()  # at its start it says that nobody can sign in yet
        asked = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIA")
        first = command(site, "AddStopWord", "upgraded", *asked)
        again = in_chunks(command(site, "RemoveStopWord", "upgraded", *asked))
        said = await talk(site, first + again + get(site, "/api/session", *asked), end=True)

        assert statuses(said) == [200] * 3
        assert not site.world.state.contact.stop_words
        assert not [record for record in caplog.records if record.levelname != "INFO"]


async def test_a_client_of_http_1_0_is_answered_without_chunks_until_the_end_of_the_connection() -> None:
    async with serving(Shop) as site:
        for path in ("/shop", "/healthz"):
            head, _, body = (await talk(site, get(site, path, version="1.0"))).partition(b"\r\n\r\n")
            assert b"transfer-encoding" not in head.lower(), path
            assert body.startswith((b"operator:anna at", b"{")), path


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_client_of_http_1_0_reads_the_stream_without_chunks(coding: str) -> None:
    async with serving(FakeTransport, keep_alive_s=0.01) as site:
        reader, writer = await site.connect()
        writer.write(get(site, "/api/event-stream", f"accept-encoding: {coding}", version="1.0"))
        async with asyncio.timeout(DEADLINE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().strip().split("\r\n")[1:])
            assert "transfer-encoding" not in fields
            assert fields["connection"] == "close"
            await site.world.plugin(Api)._streams.close()
            body = await reader.read()
        writer.close()
        mirror = Mirror()
        for message in decoded(fields, body).split("\n\n"):
            if found := re.search(r"^event: (\w+)(?:\nid: \d+)?\ndata: (.*)$", message, re.MULTILINE):
                mirror.take(found[1], found[2])
        assert mirror.snapshots == 1


def decoded(fields: Mapping[str, str], body: bytes) -> str:
    return httpx.Response(200, headers=fields, content=body).text
