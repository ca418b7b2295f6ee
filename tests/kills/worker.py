"""Carries out the work of a scenario in processes that kill themselves: `python -m tests.kills.worker SCENARIO`.

Each line of its input is `FOLDER STEP MICROSECONDS`: a fork of it works on that folder and is gone, as by kill -9,
before the step of that number, or that long after it has begun; 0 for never. It answers with the status of that
process, the steps that it had made, and what it had told.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Final

STEPS: Final = frozenset({"open", "os.rename", "os.remove", "os.truncate", "os.link", "os.mkdir"})
"""Audit events of Python that change a disk, or are about to."""


def main(name: str) -> None:
    scenario = importlib.import_module(f"tests.kills.{name}")
    print("ready", flush=True)
    for line in sys.stdin:
        folder, step, microseconds = line.split()
        notes = Path(f"{folder}.notes")
        process = os.fork()
        if not process:
            _work(scenario, Path(folder), notes, int(step), int(microseconds))
        _, status = os.waitpid(process, 0)
        told = [note.split() for note in notes.read_text().splitlines()] if notes.exists() else []
        steps = sum(kind == "step" for kind, _ in told)
        print(status, steps, max((int(number) for kind, number in told if kind == "told"), default=0), flush=True)


def _work(scenario: object, folder: Path, notes: Path, step: int, microseconds: int) -> None:
    """In the fork, of which nothing returns."""
    code = 1
    try:
        descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        numbers = count(1)

        def heard(event: str, arguments: tuple[object, ...]) -> None:
            if event not in STEPS or (event == "open" and not _writes(arguments)):
                return
            if not str(arguments[0]).startswith(str(folder)):
                return
            number = next(numbers)
            os.write(descriptor, b"step %d\n" % number)
            if number == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(heard)
        if microseconds:
            signal.setitimer(
                signal.ITIMER_REAL, microseconds / 1e6
            )  # nobody handles it, so it ends the process at once
        scenario.work(folder, lambda number: os.write(descriptor, b"told %d\n" % number))  # type: ignore[attr-defined]
        code = 0
    finally:
        os._exit(code)


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


if __name__ == "__main__":
    main(sys.argv[1])
