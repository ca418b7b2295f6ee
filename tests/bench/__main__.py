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

NAMES: Final = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in {"__init__", "__main__", "figures"}
)


def main(wanted: list[str]) -> int:
    """Returns 2 when a name is not one of ours."""
    unknown = set(wanted) - set(NAMES)
    if unknown:
        print(f"There is no measurement {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; medians of several rounds"
    )
    for name in wanted or NAMES:
        measurement = importlib.import_module(f"tests.bench.{name}").main
        if inspect.iscoroutinefunction(measurement):
            asyncio.run(measurement())
        else:
            measurement()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
