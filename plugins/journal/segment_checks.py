"""The segments held against the manifest: each file it names is there as it was, and there is none that it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Final
from zlib import crc32

from kernel import manifest as manifests
from kernel.manifest import JournalManifest, Segment
from kernel.regular_files import open_regular
from kernel.seekable import FramesDamaged, frames, last_line, unpacked
from plugins.journal.errors import JournalDamaged, SnapshotUnfit
from plugins.journal.history import CHUNK, History
from plugins.journal.places import way_back
from plugins.journal.sealing import digest_of
from plugins.journal.snapshots import header_of

OURS: Final = re.compile(r"(?:events|base)-\d+\.ndjson(?:\.zst)?")
"""Names of segments and bases."""
CHECKED_AT_START: Final = 64 << 20
"""Bytes of the newest sealed segments whose SHA-256 is taken at a start: a fifth of a second, beside other work."""


def segment_files(folder: Path) -> list[Path]:
    """Every file whose name is that of a segment or a base."""
    return sorted(path for path in folder.glob("*-*") if OURS.fullmatch(path.name))


def expect_segments(folder: Path, manifest: JournalManifest | None) -> None:
    """Names, order and lengths. Raises JournalDamaged, and OSError; changes nothing, and reads no segment."""
    fault = next(_faults(folder, manifest, _named(manifest)), None)
    if fault is not None:
        raise JournalDamaged(f"{fault}. {way_back(folder)}")


def segment_faults(folder: Path, manifest: JournalManifest) -> list[str]:
    """All that `expect_segments` would refuse, a sentence each without its end."""
    return list(_faults(folder, manifest, _named(manifest)))


def _named(manifest: JournalManifest | None) -> set[str]:
    if manifest is None:
        return set()
    named = {one.name for one in (*manifest.segments, *manifest.pruned)}
    return named | ({manifest.base.name} if manifest.base is not None else set())


def _faults(folder: Path, manifest: JournalManifest | None, named: set[str]) -> Iterator[str]:
    segments: Sequence[Segment] = manifest.segments if manifest is not None else ()
    listed = folder / manifests.FILE
    before = manifest.before if manifest is not None else 0
    for one in segments:
        if one.first != before + 1 or one.last < one.first:
            what = "lie in two segments" if one.first <= before else "are in no segment"
            events = f"{min(one.first, before + 1)} to {max(one.first - 1, before)}"
            yield f"{listed}: events {events} {what}"
        before = one.last
    if manifest is not None and manifest.base is not None:
        yield from _length(folder / manifest.base.name, manifest.base.packed, f"the state at event {manifest.base.seq}")
    for one in segments:
        size = one.packed if one.packed is not None else one.size
        yield from _length(folder / one.name, size, f"events {one.first} to {one.last}")
    left = {one.plain_name: one for one in segments if one.is_sealed}
    drafts = {one.packed_name for one in segments if not one.is_sealed}
    for path in segment_files(folder):
        if path.name in left:
            yield from _both(path, left[path.name])
        elif path.name not in named and path.name not in drafts and not _is_left_by_a_prune(path, manifest):
            yield (
                f"{path}: is not in {manifests.FILE}, so it is of another data folder, or a copy; move it away, or "
                f"bring the {manifests.FILE} back that names it"
            )


def _is_left_by_a_prune(path: Path, manifest: JournalManifest | None) -> bool:
    """A base of this folder's own that the manifest does not name yet, or no more."""
    if manifest is None or not path.name.startswith("base-"):
        return False
    try:
        return header_of(path).identity == manifest.identity
    except SnapshotUnfit:
        return False


def _length(path: Path, size: int, what: str) -> Iterator[str]:
    try:
        found = path.stat().st_size
    except FileNotFoundError:
        yield f"{path}: is missing, and {what} with it"
    else:
        if found != size:
            yield f"{path}: is {found} bytes long and should be {size}, so {what} are not whole"


def _both(plain: Path, segment: Segment) -> Iterator[str]:
    """The plain form of a sealed segment is what a crash has left before it was removed, or else nobody knows what."""
    if plain.stat().st_size != segment.size or crc_of(plain) != segment.crc:
        yield (
            f"{plain} and {segment.packed_name}: are both there, and do not hold the same, so one of them is of "
            "another data folder; move the one away that is"
        )


def crc_of(path: Path, stopped: Event | None = None) -> int:
    """The CRC-32 of a file. Raises OSError."""
    crc = 0
    with open_regular(path) as file:
        while (piece := file.read(CHUNK)) and not (stopped is not None and stopped.is_set()):
            crc = crc32(piece, crc)
    return crc


def expect_first(history: History, manifest: JournalManifest) -> None:
    """events.ndjson goes on where the segments end. Raises JournalDamaged."""
    first = history.first_seq()
    last = manifest.last
    if first is None or not last or first == last + 1:
        return
    if first > last:
        what = f"begins with event {first}, and the segments end with event {last}: what is between is in no file"
    else:
        what = f"begins with event {first}, which is in a segment too: they go up to event {last}"
    raise JournalDamaged(f"{history.path}: {what}. {way_back(history.path.parent)}")


def check_segments(folder: Path, manifest: JournalManifest, needed: int, stopped: Event) -> list[Segment]:
    """Hold the bytes of segments against the manifest: those behind event `needed`, and the newest others, up to
    CHECKED_AT_START bytes. For a thread. Returns those that are left; raises JournalDamaged, and OSError.
    """
    left: list[Segment] = []
    budget = CHECKED_AT_START
    for one in reversed(manifest.segments):
        budget -= one.packed or 0
        if one.last <= needed and budget < 0:
            left.append(one)
        elif (fault := fault_of(folder, one, stopped)) is not None and not stopped.is_set():
            raise JournalDamaged(f"{fault}. {way_back(folder)}")
    return left


def fault_of(folder: Path, segment: Segment, stopped: Event | None = None) -> str | None:
    """What is wrong with the bytes of a segment, by its checksum; None when nothing is. Raises OSError."""
    path = folder / segment.name
    events = f"events {segment.first} to {segment.last}"
    if not segment.is_sealed:
        if crc_of(path, stopped) != segment.crc:
            return f"{path}: is not what was written ({events}): its CRC-32 is another than {manifests.FILE} says"
        return None
    if digest_of(path)[1] != segment.sha256:
        what = f"is not what was written: its SHA-256 is another than {manifests.FILE} says"
        return f"{path}{damaged_frame(path, segment)}: {what}"
    return None


def damaged_frame(path: Path, segment: Segment) -> str:
    """Where in a segment that has changed: the first frame that cannot be read, if one cannot."""
    try:
        with open_regular(path) as file:
            table = frames(file)
            for number, frame in enumerate(table, 1):
                try:
                    unpacked(file, frame)
                except FramesDamaged:
                    first = segment.first + frame.before
                    place = f"frame {number}, bytes {frame.offset} to {frame.offset + frame.packed}"
                    return f" ({place}, events {first} to {first + frame.lines - 1})"
            if last_line(table) != segment.last - segment.first + 1:
                return f" (it holds {last_line(table)} lines)"
    except FramesDamaged as error:
        return f" ({error})"
    return f" (events {segment.first} to {segment.last})"
