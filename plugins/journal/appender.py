"""events.ndjson open for appending: bytes go to its end and to disk, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kernel.disk import sync_folder
from plugins.journal.errors import FileTouched

Write = Callable[[int, memoryview], int]
Sync = Callable[[int], None]

# fdatasync leaves out the time stamps, and so mostly halves the work; macOS has only fsync
DATA_SYNC: Final[Sync] = getattr(os, "fdatasync", os.fsync)


class Appender:
    """Up to `end`, an offset in bytes, everything is whole and on disk."""

    def __init__(self, path: Path, end: int, *, write: Write = os.write, sync: Sync = DATA_SYNC) -> None:
        """Open the file, which is `end` bytes long. `write` and `sync` are the system's; tests put a bad disk there."""
        self.path = path
        self.end = end
        self._cut = False
        """Somebody has taken bytes away that had been written: what stands in their place now is not what was there."""
        self._write = write
        self._sync = sync
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            opened = os.fstat(self._descriptor)
            if opened.st_size != end:
                raise FileTouched(f"it is {opened.st_size} bytes long and should be {end}")
            self._identity = (opened.st_dev, opened.st_ino)
            sync_folder(path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, data: bytes) -> None:
        """Return when `data` is on disk. Raises OSError, and then what came of it has to be repaired first."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._write(self._descriptor, rest) :]
        self._sync(self._descriptor)
        self._expect(self.end + len(data))
        self.end += len(data)

    def repair(self) -> None:
        """Cut what a failed `append` left, so that it can be tried again. Raises OSError.

        What was written has to be written anew even where only the sync failed: the kernel may then count pages as
        clean that never came to the disk, and the next sync would pass over them.
        """
        if self._cut or os.fstat(self._descriptor).st_size < self.end:
            raise FileTouched("its end is gone, which had been written: stop, and bring it back from a backup")
        os.ftruncate(self._descriptor, self.end)

    def check(self) -> None:
        """Raise OSError when the file is not where it was, or not as `append` left it."""
        self._expect(self.end)

    def close(self) -> None:
        os.close(self._descriptor)

    def _expect(self, size: int) -> None:
        """What a rotation of logs would do to the file must not go unnoticed for longer than one commit."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != self._identity:
            raise FileTouched(f"it was moved or deleted while in use: move it back ({self._whereabouts()})")
        if found.st_size != size:
            self._cut |= found.st_size < size  # for we only ever append
            raise FileTouched(f"another program changed it: it is {found.st_size} bytes long and should be {size}")

    def _whereabouts(self) -> str:
        """Where the file is now, as far as the system tells: Linux follows one that is renamed, or whose folder is."""
        link = Path(f"/proc/{os.getpid()}/fd/{self._descriptor}")
        try:
            place = str(link.readlink())
        except OSError:
            return "its folder may have been renamed"
        if place.endswith(" (deleted)"):
            return f"{link} still has its contents, for as long as this process runs"
        return f"it is now {place}"
