"""What can be kept of the segments of a damaged folder: a draft of their files and of the manifest, for `repair`.

What a segment has lost is taken from a backup that has its very lines, in whatever file; it is plain then, and sealed
anew by the next start. A manifest that is lost is made anew from the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import msgspec

from kernel import manifest as manifests
from kernel.manifest import Base, JournalManifest, Segment
from kernel.regular_files import open_regular
from kernel.seekable import FramesDamaged, frames, last_line, unpacked
from kernel.segments import EventsUnreadable
from plugins.journal.errors import JournalDamaged
from plugins.journal.folder import keep
from plugins.journal.history import History
from plugins.journal.identity import Identity
from plugins.journal.places import way_back
from plugins.journal.sealing import digest_of
from plugins.journal.segment_checks import fault_of, segment_files

Lines = Callable[[int, int], Iterator[bytes]]
"""Of a backup, the lines behind one event up to another."""


class _Stamp(msgspec.Struct):
    seq: int
    ts: int


def mended(
    folder: Path, bench: Path, found: JournalManifest | None, identity: Identity, backup: Lines | None
) -> list[str]:
    """Put all files before events.ndjson into `bench`, and the manifest that names them. Returns what was done.

    Raises JournalDamaged where that cannot be, and OSError.
    """
    said: list[str] = []
    if found is None:
        found = _found(folder, identity)
        if found is None:
            return said
        said.append(f"{folder / manifests.FILE} is made anew from the files that are there.")
    elif found.identity != identity:
        raise JournalDamaged(f"{folder / manifests.FILE}: is of another data folder ({found.identity})")
    if found.base is not None:
        _expect_base(folder, found.base)
        keep(folder / found.base.name, bench / found.base.name)
    segments = []
    for one in found.segments:
        fault = _fault(folder, one)
        if fault is None:
            keep(folder / one.name, bench / one.name)
            segments.append(one)
            continue
        plain = msgspec.structs.replace(one, packed=None, sha256=None)
        if backup is None or not _taken(backup, plain, bench / plain.plain_name):
            where = "which has it" if backup is None else "and this backup does not have it as it was written"
            raise JournalDamaged(
                f"{fault}. It can be repaired from a backup, {where}: switchboard journal repair --data "
                f"{folder.parent} --from BACKUP"
            )
        said.append(f"{folder / one.name} is taken from the backup: events {one.first} to {one.last}.")
        segments.append(plain)
    manifest = JournalManifest(identity=identity, base=found.base, segments=tuple(segments))
    (bench / manifests.FILE).write_bytes(manifests.encode(manifest))
    named = {one.name for one in segments} | ({found.base.name} if found.base is not None else set())
    said += [f"{path} is set aside: it is no part of this journal." for path in strange(folder, named)]
    return said


def strange(folder: Path, named: set[str]) -> list[Path]:
    """Files of segments that the manifest does not name."""
    return [path for path in segment_files(folder) if path.name not in named]


def _fault(folder: Path, segment: Segment) -> str | None:
    path = folder / segment.name
    if not path.exists():
        return f"{path}: is missing, and events {segment.first} to {segment.last} with it"
    return fault_of(folder, segment)


def _expect_base(folder: Path, base: Base) -> None:
    path = folder / base.name
    if not path.exists() or digest_of(path) != (base.packed, base.sha256):
        raise JournalDamaged(f"{path}: is missing or damaged, and there is nothing before it. {way_back(folder)}")


def _taken(backup: Lines, segment: Segment, to: Path) -> bool:
    """Whether the backup has the very lines; they are in the file then."""
    crc = size = 0
    try:
        with to.open("xb") as file:
            for chunk in backup(segment.first - 1, segment.last):
                crc, size = crc32(chunk, crc), size + len(chunk)
                file.write(chunk)
    except EventsUnreadable:
        size = -1
    if (size, crc) == (segment.size, segment.crc):
        return True
    to.unlink()
    return False


def _found(folder: Path, identity: Identity) -> JournalManifest | None:
    """A manifest of the segments that are there, which have to follow one upon another. None where there are none."""
    files = segment_files(folder)
    bases = [path for path in files if path.name.startswith("base-")]
    before = max((int(path.name.split("-")[1].partition(".")[0]) for path in bases), default=0)
    segments: dict[int, Segment] = {}
    for path in files:
        if path in bases:
            continue
        one = _described(path)
        if one.first not in segments or one.is_sealed:
            segments[one.first] = one
    if not segments and not bases:
        return None
    base = _base(folder, before) if bases else None
    for one in (kept := [segments[first] for first in sorted(segments) if first > before]):
        if one.first != before + 1:
            raise JournalDamaged(f"{folder}: events {before + 1} to {one.first - 1} are in no file. {way_back(folder)}")
        before = one.last
    return JournalManifest(identity=identity, base=base, segments=tuple(kept))


def _base(folder: Path, seq: int) -> Base:
    name = f"base-{seq:012}{manifests.PACKED}"
    size, digest = digest_of(folder / name)
    return Base(seq=seq, ts=0, packed=size, sha256=digest, pruned_at=0)


def _described(path: Path) -> Segment:
    """What the manifest would say of it. Raises JournalDamaged."""
    packed = digest = None
    crc = size = 0
    first = last = b""
    try:
        if path.name.endswith(manifests.PACKED):
            packed, digest = digest_of(path)
        for chunk in _contents(path):
            first = first or chunk[: chunk.index(b"\n")]
            last = chunk[chunk.rfind(b"\n", 0, -1) + 1 : -1]
            crc, size = crc32(chunk, crc), size + len(chunk)
        begins, ends = (msgspec.json.decode(line, type=_Stamp) for line in (first, last))
    except (ValueError, FramesDamaged) as error:
        raise JournalDamaged(f"{path}: is damaged, and the manifest that says what it was is gone: {error}") from error
    return Segment(
        first=begins.seq,
        last=ends.seq,
        ts=begins.ts,
        last_ts=ends.ts,
        size=size,
        crc=crc,
        packed=packed,
        sha256=digest,
    )


def _contents(path: Path) -> Iterator[bytes]:
    if not path.name.endswith(manifests.PACKED):
        yield from History(path).chunks()
        return
    with open_regular(path) as file:
        table = frames(file)
        if not last_line(table):
            raise FramesDamaged("it holds no line")
        for frame in table:
            yield unpacked(file, frame)
