"""`python -m tests.fuzz [SECONDS]`: go on with new hostile input for so long, an hour by itself; a find ends it.

Each round has a seed of its own, which is printed with the find: `--seed N` plays that round again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from kernel.testing import ManualClock
from plugins.steam_sim.connection import CmConnection
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.simulation import Simulation
from tests.fuzz import decoders, hostile

HOUR = 3_600.0
EXAMPLES = 200  # a round


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when the time is up, 1 with a find."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=HOUR)
    parser.add_argument("--seed", type=int, help="one round alone, with this seed")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        simulation = Simulation(SimOptions(folder=Path(folder), bots=1, players=0), ManualClock())
        with simulation.offline():
            return _go_on(simulation, options.seconds, options.seed)


def _go_on(simulation: Simulation, seconds: float, only: int | None) -> int:
    began, rounds, chance = time.monotonic(), 0, SystemRandom()
    while not rounds or (only is None and time.monotonic() - began < seconds):
        number = chance.getrandbits(32) if only is None else only
        try:
            _round(simulation, number)
        except BaseException as find:
            print(f"\n{rounds} rounds were good; the seed {number} is a find: {find!r}", file=sys.stderr)
            if isinstance(find, KeyboardInterrupt):
                return 0
            raise
        rounds += 1
        if sys.stdout.isatty() or rounds % 50 == 0:
            print(f"{rounds} rounds, {rounds * EXAMPLES * 25 * 2:,} frames, {rounds * EXAMPLES:,} maFiles", flush=True)
    print(f"Nothing found in {rounds} rounds of {EXAMPLES * 50:,} frames and {EXAMPLES} maFiles.")
    return 0


def _round(simulation: Simulation, number: int) -> None:
    def simulator_takes(messages: list[bytes]) -> None:
        decoders.simulator_takes(CmConnection(simulation.desk, decoders.Deaf(), "198.18.0.1"), messages)

    _trial(number, hostile.streams, decoders.transport_takes)
    _trial(number, hostile.streams, simulator_takes)
    _trial(number, hostile.mafiles, decoders.mafile_is_read_or_refused)


def _trial(number: int, strategy: st.SearchStrategy[Any], takes: Callable[[Any], object]) -> None:
    @seed(number)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def trial(value: Any) -> None:
        takes(value)

    trial()


if __name__ == "__main__":
    sys.exit(main())
