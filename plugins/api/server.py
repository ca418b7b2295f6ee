"""The HTTP server inside the kernel's own loop: where it listens, how it starts and how it stops."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, cast

import uvicorn
from litestar.types import ASGIApp, Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from plugins.api.errors import AddressUnusable

WIRE: Final = "switchboard.wire"
BACKLOG: Final = 2048
HEAD_S: Final = 10.0
"""How long the head of a request may take to come."""
HEAD_BYTES: Final = 64 * 1024
UNSENT_BYTES: Final = 128 * 1024
"""What the system keeps of a connection's output that is not on its way yet. By itself it would take megabytes in: a
client that takes nothing would cost them, and be noticed only when they are full."""
_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
HEADERS: Final = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (
        "content-security-policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
)
"""On every response, whoever makes it."""
HSTS: Final = ("strict-transport-security", "max-age=31536000")
"""Where TLS is ours; a proxy in front says it itself."""


class Wire:
    """The connection below a request, for what ASGI has no words for.

    ASGI knows no way to drop a connection whose other end takes nothing: closing one waits for it to take the rest. And
    each of its messages is copied and framed for one client alone, where a stream sends the same bytes to hundreds.
    """

    __slots__ = ("_flow", "_transport")

    def __init__(self, transport: asyncio.Transport, flow: FlowControl) -> None:
        self._transport = transport
        self._flow = flow

    @property
    def full(self) -> bool:
        """Whether the other end has so much to take that nothing more should be written."""
        return self._flow.write_paused

    async def has_room(self) -> None:
        """Returns when it is no longer full, or gone."""
        await self._flow.drain()

    def write(self, chunk: bytes) -> None:
        """Part of a response that `send` has begun, framed as a chunk of HTTP/1.1. Into nowhere once it is gone."""
        if not self._transport.is_closing():
            self._transport.write(chunk)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which also lends its connection to whoever serves the request, and waits for nobody.

    uvicorn gives the head of a request as much time and room as it takes.
    """

    _head: asyncio.TimerHandle | None = None
    """Runs out when the head of a request has not come; none while none is waited for."""
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {WIRE: cast("dict[object, object]", {"wire": Wire(self.transport, self.flow)})}
        if self._head is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_HEAD_TOO_LARGE)
                self.transport.close()

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head = asyncio.get_running_loop().call_later(HEAD_S, self.transport.abort)

    def _head_came(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


class Tls(NamedTuple):
    """A certificate with its chain, and its key: PEM files."""

    certificate: str
    key: str

    def check(self) -> None:
        """Raises AddressUnusable when they cannot be used."""
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            text = f"[api] tls_certificate, tls_key: {self.certificate}, {self.key} cannot be used together: {error}"
            raise AddressUnusable(text) from error


def wire_of(scope: Scope) -> Wire:
    """The connection that this request came by."""
    extensions = cast("dict[str, Any]", scope.get("extensions") or {})
    return cast("Wire", extensions[WIRE]["wire"])


class Server(uvicorn.Server):
    """uvicorn as a guest: it leaves signals alone, and ends when told to."""

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        *,
        connections: int,
        tls: Tls | None = None,
        proxies: Sequence[str] = (),
    ) -> None:
        """`connections`: how many there may be at once; one more is answered 503. `proxies`: whose word is taken for
        where a request comes from, and over which scheme."""
        super().__init__(
            uvicorn.Config(
                cast("Any", app),
                http=Protocol,
                ws="none",
                loop="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,  # a URL may hold a token
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                ssl_certfile=tls.certificate if tls is not None else None,
                ssl_keyfile=tls.key if tls is not None else None,
                server_header=False,
                headers=[*HEADERS, *([HSTS] if tls is not None else [])],
                reset_contextvars=True,  # a request has no actor but its token's
                limit_concurrency=connections,
                backlog=BACKLOG,
                timeout_graceful_shutdown=1,
            )
        )
        self._listener = listener
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()

    async def run_until_stopped(self) -> None:
        """Serve; to be run as a task."""
        await self.serve(sockets=[self._listener])

    async def wait_started(self, serving: asyncio.Task[None]) -> None:
        """Return when connections are taken. Raises AddressUnusable when the task `serving` has ended instead."""
        up = asyncio.create_task(self._up.wait(), name="api: waiting for the server")
        await asyncio.wait({up, serving}, return_when=asyncio.FIRST_COMPLETED)
        if not up.done():
            up.cancel()
            raise AddressUnusable("The HTTP server does not start; the log says how.")
        self._task = serving

    async def stop(self) -> None:
        """Take no more connections, let those that are busy finish for a second, and return when all is closed."""
        self.should_exit = True
        if self._task is not None:
            await asyncio.wait({self._task})


async def resolve(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """The first address that `host` means. Raises AddressUnusable."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise AddressUnusable(f"[api] host: {host!r} is no address of this machine: {error.strerror}") from error
    family, _, _, _, address = found[0]
    return family, address


def is_loopback(address: Any) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(address[0]).is_loopback


def listen(family: socket.AddressFamily, address: Any) -> socket.socket:
    """A socket that takes connections at the address. Raises AddressUnusable, saying what to do."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # Linux and macOS; connections have it from the listener
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressUnusable(_why(error, *address[:2])) from error
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """Where a client on this machine finds it."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"[api] port: {port} of {host} is taken by another program; stop that, or set another port (0: any)."
    if error.errno == errno.EACCES:
        return f"[api] port: this user may not listen on {port}; set one above 1023, or 0 for any."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"[api] host: {host} is no address of this machine."
    return f"[api] host, port: {host}:{port} cannot be listened on: {error.strerror}"
