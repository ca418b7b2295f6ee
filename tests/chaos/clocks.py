"""A process whose wall clock is wrong, while time itself goes on as ever: `wrong_clock.c` between it and the system."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("wrong_clock.c")
HOUR, DAY = 3_600_000, 86_400_000


class WrongClock:
    """Give `environment` to a process; what is `set` holds for it from that moment on."""

    def __init__(self, folder: Path) -> None:
        """Raises RuntimeError where there is no C compiler."""
        folder.mkdir(parents=True, exist_ok=True)
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise RuntimeError("wrong clocks need a C compiler (cc), and there is none")
        library, self._file = folder / "wrong_clock.so", folder / "clock"
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"], check=True)
        self._file.write_bytes(bytes(8))
        handle = os.open(self._file, os.O_RDWR)
        self._map = mmap.mmap(handle, 8)
        os.close(handle)
        self.environment: Mapping[str, str] = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self._file)}

    def set(self, milliseconds: int) -> None:
        """So far ahead of the truth, or behind it."""
        self._map[:8] = struct.pack("=q", milliseconds)
