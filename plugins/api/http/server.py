"""The HTTP server in the kernel's event loop: listen, start and stop uvicorn; TLS; security headers."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import uvicorn
from litestar.types import ASGIApp

from kernel.regular_files import expect_regular
from plugins.api.errors import AddressUnusable
from plugins.api.http.connections import Protocol
from plugins.api.http.places import ConnectionPlaces

BACKLOG: Final = 2048
UNSENT_BYTES: Final = 128 * 1024
"""What the system keeps of a connection's output that is not on its way yet. By itself it would take megabytes in: a
client that takes nothing would cost them, and be noticed only when they are full."""
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


class Tls(NamedTuple):
    """A certificate with its chain, and its key: PEM files."""

    certificate: str
    key: str

    def check(self) -> None:
        """Raises AddressUnusable when they cannot be used."""
        if (objection := self.objection()) is not None:
            raise AddressUnusable(f"[api] {objection}")

    def objection(self) -> str | None:
        """Why they cannot be used; None where they can."""
        try:
            for file in self:
                expect_regular(Path(file))
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            return f"tls_certificate, tls_key: {self.certificate}, {self.key} cannot be used together: {error}"
        return None


class Server(uvicorn.Server):
    """uvicorn without signal handlers, on a socket that is bound beforehand."""

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        *,
        connections: int,
        connections_each: int,
        tls: Tls | None = None,
        proxies: Sequence[str] = (),
    ) -> None:
        """`connections`: how many there may be at once, and of one address; strangers make room. `proxies`: whose word
        is taken for where a request comes from, and over which scheme."""
        super().__init__(
            uvicorn.Config(
                cast("Any", app),
                http=cast("Any", partial(Protocol, places=ConnectionPlaces(connections, connections_each, proxies))),
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
    return await asyncio.to_thread(first_address, host, port)


def first_address(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """The same, for whoever has no loop; it may wait for a name server."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise AddressUnusable(f"[api] host: {host!r} is no address of this machine: {error.strerror}") from error
    family, _, _, _, address = found[0]
    return family, address


def objection_to(host: str, port: int) -> str | None:
    """Why nothing can listen there, as `key: sentence`. None where it can, or something does: that may be us."""
    try:
        family, address = first_address(host, port)
    except AddressUnusable as error:
        return str(error).removeprefix("[api] ")
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        try:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
        except OSError as error:
            return None if error.errno == errno.EADDRINUSE else _why(error, *address[:2]).removeprefix("[api] ")
    return None


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
    """The URL for clients on this machine."""
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
