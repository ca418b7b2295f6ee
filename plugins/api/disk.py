"""Small files with atomic replacement, mode 0600, and a reader that follows their changes."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from kernel.disk import sync_folder
from plugins.api.errors import FileUnreadable, OutOfReach

T = TypeVar("T")


def replace(path: Path, content: bytes) -> None:
    """Replace the file atomically, with fsync; mode 0600. Raises FileUnreadable."""
    try:
        _replace(path, content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive `flock` on `path`: of two processes that read, change and write, one waits for the other.

    Raises FileUnreadable.
    """
    try:
        file = open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115 - closed below
    except OSError as error:
        raise _unwritable(path, error) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _unwritable(path: Path, error: OSError) -> FileUnreadable:
    why = error.strerror or str(error)
    return FileUnreadable(f"{path} cannot be written: {why}.", f"{called(path)} cannot be written: {why}.")


def unusable(path: Path, error: Exception, loss: str, cure: str) -> FileUnreadable:
    """That the file holds something else than it should. `loss` and `cure` are sentences: what does not work without
    it, and what to do."""
    text = f"{path} cannot be used: {error}. {loss} {cure}"
    return FileUnreadable(text, f"{called(path)} cannot be used; the log says why. {loss} {cure}")


def called(path: Path) -> str:
    """The name of a file for clients, who need not know its path."""
    return f"{path.parent.name}/{path.name} of the data folder"


class WatchedFile(Generic[T]):
    """The content of a file, read again whenever its inode, time or size changes.

    A file that has never been there is an empty one. One that was there and is gone is not.
    """

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], T],
        nothing: T,
        log: logging.Logger,
        *,
        loss: str,
        cure: str,
        gone: Callable[[], str | None],
    ) -> None:
        """`read` raises FileUnreadable; `nothing` stands for a file that has never been there. `loss` and
        `cure` are sentences: what does not work without it, and how it is made anew; `gone` says that the whole folder
        was taken away, if it was."""
        self._path = path
        self._read = read
        self._content = nothing
        self._loss = loss
        self._cure = cure
        self._gone = gone
        self._log = log
        self._stamp: tuple[int, int, int] | None = None
        self._was_there = False
        self._known = False
        """Whether it was good when it was last seen."""
        self._trouble: FileUnreadable | None = None

    def content(self) -> T:
        """The present content. Raises FileUnreadable."""
        self._look()
        if self._trouble is not None:
            raise self._trouble
        return self._content

    def last_known(self) -> T:
        """The present content, or the last known where the file is out of reach: nobody can have changed it there.

        For those who have shown already who they are. Raises FileUnreadable.
        """
        self._look()
        if self._trouble is not None and not (self._known and isinstance(self._trouble, OutOfReach)):
            raise self._trouble
        return self._content

    def _look(self) -> None:
        try:
            status = self._path.stat()
        except OSError as error:
            self._stamp = None
            self._fail(self._missing(error))
            return
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return
        self._stamp, self._was_there = stamp, True
        try:
            self._content = self._read(self._path)
        except FileUnreadable as error:
            self._known = False
            self._fail(error)
        else:
            self._known = True
            self._fail(None)

    def _missing(self, error: OSError) -> FileUnreadable | None:
        """The error for a file whose status cannot be read; None for one that never existed."""
        name = called(self._path)
        gone = self._gone()
        if gone is not None:
            return OutOfReach(f"{self._path} is out of reach: {gone} {self._loss}", f"{gone} {self._loss}")
        if not isinstance(error, FileNotFoundError):
            text = f"cannot be looked at: {error.strerror}. {self._loss}"
            return OutOfReach(f"{self._path} {text}", f"{name} {text}")
        if not self._was_there:
            return None
        self._known = False
        text = f"was removed while the system runs. {self._loss} Put it back; {self._cure}"
        return FileUnreadable(f"{self._path} {text}", f"{name} {text}")

    def _fail(self, trouble: FileUnreadable | None) -> None:
        if trouble is not None and str(trouble) != str(self._trouble):
            self._log.error("%s", trouble)
        elif trouble is None and self._trouble is not None:
            self._log.info("%s can be used again", self._path)
        self._trouble = trouble
