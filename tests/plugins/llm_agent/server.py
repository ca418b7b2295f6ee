"""An OpenAI-compatible endpoint on loopback that answers as a test wants it to, well or badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any


class Exchange:
    """One request, and the connection on which it is to be answered."""

    def __init__(self, head: str, body: dict[str, Any], writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
        self.head = head
        self.body = body
        self.gone = gone
        """Set when the client has closed the connection."""
        self._writer = writer

    @property
    def now(self) -> str:
        """What the model is told of this turn."""
        told = [line["content"] for line in self.body["messages"] if line["role"] == "system"]
        return str(told[1])

    async def write(self, text: str | bytes) -> None:
        self._writer.write(text.encode() if isinstance(text, str) else text)
        await self._writer.drain()

    async def begin(self, kind: str = "text/event-stream", status: str = "200 OK", *headers: str) -> None:
        more = "".join(f"{header}\r\n" for header in headers)
        await self.write(f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}connection: close\r\n\r\n")

    async def part(self, content: str | None, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
        await self.write(f"data: {json.dumps({'choices': [choice]})}\n\n")

    async def stream(self, text: str, *, tokens: int | None = 100, finish: str = "stop") -> None:
        """A whole answer, in parts of a few characters."""
        await self.begin()
        for start in range(0, len(text), 7):
            await self.part(text[start : start + 7])
        await self.part(None, finish)
        if tokens is not None:
            usage = {"prompt_tokens": tokens - 10, "completion_tokens": 10, "total_tokens": tokens}
            await self.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n")
        await self.write("data: [DONE]\n\n")


Behaviour = Callable[[Exchange], Awaitable[None]]


class Server:
    """Behaves as it is told, once for each request, the last way again and again. `seen` is what was asked."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self.seen: list[Exchange] = []
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._exchange(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        exchange = Exchange(head, json.loads(await reader.readexactly(length)), writer, asyncio.Event())
        self.seen.append(exchange)
        behave = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
        watching = asyncio.create_task(self._watch(reader, exchange.gone))
        try:
            await behave(exchange)
        finally:
            watching.cancel()

    async def _watch(self, reader: asyncio.StreamReader, gone: asyncio.Event) -> None:
        with suppress(ConnectionError):
            await reader.read()
        gone.set()


def draft(action: str = "say", text: str = "", offer: str | None = None) -> str:
    return json.dumps({"action": action, "text": text, "offer": offer}, ensure_ascii=False)


def says(action: str = "say", text: str = "", offer: str | None = None, *, tokens: int | None = 100) -> Behaviour:
    """A good answer with that decision."""

    async def behave(exchange: Exchange) -> None:
        await exchange.stream(draft(action, text, offer), tokens=tokens)

    return behave


def writes(text: str, *, finish: str = "stop") -> Behaviour:
    """A stream whose content is that text."""

    async def behave(exchange: Exchange) -> None:
        await exchange.stream(text, finish=finish)

    return behave


def refuses(status: str, body: str = "{}", *headers: str) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.begin("application/json", status, *headers)
        await exchange.write(body)

    return behave


async def says_nothing(exchange: Exchange) -> None:
    """Takes the request, and is silent until the client has gone."""
    await exchange.gone.wait()


async def stops_midway(exchange: Exchange) -> None:
    """Begins an answer and is silent from then on."""
    await exchange.begin()
    await exchange.part('{"action": "say", "text": "We')
    await exchange.gone.wait()


async def drops(exchange: Exchange) -> None:
    """Loses the connection in the middle of an answer."""
    await exchange.begin()
    await exchange.part('{"action": "say", "te')


async def never_ends(exchange: Exchange) -> None:
    """A stream that goes on for as long as somebody listens."""
    await exchange.begin()
    while not exchange.gone.is_set():
        await exchange.write(": still thinking\n\n" * 1_000)


async def is_huge(exchange: Exchange) -> None:
    """One line without an end."""
    await exchange.begin()
    await exchange.write("data: ")
    while not exchange.gone.is_set():
        await exchange.write("x" * 65_536)
