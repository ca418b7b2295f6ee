"""Disks that fill up, fail, stand still and are mended: a small ext4 of its own where that can be had, else limits.

As root on most machines a file becomes a disk by a loop device: then the disk is really full, and really read-only
after an error, as ext4 makes it (`trigger_fs_error`). Where nothing can be mounted (a container without CAP_SYS_ADMIN)
the process's own limit on the size of files makes every write fail instead; `what` says which it is.
"""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Where the data folder is. `pid`: of the process that is to be hit."""

    what: str
    path: Path
    real: bool
    """Whether it can be mounted, and so be locked and stalled."""

    def fill(self, pid: int) -> None:
        """Not one byte more can be written."""

    def free(self, pid: int) -> None:
        """There is room again."""

    def fail(self, pid: int) -> None:
        """Nothing can be written until it has been mended."""

    def mend(self) -> None:
        """What a person does about a disk that has failed. The process has ended."""

    def lock(self) -> None:
        """Mount it read-only. The process has ended."""

    def unlock(self) -> None: ...

    def stall(self) -> None:
        """Nothing fails and nothing ends: whoever writes waits."""

    def go_on(self) -> None: ...

    def close(self) -> None: ...


def disk(folder: Path) -> Disk:
    """The best that can be had here."""
    try:
        return LoopDisk(folder)
    except (OSError, subprocess.CalledProcessError):
        return Limits(folder)


class LoopDisk:
    """An ext4 of 48 MiB in a file."""

    MIB = 48
    real = True

    def __init__(self, folder: Path) -> None:
        """Raises OSError or CalledProcessError where this cannot be had."""
        folder.mkdir(parents=True, exist_ok=True)
        self._image = folder / "disk.img"
        self.path = folder / "disk"
        self.path.mkdir()
        self.what = "an ext4 of its own"
        with self._image.open("wb") as image:
            image.truncate(self.MIB << 20)
        _run("mkfs.ext4", "-q", "-m", "0", str(self._image))
        self._mount()

    def fill(self, pid: int) -> None:
        ballast = os.open(self.path / "ballast", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for size in (1 << 20, 1 << 12, 1):
                _until_full(lambda size=size: os.write(ballast, bytes(size)))  # type: ignore[misc]
            os.fsync(ballast)
        finally:
            os.close(ballast)

    def free(self, pid: int) -> None:
        (self.path / "ballast").unlink()

    def fail(self, pid: int) -> None:
        device = _output("findmnt", "-no", "SOURCE", str(self.path)).strip().rpartition("/")[2]
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("chaos")

    def mend(self) -> None:
        _run("umount", str(self.path))
        subprocess.run(["e2fsck", "-fy", str(self._image)], check=False, capture_output=True)
        self._mount()

    def lock(self) -> None:
        _run("mount", "-o", "remount,ro", str(self.path))

    def unlock(self) -> None:
        _run("mount", "-o", "remount,rw", str(self.path))

    def stall(self) -> None:
        _run("fsfreeze", "--freeze", str(self.path))

    def go_on(self) -> None:
        _run("fsfreeze", "--unfreeze", str(self.path))

    def close(self) -> None:
        subprocess.run(["fsfreeze", "--unfreeze", str(self.path)], check=False, capture_output=True)
        _run("umount", "-l", str(self.path))

    def _mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.path))


class Limits:
    """RLIMIT_FSIZE of the process: beyond the size that its journal has now, every write fails with EFBIG."""

    real = False

    def __init__(self, folder: Path) -> None:
        self.path = folder / "disk"
        self.path.mkdir(parents=True)
        self.what = "a limit on the size of files, because nothing can be mounted here"

    def fill(self, pid: int) -> None:
        size = (self.path / "data" / "journal" / "events.ndjson").stat().st_size
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def fail(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def mend(self) -> None:
        """The limit has gone with its process."""

    def lock(self) -> None:
        raise NotImplementedError("nothing can be mounted here")

    def unlock(self) -> None:
        raise NotImplementedError("nothing can be mounted here")

    def stall(self) -> None:
        raise NotImplementedError("nothing can be mounted here")

    def go_on(self) -> None:
        raise NotImplementedError("nothing can be mounted here")

    def close(self) -> None:
        """Nothing was mounted."""


def _until_full(write: Callable[[], int]) -> None:
    try:
        while True:
            write()
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
