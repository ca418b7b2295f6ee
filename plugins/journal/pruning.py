"""`switchboard journal prune`: old segments give way to the state behind them, in steps that can be gone on from.

1. The state behind the last of them is written as `base-SEQ.ndjson.zst`, and synced.
2. The manifest names it, and what is to go, and where to. From here on it is carried out.
3. The files are removed, or moved; the manifest forgets them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from kernel import manifest as manifests
from kernel.bus import Bus
from kernel.clock import SECOND
from kernel.commits import Commits
from kernel.disk import sync_folder
from kernel.machine_clock import SystemClock
from kernel.manifest import Base, JournalManifest, Segment
from kernel.recovery import Recovery
from kernel.segments import Segments
from kernel.snapshot import Snapshot
from kernel.state import State
from plugins.journal.errors import JournalUnusable, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.identity import Identity
from plugins.journal.inspection import EVENTS, inspect, marks
from plugins.journal.layout import SEGMENTED, stands_at
from plugins.journal.lock import Lock
from plugins.journal.manifest_file import ManifestFile
from plugins.journal.recovery import fit, load
from plugins.journal.rotation import finish_broken_off
from plugins.journal.sealing import digest_of
from plugins.journal.snapshots import Snapshots, read

JOURNAL: Final = "journal"
Archived = Callable[[Path], "int | None"]
"""How far what archives a data folder has it on disk; None where there is no archive of it."""


class Pruned(NamedTuple):
    """What goes, or would, and what is said of it, a sentence each."""

    segments: Sequence[Segment]
    said: list[str]


def prune(data: Path, before: str, move_to: Path | None, archived: Archived, *, really: bool) -> Pruned:
    """Of the segments before a date or an event, those that may go. Raises JournalUnusable, ValueError, OSError."""
    folder = data / JOURNAL
    if not folder.is_dir():
        raise JournalUnusable(f"{data}: holds no {JOURNAL}/; give the folder that `switchboard run --data` was given.")
    lock = Lock(folder)
    lock.take()
    try:
        return _prune(folder, before, move_to, archived, really=really)
    finally:
        lock.release()


def _prune(folder: Path, before: str, move_to: Path | None, archived: Archived, *, really: bool) -> Pruned:
    found = marks(folder)
    if found.manifest is not None and finish_broken_off(folder, found.manifest):
        found = marks(folder)
    history = History(folder / EVENTS, found.before)
    identity = inspect(history, found, stands_at(folder)).identity
    manifest = found.manifest
    if manifest is None or identity is None or stands_at(folder) < SEGMENTED:
        raise JournalUnusable(f"{folder}: has no segments yet; they come with the first start of this version.")
    said = finish(ManifestFile(folder, manifest)) if really else []
    manifest = manifests.read(folder) or manifest
    wanted = list(takewhile(lambda one: one.is_sealed and _is_before(one, before), manifest.segments))
    said += _kept_by_first(manifest.segments[len(wanted) :], before)
    snapshot = _newest_good(history, Snapshots(folder, identity))
    upto = archived(folder.parent)
    limit = snapshot if upto is None else min(snapshot, upto)
    goes = [one for one in wanted if one.last <= limit]
    if len(goes) < len(wanted):
        why = f"the newest good snapshot stands at event {snapshot}" if limit == snapshot else f"the archive has {upto}"
        said.append(f"{len(wanted) - len(goes)} more stay, as {why}.")
    if not goes:
        return Pruned((), [*said, f"There is nothing to prune before {before}."])
    last = goes[-1]
    said += _consequences(folder, goes, move_to, upto)
    if really:
        _carry_out(folder, manifest, goes, move_to, identity)
        said.append(f"{folder / manifests.FILE} begins behind event {last.last} now.")
    return Pruned(goes, said)


def _consequences(folder: Path, goes: Sequence[Segment], move_to: Path | None, upto: int | None) -> list[str]:
    verb = "are removed" if move_to is None else f"are moved to {move_to}"
    size = sum(one.packed or 0 for one in goes)
    said = [f"Events {goes[0].first} to {goes[-1].last} ({len(goes)} segments, {size:,} bytes) {verb}."]
    said.append(f"The state behind them is kept in {folder / f'base-{goes[-1].last:012}{manifests.PACKED}'}.")
    if upto is None:
        said.append(
            "There is no archive of this folder: what was done in them can be read nowhere else, but in backups."
        )
    else:
        said.append(f"The archive has all up to event {upto}; of these it can be built anew no more, only kept.")
    return said


def _kept_by_first(kept: Sequence[Segment], before: str) -> list[str]:
    """A sentence where some of these are old enough, and one in front of them is not: only a journal's beginning goes.

    The clock was set back behind that one, or it could not be sealed.
    """
    first = kept[0] if kept else None
    stay = sum(one.is_sealed and _is_before(one, before) for one in kept)
    if first is None or not stay:
        return []
    if first.is_sealed:
        latest = datetime.fromtimestamp(first.last_ts / 1_000, UTC).date().isoformat()
        why = f"end on {latest}: the clock was set back behind them. Give the number of an event to prune them too"
    else:
        why = "are not sealed"
    return [f"{stay} more stay, as events {first.first} to {first.last} in front of them {why}."]


def _is_before(segment: Segment, before: str) -> bool:
    if before.isascii() and before.isdecimal():
        return segment.last < int(before)
    try:
        day = date.fromisoformat(before)
    except ValueError as error:
        raise ValueError(f"--before: give a date such as 2026-01-31 (UTC) or the number of an event: {error}") from None
    return segment.last_ts < int(datetime.combine(day, time(), UTC).timestamp()) * SECOND


def _newest_good(history: History, snapshots: Snapshots) -> int:
    for seq, path in snapshots.found():
        with suppress(SnapshotUnfit):
            fit(path, history, snapshots)
            return seq
    return 0


def _carry_out(
    folder: Path, manifest: JournalManifest, goes: Sequence[Segment], move_to: Path | None, identity: Identity
) -> None:
    last = goes[-1]
    if move_to is not None:
        move_to.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = _folded(folder, manifest, last.last)
    path = folder / f"base-{last.last:012}{manifests.PACKED}"
    asyncio.run(Snapshots(folder, identity).write_to(path, Snapshot.of(state), 0, last.last + 1))
    size, digest = digest_of(path)
    now = SystemClock().now()
    base = Base(seq=last.last, ts=state.ts, packed=size, sha256=digest, pruned_at=now)
    file = ManifestFile(folder, manifest)
    file.change(
        lambda found: msgspec.structs.replace(
            found,
            base=base,
            segments=found.segments[len(goes) :],
            pruned=tuple(goes),
            moved_to=str(move_to.absolute()) if move_to is not None else None,
        )
    )
    finish(file)


def _folded(folder: Path, manifest: JournalManifest, upto: int) -> State:
    """The state at that event, from what there is before it."""
    state = State()
    recovery = Recovery(state, Bus(state, SystemClock(), _raise), Commits())
    if manifest.base is not None:
        load(recovery, read(folder / manifest.base.name))
    for chunk in Segments(folder).lines(manifest.before, upto):
        recovery.replay_lines(chunk)
    return state


def finish(file: ManifestFile) -> list[str]:
    """Remove or move what the manifest says is to go, and bases that it does not name. Raises OSError."""
    folder, manifest = file.folder, file.manifest
    to = Path(manifest.moved_to) if manifest.moved_to is not None else None
    for segment in manifest.pruned:
        path = folder / segment.name
        if path.exists():
            if to is not None:
                _copy(path, to / segment.name, segment)
            path.unlink()
    kept = manifest.base.name if manifest.base is not None else ""
    for path in folder.glob(f"base-*{manifests.PACKED}"):
        if path.name != kept:
            path.unlink()
    sync_folder(folder)
    if not manifest.pruned:
        return []
    file.change(lambda found: msgspec.structs.replace(found, pruned=(), moved_to=None))
    verb = "removed" if to is None else f"moved to {to}"
    return [f"{len(manifest.pruned)} segments that a prune had begun with are {verb}."]


def _copy(path: Path, to: Path, segment: Segment) -> None:
    if to.exists() and digest_of(to)[1] == segment.sha256:
        return
    draft = to.with_name(f"{to.name}.tmp")
    shutil.copyfile(path, draft)
    descriptor = os.open(draft, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if digest_of(draft)[1] != segment.sha256:
        raise OSError(0, "it is read back otherwise than it was written", str(draft))
    draft.replace(to)
    sync_folder(to.parent)


def _raise(owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
    raise AssertionError(f"{owner}: {where}") from error
