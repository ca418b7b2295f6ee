"""What hostile clients do, all at once, each kind from addresses of its own (127.0.0.0/8 is this machine's).

A `Job` on standard input runs it in a process of its own, which prints how often each kind was done and answered.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final

import msgspec
import uvloop
from msgspec import Struct

PATIENCE_S: Final = 70.0
"""Longer than the server lets a connection stand without a whole head."""
KINDS_AT_ONCE: Final = 4
PAUSE_S: Final = 0.02


class Job(Struct):
    """`viewer`: the token of the least role, which a hostile insider has."""

    port: int
    viewer: str
    seconds: float
    slow_heads: int = 200
    seed: int = 1


class Mix:
    """Every kind at once, until the time is over. `done` counts what was tried, `answered` by kind and status."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._chance = random.Random(job.seed)
        self._numbers = count(1)
        self.done: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self._tried = asyncio.Event()

    async def run(self) -> None:
        kinds: list[Callable[[], Awaitable[None]]] = [
            *[self._slow_head] * self._job.slow_heads,
            *[self._snapshot_hung_up] * KINDS_AT_ONCE,
            *[self._stream_not_read] * KINDS_AT_ONCE,
            *[self._stream_of_a_stranger] * KINDS_AT_ONCE,
            *[self._refused] * KINDS_AT_ONCE,
            *[self._giant_path] * KINDS_AT_ONCE,
            *[self._guess] * KINDS_AT_ONCE,
            *[self._sent_ahead] * 2,
            *[self._large_body] * 2,
        ]
        tasks = [asyncio.create_task(self._again(kind)) for kind in kinds]
        await asyncio.sleep(self._job.seconds)
        async with asyncio.timeout(PATIENCE_S):  # a slow machine may not have come to each yet
            while len(self.done) < len(set(kinds)):
                self._tried.clear()
                await self._tried.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _again(self, kind: Callable[[], Awaitable[None]]) -> None:
        name = getattr(kind, "__name__", "").strip("_")
        await asyncio.sleep(self._chance.random() * min(1.0, self._job.seconds / 4))
        while True:
            self.done[name] += 1
            self._tried.set()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await kind()
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                self.answered[f"{name}: closed"] += 1
            await asyncio.sleep(PAUSE_S)

    def _address(self, net: int) -> str:
        return f"127.{net}.{self._chance.randint(0, 255)}.{self._chance.randint(1, 254)}"

    async def _open(self, net: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(
            "127.0.0.1", self._job.port, local_addr=(self._address(net), 0), limit=1 << 16
        )

    async def _ask(self, name: str, net: int, *parts: bytes) -> None:
        """One request, sent as it is, and the status of its answer."""
        reader, writer = await self._open(net)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            line = await reader.readline()
            self.answered[f"{name}: {line[9:12].decode('latin-1') or 'closed'}"] += 1
            await reader.read(4096)
        finally:
            writer.transport.abort()

    async def _slow_head(self) -> None:
        reader, writer = await self._open(11)
        try:
            writer.write(b"GET /api/session HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            while not reader.at_eof():
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(0.5)
            self.answered["slow_head: cut off"] += 1
        finally:
            writer.transport.abort()

    async def _stream(self, net: int, head: bytes, bytes_read: int, hold_s: float) -> None:
        reader, writer = await self._open(net)
        try:
            request = b"GET /api/event-stream HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
            writer.write(request + head + b"\r\n")
            line = await reader.readline()
            self.answered[f"stream: {line[9:12].decode('latin-1') or 'closed'}"] += 1
            if bytes_read:
                await reader.read(bytes_read)
            await asyncio.sleep(hold_s)
        finally:
            writer.transport.abort()

    async def _snapshot_hung_up(self) -> None:
        await self._stream(12, b"Authorization: Bearer %s\r\n" % self._job.viewer.encode(), 0, 0.0)

    async def _stream_not_read(self) -> None:
        await self._stream(12, b"Authorization: Bearer %s\r\n" % self._job.viewer.encode(), 100, 3.0)

    async def _stream_of_a_stranger(self) -> None:
        await self._stream(13, b"Authorization: Bearer swb_%d\r\n" % next(self._numbers), 100, 0.0)

    async def _refused(self) -> None:
        host = self._chance.choice(["[", "[::1", "x]", "localhost", "evil.example", "a" * 300, "localhost:99999"])
        body = self._chance.choice(['{"kind":', "{}", '{"kind":"X"}', "[" * 5_000, '"' + "\\" * 5_000])
        head = f"POST /api/command HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        await self._ask("refused", 14, f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    async def _giant_path(self) -> None:
        unit = self._chance.choice(["/://", ":", "%2e%2e/", "a:b@", "//", "..%00/", "&token=x", "eyA."])
        path = "/" + (unit * 60_000)[:60_000].replace(" ", "")
        host = self._chance.choice(["[", "localhost"])
        await self._ask("giant_path", 15, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    async def _guess(self) -> None:
        number = next(self._numbers)
        name = self._chance.choice(["anna", f"nobody{number}", "admin", "x" * 40])
        body = json.dumps({"name": name, "password": f"guess {number}"})
        head = "POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
        rest = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        await self._ask("guess", 16, (head + rest).encode())

    async def _sent_ahead(self) -> None:
        """Many requests at once on one connection, with one end closed at once."""
        reader, writer = await self._open(17)
        try:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
            writer.write_eof()
            answers = await reader.read(1 << 16)
            self.answered["sent_ahead: " + ("200" if b" 200 " in answers else "closed")] += 1
        finally:
            writer.transport.abort()

    async def _large_body(self) -> None:
        head = b"POST /api/command HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += b"Authorization: Bearer %s\r\nContent-Length: 9000000\r\n\r\n" % self._job.viewer.encode()
        await self._ask("large_body", 12, head, *[b"[" * 60_000] * 8)


def main() -> None:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    mix = Mix(job)
    uvloop.run(mix.run())
    sys.stdout.write(json.dumps([mix.done, mix.answered]))


if __name__ == "__main__":
    main()
