"""Event streams under load: how late 500 clients learn of an event, one of them stalled on purpose, for a minute.

The clients are a process of their own on the other core: `python -m tests.bench.streams` with a `Job` on its standard
input. Each checks that no event is missing; half of them take gzip.
"""

from __future__ import annotations

import asyncio
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Final, cast

import msgspec
import uvloop
from msgspec import Struct

from kernel.config import check
from kernel.context import Context
from kernel.events import ErrorLogged
from kernel.machine_clock import SystemClock
from kernel.system import System
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.journal import Journal
from tests.bench.commands import _pinned

CLIENTS: Final = 500
BATCHES: Final = 20
"""A second."""
EVENTS: Final = 50
"""In a batch: 1,000 events a second, about 12 KB a batch."""
SECONDS: Final = 60
MEMORY_EVERY_S: Final = 10
STALL_S: Final = 40
"""For how long one client takes nothing: longer than the ring and all buffers below it reach."""
_SEQ: Final = re.compile(rb'\{"seq":(\d+),"ts":(\d+),')
_LAST: Final = b'{"seq":'


class Job(Struct):
    """What the clients are to do."""

    host: str
    port: int
    token: str
    clients: int
    seconds: float
    stall_s: float


class Seen(Struct):
    """What they saw: how late (ms) batches came, gaps, snapshots by client, all but the stalled one; and that one's."""

    lags: list[float]
    batches: int
    gaps: int
    snapshots: int
    stalled_snapshots: int
    stalled_gaps: int
    stalled_seq: int
    last_seq: int
    cpu: float
    """The share of a core that they used themselves."""


def main() -> None:
    uvloop.run(_measure())


async def _measure() -> None:
    plugins = {"journal": Journal, "api": Api}
    tables = {
        "port": 0,
        "ring_mib": 1,
        "stall_s": STALL_S * 2,
        "max_streams": CLIENTS + 10,
        "max_streams_each": CLIENTS + 10,
    }
    config = check({"kernel": {"plugins": list(plugins)}, "api": tables}, plugins)
    with tempfile.TemporaryDirectory() as folder, _pinned(0):
        data = Path(folder)
        (data / "api").mkdir()
        token = tokens.create(data / "api" / "tokens.json", "bench", tokens.Kind.OPERATOR, 0)
        async with System(config, plugins, clock=SystemClock(), data=data) as system:
            url = (data / "api" / "address").read_text().strip()
            job = Job("127.0.0.1", int(url.rpartition(":")[2]), token, CLIENTS, SECONDS, STALL_S)
            seen, memory, cpu = await _run(system.context("bench"), job)
            told = {measure.name: measure.samples[()] for measure in system.context("bench").hooks.measures()}
    cuts = quantiles(seen.lags, n=1_000)
    print(f"\n{CLIENTS} event streams, {BATCHES} batches of {EVENTS} events a second for {SECONDS} s, half gzip")
    print(f"  {seen.batches / SECONDS:,.0f} batches/s brought; cores busy: server {cpu:.0%}, clients {seen.cpu:.0%}")
    print(f"  from an event to a client: p50 {cuts[499]:.0f} ms, p99 {cuts[989]:.0f} ms, p99.9 {cuts[998]:.0f} ms")
    print(f"  memory every {MEMORY_EVERY_S} s: {', '.join(f'{megabytes:.0f}' for megabytes in memory)} MB")
    print(
        f"  gaps: {seen.gaps}; snapshots: {seen.snapshots} for {CLIENTS - 1} clients. The one that took nothing for"
        f" {STALL_S} s: {seen.stalled_snapshots} snapshots, {seen.stalled_gaps} gaps, at the end"
        f" {seen.last_seq - seen.stalled_seq} events behind (resets by the server's count: {told['api_stream_resets']})"
    )


async def _run(ctx: Context, job: Job) -> tuple[Seen, list[float], float]:
    """Returns what the clients saw, the memory (MB) as it went, and the share of a core that was used."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.streams", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(msgspec.json.encode(job) + b"\n")
    await process.stdin.drain()
    assert await process.stdout.readline() == b"connected\n"
    publishing = asyncio.create_task(_publish(ctx), name="events")
    memory: list[float] = []
    weighing = asyncio.create_task(_weigh(memory), name="memory")
    began, used = time.perf_counter(), time.process_time()
    output = await process.stdout.read()
    cpu = (time.process_time() - used) / (time.perf_counter() - began)
    publishing.cancel()
    weighing.cancel()
    await process.wait()
    return msgspec.json.decode(output, type=Seen), memory, cpu


async def _publish(ctx: Context) -> None:
    clock = asyncio.get_running_loop().time
    due = clock()
    while True:
        for _ in range(EVENTS):
            ctx.publish(ErrorLogged(source="bench", message="an event among many", detail="x" * 100))
        due += 1 / BATCHES
        await asyncio.sleep(max(0.0, due - clock()))


async def _weigh(memory: list[float]) -> None:
    while True:
        await asyncio.sleep(MEMORY_EVERY_S - 0.5)  # the last one while the clients are still there
        memory.append(_memory())
        await asyncio.sleep(0.5)


def _memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


# ── the clients


class Client(asyncio.Protocol):
    """One stream: checks the order, and notes how late the last event of each batch comes."""

    def __init__(self, job: Job, lags: list[float], *, gzip: bool) -> None:
        self._job = job
        self._lags = lags
        self._unzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if gzip else None
        self._raw = b""
        self._text = b""
        self._in_body = False
        self.seq = 0
        self.gaps = self.snapshots = self.batches = 0
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        coding = "gzip" if self._unzip else "identity"
        self.transport.write(
            f"GET /api/event-stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {self._job.token}\r\n"
            f"accept-encoding: {coding}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._raw += data
        if not self._in_body:
            head, end, rest = self._raw.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 200"), head
            self._in_body, self._raw = True, rest
        while (chunk := self._chunk()) is not None:
            self._text += self._unzip.decompress(chunk) if self._unzip else chunk
        *messages, self._text = self._text.split(b"\n\n")
        for message in messages:
            self._take(message)

    def _chunk(self) -> bytes | None:
        size, end, rest = self._raw.partition(b"\r\n")
        if not end or len(rest) < (length := int(size, 16)) + 2:
            return None
        self._raw = rest[length + 2 :]
        return rest[:length]

    def _take(self, message: bytes) -> None:
        if message.startswith(b"event: snapshot"):
            self.snapshots += 1
            self.seq = int(message.split(b"\n", 2)[1][4:])
            if not self.ready.done():
                self.ready.set_result(None)
        elif message.startswith(b"event: batch"):
            now = time.time() * 1_000
            first = _SEQ.search(message)
            last = _SEQ.match(message, message.rindex(_LAST))
            assert first is not None
            assert last is not None
            self.gaps += int(first[1]) != self.seq + 1
            self.seq = int(last[1])
            self.batches += 1
            self._lags.append(now - int(first[2]))


async def _listen(job: Job) -> Seen:
    loop = asyncio.get_running_loop()
    lags: list[float] = []
    aside: list[float] = []
    clients = []
    for number in range(job.clients - 1):
        stream = partial(Client, job, lags, gzip=number % 2 == 0)
        _, client = await loop.create_connection(stream, job.host, job.port)
        clients.append(client)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    narrow.connect((job.host, job.port))
    narrow.setblocking(False)
    _, stalled = await loop.create_connection(lambda: Client(job, aside, gzip=False), sock=narrow)
    await asyncio.gather(*(client.ready for client in [*clients, stalled]))
    sys.stdout.buffer.write(b"connected\n")
    sys.stdout.buffer.flush()
    began, used = time.perf_counter(), time.process_time()
    stalled.transport.pause_reading()
    await asyncio.sleep(job.stall_s)
    stalled.transport.resume_reading()
    await asyncio.sleep(job.seconds - job.stall_s)
    return Seen(
        lags=lags,
        batches=sum(client.batches for client in clients),
        gaps=sum(client.gaps for client in clients),
        snapshots=sum(client.snapshots for client in clients),
        stalled_snapshots=stalled.snapshots,
        stalled_gaps=stalled.gaps,
        stalled_seq=stalled.seq,
        last_seq=max(client.seq for client in clients),
        cpu=(time.process_time() - used) / (time.perf_counter() - began),
    )


if __name__ == "__main__":
    with _pinned(1):
        seen_by_all = uvloop.run(_listen(msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)))
    sys.stdout.buffer.write(msgspec.json.encode(seen_by_all))
