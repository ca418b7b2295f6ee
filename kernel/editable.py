"""Reads what an editable install has added to the path since this process was started."""

from __future__ import annotations

import site
from pathlib import Path
from typing import Final


def _files() -> dict[Path, int]:
    """The `.pth` files of the environment, with the time of their last change in ns."""
    found = {}
    for folder in site.getsitepackages():
        for path in Path(folder).glob("*.pth"):
            try:
                found[path] = path.stat().st_mtime_ns
            except OSError:  # it has gone meanwhile
                continue
    return found


_READ: Final = _files()
"""Those that the interpreter has read at its start."""


def read_new() -> None:
    """Do for each `.pth` file that is new what the interpreter does at its start, as `pip install -e` counts on it."""
    for path, changed in sorted(_files().items()):
        if _READ.get(path) != changed:
            _READ[path] = changed
            site.addpackage(str(path.parent), path.name, None)
