"""Bots signed in a second by password and code, with CPU and memory of each, beside bare TLS WebSockets.

The simulated Steam runs in a process of its own; each measurement in a fresh one, so that memory is its own alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvloop

from kernel.clock import SystemClock
from kernel.commands import AddBotFromMaFile, ConnectBot
from kernel.config import check
from kernel.rows import BotStatus
from kernel.system import System
from plugins.steam import Steam, proxy
from plugins.steam.connection import Connection, tls_context
from tests.bench.figures import Figure, report

BOTS: Final = int(os.environ.get("BENCH_BOTS", "200"))
AT_ONCE: Final = 50


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, _steam(Path(folder), BOTS) as ready:
        results = {kind: _in_a_process(kind, ready) for kind in ("bots", "sockets")}
    bots, sockets = results["bots"], results["sockets"]
    title = f"{BOTS} bots from maFiles through their proxies, at most {AT_ONCE} at once"
    for quantity, unit in (("per_second", "a second"), ("cpu_ms", "ms CPU"), ("memory_kb", "kB each")):
        report(
            f"{title}: {unit}",
            [
                Figure("signed in by password and code, friends listed", [bots[quantity]], unit),
                Figure("bare TLS WebSocket through the same proxy", [sockets[quantity]], unit),
            ],
        )


@contextmanager
def _steam(folder: Path, bots: int) -> Iterator[Path]:
    """A simulated Steam that is serving; gives its folder."""
    command = [sys.executable, "-m", "plugins.steam_sim", "--bots", str(bots), "--players", "1", "--out", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not (folder / "ready.json").exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the simulated Steam does not start")
            time.sleep(0.1)
        yield folder
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _in_a_process(kind: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.sign_ins", kind, str(folder)], capture_output=True, text=True, check=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


async def _bots(folder: Path) -> dict[str, float]:
    ready = json.loads((folder / "ready.json").read_text())
    passwords = dict(line.split(":", 1) for line in (folder / "accounts.txt").read_text().split())
    plugins: dict[str, Any] = {"steam": Steam}
    tables = {"directory_url": ready["directoryUrl"], "ca_file": ready["caFile"]}
    config = check({"kernel": {"plugins": ["steam"]}, "steam": tables}, plugins)
    with tempfile.TemporaryDirectory() as data:
        async with System(config, plugins, clock=SystemClock(), data=Path(data)) as system:
            ctx = system.context("bench")
            proxies = {entry["login"]: entry["proxyUrl"] for entry in ready["proxies"]}
            ids = []
            for path in sorted((folder / "mafiles").iterdir()):
                text = path.read_text()
                login = json.loads(text)["account_name"]
                command = AddBotFromMaFile(ma_file=text, proxy_url=proxies[login], password=passwords[login])
                ids.append(await ctx.execute(command))
            figures = await _measure(len(ids), lambda n: ctx.execute(ConnectBot(bot_id=ids[n])))
            connected = system.state.index.bots_by_status[BotStatus.CONNECTED]
            assert connected == len(ids), f"{connected} of {len(ids)} are connected"
    return figures


async def _sockets(folder: Path) -> dict[str, float]:
    ready = json.loads((folder / "ready.json").read_text())
    tls = tls_context(Path(ready["caFile"]))
    endpoint = ready["cmUrl"].split("//")[1].split("/")[0]
    proxies = [proxy.parse(entry["proxyUrl"]) for entry in ready["proxies"]]
    open_ones: list[Connection] = []

    async def connect(number: int) -> None:
        open_ones.append(await Connection.open(endpoint, proxies[number], tls, 20.0))

    figures = await _measure(len(proxies), connect)
    for connection in open_ones:
        connection.abort()
    return figures


async def _measure(count: int, connect: Callable[[int], Awaitable[object]]) -> dict[str, float]:
    """Connect all, a few at once; the first one warms up what all share, and is not counted."""
    await connect(0)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with room:
            await connect(number)

    memory, cpu, began = _memory_kb(), time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(1, count):
            group.create_task(one(number))
    took, counted = time.perf_counter() - began, count - 1
    return {
        "per_second": counted / took,
        "cpu_ms": (time.process_time() - cpu) * 1_000 / counted,
        "memory_kb": (_memory_kb() - memory) / counted,
    }


def _memory_kb() -> int:
    """What the process holds now, not at its peak."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    work = {"bots": _bots, "sockets": _sockets}[sys.argv[1]]
    print(json.dumps(uvloop.run(work(Path(sys.argv[2])))))
