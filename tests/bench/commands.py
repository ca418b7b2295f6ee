"""Commands a second over HTTP, acknowledged as durable, beside a bare Litestar handler in the same process.

The load comes from a process of its own on the other core: `python -m tests.bench.commands` with a `Job` on its
standard input. It needs nothing but this project, and checks the status of every answer.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any, Final, cast

import msgspec
import uvloop
from litestar import Litestar, post
from msgspec import Struct

from kernel.commands import CreateTask
from kernel.config import check
from kernel.context import Context
from kernel.events import ErrorLogged
from kernel.machine_clock import SystemClock
from kernel.plugin import Plugin
from kernel.system import System
from plugins.api.auth import tokens
from plugins.api.http import server
from plugins.api.http.server import Server
from tests.bench.figures import Figure, report

PLUGINS: Final = {
    "journal": "plugins.journal:Journal",
    "contact_policy": "plugins.contact_policy:ContactPolicy",
    "tasks": "plugins.tasks:Tasks",
    "metrics": "plugins.metrics:Metrics",
    "api": "plugins.api:Api",
}
ROUNDS: Final = 3
CONNECTIONS: Final = 64
STREAMS: Final = 100
BACKGROUND: Final = 2_000
"""Events a second that happen beside the commands."""
WARM_UP_S: Final = 0.5
MEASURED_S: Final = 3.0


class Job(Struct):
    """What the load generator is to do. `first_player`: each command is about another person."""

    host: str
    port: int
    path: str
    token: str
    first_player: int
    streams: int
    enveloped: bool


class Measured(Struct):
    """What came of it: answers a second, the latency in ms, bytes a second that the streams brought."""

    per_second: float
    p50_ms: float
    p99_ms: float
    stream_mb_s: float


class Created(Struct):
    """What the bare handler answers with."""

    ok: bool
    id: str


# ── the server's side


@post("/bare", status_code=200)
async def bare_handler(data: CreateTask) -> Created:
    """As anyone would write it with Litestar: a typed body in, a Struct out, and nothing done."""
    return Created(True, "task_01h455vb4pex5vsknk084sn02q")


def main() -> None:
    uvloop.run(_measure())


async def _measure() -> None:
    durable: list[Measured] = []
    busy: list[Measured] = []
    bare: list[Measured] = []
    players = count(1_000_000, 10_000_000)
    with tempfile.TemporaryDirectory() as folder, _pinned(0):
        async with _system(Path(folder)) as (ctx, port, token), _bare() as bare_port:
            ours = Job("127.0.0.1", port, "/api/command", token, 0, 0, True)
            peer = Job("127.0.0.1", bare_port, "/bare", token, 0, 0, False)
            for _ in range(ROUNDS):  # in turn, so that a slow minute of the machine falls on all three
                durable.append(await _load(msgspec.structs.replace(ours, first_player=next(players))))
                async with _background(ctx):
                    job = msgspec.structs.replace(ours, first_player=next(players), streams=STREAMS)
                    busy.append(await _load(job))
                bare.append(await _load(msgspec.structs.replace(peer, first_player=next(players))))
            assert not ctx.state.plugins["api"].detail, "the api was switched off"
    report(
        f"commands over HTTP, {CONNECTIONS} connections, every answer checked",
        [
            Figure("CreateTask, durable", [m.per_second for m in durable], "commands/s"),
            Figure(
                f"the same beside {BACKGROUND:,} events/s to {STREAMS} streams",
                [m.per_second for m in busy],
                "commands/s",
            ),
            Figure("bare Litestar handler, nothing done", [m.per_second for m in bare], "requests/s"),
        ],
    )
    for name, measured in (("durable", durable), ("beside streams", busy), ("bare", bare)):
        middle = sorted(measured, key=lambda m: m.p99_ms)[len(measured) // 2]
        streams = f", {middle.stream_mb_s:.0f} MB/s to streams" if middle.stream_mb_s else ""
        print(f"  {name}: p50 {middle.p50_ms:.1f} ms, p99 {middle.p99_ms:.1f} ms{streams}")


@asynccontextmanager
async def _system(data: Path) -> AsyncIterator[tuple[Context, int, str]]:
    """The plugins on a command's way, with a real journal. Yields a context, the port and a token."""
    plugins: dict[str, type[Plugin[Any]]] = {}
    for name, place in PLUGINS.items():
        module, _, attribute = place.partition(":")
        plugins[name] = getattr(import_module(module), attribute)
    config = check(
        {"kernel": {"plugins": list(plugins)}, "api": {"port": 0, "requests_per_minute": 100_000_000}}, plugins
    )
    (data / "api").mkdir()
    token = tokens.create(data / "api" / "tokens.json", "bench", tokens.Kind.OPERATOR, 0)
    async with System(config, plugins, clock=SystemClock(), data=data) as system:
        url = (data / "api" / "address").read_text().strip()
        yield system.context("bench"), int(url.rpartition(":")[2]), token


@asynccontextmanager
async def _bare() -> AsyncIterator[int]:
    """A Litestar application with one handler, on the same kind of server. Yields its port."""
    application = Litestar([bare_handler], openapi_config=None, logging_config=None)
    listener = server.listen(*await server.resolve("127.0.0.1", 0))
    bare = Server(application, listener, connections=4_000, connections_each=4_000)
    serving = asyncio.create_task(bare.run_until_stopped(), name="bare")
    await bare.wait_started(serving)
    yield listener.getsockname()[1]
    await bare.stop()


@asynccontextmanager
async def _background(ctx: Context) -> AsyncIterator[None]:
    """Have events happen, a slice every 5 ms."""

    async def publish() -> None:
        clock = asyncio.get_running_loop().time
        began, published = clock(), 0
        while True:
            due = int((clock() - began) * BACKGROUND)
            for _ in range(due - published):
                ctx.publish(ErrorLogged(source="bench", message="an event beside the commands", detail="x" * 60))
            published = due
            await asyncio.sleep(0.005)

    task = asyncio.create_task(publish(), name="background events")
    yield
    task.cancel()


async def _load(job: Job) -> Measured:
    """Run the job in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.commands", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    output, _ = await process.communicate(msgspec.json.encode(job))
    if process.returncode:
        raise RuntimeError(f"the load generator ended with status {process.returncode}")
    return msgspec.json.decode(output, type=Measured)


@contextmanager
def _pinned(core: int) -> Iterator[None]:
    """Keep this process and its threads to one core, where the system lets us and has another for the load."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# ── the load


class Caller(asyncio.Protocol):
    """One connection: the next command as soon as the last is answered."""

    def __init__(self, job: Job, players: Iterator[int], latencies: list[float]) -> None:
        self._job = job
        self._players = players
        self._latencies = latencies
        self._clock = asyncio.get_running_loop().time
        self._received = b""
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.failed.done():
            self.failed.set_exception(exc or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0]):
            return
        if not (head.startswith(b"HTTP/1.1 200") and b'"ok":true' in body):
            self.failed.set_exception(ConnectionError(f"{head[:40]!r} {body[:200]!r}"))
            return
        self._latencies.append(self._clock() - self._asked)
        self._received = b""
        self._ask()

    def _ask(self) -> None:
        job = self._job
        payload = (
            f'{{"playerSteamId64":"{76561197960265728 + next(self._players)}","item":"AK-47 | Redline",'
            '"priceMin":"10.00","priceMax":"12.50","currency":"USD"}'
        )
        body = f'{{"kind":"CreateTask","payload":{payload}}}' if job.enveloped else payload
        head = (
            f"POST {job.path} HTTP/1.1\r\nhost: {job.host}\r\nauthorization: Bearer {job.token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._asked = self._clock()
        self._transport.write((head + body).encode())


class Listener(asyncio.Protocol):
    """One event stream, read and thrown away."""

    def __init__(self, job: Job, received: list[int]) -> None:
        self._job = job
        self._received = received

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        job = self._job
        head = f"GET /api/event-stream HTTP/1.1\r\nhost: {job.host}\r\nauthorization: Bearer {job.token}\r\n\r\n"
        cast("asyncio.Transport", transport).write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._received[0] += len(data)


async def _call(job: Job) -> Measured:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    received = [0]
    players = count(job.first_player)
    callers = []
    for _ in range(job.streams):
        await loop.create_connection(lambda: Listener(job, received), job.host, job.port)
    for _ in range(CONNECTIONS):
        _, caller = await loop.create_connection(lambda: Caller(job, players, latencies), job.host, job.port)
        callers.append(caller)
    failed = [caller.failed for caller in callers]
    if (await asyncio.wait(failed, timeout=WARM_UP_S, return_when=asyncio.FIRST_COMPLETED))[0]:
        await next(future for future in failed if future.done())
    warm, streamed, began = len(latencies), received[0], loop.time()
    if (await asyncio.wait(failed, timeout=MEASURED_S, return_when=asyncio.FIRST_COMPLETED))[0]:
        await next(future for future in failed if future.done())
    took = loop.time() - began
    measured = [latency * 1_000 for latency in latencies[warm:]]
    cuts = quantiles(measured, n=100)
    return Measured(len(measured) / took, cuts[49], cuts[98], (received[0] - streamed) / took / 1e6)


if __name__ == "__main__":
    with _pinned(1):
        result = uvloop.run(_call(msgspec.json.decode(sys.stdin.buffer.read(), type=Job)))
    sys.stdout.buffer.write(msgspec.json.encode(result))
