"""Small files that are there whole or not at all, for their owner's eyes only."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from plugins.api.errors import FileUnreadable

T = TypeVar("T")


def replace(path: Path, content: bytes) -> None:
    """Put `content` in place of the file, on disk before its name points to it; mode 0600."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, so that of two processes that read, change and write, one waits for the other."""
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Kept(Generic[T]):
    """What a file holds, as a running server sees it: read anew whenever the file has changed."""

    def __init__(self, path: Path, read: Callable[[Path], T], nothing: T, log: logging.Logger) -> None:
        """`read` raises FileUnreadable; `nothing` stands for a file that is not there, or cannot be used."""
        self._path = path
        self._read = read
        self._nothing = self._content = nothing
        self._log = log
        self._stamp: tuple[int, int] | None = None

    def content(self) -> T:
        """Never older than the last change."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._content = None, self._nothing
            return self._nothing
        stamp = (status.st_ino, status.st_mtime_ns)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._content = self._read(self._path)
            except FileUnreadable as error:
                self._content = self._nothing
                self._log.error("%s", error)
        return self._content
