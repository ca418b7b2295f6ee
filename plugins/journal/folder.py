"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kernel.private_files import put as put


def keep(path: Path, to: Path) -> None:
    """The same file under another name; a copy where the file system has no such names. Raises OSError."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copy2(path, to)


def forget_drafts(folder: Path) -> None:
    """Remove what a crash has left of files that were being written. Raises OSError."""
    for path in folder.glob("*.tmp"):
        if path.is_file():
            path.unlink()
