"""One POST over HTTP/1.1: to the very address that was judged, on a connection of its own, bounded in time and bytes.

Own code on h11: a client that resolves the name itself a second time connects to whatever it says then.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import h11

from kernel.public_addresses import AllowedNetworks
from plugins.webhooks.codes import DeliveryFault
from plugins.webhooks.target import WebhookTarget

HEADERS_MOST: Final = 16 * 1024
"""Bytes of an answer before its body."""
DRAINED_MOST: Final = 64 * 1024
"""Bytes of an answer's body that are read, so that a server is not cut off while it writes; none are looked at."""
DRAIN_S: Final = 1.0
ADDRESSES_MOST: Final = 4
"""Addresses of one name that are tried, each for its part of the time."""
RETRY_MOST_MS: Final = 24 * 3_600_000
AGENT: Final = "Switchboard-Webhooks/1"


class JudgedAddress(NamedTuple):
    """What a name resolves to, as `getaddrinfo` gives it."""

    family: int
    sockaddr: Any

    @property
    def digits(self) -> str:
        return str(self.sockaddr[0])


Resolve = Callable[[str, int], Awaitable[Sequence[JudgedAddress]]]


class PostAnswer(NamedTuple):
    """An answer of whatever status."""

    status: int
    retry_after: int | None
    """Milliseconds."""


class PostFailed(Exception):
    """No answer came. The message is the fault alone: what a library says may hold the URL."""

    def __init__(self, fault: DeliveryFault) -> None:
        super().__init__(fault.value)
        self.fault: Final = fault


async def resolve(host: str, port: int) -> Sequence[JudgedAddress]:
    """The addresses of a host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(JudgedAddress(family, at) for family, _, _, _, at in found))


class Poster:
    """Sends to wherever the networks allow. It keeps no connection."""

    def __init__(
        self, networks: AllowedNetworks, tls: ssl.SSLContext, timeout_s: float, resolve: Resolve = resolve
    ) -> None:
        self._networks = networks
        self._tls = tls
        self._timeout_s = timeout_s
        self._resolve = resolve

    async def post(self, target: WebhookTarget, headers: Sequence[tuple[str, str]], body: bytes) -> PostAnswer:
        """The answer, whatever it is; its body is dropped. Raises PostFailed."""
        try:
            async with asyncio.timeout(self._timeout_s):
                reader, writer = await self._connect(target)
                try:
                    return await _converse(reader, writer, target, headers, body)
                finally:
                    writer.transport.abort()
        except TimeoutError:
            raise PostFailed(DeliveryFault.LATE) from None
        except (OSError, EOFError, ValueError):
            raise PostFailed(DeliveryFault.DROPPED) from None

    async def _connect(self, target: WebhookTarget) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = await self._judged(target)
        failure = PostFailed(DeliveryFault.UNREACHABLE)
        for address in addresses:
            try:
                async with asyncio.timeout(self._timeout_s / len(addresses)):
                    return await self._open(target, address)
            except ssl.SSLError:
                failure = PostFailed(DeliveryFault.TLS)
            except TimeoutError:
                failure = PostFailed(DeliveryFault.LATE)
            except OSError:
                failure = PostFailed(DeliveryFault.UNREACHABLE)
        raise failure

    async def _judged(self, target: WebhookTarget) -> Sequence[JudgedAddress]:
        """The addresses that may be connected to. Raises PostFailed."""
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise PostFailed(DeliveryFault.NO_ADDRESS) from None
        if not found:
            raise PostFailed(DeliveryFault.NO_ADDRESS)
        permitted = [one for one in found if self._networks.permits(one.digits)]
        if not permitted:
            raise PostFailed(DeliveryFault.PRIVATE_ADDRESS)
        if not target.tls:
            permitted = [one for one in permitted if self._networks.lists(one.digits)]
            if not permitted:
                raise PostFailed(DeliveryFault.PLAIN_HTTP)
        return permitted[:ADDRESSES_MOST]

    async def _open(
        self, target: WebhookTarget, address: JudgedAddress
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
            if not target.tls:
                return await asyncio.open_connection(sock=sock, limit=HEADERS_MOST)
            return await asyncio.open_connection(
                sock=sock, ssl=self._tls, server_hostname=target.host, limit=HEADERS_MOST
            )
        except BaseException:  # raised again: the socket is nobody's yet
            sock.close()
            raise


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    target: WebhookTarget,
    headers: Sequence[tuple[str, str]],
    body: bytes,
) -> PostAnswer:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADERS_MOST)
    ours = [
        ("host", target.authority),
        ("user-agent", AGENT),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("connection", "close"),
    ]
    request = h11.Request(method="POST", target=target.path, headers=[*ours, *headers])
    parts = (request, h11.Data(data=body), h11.EndOfMessage())
    writer.write(b"".join(connection.send(part) or b"" for part in parts))
    answer = await _answer(connection, reader, writer)
    retry = next((value for name, value in answer.headers if name == b"retry-after"), b"")
    with suppress(h11.ProtocolError, OSError, TimeoutError):  # it has answered, whatever becomes of its body
        async with asyncio.timeout(DRAIN_S):
            await _drain(connection, reader)
    return PostAnswer(answer.status_code, retry_after(retry.decode("ascii", "replace")))


async def _answer(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> h11.Response:
    """The answer's head. It may come before the request is read whole."""
    sending = asyncio.ensure_future(writer.drain())
    informed = 0
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(4_096))
            elif isinstance(event, h11.Response):
                return event
            elif isinstance(event, h11.InformationalResponse) and informed < 4:
                informed += 1
            elif isinstance(event, h11.ConnectionClosed):
                raise PostFailed(DeliveryFault.DROPPED)
            else:
                raise PostFailed(DeliveryFault.NONSENSE)
    except h11.RemoteProtocolError:
        fault = DeliveryFault.DROPPED if reader.at_eof() else DeliveryFault.NONSENSE
        raise PostFailed(fault) from None
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await sending


async def _drain(connection: h11.Connection, reader: asyncio.StreamReader) -> None:
    left = DRAINED_MOST
    while left > 0:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(4_096))
        elif isinstance(event, h11.Data):
            left -= len(event.data)
        else:
            return


def retry_after(header: str) -> int | None:
    """Milliseconds that a Retry-After names in seconds; None for none, and for a date, which needs equal clocks."""
    if re.fullmatch(r"[0-9]{1,9}", header.strip()) is None:
        return None
    return min(int(header) * 1_000, RETRY_MOST_MS)
