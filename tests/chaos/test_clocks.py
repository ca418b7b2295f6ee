"""The harness's own wrong clock is wrong about the wall's time alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.clocks import DAY, HOUR, WrongClock

TELL = """
import datetime, sys, time
for line in sys.stdin:
    print(time.time(), datetime.datetime.now().timestamp(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_walls_time_jumps_and_the_other_clocks_go_on(tmp_path: Path) -> None:
    clock = WrongClock(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-uc", TELL],
        env={**os.environ, **clock.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def told() -> list[float]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("now\n")
        process.stdin.flush()
        return [float(part) for part in process.stdout.readline().split()]

    with process:
        right = told()
        clock.set(DAY)
        ahead = told()
        clock.set(-HOUR)
        behind = told()
        assert process.stdin is not None
        process.stdin.close()

    assert [round(after - before) // 60 for before, after in zip(right, ahead, strict=True)] == [1440, 1440, 0, 0]
    assert [round(after - before) // 60 for before, after in zip(right, behind, strict=True)] == [-60, -60, 0, 0]
