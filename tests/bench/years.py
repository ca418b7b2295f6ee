"""What years of ended deals cost: a system with many of them behind it beside one that has the open deals alone.

`python -m tests.bench.years [DEALS [FILE.json]]`: how many have ended (20,000 unless said; a million take an hour or
two and 12 GB of disk). Both are written by `tests.bench.growth`. Each round starts both in turn, from their newest
snapshot, each in a process of its own. Then the archive is measured as `tests.bench.history` does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time, thread_time_ns
from typing import Final

import msgspec

from kernel.codec import encode
from kernel.system import System
from tests.bench import history
from tests.bench.figures import Figure, Target, held, report
from tests.bench.growth import Growth, write
from tests.bench.journal import journaling

DEALS: Final = 20_000
OPEN: Final = 5_000
ROUNDS: Final = 5
PROBES: Final = 200
"""Deals that come from their beginning to their end while the time of an event is measured."""
MOST: Final = 1.3
START_MORE_S: Final = 0.2
"""On top of MOST, since the smaller start is one of some tenths of a second."""


class Measured(msgspec.Struct):
    """One system that is up: seconds of its start, MB of the process, bytes of the rows, CPU µs of an event."""

    start_cpu: float
    start_wall: float
    memory: float
    snapshot: int
    event_p50: float
    event_p99: float
    rows: int


def resident() -> float:
    """MB of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


async def settled(folder: Path) -> None:
    """A first start, which folds all, and a stop, which leaves a snapshot."""
    async with journaling(folder):
        pass


async def measured(folder: Path, round_no: int) -> Measured:
    began = process_time(), perf_counter()
    async with journaling(folder) as (system, _):
        cpu, wall = process_time() - began[0], perf_counter() - began[1]
        gc.collect()
        memory = resident()
        tables = system.state.tables
        size = sum(len(encode(table.rows())) for table in tables)
        rows = sum(map(len, tables))
        costs = await published(system, round_no)
    at = quantiles(costs, n=100)
    return Measured(cpu, wall, memory, size, at[49], at[98], rows)


async def published(system: System, round_no: int) -> list[float]:
    """Microseconds of CPU of each event: given its number, folded, handed to the journal."""
    ctx, costs = system.context("bench"), []
    growth = Growth(1_000 + round_no, state=system.state)
    growth.skip(10_000_000 * (1 + round_no))
    bots = list(system.state.bots)
    for number in range(PROBES):
        for _, event in growth.deal(bots[number % len(bots)]):
            began = thread_time_ns()
            ctx.publish(event)
            costs.append((thread_time_ns() - began) / 1_000)
            await asyncio.sleep(0)
    for _, event in growth.leave():  # the next round is to find what this one has found
        ctx.publish(event)
    await ctx.committed()
    return costs


def in_a_process(what: str, folder: Path, round_no: int = 0) -> bytes:
    command = [sys.executable, "-m", "tests.bench.years", what, str(folder), str(round_no)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def main(arguments: list[str] | None = None) -> list[str]:
    """Returns the targets that were missed."""
    given = arguments or [str(DEALS)]
    deals = int(given[0])
    with tempfile.TemporaryDirectory() as made:
        alone, grown = Path(made) / "alone", Path(made) / "grown"
        began = perf_counter()
        events, size = write(grown, deals, OPEN)
        write(alone, 0, OPEN)
        took = perf_counter() - began
        print(f"{deals:,} ended deals and {OPEN:,} open ones: {events:,} events, {size / 1e6:,.0f} MB in {took:,.0f} s")
        for folder in (alone, grown):
            in_a_process("settle", folder)
        rounds: list[tuple[Measured, Measured]] = []
        for number in range(ROUNDS):
            pair = [msgspec.json.decode(in_a_process("measure", f, number), type=Measured) for f in (grown, alone)]
            rounds.append((pair[0], pair[1]))
        missed = told(deals, rounds, Path(given[1]) if len(given) > 1 else None)
        return missed + history.measured(grown, Path(made) / "history")


def told(deals: int, rounds: list[tuple[Measured, Measured]], file: Path | None) -> list[str]:
    """Print what was measured, and write it into the file."""
    units = {"start_cpu": "s", "start_wall": "s", "memory": "MB", "snapshot": "bytes", "event_p99": "µs", "rows": ""}
    units["event_p50"] = "µs"
    found: dict[str, dict[str, list[float]]] = {}
    for name, unit in units.items():
        values = [[float(getattr(one, name)) for one in side] for side in zip(*rounds, strict=True)]
        found[name] = {"grown": values[0], "alone": values[1]}
        report(
            name.replace("_", " "),
            [
                Figure(f"{deals:,} ended deals behind it", values[0], unit),
                Figure(f"the {OPEN:,} open ones alone", values[1], unit),
            ],
        )
    if file is not None:
        file.write_bytes(msgspec.json.format(encode({"deals": deals, "open": OPEN, "rounds": found})) + b"\n")

    def ratio(name: str) -> float:
        return median(one / other for one, other in zip(found[name]["grown"], found[name]["alone"], strict=True))

    starts = median(grown.start_cpu - MOST * alone.start_cpu for grown, alone in rounds)
    return held(
        [
            Target("times the memory of the process", ratio("memory"), MOST),
            Target("times the rows that a browser is given, in bytes", ratio("snapshot"), MOST),
            Target(f"s of CPU that a start takes beyond {MOST} times the other's", starts, START_MORE_S),
            Target("times the p99 of an event", ratio("event_p99"), MOST),
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["settle"]:
        asyncio.run(settled(Path(sys.argv[2])))
    elif sys.argv[1:2] == ["measure"]:
        sys.stdout.buffer.write(encode(asyncio.run(measured(Path(sys.argv[2]), int(sys.argv[3])))))
    else:
        sys.exit(bool(main(sys.argv[1:])))
