"""A thousand bots signed in by password and code in one process: time, CPU and memory of each.

Beside them the same number of steam-user clients, and of bare TLS WebSockets, which is the floor. All go through the
same proxies to the same simulated Steam, which runs in a process of its own; each measurement in a fresh one, so that
memory is its own alone, and each client with an account of its own, because a code serves once.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import uvloop

from kernel.clock import SystemClock
from kernel.commands import AddBotFromMaFile, ConnectBot
from kernel.config import check
from kernel.rows import BotStatus
from kernel.system import System
from plugins.steam import Steam, proxy
from plugins.steam.connection import Connection, tls_context
from tests.bench.figures import Figure, report
from tests.interop.steam_user import HERE, INSTALLED

BOTS: Final = int(os.environ.get("BENCH_BOTS", "1000"))
AT_ONCE: Final = 50
NAMES: Final = {
    "bots": "a bot, signed in by password and code, friends listed",
    "steam_user": "a steam-user client, the same",
    "sockets": "a bare TLS WebSocket through the same proxy",
}


def main() -> None:
    kinds = list(NAMES)
    if shutil.which("node") is None or not INSTALLED.exists():
        print("steam-user is not installed (`make interop`), so it is not measured beside the bots.")
        kinds.remove("steam_user")
    with tempfile.TemporaryDirectory() as folder, _steam(Path(folder), 2 * BOTS) as ready:
        results = {kind: _in_a_process(kind, ready) for kind in kinds}
    title = f"{BOTS} clients in one process, through their proxies, at most {AT_ONCE} at once"
    for quantity, what, unit in (
        ("seconds", "time until all are on", "s"),
        ("cpu_ms", "CPU of each", "ms"),
        ("memory_kb", "memory of each", "kB"),
    ):
        report(f"{title}: {what}", [Figure(NAMES[kind], [results[kind][quantity]], unit) for kind in kinds])


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
    command, environment = [sys.executable, "-m", "tests.bench.sign_ins", kind, str(folder)], dict(os.environ)
    if kind == "steam_user":
        command = ["node", "--expose-gc", str(HERE / "bench.mjs"), str(_accounts_file(folder)), str(AT_ONCE)]
        ready = json.loads((folder / "ready.json").read_text())
        directory = urlsplit(ready["directoryUrl"])
        environment |= {
            "DIRECTORY": f"{directory.scheme}://{directory.netloc}",
            "NODE_EXTRA_CA_CERTS": ready["caFile"],
            "NODE_NO_WARNINGS": "1",
        }
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _accounts(folder: Path) -> list[dict[str, str]]:
    """Everyone who can sign in: maFile as text, login, password, shared secret, proxy."""
    ready = json.loads((folder / "ready.json").read_text())
    passwords = dict(line.split(":", 1) for line in (folder / "accounts.txt").read_text().split())
    proxies = {entry["login"]: entry["proxyUrl"] for entry in ready["proxies"]}
    found = []
    for path in sorted((folder / "mafiles").iterdir()):
        text = path.read_text()
        file = json.loads(text)
        login = file["account_name"]
        found.append(
            {
                "maFile": text,
                "login": login,
                "password": passwords[login],
                "sharedSecret": file["shared_secret"],
                "proxyUrl": proxies[login],
            }
        )
    return found


def _accounts_file(folder: Path) -> Path:
    """The second half of the accounts, for steam-user; the first half is the bots'."""
    path = folder / "steam-user.json"
    path.write_text(json.dumps(_accounts(folder)[BOTS:]))
    return path


async def _bots(folder: Path) -> dict[str, float]:
    ready = json.loads((folder / "ready.json").read_text())
    plugins: dict[str, Any] = {"steam": Steam}
    tables = {"directory_url": ready["directoryUrl"], "ca_file": ready["caFile"]}
    config = check({"kernel": {"plugins": ["steam"]}, "steam": tables}, plugins)
    with tempfile.TemporaryDirectory() as data:
        async with System(config, plugins, clock=SystemClock(), data=Path(data)) as system:
            ctx = system.context("bench")
            ids = []
            for account in _accounts(folder)[:BOTS]:
                command = AddBotFromMaFile(
                    ma_file=account["maFile"], proxy_url=account["proxyUrl"], password=account["password"]
                )
                ids.append(await ctx.execute(command))
            figures = await _measure(len(ids), lambda n: ctx.execute(ConnectBot(bot_id=ids[n])))
            connected = system.state.index.bots_by_status[BotStatus.CONNECTED]
            assert connected == len(ids), f"{connected} of {len(ids)} are connected"
    return figures


async def _sockets(folder: Path) -> dict[str, float]:
    ready = json.loads((folder / "ready.json").read_text())
    tls = tls_context(Path(ready["caFile"]))
    endpoint = ready["cmUrl"].split("//")[1].split("/")[0]
    proxies = [proxy.parse(entry["proxyUrl"]) for entry in ready["proxies"][:BOTS]]
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
        "seconds": took,
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
