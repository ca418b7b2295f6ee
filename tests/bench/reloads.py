"""Reloads from disk: how long each takes, and what a thousand of them leave behind in memory, tasks and modules."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Final

from kernel.commands import ReloadPlugin
from kernel.config import check
from kernel.hosting.library import Distributions, find
from kernel.machine_clock import SystemClock
from kernel.system import System
from tests.bench.figures import Figure, Target, held, report

PLUGINS: Final = ("contact_policy", "dialogue", "scripted_agent", "steam")
"""Without the journal: how long a disk takes is measured elsewhere."""
RELOADS: Final = {"scripted_agent": 1_000, "steam": 100}
WARM_UP: Final = 150
"""Reloads after which caches are full, those of `typing` and `importlib` too; what grows from then on never stops."""
MEGABYTE: Final = 1_000_000


async def main() -> list[str]:
    """Prints the times and what is left; gives the targets that were missed."""
    logging.disable(logging.WARNING)
    config = check({"kernel": {"plugins": list(PLUGINS)}}, *find())
    targets: list[Target] = []
    with tempfile.TemporaryDirectory() as data:
        async with System(config, Distributions(), clock=SystemClock(), data=Path(data)) as system:
            ctx = system.context("bench")
            for name, reloads in RELOADS.items():
                for _ in range(WARM_UP):
                    await ctx.execute(ReloadPlugin(name=name))
                before = _left()
                times = []
                for _ in range(reloads):
                    begun = time.perf_counter()
                    await ctx.execute(ReloadPlugin(name=name))
                    times.append((time.perf_counter() - begun) * 1_000)
                memory, tasks, modules = (now - then for now, then in zip(_left(), before, strict=True))
                cut = quantiles(times, n=100)
                figures = [Figure("the slowest", [max(times)], "ms"), Figure("99th percentile", [cut[98]], "ms")]
                report(f"{reloads:,} reloads of {name}, each:", [*figures, Figure("median", [cut[49]], "ms")])
                targets += [
                    Target(f"MB more memory after {reloads:,} reloads of {name}", memory / MEGABYTE, 10),
                    Target(f"tasks more after {reloads:,} reloads of {name}", tasks, 1),
                    Target(f"modules more after {reloads:,} reloads of {name}", modules, 1),
                ]
    logging.disable(logging.NOTSET)
    return held(targets)


def _left() -> tuple[int, int, int]:
    """Bytes of memory that are resident, tasks, imported modules."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize(), len(asyncio.all_tasks()), len(sys.modules)
