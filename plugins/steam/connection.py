"""One WebSocket to a CM, through the bot's proxy: whole Steam messages in and out, as bytes."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus, WebSocketException
from websockets.protocol import State

from kernel.regular_files import expect_regular
from plugins.steam.dial import TIMEOUT, dial
from plugins.steam.errors import CmUnreachable, Disconnected, RequestNotSent
from plugins.steam.proxy import Proxy

MAX_MESSAGE = 16 * 1024 * 1024  # bytes; an account with many licences gets some MiB at once
MAX_UNSENT = 1024 * 1024  # bytes that may wait for a CM that does not read
CLOSE_TIMEOUT = 2.0  # seconds


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """The one TLS context of all bots: the system's authorities, or only those of `ca_file`."""
    if ca_file is not None:
        expect_regular(ca_file)
    return ssl.create_default_context(cafile=ca_file)


def spare_tls_memory() -> None:
    """Make a TLS connection of asyncio's own loop cost 70 KB in place of 310; uvloop needs no such thing.

    asyncio gives each TLS connection a read buffer of 256 KiB. Call it once, before the first connection.
    """
    from asyncio.sslproto import SSLProtocol

    SSLProtocol.max_size = 16 * 1024


class Connection:
    """An open WebSocket. `send` is a plain function: when it returns, the bytes are with the transport."""

    __slots__ = ("_socket", "endpoint")

    def __init__(self, endpoint: str, socket: ClientConnection) -> None:
        self.endpoint = endpoint
        self._socket = socket

    @classmethod
    async def open(cls, endpoint: str, proxy: Proxy, tls: ssl.SSLContext, timeout: float = TIMEOUT) -> Connection:
        """Connect to a CM (`host:port`) through `proxy`.

        Raises a `Proxy…` error while there is no tunnel, `CmUnreachable` for all that goes wrong inside it.
        """
        host, _, port = endpoint.rpartition(":")
        host = host.strip("[]")  # of an IPv6 address
        sock = await dial(proxy, host, int(port), timeout)
        try:
            socket = await connect(
                f"wss://{endpoint}/cmsocket/",
                sock=sock,
                proxy=None,  # the socket stands already, at the far end of the proxy
                ssl=tls,
                server_hostname=host,
                compression=None,  # Steam's messages are compressed inside
                max_size=MAX_MESSAGE,
                open_timeout=timeout,
                close_timeout=CLOSE_TIMEOUT,
                ping_interval=None,  # Steam's own heartbeat tells whether the CM lives; no task for it
                user_agent_header=None,
            )
        except (OSError, EOFError, WebSocketException) as error:
            sock.close()
            raise CmUnreachable(
                f"the CM {endpoint} cannot be reached through the proxy {proxy.display}: {_reason(error)}"
            ) from error
        except BaseException:
            sock.close()
            raise
        return cls(endpoint, socket)

    def send(self, message: bytes) -> None:
        """Give one message to the transport, now; `RequestNotSent` where the connection takes none any more."""
        if self._socket.state is not State.OPEN or self._socket.transport.is_closing():
            raise RequestNotSent(f"the connection to {self.endpoint} is closed")
        if self._socket.transport.get_write_buffer_size() > MAX_UNSENT:
            self._socket.transport.abort()
            raise RequestNotSent(f"the CM {self.endpoint} has stopped reading")
        try:
            broadcast((self._socket,), message, raise_exceptions=True)
        except ExceptionGroup as error:
            raise RequestNotSent(f"the connection to {self.endpoint} takes no more messages") from error

    async def receive(self) -> bytes:
        """The next message; `Disconnected` when there will be none."""
        try:
            return await self._socket.recv(decode=False)
        except ConnectionClosed as error:
            raise Disconnected(f"the CM {self.endpoint}, or the proxy before it, closed the connection") from error

    async def close(self) -> None:
        """Say good-bye and wait for it, at most `CLOSE_TIMEOUT`."""
        await self._socket.close()

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._socket.transport.abort()

    def release(self) -> None:
        """Nothing comes any more: break the cycles in which the WebSocket holds itself, or it waits for the collector.

        Its logger knows it, its parser is a generator over it whose failure has its frames, and its assembler has two
        methods of its transport.
        """
        socket = self._socket
        for logger in (socket.logger, socket.protocol.logger):
            if isinstance(logger, logging.LoggerAdapter):
                logger.extra = {}
        socket.protocol.parser.close()
        if socket.protocol.parser_exc is not None:
            socket.protocol.parser_exc.__traceback__ = None
        socket.recv_messages.pause = socket.recv_messages.resume = _nothing


def _nothing() -> None:
    """What a connection that is over does with its transport."""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); check ca_file"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, InvalidStatus):
        return f"it answered HTTP {error.response.status_code}, as one does that takes nobody more"
    if isinstance(error, InvalidMessage | EOFError):
        return "it, or the proxy, closed the connection before it answered"
    return str(error) or "the connection broke"
