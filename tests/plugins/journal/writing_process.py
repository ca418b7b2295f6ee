"""A process that lives by its journal: `writing_process.py DIR EVENTS [FILE_SIZE]`.

Eight tasks publish, wait for the commit, and only then print `seq task_id`; after EVENTS of them it stops in good
order. With FILE_SIZE (bytes) no file may grow beyond that until the first commit has failed: it prints `failed`, and
lifts the limit.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Final

from kernel.config import check
from kernel.errors import CommitFailed
from kernel.events import TaskCreated
from kernel.ids import SteamId64, new_task_id
from kernel.machine_clock import SystemClock
from kernel.system import System
from plugins.journal import Journal

WRITERS: Final = 8


async def main(folder: Path, events: int, file_size: int) -> None:
    plugins = {"journal": Journal}
    # snapshots often, so that the kill falls on some
    config = check({"kernel": {"plugins": ["journal"]}, "journal": {"snapshot_events": 200}}, plugins)
    async with System(config, plugins, clock=SystemClock(), data=folder) as system:
        print(f"up {system.state.seq}", flush=True)
        if file_size:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, resource.RLIM_INFINITY))
        numbers = count(len(system.state.tasks))
        await asyncio.gather(*(write(system, numbers, events // WRITERS) for _ in range(WRITERS)))


async def write(system: System, numbers: count[int], events: int) -> None:
    ctx = system.context("writer")
    for _ in range(events):
        number = next(numbers)
        created = TaskCreated(
            task_id=new_task_id(),
            player=SteamId64(str(76561198000000001 + number)),
            item="AK-47 | Redline " * (number % 20),
            price_min=Decimal("10.00"),
            price_max=Decimal("12.50"),
            currency="USD",
        )
        envelope = ctx.publish(created)
        try:
            await system.commits.wait(envelope.seq)
        except CommitFailed:
            print("failed", flush=True)
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            while system.commits.reached < envelope.seq:  # noqa: ASYNC110 - it comes by itself
                await asyncio.sleep(0.001)
        print(f"{envelope.seq} {created.task_id}\n", end="", flush=True)  # in one piece


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
