"""Which layout a data folder has, and the steps that bring an older one up: each carried out once, in order.

The number stands in `journal/layout`; a folder without it is of layout 0. A step is for changes that the fold does not
heal: files that move, change their form or their mode. It must be able to run again after a crash in its midst.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from plugins.journal.errors import JournalDamaged, JournalTooNew
from plugins.journal.folder import sync_folder


class Step(NamedTuple):
    """`carry_out` is given the whole data folder, whose lock is held; it raises OSError when it cannot."""

    what: str
    carry_out: Callable[[Path], None]


def _close_to_others(data: Path) -> None:
    """Folders 0700 and files 0600: early versions left both to the umask."""
    for path in (data, *data.rglob("*")):
        if not path.is_symlink() and path.stat().st_uid == os.geteuid():
            path.chmod(0o700 if path.is_dir() else 0o600)


STEPS: Final[tuple[Step, ...]] = (Step("folders and files are closed to other users", _close_to_others),)
"""Step number n, counted from 1, leads to layout n. Never change one that was released; add another."""


def bring_up(folder: Path, log: logging.Logger, steps: Sequence[Step] = STEPS) -> None:
    """Carry out what is missing. `folder` is the journal's, in the data folder.

    Raises JournalTooNew for a folder of a newer version, JournalDamaged, and OSError.
    """
    data, path = folder.parent, folder / "layout"
    stands_at = _read(path)
    if stands_at > len(steps):
        raise JournalTooNew(
            f"{data}: a newer version has brought it to layout {stands_at}, and this one knows {len(steps)}. "
            "Start that version again, or bring a backup back that was taken before."
        )
    is_old = any(folder.glob("events*"))  # a new one is told nothing about what came before it
    for number, step in enumerate(steps[stands_at:], stands_at + 1):
        if is_old:
            log.info("data folder: to layout %d: %s", number, step.what)
        step.carry_out(data)
        _write(path, number)


def _read(path: Path) -> int:
    try:
        text = path.read_bytes()[:20].decode("ascii").strip()
        number = int(text)
    except FileNotFoundError:
        return 0
    except ValueError:
        number = -1
    if number < 0:
        raise JournalDamaged(f"{path}: holds no number. Bring it back from a backup.")
    return number


def _write(path: Path, number: int) -> None:
    draft = path.with_name("layout.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"%d\n" % number)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
