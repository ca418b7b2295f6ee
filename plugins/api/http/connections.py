"""One HTTP/1.1 connection: uvicorn's protocol with timeouts, bounded pipelining, half-close and HTTP/1.0.

What a client sends ahead (pipelining) waits unread until what came before it is answered: the parser is given one
request at a time. A client may end its side once it has asked (half-close), may speak HTTP/1.0, which knows no chunks,
and may ask for another protocol (`Upgrade: h2c`), which a server is free to ignore (RFC 9110, 7.8).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from plugins.api.http.places import ConnectionPlaces

if TYPE_CHECKING:
    from uvicorn._types import (
        ASGI3Application,
        ASGIReceiveCallable,
        ASGIReceiveEvent,
        ASGISendCallable,
        ASGISendEvent,
    )
    from uvicorn._types import Scope as UvicornScope
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

WIRE: Final = "switchboard.wire"
HEAD_S: Final = 10.0
"""How long the head of a request may take to come, and the rest of a body whose answer has gone out."""
HEAD_BYTES: Final = 64 * 1024
AHEAD_BYTES: Final = 64 * 1024
"""What is taken in of requests that have to wait for the answer before theirs; one read more may come on top."""
HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
_END: Final = b"\r\n\r\n"
"""What every head, and every body in chunks, ends with."""
_UPGRADE: Final = b"\r\nupgrade:"
_UPGRADES: Final = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


class Wire:
    """The transport below a request: abort and direct writes, which ASGI lacks.

    ASGI knows no way to drop a connection whose other end takes nothing: closing one waits for it to take the rest. And
    each of its messages is copied and framed for one client alone, where a stream sends the same bytes to hundreds.
    """

    __slots__ = ("_flow", "_recognize", "_transport", "chunked")

    def __init__(self, transport: asyncio.Transport, flow: FlowControl, recognize: Callable[[], None]) -> None:
        self._transport = transport
        self._flow = flow
        self._recognize = recognize
        self.chunked = True
        """Whether the client knows chunks."""

    @property
    def full(self) -> bool:
        """Whether the write buffer is full (backpressure)."""
        return self._flow.write_paused

    async def has_room(self) -> None:
        """Wait until the write buffer has room, or the connection is lost."""
        await self._flow.drain()

    def write(self, chunk: bytes) -> None:
        """Write a chunk of a response that `send` has begun, framed for HTTP/1.1; discarded once it is closed."""
        if not self._transport.is_closing():
            self._transport.write(chunk if self.chunked else chunk[chunk.index(b"\r\n") + 2 : -2])

    def known(self) -> None:
        """Say that somebody has signed in over this connection: it is not the first to make room."""
        self._recognize()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()


def wire_of(scope: Scope) -> Wire:
    """The connection of this request."""
    extensions = cast("dict[str, Any]", scope.get("extensions") or {})
    return cast("Wire", extensions[WIRE]["wire"])


class _Flow(FlowControl):
    """Flow control that keeps reading paused while too many pipelined bytes wait, also where uvicorn would resume."""

    _paused = False

    def set_paused(self, paused: bool) -> None:
        """Pause reading, or resume it."""
        before, self._paused = self._paused, paused
        if paused:
            self.pause_reading()
        elif before:
            self.resume_reading()

    def resume_reading(self) -> None:
        if not self._paused:
            super().resume_reading()


class _RequestPart(Enum):
    """The part of a request that the next bytes belong to."""

    BETWEEN = auto()
    HEAD = auto()
    BODY = auto()


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol with timeouts for heads, which passes its connection on to the application.

    uvicorn gives the head of a request as much time and room as it takes, and reads ahead without end.
    """

    _head: asyncio.TimerHandle | None = None
    """Runs out when the head of a request has not come; none while none is waited for."""
    _head_bytes = 0
    _part = _RequestPart.BETWEEN
    _body_left: int | None = 0
    """Bytes of the body that have not come; None where it comes in chunks."""
    _ended = False
    """Whether the client has ended its side."""

    def __init__(self, *args: Any, places: ConnectionPlaces, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places
        self._unread = bytearray()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Flow(transport)
        self._expect_head()
        self._places.enter(self, self.client[0] if self.client is not None else None)

    def give_up(self) -> None:
        """Drop the connection: another one needs its place."""
        self.transport.abort()

    def recognize(self) -> None:
        """Somebody has signed in over it."""
        self._places.recognize(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._places.leave(self)
        self._head_came()
        self._unread.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._read_on()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Half-close: keep the connection until the request is answered; TLS has none."""
        self._ended = True
        if self.scheme == "https" or not self._answering:
            return False
        self.cycle.message_event.set()  # whoever waits for more of this client hears that none comes
        return True

    @property
    def _answering(self) -> bool:
        """Whether a whole request has arrived and is not answered yet."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return self._part is _RequestPart.BETWEEN and cycle is not None and not cycle.response_complete

    def _read_on(self) -> None:
        """Feed the parser, up to the end of a request that is not answered yet."""
        while not self._answering and not self.transport.is_closing() and (piece := self._next_piece()):
            if self._part is not _RequestPart.BODY:
                self._head_bytes += len(piece)
                if self._head_bytes > HEAD_BYTES:
                    self.transport.write(HEAD_TOO_LARGE)
                    self.transport.close()
                    return
            super().data_received(piece)
        cast("_Flow", self.flow).set_paused(len(self._unread) > AHEAD_BYTES)

    def _next_piece(self) -> bytes:
        """The bytes to parse next: at most to the end of a head or of a body."""
        unread = self._unread
        if self._part is _RequestPart.BETWEEN:
            while unread.startswith(b"\r\n"):  # some clients send one more after a body (RFC 9112, 2.2)
                del unread[:2]
        if self._part is _RequestPart.BODY and self._body_left is not None:
            size = min(self._body_left, len(unread))
        else:
            end = unread.find(_END)
            size = end + len(_END) if end >= 0 else len(unread) - _partial_delimiter(unread)
        piece = bytes(unread[:size])
        del unread[:size]
        # the parser takes what follows an Upgrade for another protocol, so that the body would be lost
        return piece if self._part is _RequestPart.BODY else _UPGRADES.sub(b"\r\nx-upgrade:", piece)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {
            WIRE: cast("dict[object, object]", {"wire": Wire(self.transport, self.flow, self.recognize)})
        }
        self._part = _RequestPart.HEAD
        if self._head is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        self._part = _RequestPart.BODY
        headers = dict(self.headers)
        self._body_left = None if b"transfer-encoding" in headers else int(headers.get(b"content-length", b"0"))
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._body_left is not None:
            self._body_left -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._part = _RequestPart.BETWEEN
        self._head_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._part is _RequestPart.BODY:
            self._expect_head()
        self._read_on()
        if self._ended and not self._answering:
            self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        super()._start_asgi_task(cycle, partial(self._serve, cycle, app))

    async def _serve(
        self,
        cycle: RequestResponseCycle,
        app: ASGI3Application,
        scope: UvicornScope,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
    ) -> None:
        """Run the application; after a half-close it receives `http.disconnect` behind the body."""
        whole = False

        async def hear() -> ASGIReceiveEvent:
            nonlocal whole
            if not (whole and self._ended):
                message = await receive()
                if message["type"] != "http.request" or not (whole and self._ended):
                    whole = whole or (message["type"] == "http.request" and not message["more_body"])
                    return message
            cycle.disconnected = True
            self.transport.close()
            return {"type": "http.disconnect"}

        if cycle.scope["http_version"] != "1.1":
            send = self._without_chunks(cycle, send)
        await app(scope, hear, send)

    def _without_chunks(self, cycle: RequestResponseCycle, send: ASGISendCallable) -> ASGISendCallable:
        """A `send` for HTTP/1.0: a response without Content-Length ends with the connection."""
        wire_of(cast("Scope", cycle.scope)).chunked = False
        cycle.keep_alive = False
        endless = False

        async def plain(message: ASGISendEvent) -> None:
            nonlocal endless
            if message["type"] == "http.response.start":
                endless = all(name.lower() != b"content-length" for name, _ in message.get("headers", ()))
                if endless:
                    cycle.chunked_encoding = False
            elif message["type"] == "http.response.body" and endless:
                cycle.expected_content_length = len(message.get("body", b""))  # so that uvicorn counts nothing
            await send(message)

        return plain

    def _unsupported_upgrade_warning(self) -> None:
        """No log line for clients that offer an upgrade to HTTP/2."""

    def _expect_head(self) -> None:
        self._head_came()
        self._head = asyncio.get_running_loop().call_later(HEAD_S, self.transport.abort)

    def _head_came(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


def _partial_delimiter(data: bytearray) -> int:
    """How many bytes at the end may be the start of a delimiter."""
    end = bytes(data[-len(_UPGRADE) :]).lower()
    sizes = range(len(end), 0, -1)
    return next((size for size in sizes if _UPGRADE.startswith(end[-size:]) or _END.startswith(end[-size:])), 0)
