"""`make hostile SECONDS=…`: hostile clients for that long; what signed-in operators and the memory notice of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, quantiles
from typing import Final

import msgspec

from tests.bench.figures import Target, held
from tests.hostile.attacks import Job
from tests.hostile.product import Measured, Product, fill, operate, product

TASKS: Final = 2_000
P99_S: Final = 0.200
EVERY_S: Final = 1.0
GROWTH: Final = 1.02
"""Of the mean of the last third against that of the second: what an allocator moves by itself."""


def main(arguments: Sequence[str]) -> int:
    seconds = float(arguments[0]) if arguments else 1_200.0
    with tempfile.TemporaryDirectory() as folder, product(Path(folder)) as system:
        missed = asyncio.run(run(system, seconds))
        log = Path(folder, "log").stat().st_size
        print(f"  log: {log / 1e6:.2f} MB")
    return 1 if missed else 0


async def run(system: Product, seconds: float) -> list[str]:
    await fill(system, TASKS)
    quiet = Measured()
    await operate(system, system.operators[0], time.monotonic() + min(10.0, seconds / 4), quiet)
    job = Job(port=system.port, viewer=system.viewer, seconds=seconds)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hostile.attacks", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    attacks = asyncio.create_task(process.communicate(msgspec.json.encode(job)))
    until = time.monotonic() + seconds
    found = [Measured() for _ in system.operators]
    tokens = zip(system.operators, found, strict=True)
    working = [asyncio.create_task(operate(system, token, until, one)) for token, one in tokens]
    before = system.processor_s()
    memory: list[float] = []
    load: list[float] = []
    while time.monotonic() < until:
        memory.append(system.resident_mb())
        load.append(os.getloadavg()[0])
        await asyncio.sleep(EVERY_S)
    await asyncio.gather(*working)
    ran, waited = (now - then for now, then in zip(system.processor_s(), before, strict=True))
    print(f"  the product's loop ran for {ran:.1f} s, and waited for a processor for {waited:.1f} s")
    output, _ = await attacks
    done, answered = json.loads(output)
    return _told(seconds, quiet, found, memory, load, done, answered)


def _told(
    seconds: float,
    quiet: Measured,
    found: Sequence[Measured],
    memory: Sequence[float],
    load: Sequence[float],
    done: dict[str, int],
    answered: dict[str, int],
) -> list[str]:
    third = len(memory) // 3
    thirds = [memory[:third], memory[third : 2 * third], memory[2 * third :]]
    latencies = [one for measured in found for one in measured.seconds]
    failed = [one for measured in found for one in measured.failed]
    print(f"hostile clients for {seconds:.0f} s beside {len(found)} operators, {os.cpu_count()} cores")
    print(f"  load of the machine: {min(load):.1f} to {max(load):.1f}, mean {mean(load):.1f}")
    for kind, number in sorted(done.items()):
        statuses = ", ".join(f"{key.partition(': ')[2]} {n}" for key, n in sorted(answered.items()) if kind in key)
        print(f"  {kind}: {number:,} ({statuses})")
    print(f"  streams: {', '.join(f'{key[8:]} {n}' for key, n in sorted(answered.items()) if key[:7] == 'stream:')}")
    for name, values in (("without them", quiet.seconds), ("beside them", latencies)):
        cuts = quantiles(values, n=1_000)
        print(f"  commands {name}: {len(values):,}; p50 {cuts[499] * 1e3:.1f}, p99 {cuts[989] * 1e3:.1f} ms")
    print("  memory by thirds, mean and most: " + ", ".join(f"{mean(one):.1f} {max(one):.1f} MB" for one in thirds))
    if failed:
        print(f"  not ok: {failed[:5]}")
    return held(
        [
            Target("ms, p99 of an operator's command", quantiles(latencies, n=100)[98] * 1e3, P99_S * 1e3),
            Target("commands that were not ok", len(failed), 0.5),
            Target("MB, the mean of the last third", mean(thirds[2]), mean(thirds[1]) * GROWTH),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
