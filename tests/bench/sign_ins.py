"""A thousand bots brought online in one process, beside as many of npm's steam-user and as many bare TLS WebSockets.

The simulated Steam is in a process of its own, the same for all three; each of them is in a fresh one, so that memory
is its own alone. What else the machine does falls on the seconds, which are printed, and little on CPU time and memory,
which have targets. A bot's CPU has its token sealed and on disk, which steam-user leaves to its user.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import uvloop

from kernel.commands import AddBotFromMaFile, ConnectBot, EnablePlugin
from kernel.config import check
from kernel.context import Context
from kernel.events import BotAuthFailed, BotConnected, BotDisconnected
from kernel.machine_clock import SystemClock
from kernel.system import System
from plugins.fleet import Fleet
from plugins.steam import Steam, proxy
from plugins.steam.connection import Connection, tls_context
from tests.bench.figures import Figure, Target, held, report
from tests.bench.simulated_steam import Account, SimulatedSteam, allow_files, simulated_steam
from tests.interop.clients import HERE, STEAM_USER

BOTS: Final = int(os.environ.get("BENCH_BOTS", "1000"))
AT_ONCE: Final = 50
PATIENCE: Final = 600.0
"""Seconds after which bots that are not online are taken for lost."""

MOST_MEMORY_KB: Final = 90
MOST_OF_STEAM_USERS_CPU: Final = 0.5

NAMES: Final = {
    "bots": "bots, brought up by fleet",
    "steam-user": "npm's steam-user",
    "sockets": "bare TLS WebSockets, no sign-in",
}


class Cost(NamedTuple):
    """What it took until all were online, and what each cost."""

    seconds: float
    cpu_ms: float
    memory_kb: float


def main() -> list[str]:
    """Gives the targets that were missed."""
    allow_files()
    with tempfile.TemporaryDirectory() as folder, simulated_steam(Path(folder), bots=2 * BOTS):
        costs = {"bots": _in_a_process("bots", folder)}
        if peer := _steam_user(SimulatedSteam(Path(folder))):
            costs["steam-user"] = peer
        costs["sockets"] = _in_a_process("sockets", folder)
    title = f"{BOTS} in one process, by password and code, each through its proxy, at most {AT_ONCE} at once"
    quantities = (
        ("seconds", "s", "until all are on"),
        ("cpu_ms", "ms", "CPU each"),
        ("memory_kb", "kB", "memory each"),
    )
    for quantity, unit, what in quantities:
        figures = [Figure(NAMES[kind], [getattr(cost, quantity)], unit) for kind, cost in costs.items()]
        report(f"{title}: {what}", figures)
    targets = [Target("kB of memory for each bot", costs["bots"].memory_kb, MOST_MEMORY_KB)]
    if peer:
        targets.append(
            Target("of steam-user's CPU for each bot", costs["bots"].cpu_ms / peer.cpu_ms, MOST_OF_STEAM_USERS_CPU)
        )
    return held(targets)


def _in_a_process(kind: str, folder: str) -> Cost:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.sign_ins", kind, folder], stdout=subprocess.PIPE, text=True, check=True
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _steam_user(steam: SimulatedSteam) -> Cost | None:
    """The other half of the accounts, as a code is taken once; None where steam-user is not installed."""
    node = shutil.which("node")
    if node is None or not STEAM_USER.exists():
        print("\nsteam-user is not installed, so nothing stands beside the bots; `make setup` fetches it.")
        return None
    accounts = [
        {
            "login": account.login,
            "password": account.password,
            "sharedSecret": json.loads(account.ma_file)["shared_secret"],
            "proxyUrl": account.proxy_url,
        }
        for account in steam.accounts[BOTS:]
    ]
    given = steam.folder / "steam-user.json"
    given.write_text(json.dumps(accounts))
    directory = urlsplit(steam.ready["directoryUrl"])
    done = subprocess.run(
        [node, "--expose-gc", "--no-deprecation", str(HERE / "bench.mjs"), str(given), str(AT_ONCE)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={
            **os.environ,
            "DIRECTORY": f"{directory.scheme}://{directory.netloc}",
            "NODE_EXTRA_CA_CERTS": steam.ready["caFile"],
        },
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


async def _bots(steam: SimulatedSteam) -> Cost:
    """`fleet` is started when all bots are known and one has been online, and brings up the rest."""
    plugins: dict[str, Any] = {"steam": Steam, "fleet": Fleet}
    tables = {
        "kernel": {"plugins": ["steam"]},
        "steam": {"directory_url": steam.ready["directoryUrl"], "ca_file": steam.ready["caFile"]},
        "fleet": {"online_limit": BOTS, "sign_ins_at_once": AT_ONCE, "sign_in_spacing_ms": 0, "sign_in_burst": BOTS},
    }
    config = check(tables, plugins)
    with tempfile.TemporaryDirectory() as data:
        async with System(config, plugins, clock=SystemClock(), data=Path(data)) as system:
            ctx = system.context("bench")
            first, *_ = [await _add(ctx, account) for account in steam.accounts[:BOTS]]
            await ctx.execute(ConnectBot(bot_id=first))
            online = _all_online(ctx, BOTS - 1)
            before = _Meter()
            await ctx.execute(EnablePlugin(name="fleet"))
            async with asyncio.timeout(PATIENCE):
                await online
            return await before.cost(BOTS - 1)


async def _add(ctx: Context, account: Account) -> Any:
    command = AddBotFromMaFile(
        ma_file=account.ma_file, proxy_url=account.proxy_url, password=account.password, label=account.login
    )
    return await ctx.execute(command)


def _all_online(ctx: Context, count: int) -> asyncio.Future[None]:
    """Done when so many more bots are online; the first that fails ends it, for then nothing was measured."""
    done = asyncio.get_running_loop().create_future()
    waiting = count

    def one_more(*_: object) -> None:
        nonlocal waiting
        waiting -= 1
        if not waiting and not done.done():
            done.set_result(None)

    def failed(_: object, event: BotDisconnected | BotAuthFailed) -> None:
        if not done.done():
            done.set_exception(RuntimeError(f"{event.bot_id} is not online: {event.detail}"))

    ctx.subscribe(BotConnected, one_more)
    ctx.subscribe(BotDisconnected, failed)
    ctx.subscribe(BotAuthFailed, failed)
    return done


async def _sockets(steam: SimulatedSteam) -> Cost:
    tls = tls_context(Path(steam.ready["caFile"]))
    endpoint = steam.ready["cmUrl"].split("//")[1].split("/")[0]
    proxies = [proxy.parse(account.proxy_url) for account in steam.accounts[:BOTS]]
    open_ones = [await Connection.open(endpoint, proxies[0], tls, 20.0)]
    room = asyncio.Semaphore(AT_ONCE)

    async def connect(through: proxy.Proxy) -> None:
        async with room:
            open_ones.append(await Connection.open(endpoint, through, tls, 20.0))

    before = _Meter()
    await _all_of([connect(through) for through in proxies[1:]])
    cost = await before.cost(len(proxies) - 1)
    for connection in open_ones:
        connection.abort()
    return cost


async def _all_of(work: Sequence[Any]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(one)


class _Meter:
    """Where the process stood when it was made."""

    def __init__(self) -> None:
        self._memory, self._cpu, self._began = _memory_kb(), time.process_time(), time.perf_counter()

    async def cost(self, count: int) -> Cost:
        """What came since, for each of so many; memory when all has been quiet for a second."""
        seconds, cpu = time.perf_counter() - self._began, time.process_time() - self._cpu
        await asyncio.sleep(1)
        return Cost(seconds, cpu * 1_000 / count, (_memory_kb() - self._memory) / count)


def _memory_kb() -> float:
    """What the process holds now, not at its peak."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


if __name__ == "__main__":
    work = {"bots": _bots, "sockets": _sockets}[sys.argv[1]]
    print(json.dumps(uvloop.run(work(SimulatedSteam(Path(sys.argv[2]))))._asdict()))
