"""Real proxies, of Debian's packages: each bot's traffic arrives through its own, and without it nothing arrives."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from kernel.commands import AddBotFromMaFile, ConnectBot
from kernel.config import check
from kernel.ids import BotId
from kernel.machine_clock import SystemClock
from kernel.system import System
from kernel.testing import ManualClock
from plugins.steam import Steam
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.ready import Ready
from plugins.steam_sim.simulation import Simulation
from tests.plugins.steam_sim.keys import with_key

pytestmark = [
    pytest.mark.skipif(
        not (shutil.which("tinyproxy") and shutil.which("microsocks")),
        reason="needs tinyproxy and microsocks installed",
    ),
]
HTTP_EXIT, SOCKS_EXIT = "127.0.0.11", "127.0.0.12"
USER, PASSWORD = "bot", "madeUp1"  # tinyproxy takes letters and digits only


class Door:
    """Stands before one of Steam's ports and notes from where each connection comes."""

    def __init__(self, target: int, rewrite: Callable[[bytes], bytes] = lambda data: data) -> None:
        self.came_from: Counter[str] = Counter()
        self._target = target
        self._rewrite = rewrite

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        self._server.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came_from[writer.get_extra_info("peername")[0]] += 1
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer, self._rewrite))


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rewrite: Callable[[bytes], bytes] = lambda data: data
) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(rewrite(data))
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Proxies:
    """tinyproxy for HTTP CONNECT and microsocks for SOCKS5, each with credentials and an exit address of its own."""

    def __init__(self, folder: Path) -> None:
        self.http_port, self.socks_port = _free_port(), _free_port()
        config = folder / "tinyproxy.conf"
        config.write_text(
            f"Port {self.http_port}\nListen 127.0.0.1\nBind {HTTP_EXIT}\nBasicAuth {USER} {PASSWORD}\n"
            f'Timeout 600\nMaxClients 20\nLogFile "{folder}/tinyproxy.log"\nPidFile "{folder}/tinyproxy.pid"\n'
        )
        self.http = subprocess.Popen(["tinyproxy", "-d", "-c", str(config)], stdout=subprocess.DEVNULL)
        socks = [
            "microsocks",
            "-i",
            "127.0.0.1",
            "-p",
            str(self.socks_port),
            "-u",
            USER,
            "-P",
            PASSWORD,
            "-b",
            SOCKS_EXIT,
        ]
        self.socks = subprocess.Popen(socks, stderr=subprocess.DEVNULL)

    async def ready(self) -> None:
        for port in (self.http_port, self.socks_port):
            async with asyncio.timeout(10):
                while True:
                    try:
                        _, writer = await asyncio.open_connection("127.0.0.1", port)
                    except OSError:
                        await asyncio.sleep(0.05)
                    else:
                        writer.close()
                        break

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def urls(self) -> tuple[str, str]:
        credentials = f"{USER}:{PASSWORD}"
        return (
            f"http://{credentials}@127.0.0.1:{self.http_port}",
            f"socks5h://{credentials}@127.0.0.1:{self.socks_port}",
        )


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Street:
    """A system with two bots, one behind each proxy, and doors before Steam."""

    def __init__(self, system: System, bots: tuple[BotId, BotId], cm: Door, directory: Door, proxies: Proxies) -> None:
        self.system, self.bots, self.cm, self.directory, self.proxies = system, bots, cm, directory, proxies
        self.ctx = system.context("test")

    def status(self, bot: BotId) -> str:
        return str(self.system.state.bots[bot].status)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110 - the state of two other processes, which tell no event
                await asyncio.sleep(0.02)


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[Street]:
    async with AsyncExitStack() as opened:
        simulation = with_key(Simulation(SimOptions(folder=folder / "steam", bots=2, players=1), ManualClock()))
        ready = await simulation.start()
        opened.push_async_callback(simulation.stop)
        cm = Door(ready.ports.cm)
        cm_port = await cm.open()
        opened.push_async_callback(cm.close)
        # the list of CMs names the simulator's own port; behind the door it names the other door's
        directory = Door(ready.ports.directory, lambda data: _renamed(data, ready.ports.cm, cm_port))
        directory_port = await directory.open()
        opened.push_async_callback(directory.close)
        proxies = Proxies(folder)
        opened.callback(proxies.stop, proxies.http)
        opened.callback(proxies.stop, proxies.socks)
        await proxies.ready()
        plugins: dict[str, Any] = {"steam": Steam}
        table = {"directory_url": f"http://127.0.0.1:{directory_port}", "ca_file": ready.ca_file}
        config = check({"kernel": {"plugins": ["steam"]}, "steam": table}, plugins)
        system = System(config, plugins, clock=SystemClock(), data=folder / "data")
        await opened.enter_async_context(system)
        yield Street(system, await _add(system, simulation, ready, proxies), cm, directory, proxies)


def _renamed(data: bytes, old: int, new: int) -> bytes:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator or b"serverlist" not in body:
        return data
    body = body.replace(f":{old}".encode(), f":{new}".encode())
    lines = [
        f"Content-Length: {len(body)}".encode() if line.lower().startswith(b"content-length") else line
        for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + separator + body


async def _add(system: System, simulation: Simulation, ready: Ready, proxies: Proxies) -> tuple[BotId, BotId]:
    ctx = system.context("test")
    added = []
    for account, url in zip(simulation.accounts.bots, proxies.urls(), strict=True):
        ma_file = json.loads((Path(ready.mafiles) / f"{account.steam_id64}.maFile").read_text())
        command = AddBotFromMaFile(ma_file=ma_file, proxy_url=url, password=account.password)
        added.append(await ctx.execute(command))
    return added[0], added[1]


async def test_each_bots_traffic_arrives_through_its_own_proxy_only(tmp_path: Path) -> None:
    async with street(tmp_path) as here:
        http_bot, socks_bot = here.bots
        await here.ctx.execute(ConnectBot(bot_id=http_bot))
        assert here.status(http_bot) == "connected", here.system.state.bots[http_bot]
        assert set(here.cm.came_from) == set(here.directory.came_from) == {HTTP_EXIT}

        await here.ctx.execute(ConnectBot(bot_id=socks_bot))
        assert here.status(socks_bot) == "connected", here.system.state.bots[socks_bot]
        assert here.cm.came_from == {HTTP_EXIT: 1, SOCKS_EXIT: 1}


@pytest.mark.parametrize("number", [0, 1])
async def test_with_its_proxy_stopped_a_bot_is_offline_and_nothing_of_it_arrives(tmp_path: Path, number: int) -> None:
    async with street(tmp_path) as here:
        for bot in here.bots:
            await here.ctx.execute(ConnectBot(bot_id=bot))
        lost, other = here.bots[number], here.bots[1 - number]
        before = Counter(here.cm.came_from), Counter(here.directory.came_from)
        here.proxies.stop((here.proxies.http, here.proxies.socks)[number])
        await here.until(lambda: here.status(lost) == "disconnected")
        for _ in range(3):
            await here.ctx.execute(ConnectBot(bot_id=lost))

        assert here.status(lost) == "disconnected"
        assert here.system.state.bots[lost].reason == "proxy.unreachable"
        assert (here.cm.came_from, here.directory.came_from) == before, "not one connection, direct or otherwise"
        assert here.status(other) == "connected", "the other bot has its own proxy"
