"""`switchboard journal repair`: a data folder that is refused made startable, with all that can be kept of it.

A draft of events.ndjson is made beside it: what differs from its sums is taken from a backup where that has the very
bytes, and where the state cannot be brought back from what is there, the draft ends. Without `--yes` the draft is only
told of. With it, it takes the journal's place, and all that gives way is kept in `aside-N/`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final
from zlib import crc32

from kernel import manifest as manifests
from kernel.bus import Bus
from kernel.commits import Commits
from kernel.machine_clock import SystemClock
from kernel.manifest import JournalManifest
from kernel.recovery import Recovery
from kernel.regular_files import open_regular
from kernel.segments import EventsUnreadable, Segments
from kernel.state import State
from plugins.journal import identity as identities
from plugins.journal import sums
from plugins.journal.backup import JOURNAL, bring_back
from plugins.journal.errors import JournalDamaged, JournalUnusable, SnapshotUnfit
from plugins.journal.folder import keep, put
from plugins.journal.history import CHUNK, History
from plugins.journal.identity import Identity
from plugins.journal.inspection import BOM, EVENTS, Marks, differing, marks
from plugins.journal.layout import SEGMENTED, set_number, stands_at
from plugins.journal.lock import Lock
from plugins.journal.recovery import restore
from plugins.journal.rotation import finish_broken_off
from plugins.journal.segment_checks import crc_of, segment_files
from plugins.journal.segment_repair import Lines, mended
from plugins.journal.snapshots import Snapshots, header_of
from plugins.journal.sums import Sum, nothing

_QUIET: Final = logging.Logger("repair", logging.CRITICAL)


def repair(data: Path, backup: Path | None = None, *, really: bool) -> list[str]:
    """Returns what was done, or would be, a sentence each; none where nothing has to be.

    Raises JournalUnusable and its kinds, BackupUnusable, and OSError.
    """
    folder = data / JOURNAL
    if not folder.is_dir():
        raise JournalUnusable(f"{data}: holds no {JOURNAL}/; give the folder that `switchboard run --data` was given.")
    lock = Lock(folder)
    lock.take()
    try:
        with _bench(folder) as bench:
            return _repair(folder, bench, backup, really=really)
    finally:
        lock.release()


@contextmanager
def _bench(folder: Path) -> Iterator[Path]:
    """A folder for the draft, on the same disk."""
    bench = folder / "repair.tmp"
    shutil.rmtree(bench, ignore_errors=True)
    bench.mkdir(mode=0o700)
    try:
        yield bench
    finally:
        shutil.rmtree(bench, ignore_errors=True)


def _repair(folder: Path, bench: Path, backup: Path | None, *, really: bool) -> list[str]:
    found = marks(folder)
    if found.manifest is not None and finish_broken_off(folder, found.manifest):
        found = marks(folder)
    identity, known, said = _owner(folder, found)
    lines = _lines_of(backup, bench) if backup is not None else None
    said += mended(folder, bench, found.manifest, identity, lines)
    segments = Segments(bench)
    before = segments.manifest.last if segments.manifest is not None else 0
    if known and known[-1].seq <= before:
        known = ()
        said.append(f"{folder / sums.FILE} is made anew from {EVENTS} as it is: it was of an earlier file.")
    original = History(folder / EVENTS, before)
    draft = bench / EVENTS
    if original.head(len(BOM)) == BOM:
        said.append(f"The byte order mark is taken out of {original.path}.")
    _copy(original, draft)
    if lines is not None:
        said += _patch(History(draft, before), known, lines, backup)
    snapshots = _linked(folder, bench, identity)
    history = _cut_to_what_folds(draft, before, snapshots, segments)
    said += _losses(history, known)
    newer = [path for seq, path in Snapshots(folder).found() if seq > history.last_seq()]
    said += [f"{path} is set aside: it stands at an event that is gone." for path in newer]
    try:
        stands_at(folder)
        number = None
    except JournalDamaged:
        number = SEGMENTED
        said.append(f"{folder / 'layout'} is made anew.")
    if really and said:
        gives_way = [*newer, *(path for path in segment_files(folder) if not _same(path, bench / path.name))]
        own = [folder / name for name in (EVENTS, sums.FILE, identities.FILE, manifests.FILE)]
        aside = _set_aside(folder, [*own, *gives_way])
        said.append(f"All that gave way is kept in {aside}.")
        _replace(folder, history, identity, gives_way)
        if number is not None:
            set_number(folder, number)
    return said


def _owner(folder: Path, found: Marks) -> tuple[Identity, tuple[Sum, ...], list[str]]:
    """Whose folder it is, and those sums that are of the same."""
    said = []
    identity = found.identity
    if identity is None:
        identity = found.sums.identity if found.sums is not None else None
        identity = identity or _of_snapshots(folder) or identities.new()
        said.append(f"{folder / identities.FILE} is made anew.")
    if found.sums is None or found.sums.identity not in (None, identity):
        return identity, (), [*said, f"{folder / sums.FILE} is made anew from {EVENTS} as it is."]
    if found.sums.identity is None or found.sums.damaged:
        said.append(f"{folder / sums.FILE} is made anew without its damaged lines.")
    return identity, found.sums.sums, said


def _of_snapshots(folder: Path) -> Identity | None:
    for _, path in Snapshots(folder).found():
        with suppress(SnapshotUnfit):
            if named := header_of(path).identity:
                return Identity(named)
    return None


def _copy(original: History, draft: Path) -> None:
    with draft.open("xb") as file:
        if original.size:
            with open_regular(original.path) as source:
                if source.read(len(BOM)) != BOM:
                    source.seek(0)
                shutil.copyfileobj(source, file, CHUNK)


def _lines_of(backup: Path, bench: Path) -> Lines:
    """The lines of a backup, which is unpacked for that."""
    data = bench / "backup"
    bring_back(backup, data)
    return Segments(data / JOURNAL).lines


def _patch(draft: History, known: Sequence[Sum], backup: Lines, named: Path | None) -> list[str]:
    """Take the very bytes that were written from a backup, wherever the draft does not have them."""
    parts = list(differing(draft, known))
    if not parts:
        return []
    mended = 0
    with draft.path.open("r+b") as file:
        for before, behind in parts:
            part = _from_backup(backup, before, behind)
            if crc32(part, before.crc) == behind.crc and before.end <= file.seek(0, os.SEEK_END):
                file.seek(before.end)
                file.write(part)
                mended += 1
    return [f"{mended} of {len(parts)} damaged or missing parts of {EVENTS} are taken from {named}."]


def _from_backup(backup: Lines, before: Sum, behind: Sum) -> bytes:
    try:
        return b"".join(backup(before.seq, behind.seq))
    except EventsUnreadable:
        return b""


def _same(path: Path, other: Path) -> bool:
    return other.exists() and path.stat().st_size == other.stat().st_size and crc_of(path) == crc_of(other)


def _linked(folder: Path, bench: Path, identity: Identity) -> Snapshots:
    for _, path in Snapshots(folder).found():
        keep(path, bench / path.name)
    return Snapshots(bench, identity)


def _cut_to_what_folds(draft: Path, before: int, snapshots: Snapshots, segments: Segments) -> History:
    """The draft up to where the state can be brought back from it, as a start would."""
    history = History(draft, before)
    while True:
        for seq, path in snapshots.found():
            if seq > history.last_seq():
                path.unlink()
        state = State()
        recovery = Recovery(state, Bus(state, SystemClock(), _raise), Commits())
        try:
            asyncio.run(restore(recovery, history, snapshots, segments, _QUIET))
        except JournalDamaged as error:
            if error.place is None or error.place >= history.end:
                raise
            history.end = error.place
        else:
            return history


def _losses(history: History, known: Sequence[Sum]) -> list[str]:
    said = []
    last = history.last_seq()
    for before, behind in differing(history, [one for one in known if one.end <= history.end]):
        said.append(
            f"Events {before.seq + 1} to {behind.seq} are kept as they are, though they are not what was written."
        )
    if history.size > history.end:
        said.append(f"What follows event {last} in {EVENTS} ({history.size - history.end} bytes) is set aside.")
    if not last:
        said.append(f"{EVENTS} holds no event, so the system begins anew; what lies beside the journal stays.")
    if known and known[-1].seq > last:
        said.append(f"Events {last + 1} to {known[-1].seq} are gone.")
    return said


def _set_aside(folder: Path, paths: Sequence[Path]) -> Path:
    aside = next(path for number in count(1) if not (path := folder / f"aside-{number}").exists())
    aside.mkdir(mode=0o700)
    for path in paths:
        if path.exists():
            keep(path, aside / path.name)
    return aside


def _replace(folder: Path, history: History, identity: Identity, gives_way: Sequence[Path]) -> None:
    bench = history.path.parent
    with history.path.open("r+b") as file:
        file.truncate(history.end)
        os.fsync(file.fileno())
    for path in gives_way:
        path.unlink()
    for path in segment_files(bench):
        if not (folder / path.name).exists():
            path.chmod(0o600)
            path.replace(folder / path.name)
    manifest = manifests.read(bench) or JournalManifest(identity=identity)
    put(folder / manifests.FILE, manifests.encode(manifest))
    content = sums.encode(identity, list(sums.taken(history, nothing(history.before))), history.before)
    history.path.chmod(0o600)
    history.path.replace(folder / EVENTS)
    put(folder / sums.FILE, content)
    identities.write(folder, identity)


def _raise(owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
    raise AssertionError(f"{owner}: {where}") from error
