"""A disk that can refuse, stall, and lose a process in the middle of a write. The files are real, and in memory."""

from __future__ import annotations

import errno
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plugins.journal.appender import Appender
from tests.whole.timeline import OWNER, Killed, here

if TYPE_CHECKING:
    from tests.whole.process import Process

SYNC_S: Final = 0.004
LOOK_S: Final = 0.5
"""How often a write that hangs looks whether the disk is back."""


class Mood(StrEnum):
    WELL = "well"
    FULL = "full"
    """Refuses to take bytes, and has taken some of them."""
    BROKEN = "broken"
    """Takes bytes, and says that they did not come to the disk."""
    STALLED = "stalled"
    """Answers nothing at all until it is well again."""


class Disk:
    """The one disk of a history; it outlives processes."""

    def __init__(self) -> None:
        self.mood = Mood.WELL


class BadAppender(Appender):
    """Opens the journal's file on the disk of the process that is running."""

    def __init__(self, path: Path, end: int) -> None:
        self._process: Process = OWNER.get()
        super().__init__(path, end, write=self._write_bytes, sync=self._sync_bytes)

    def _write_bytes(self, descriptor: int, data: memoryview) -> int:
        self._expect_alive()
        disk = self._process.disk
        self._wait_while_stalled()
        if disk.mood is Mood.FULL:
            os.write(descriptor, data[: len(data) // 3])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._process.passes("about to write")
        if self._process.dead:
            os.write(descriptor, data[: self._process.torn_at(len(data))])
            raise Killed
        return os.write(descriptor, data)

    def _sync_bytes(self, descriptor: int) -> None:
        here().wait(SYNC_S)
        self._wait_while_stalled()
        self._expect_alive()
        if self._process.disk.mood is Mood.BROKEN:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._process.passes("written")
        self._expect_alive()

    def _wait_while_stalled(self) -> None:
        while self._process.disk.mood is Mood.STALLED:
            here().wait(LOOK_S)

    def _expect_alive(self) -> None:
        if self._process.dead:
            raise Killed
