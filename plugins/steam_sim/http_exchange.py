"""HTTP/1.1 over a stream, one request a connection: what the directory and the HTTP proxy have in common.

The parsing is h11's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h11

MAX_BODY = 64 * 1024
DEADLINE = 15.0
"""Seconds in which a client has to have said what it wants."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request with its whole body; header names are in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name (in lower case), or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


class HttpExchange:
    """One request and its answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._parser = h11.Connection(h11.SERVER)

    async def request(self) -> HttpRequest | None:
        """The request; None where the client went away, was too slow, or sent what is no request."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._request()
        except (h11.RemoteProtocolError, ConnectionError, TimeoutError, UnicodeDecodeError):
            return None

    async def respond(
        self,
        status: int,
        body: bytes = b"",
        content_type: str = "text/plain",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Answer, and announce that the connection closes with it."""
        head = h11.Response(
            status_code=status,
            headers=[
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
                *headers,
            ],
        )
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self._writer.write(self._parser.send(event) or b"")
        await self._writer.drain()

    async def switch(self) -> bytes:
        """Answer a CONNECT with success; gives the bytes that the client has sent of what follows."""
        self._writer.write(self._parser.send(h11.Response(status_code=200, headers=[])) or b"")
        await self._writer.drain()
        trailing, _ = self._parser.trailing_data
        return trailing

    async def _request(self) -> HttpRequest | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._parser.next_event()
            if event is h11.NEED_DATA:
                self._parser.receive_data(await self._reader.read(MAX_BODY))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers)
                return HttpRequest(head.method.decode("ascii"), head.target.decode("ascii"), headers, bytes(body))
            else:
                return None
