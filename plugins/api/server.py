"""The HTTP server inside the kernel's own loop: where it listens, how it starts and how it stops."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import uvicorn
from litestar.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from plugins.api.errors import AddressUnusable

ABORT: Final = "switchboard.abort"
BACKLOG: Final = 2048
HEADERS: Final = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
)
"""On every response, whoever makes it."""


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which also lends its connection's abort to whoever serves the request.

    ASGI knows no way to drop a connection whose other end takes nothing: closing one waits for it to take the rest.
    """

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: cast("dict[object, object]", {"call": self.transport.abort})}


def abort_of(scope: Scope) -> Callable[[], None]:
    """What drops the connection of this request at once."""
    extensions = cast("dict[str, Any]", scope.get("extensions") or {})
    return cast("Callable[[], None]", extensions[ABORT]["call"])


class Server(uvicorn.Server):
    """uvicorn as a guest: it leaves signals alone, and ends when told to."""

    def __init__(self, app: ASGIApp, listener: socket.socket, *, connections: int) -> None:
        """`connections`: how many there may be at once; one more is answered 503."""
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
                proxy_headers=False,
                server_header=False,
                headers=list(HEADERS),
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
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressUnusable(_why(error, *address[:2])) from error
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a client on this machine finds it."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"[api] port: {port} of {host} is taken by another program; stop that, or set another port (0: any)."
    if error.errno == errno.EACCES:
        return f"[api] port: this user may not listen on {port}; set one above 1023, or 0 for any."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"[api] host: {host} is no address of this machine."
    return f"[api] host, port: {host}:{port} cannot be listened on: {error.strerror}"
