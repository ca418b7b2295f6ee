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

from kernel import manifest as manifests
from kernel.manifest import JournalManifest, ManifestDamaged
from kernel.regular_files import read_regular
from plugins.journal import identity as identities
from plugins.journal import sums
from plugins.journal.errors import IdentityDamaged, JournalDamaged, JournalTooNew
from plugins.journal.folder import put
from plugins.journal.history import History
from plugins.journal.identity import Identity


class LayoutStep(NamedTuple):
    """`carry_out` is given the journal's folder, whose lock is held; it raises OSError when it cannot."""

    what: str
    carry_out: Callable[[Path], None]


def _close_to_others(folder: Path) -> None:
    """Folders 0700 and files 0600, in the whole data folder: early versions left both to the umask."""
    for path in (folder.parent, *folder.parent.rglob("*")):
        if not path.is_symlink() and path.stat().st_uid == os.geteuid():
            path.chmod(0o700 if path.is_dir() else 0o600)


def _begin_sums(folder: Path) -> None:
    """An identity, and the sums of the events until now: early versions had neither.

    The identity comes last: where there is one, there were sums.
    """
    path = folder / sums.FILE
    found = sums.read(path)
    identity = found.identity if found is not None else None
    if identity is None:
        identity = identities.new()
        put(path, sums.encode(identity, list(sums.taken(History(folder / "events.ndjson")))))
    identities.write(folder, identity)


def _begin_manifest(folder: Path) -> None:
    """A manifest, which names no segment yet: early versions kept all events in one file."""
    try:
        found = manifests.read(folder)
    except ManifestDamaged:
        found = None
    if found is None:
        put(folder / manifests.FILE, manifests.encode(JournalManifest(identity=_identity_of(folder))))


def _identity_of(folder: Path) -> Identity:
    """By its file, or by the sums, which a start has found good: the former is made anew from the latter after this."""
    try:
        own = identities.read(folder)
    except IdentityDamaged:
        own = None
    found = sums.read(folder / sums.FILE)
    identity = own or (found.identity if found is not None else None)
    if identity is None:
        raise JournalDamaged(f"{folder / identities.FILE}: is missing or damaged, and so is {sums.FILE}")
    return identity


CLOSED: Final = 1
SUMMED: Final = 2
"""From here on a journal without identity or sums has lost them."""
SEGMENTED: Final = 3
"""From here on a journal without a manifest has lost it."""

STEPS: Final[tuple[LayoutStep, ...]] = (
    LayoutStep("folders and files are closed to other users", _close_to_others),
    LayoutStep("the journal gets checksums (events.sum) and the data folder an identity", _begin_sums),
    LayoutStep("the journal may consist of several files, which manifest.json names", _begin_manifest),
)
"""Step number n, counted from 1, leads to layout n. Never change one that was released; add another."""


def stands_at(folder: Path, steps: Sequence[LayoutStep] = STEPS) -> int:
    """The number of the folder's layout; `folder` is the journal's, in the data folder.

    Raises JournalTooNew for a folder of a newer version, JournalDamaged, and OSError.
    """
    number = _read(folder / "layout")
    if number > len(steps):
        raise JournalTooNew(
            f"{folder.parent}: a newer version has brought it to layout {number}, and this one knows {len(steps)}. "
            "Start that version again, or bring a backup back that was taken before."
        )
    return number


def bring_up(folder: Path, log: logging.Logger, steps: Sequence[LayoutStep] = STEPS, until: int | None = None) -> None:
    """Carry out what is missing, up to the layout `until`, or all. Raises what `stands_at` raises."""
    begin = stands_at(folder, steps)
    is_old = any(folder.glob("events*"))  # a new one is told nothing about what came before it
    for number, step in enumerate(steps[begin:until], begin + 1):
        if is_old:
            log.info("data folder: to layout %d: %s", number, step.what)
        step.carry_out(folder)
        set_number(folder, number)


def _read(path: Path) -> int:
    try:
        text = read_regular(path, 20)[:20].decode("ascii").strip()
        number = int(text)
    except FileNotFoundError:
        return 0
    except ValueError:
        number = -1
    if number < 0:
        raise JournalDamaged(
            f"{path}: holds no number, and should hold that of the data folder's layout: echo {_likely(path)} > {path}"
        )
    return number


def _likely(path: Path) -> int:
    """The number that a file of this version or an earlier one has lost; a newer one's would be said at a start."""
    if path.with_name(manifests.FILE).exists():
        return SEGMENTED
    return SUMMED if path.with_name(sums.FILE).exists() else CLOSED


def set_number(folder: Path, number: int) -> None:
    """Say which layout the folder has. Raises OSError."""
    put(folder / "layout", b"%d\n" % number)
