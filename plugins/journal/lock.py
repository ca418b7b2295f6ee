"""The lock that keeps a second process off a data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from plugins.journal.errors import DataInUse


class Lock:
    """Held from `take` until `release` or the end of the process, however it ends: the operating system sees to it.

    Two are taken. That of the file `lock`, in which the process's number can be read, keeps off versions that know no
    other; that of the folder itself holds even when somebody deletes the file meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptors: list[int] = []

    def take(self) -> None:
        """Raises DataInUse when another process holds it, naming that process; OSError when there can be no lock."""
        file = self._open(self._folder / "lock", os.O_RDWR | os.O_CREAT)
        self._lock(file, file)
        self._lock(self._open(self._folder, os.O_RDONLY | os.O_DIRECTORY), file)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)

    def _open(self, path: Path, flags: int) -> int:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
        self._descriptors.append(descriptor)
        return descriptor

    def _lock(self, descriptor: int, file: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip()
            self.release()
            raise DataInUse(
                f"{self._folder} is in use by another Switchboard{f' (process {holder})' if holder else ''}. "
                "Stop that one first, or give this one a data folder of its own."
            ) from error
        except OSError:
            if descriptor != file:
                return  # NFS has no lock of folders
            self.release()
            raise

    def release(self) -> None:
        """Let others in. The file stays: to delete it would let two processes lock two files of that name."""
        while self._descriptors:
            os.close(self._descriptors.pop())
