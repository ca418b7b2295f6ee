"""The lock that keeps a second process off a data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from plugins.journal.errors import DataInUse


class Lock:
    """Held from `take` until `release` or the end of the process, however it ends: the operating system sees to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises DataInUse when another process holds it, naming that process; OSError when there can be no lock."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DataInUse(
                f"{self._path.parent} is in use by another Switchboard{f' (process {holder})' if holder else ''}. "
                "Stop that one first, or give this one a data folder of its own."
            ) from error
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let others in. The file stays: to delete it would let two processes lock two files of that name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
