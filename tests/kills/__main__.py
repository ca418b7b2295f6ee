"""`python -m tests.kills [SCENARIO …] [--kills N] [--seed N]`: every scenario, or those named."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.kills import SCENARIOS
from tests.kills.driver import kill


def main() -> int:
    """The exit status: 1 where something was lost, in two places or half gone."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    failed = False
    for name in options.scenarios or SCENARIOS:
        to = Path(tempfile.mkdtemp(prefix=f"switchboard-kills-{name}-"))
        faults = kill(name, options.kills, options.seed, to)
        print(f"{name}: killed {options.kills} times, seed {options.seed}: {len(faults)} faults")
        print("".join(f"  {fault}\n" for fault in faults), end="")
        failed = failed or bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
