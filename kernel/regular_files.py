"""Reading files that somebody else has put there: regular files alone, and no more of one than is bearable.

A FIFO keeps whoever opens it waiting for a writer, and a device may have no end.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """The file, open for reading. Raises OSError, also for what is no regular file; its `strerror` says what it is.

    It is looked at before it is opened, as opening is enough to disturb a device, and again once it is open.
    """
    expect_regular(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO put there meanwhile does not block
    try:
        _expect(path, os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:  # raised again: the descriptor is nobody's yet
        os.close(descriptor)
        raise


def read_regular(path: Path, most: int | None = None) -> bytes:
    """What the file holds; of one that is larger than `most` bytes its first `most` + 1. Raises as `open_regular`."""
    with open_regular(path) as file:
        return file.read() if most is None else file.read(most + 1)


def expect_regular(path: Path) -> None:
    """Raises OSError where the path leads to no regular file, or to nothing."""
    _expect(path, path.stat().st_mode)


def _expect(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "it is a pipe, socket or device, not a file", str(path))
