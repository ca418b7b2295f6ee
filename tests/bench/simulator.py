"""A simulated Steam of ten thousand accounts: what its start costs, new and on the folder of an earlier one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.figures import Figure, Target, held, report
from tests.bench.simulated_steam import simulated_steam

ACCOUNTS: Final = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
MOST_CPU_SECONDS: Final = 6.0
MOST_MEMORY_MB: Final = 100.0


def main() -> list[str]:
    """Gives the targets that were missed."""
    with tempfile.TemporaryDirectory() as folder:
        with simulated_steam(Path(folder) / "few", bots=20) as few:
            pass
        with simulated_steam(Path(folder) / "many", bots=ACCOUNTS) as new:
            pass
        with simulated_steam(Path(folder) / "many", bots=ACCOUNTS) as again:
            pass
    names = (f"{ACCOUNTS} accounts, a new folder", f"{ACCOUNTS} accounts, an earlier one's folder", "20 accounts")
    quantities = (
        ("seconds", "s", "until it serves"),
        ("cpu_seconds", "s", "CPU"),
        ("memory_mb", "MB", "memory in all"),
    )
    for quantity, unit, what in quantities:
        spent = zip(names, (new, again, few), strict=True)
        report(
            f"the start of a simulated Steam: {what}",
            [Figure(name, [getattr(one, quantity)], unit) for name, one in spent],
        )
    return held(
        [
            Target(f"s CPU for the start with {ACCOUNTS} accounts", new.cpu_seconds, MOST_CPU_SECONDS),
            Target(f"MB of memory with {ACCOUNTS} accounts", max(new.memory_mb, again.memory_mb), MOST_MEMORY_MB),
        ]
    )
