"""Kills a scenario's work again and again, before each of its steps and between them, and has what is left checked."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


def kill(name: str, times: int, seed: int, to: Path) -> list[str]:
    """What went wrong, a line each; and none when nothing did. `to` is an empty folder."""
    scenario = importlib.import_module(f"tests.kills.{name}")
    scenario.prepare(to / "prepared")
    command = [sys.executable, "-m", "tests.kills.worker", name]
    faults = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"

        def carry_out(number: int, step: int, microseconds: int) -> tuple[Path, int, int, int]:
            folder = to / f"kill-{number}"
            shutil.copytree(to / "prepared", folder)
            print(folder, step, microseconds, file=worker.stdin, flush=True)
            status, steps, told = map(int, worker.stdout.readline().split())  # type: ignore[union-attr]
            return folder, status, steps, told

        began = time.perf_counter()
        folder, status, steps, told = carry_out(0, 0, 0)
        took = int((time.perf_counter() - began) * 1e6)
        assert status == 0, f"{name}: does not come to its end without a kill"
        assert steps >= scenario.STEPS_AT_LEAST, f"{name}: makes only {steps} steps"
        scenario.check(folder, told)
        random = Random(seed)
        for number in range(1, times + 1):
            at_step = number % 3 != 0
            place = (random.randint(1, steps), 0) if at_step else (0, random.randint(1, took))
            folder, status, _, told = carry_out(number, *place)
            if at_step and not status:
                continue  # it took another way this time, with fewer steps
            try:
                scenario.check(folder, told)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told with its place
                faults.append(f"{name}, kill {number} of seed {seed} (step, µs: {place}): {error!r}; see {folder}")
            else:
                shutil.rmtree(folder)
        worker.stdin.close()
    return faults
