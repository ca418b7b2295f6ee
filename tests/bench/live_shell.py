"""How late a heartbeat comes while a cell of the live shell computes without end, beside an idle shell and none."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from kernel.config import check
from kernel.machine_clock import SystemClock
from kernel.system import System
from plugins.live_shell import LiveShell
from plugins.live_shell.commands import CloseLiveShell, OpenLiveShell
from tests.bench.figures import Figure, report

ROUNDS: Final = 5
BEATS: Final = 300
INTERVAL_S: Final = 0.01
PYTHONS_OWN_S: Final = 0.005
CELL: Final = """
import sys
from jupyter_client.blocking.client import BlockingKernelClient
client = BlockingKernelClient(connection_file=sys.argv[1])
client.load_connection_file()
client.start_channels()
client.wait_for_ready(timeout=30)
client.execute("while True: pass")
input()
"""


async def main() -> None:
    """Prints the 99th percentile of lateness and its maximum, each over a few hundred beats a round."""
    plugins: dict[str, Any] = {"live_shell": LiveShell}
    config = check({"kernel": {"plugins": ["live_shell"]}}, plugins)
    found: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as data:
        async with System(config, plugins, clock=SystemClock(), data=Path(data)) as system:
            ctx = system.context("bench")
            found["no shell"] = [await _beats() for _ in range(ROUNDS)]
            file = await ctx.execute(OpenLiveShell())
            found["idle shell"] = [await _beats() for _ in range(ROUNDS)]
            ours = sys.getswitchinterval()
            command = [sys.executable, "-c", CELL, file]
            with subprocess.Popen(command, stdin=subprocess.PIPE) as console:  # noqa: ASYNC220 - no loop is held by it
                await asyncio.sleep(5)  # it is attached, and computes
                found["busy cell"] = [await _beats() for _ in range(ROUNDS)]
                sys.setswitchinterval(PYTHONS_OWN_S)
                found["busy cell, Python's own switch interval"] = [await _beats() for _ in range(ROUNDS)]
                sys.setswitchinterval(ours)
                console.kill()
            await ctx.execute(CloseLiveShell())
    for title, of in (("99th percentile", lambda late: quantiles(late, n=100)[98]), ("latest", max)):
        figures = [Figure(name, [of(late) for late in rounds], "ms") for name, rounds in found.items()]
        report(f"how late a heartbeat of {INTERVAL_S * 1_000:.0f} ms comes: {title}", figures)


async def _beats() -> list[float]:
    clock = asyncio.get_running_loop().time
    late = []
    for _ in range(BEATS):
        asleep = clock()
        await asyncio.sleep(INTERVAL_S)
        late.append((clock() - asleep - INTERVAL_S) * 1_000)
    return late
