"""A server on loopback that does what a test's function says, and counts who came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Where it listens, and how many connections it had."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    """Serve each connection with `handler`, until the block ends."""
    server = Server()
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            running.discard(task)
            writer.transport.abort()

    listener = await asyncio.start_server(serve, host, port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tuple(running):
            task.cancel()
        if running:
            await asyncio.wait(tuple(running))


def says(*pieces: bytes) -> Handler:
    """An HTTP proxy that answers CONNECT in these pieces, a segment each, and then echoes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            for _ in range(5):
                await asyncio.sleep(0)
        while data := await reader.read(1024):
            writer.write(data)
            await writer.drain()

    return handle


def http(answer: bytes) -> Handler:
    """An HTTP proxy whose tunnel leads to a web server that says `answer` to any request, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    return handle
