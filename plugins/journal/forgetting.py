"""`switchboard history forget` in the journal of a system that stands still: all is sealed, then written anew."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event
from typing import Final

from kernel.forgetting import ForgottenPersons
from plugins.journal.appender import Appender
from plugins.journal.errors import JournalUnusable
from plugins.journal.history import History
from plugins.journal.inspection import EVENTS, check_bytes, inspect, marks, settle
from plugins.journal.layout import SEGMENTED, stands_at
from plugins.journal.lock import Lock
from plugins.journal.manifest_file import ManifestFile
from plugins.journal.pruning import JOURNAL, finish
from plugins.journal.rewriting import finish_rewriting, rewrite
from plugins.journal.rotation import Rotation, RotationLimits, finish_broken_off
from plugins.journal.sealing import seal
from plugins.journal.snapshots import Snapshots

log = logging.getLogger(__name__)
AFTER_ALL: Final = 1 << 62


def forget(data: Path, persons: ForgottenPersons) -> list[str]:
    """Take these persons out of a folder's journal. Returns what was done, a sentence each.

    Raises JournalUnusable, EventsUnreadable, ValueError and OSError. Killed anywhere, it can be asked again.
    """
    folder = data / JOURNAL
    if not folder.is_dir():
        raise JournalUnusable(f"{data}: holds no {JOURNAL}/; give the folder that `switchboard run --data` was given.")
    lock = Lock(folder)
    lock.take()
    try:
        return _forget(folder, persons)
    finally:
        lock.release()


def _forget(folder: Path, persons: ForgottenPersons) -> list[str]:
    found = marks(folder)
    if found.manifest is not None:
        finish_rewriting(ManifestFile(folder, found.manifest))
        found = marks(folder)
    if found.manifest is not None and finish_broken_off(folder, found.manifest):
        found = marks(folder)
    if found.manifest is None or stands_at(folder) < SEGMENTED:
        raise JournalUnusable(f"{folder}: has no segments yet; they come with the first start of this version.")
    history, stopped = History(folder / EVENTS, found.before), Event()
    inspected = inspect(history, found, stands_at(folder))
    check_bytes(history, inspected.sums, stopped)
    history.cut_torn_end()
    file = ManifestFile(folder, found.manifest)
    finish(file)
    identity, sums = settle(history, inspected, log)
    if history.end:
        rotated = Rotation(file, RotationLimits(), Appender).carry_out(Appender(history.path, history.end), sums)
        if rotated is None:
            raise OSError(0, "cannot become a segment", str(history.path))
        for opened in rotated:
            opened.close()
    else:
        sums.close()
    for segment in file.unsealed:
        seal(file, segment, stopped)
    snapshots = Snapshots(folder, identity)
    snapshots.forget_before(AFTER_ALL)  # first: they have rows that the events would not have any more
    for torn in folder.glob("torn-*.bin"):
        torn.unlink()
    names = rewrite(file, persons, file.manifest.last, stopped)
    said = [f"{folder}: {len(names)} files are written anew. The next start folds all events, as no snapshot is left."]
    kept = sorted(path.name for path in folder.glob("aside-*"))
    if kept:
        said.append(f"{', '.join(kept)}: what a repair has kept stays as it is. Remove it by hand.")
    return said
