"""`python -m tests.bench [NAME …]`: every measurement, or those named."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import platform
import sys
from pathlib import Path
from typing import Final

SHARED: Final = {"__init__", "__main__", "figures", "growth", "simulated_steam"}
NAMES: Final = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in SHARED)


def main(wanted: list[str]) -> int:
    """Returns 1 when a target was missed, 2 when a name is not one of ours."""
    unknown = set(wanted) - set(NAMES)
    if unknown:
        print(f"There is no measurement {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; "
        "medians where there are several rounds"
    )
    missed: list[str] = []
    for name in wanted or NAMES:
        measurement = importlib.import_module(f"tests.bench.{name}").main
        outcome = asyncio.run(measurement()) if inspect.iscoroutinefunction(measurement) else measurement()
        missed.extend(f"{name}: {target}" for target in outcome or ())
    if missed:
        print(f"\nMissed: {'; '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
