"""A start on a long journal without a snapshot, beside a typed decode of the same lines by msgspec alone.

`python -m tests.bench.starts [EVENTS | FOLDER]`: how many events (1,000,000 unless said), or a data folder whose
journal `tests.bench.growth` has made. Each figure is of a process of its own, as a start is, and both are measured in
turn, so that a slow minute of the machine falls on both.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final, Union

import msgspec

from kernel.events import KINDS
from plugins.journal.history import History
from tests.bench.figures import Figure, Target, held, report
from tests.bench.growth import write
from tests.bench.journal import journaling

EVENTS: Final = 1_000_000
ROUNDS: Final = 5
RATIO_MOST: Final = 3.0


class Taken(msgspec.Struct):
    """What one process took: seconds of CPU and of the clock, and its peak of memory in MB."""

    cpu: float
    wall: float
    peak: float


def floor(folder: Path) -> None:
    """Decode every line into a Struct of its kind, as a decoder of this module's own reads it."""
    wires = [
        msgspec.defstruct(
            f"Line_{number}",
            [("seq", int), ("ts", int), ("actor", str), ("cause", int | None), ("payload", event), ("v", int, 1)],
            tag=kind,
            tag_field="kind",
            gc=False,
        )
        for number, (kind, event) in enumerate(KINDS.items())
    ]
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Union[tuple(wires)])  # noqa: UP007 - built at run time
    for chunk in History(folder / "journal" / "events.ndjson").chunks():
        decoder.decode_lines(chunk)


def start(folder: Path) -> None:
    """All that the system does before it is up: the state, and every byte looked at."""

    async def started() -> None:
        async with journaling(folder) as (system, _):
            took[:] = process_time() - began[0], perf_counter() - began[1]
            assert system.state.seq > 0

    began, took = (process_time(), perf_counter()), [0.0, 0.0]
    asyncio.run(started())
    _tell(*took)


def _tell(cpu: float, wall: float) -> None:
    print(json.dumps({"cpu": cpu, "wall": wall, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024}))


def one(what: str, folder: Path) -> None:
    """In a process of its own."""
    if what == "start":
        start(folder)
        return
    gc.disable()
    began = process_time(), perf_counter()
    floor(folder)
    _tell(process_time() - began[0], perf_counter() - began[1])


def taken(what: str, source: Path, folder: Path) -> Taken:
    """The same from outside, on a copy, since a start writes beside the journal."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "journal").mkdir(parents=True)
    shutil.copyfile(source / "journal" / "events.ndjson", folder / "journal" / "events.ndjson")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.starts", what, str(folder)], capture_output=True, text=True, check=True
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Taken)


def main(arguments: list[str] | None = None) -> list[str]:
    """Returns the targets that were missed."""
    given = (arguments or [str(EVENTS)])[0]
    with tempfile.TemporaryDirectory() as made:
        source = Path(made) / "source" if given.isdecimal() else Path(given)
        if given.isdecimal():
            write(source, deals=int(given), most=int(given))
        rounds = [
            (taken("floor", source, Path(made) / "a"), taken("start", source, Path(made) / "a")) for _ in range(ROUNDS)
        ]
        history = History(source / "journal" / "events.ndjson")
        events, size = history.last_seq(), history.size / 1e6
    ratios = [start.cpu / floor.cpu for floor, start in rounds]
    report(
        f"a start on {events:,} events, {size:,.0f} MB, without a snapshot",
        [
            Figure("from the first line to the system that is up, CPU", [start.cpu for _, start in rounds], "s"),
            Figure("a typed decode of the lines, CPU", [floor.cpu for floor, _ in rounds], "s"),
        ],
    )
    report("the same by the clock", [Figure("the start", [start.wall for _, start in rounds], "s")])
    report("its peak of memory", [Figure("the start", [start.peak for _, start in rounds], "MB")])
    return held([Target("times a typed decode of the same lines, the start", median(ratios), RATIO_MOST)])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(bool(main(sys.argv[1:])))
