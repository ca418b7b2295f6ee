"""The data folder of a running system: each part is made once, and one that is gone is not taken for a new one."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

GONE: Final = (
    "The data folder was renamed, moved or taken away while the system runs. Put it back where it was, or stop the "
    "system and start it where the folder is now."
)


class DataFolder:
    """A folder, and one within it for each plugin.

    What is made anew in the place of a folder that was moved looks like a first start: nobody may come in, no bot has
    secrets. So nothing is made twice, and who misses a file asks `gone` before it takes that for an answer.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: dict[Path, tuple[int, int]] = {}
        """By which device and inode each folder is known again."""

    def part(self, name: str) -> Path:
        """The plugin's own folder, made at first use, for its owner's eyes only. Raises OSError."""
        folder = self._root / name
        if folder not in self._made:
            if self._root not in self._made:
                self._make(self._root, parents=True)
            elif (why := self.gone()) is not None:
                raise FileNotFoundError(errno.ENOENT, why, str(folder))
            self._make(folder)
        return folder

    def gone(self, name: str | None = None) -> str | None:
        """That the folder, or the plugin's within it, is not the one it was: a sentence. None as long as it is."""
        parts = [self._root, *([self._root / name] if name is not None else [])]
        return GONE if any(_identity(path) != known for path in parts if (known := self._made.get(path))) else None

    def _make(self, folder: Path, *, parents: bool = False) -> None:
        folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
        identity = _identity(folder)
        if identity is not None:
            self._made[folder] = identity


def _identity(folder: Path) -> tuple[int, int] | None:
    """None where it is not there, or cannot be looked at."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
