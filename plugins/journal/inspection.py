"""What the journal's files say of each other, looked at before any of them is used: whose they are, and whether whole.

Damage to what stands elsewhere too (the identity, a line of events.sum) is made good at a start and said in the log.
What would lose events, or mix those of two folders, refuses the start.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple
from zlib import crc32

from kernel import manifest as manifests
from kernel.codec import decode_envelope
from kernel.manifest import JournalManifest, ManifestDamaged
from kernel.regular_files import open_regular
from plugins.journal import identity as identities
from plugins.journal import sums
from plugins.journal.errors import IdentityDamaged, JournalDamaged
from plugins.journal.folder import put
from plugins.journal.history import CHUNK, History
from plugins.journal.identity import Identity
from plugins.journal.layout import SEGMENTED, SUMMED
from plugins.journal.places import damaged, lines_of, way_back
from plugins.journal.segment_checks import expect_first, expect_segments
from plugins.journal.sums import NOTHING, Sum, SumFile, nothing

EVENTS: Final = "events.ndjson"
BOM: Final = b"\xef\xbb\xbf"
TOLD: Final = 10
"""Parts that are not what was written are named up to so many."""


class Inspected(NamedTuple):
    """Files that fit each other, as far as can be told without reading the journal."""

    identity: Identity | None
    """None where the folder has none yet."""
    sums: tuple[Sum, ...] = ()
    made_good: tuple[str, ...] = ()
    """What is damaged and is to be made anew from the rest, a sentence each."""

    @property
    def newest(self) -> Sum:
        return self.sums[-1] if self.sums else NOTHING


Part = tuple[Sum, Sum]
"""A part of events.ndjson, by the sums before and behind it."""


class Marks(NamedTuple):
    """What the files beside events.ndjson say of it. Beside a running process they are to be read before it."""

    identity: Identity | None
    """None where the file is damaged or missing."""
    is_damaged: bool
    """Whether the identity's file is there, and damaged."""
    sums: sums.StoredSums | None
    manifest: JournalManifest | None = None
    manifest_fault: str | None = None
    """Why it cannot be used, though the file is there."""

    @property
    def before(self) -> int:
        """The event before the first of events.ndjson, as far as is known."""
        return self.manifest.last if self.manifest is not None else 0


def marks(folder: Path) -> Marks:
    """Raises OSError."""
    try:
        own, is_damaged = identities.read(folder), False
    except IdentityDamaged:
        own, is_damaged = None, True
    manifest, fault = None, None
    try:
        manifest = manifests.read(folder)
    except ManifestDamaged as error:
        fault = str(error)
    return Marks(own, is_damaged, sums.read(folder / sums.FILE, own), manifest, fault)


def inspect(history: History, found: Marks, layout: int, remains: Sequence[Path] = ()) -> Inspected:
    """Hold the files against each other. Raises JournalDamaged, and OSError; changes nothing.

    `layout` is the number that the folder stands at; `remains` are the files of other plugins that only an earlier
    run can have left.
    """
    folder = history.path.parent
    own = found.identity
    if history.head(len(BOM)) == BOM:
        raise JournalDamaged(
            f"{history.path}: begins with a byte order mark, so an editor has saved it. Nothing was changed. To take "
            f"the mark out, if nothing else was changed: switchboard journal repair --data {folder.parent}"
        )
    if found.sums is None:
        if own is not None or found.manifest is not None or found.is_damaged or layout >= SUMMED:
            raise JournalDamaged(_without_sums(history))
        _expect_events(history, remains)
        return Inspected(None)
    _expect_manifest(folder, found, layout)
    theirs = found.sums.identity
    if own is not None and theirs is not None and own != theirs:
        raise JournalDamaged(
            f"{folder}: {identities.FILE} names another data folder ({own}) than {sums.FILE} does ({theirs}), so files "
            f"of two folders are mixed. {way_back(folder)}"
        )
    identity = own or theirs
    if found.manifest is not None and identity is not None and found.manifest.identity != identity:
        raise JournalDamaged(
            f"{folder}: {manifests.FILE} names another data folder ({found.manifest.identity}) than {sums.FILE} and "
            f"{identities.FILE} do ({identity}), so files of two folders are mixed. {way_back(folder)}"
        )
    if identity is None:
        raise JournalDamaged(
            f"{folder}: {identities.FILE} and the first line of {sums.FILE} are damaged or missing, so nobody can say "
            f"what belongs to this folder. {way_back(folder)}"
        )
    if found.sums.damaged and not found.sums.sums:
        raise JournalDamaged(_without_sums(history))
    if found.manifest is not None:
        expect_first(history, found.manifest)
        if found.sums.sums and found.sums.newest.seq <= history.before:
            raise JournalDamaged(
                f"{folder / sums.FILE}: ends with event {found.sums.newest.seq}, and {manifests.FILE} says that the "
                f"events up to {history.before} are in segments, so it is an old one. {way_back(folder)}"
            )
    _expect_length(history, found.sums.newest)
    return Inspected(identity, found.sums.sums, tuple(_made_good(folder, own, found.sums)))


def _expect_manifest(folder: Path, found: Marks, layout: int) -> None:
    path = folder / manifests.FILE
    if found.manifest_fault is not None:
        raise JournalDamaged(f"{path}: is damaged: {found.manifest_fault}. {way_back(folder)}")
    if found.manifest is None and layout >= SEGMENTED:
        raise JournalDamaged(
            f"{path}: is missing, so nobody can say of which files the journal consists. {way_back(folder)}"
        )
    expect_segments(folder, found.manifest)


def _made_good(folder: Path, own: Identity | None, found: sums.StoredSums) -> Iterator[str]:
    if own is None:
        yield f"{folder / identities.FILE} was damaged or missing, and is made anew from {sums.FILE}"
    if found.identity is None:
        yield f"the first line of {folder / sums.FILE} was damaged, and is made anew"
    if found.damaged:
        yield (
            f"{found.damaged} lines of {folder / sums.FILE} were damaged, and are left out: the others cover the same "
            "bytes"
        )


def _without_sums(history: History) -> str:
    folder = history.path.parent
    if history.size:
        what = f"{folder / sums.FILE}: is missing, empty or useless, so nobody can say whether {EVENTS} is whole"
    else:
        what = f"{history.path} and {sums.FILE}: are missing or empty, and were there in an earlier run"
    return f"{what}. {_rotated(history)}{way_back(folder)}"


def _expect_events(history: History, remains: Sequence[Path]) -> None:
    """A folder without sums and identity is new, or of a time before them: then it has events."""
    folder = history.path.parent
    kinds = ("snapshot-*.ndjson.zst", "torn-*.bin", manifests.FILE)
    evidence = [*(path for kind in kinds for path in folder.glob(kind)), *remains]
    if not history.size and evidence:
        raise JournalDamaged(
            f"{history.path}: is missing or empty, and yet {evidence[0]} is of an earlier run, so the events of this "
            f"data folder are gone. {_rotated(history)}{way_back(folder)}"
        )


def _expect_length(history: History, newest: Sum) -> None:
    if history.size >= newest.end:
        return
    last = history.last_seq()
    ends = f"ends with event {last} (byte {history.end})" if history.size else "is missing or empty"
    raise JournalDamaged(
        f"{history.path}: {_events(newest.seq - last)} gone: it {ends}, and {sums.FILE} says that event {newest.seq} "
        f"had come to disk (byte {newest.end}). {_rotated(history)}{way_back(history.path.parent)}"
    )


def _events(count: int) -> str:
    return "1 event is" if count == 1 else f"{count} events are"


def _rotated(history: History) -> str:
    beside = sorted(history.path.parent.glob(f"{EVENTS}?*"))
    return f"If {beside[0]} is what was rotated away, move it back. " if beside else ""


def check_bytes(history: History, found: Sequence[Sum], stopped: Event) -> None:
    """Hold the file's bytes against its sums. For a thread; breaks off when `stopped`. Raises JournalDamaged."""
    newest = found[-1] if found else nothing(history.before)
    crc = 0
    for piece in history.pieces(0, newest.end):
        if stopped.is_set():
            return
        crc = crc32(piece, crc)
    if crc != newest.crc:
        raise _changed(history, found)
    if newest.end and history.seq_before(newest.end) != newest.seq:
        raise JournalDamaged(
            f"{history.path}: event {newest.seq} does not end at byte {newest.end}, as {sums.FILE} says, though each "
            f"byte before it is what was written. {way_back(history.path.parent)}"
        )


def differing(history: History, found: Sequence[Sum]) -> Iterator[Part]:
    """Each part of the file that is not what was written, or not there."""
    if not found:
        return
    before = nothing(history.before)
    with open_regular(history.path) if history.size else BytesIO() as file:
        for one in found:
            crc, end = before.crc, before.end
            file.seek(end)
            while piece := file.read(min(CHUNK, one.end - end)):
                crc, end = crc32(piece, crc), end + len(piece)
            if (end, crc) != (one.end, one.crc):
                yield before, one
            before = one


def _changed(history: History, found: Sequence[Sum]) -> JournalDamaged:
    parts = list(differing(history, found))
    if not parts:
        return JournalDamaged(f"{history.path}: is read differently each time. Look after its disk.")
    return faults(history, parts, found)[0]


def faults(history: History, parts: Sequence[Part], found: Sequence[Sum]) -> list[JournalDamaged]:
    """What to say of parts that are not what was written, of the first few at least."""
    said = [first_fault(history, *part) for part in parts[:TOLD]]
    if len(parts) == len(found) > 1 and said[0].place is None:  # each line is the next event, and none is ours
        text = "no part of it is what was written in this data folder: it is another file, or one of another folder"
        return [JournalDamaged(f"{history.path}: {text}. {way_back(history.path.parent)}")]
    return said


def first_fault(history: History, before: Sum, behind: Sum) -> JournalDamaged:
    """What to say of a part that is not what was written: the line at fault, as far as it can be told."""
    seq = before.seq
    for place, line in _lines(history, before.end, behind.end):
        seq += 1
        try:
            envelope = decode_envelope(line)
        except ValueError as error:
            return damaged(history, place, f"is not what was written, and cannot be read: {error}")
        if envelope.seq != seq:
            return damaged(history, place, f"event {seq} was written here, and this is event {envelope.seq}")
    first, last = before.seq + 1 - history.before, behind.seq - history.before
    lines = f"lines {first} to {last}" if last > first else f"line {first}"
    return JournalDamaged(
        f"{history.path}, {lines} (bytes {before.end} to {behind.end}): are not what was written, though each can be "
        f"read: a value has changed. {way_back(history.path.parent)}"
    )


def _lines(history: History, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """The whole lines that begin between two offsets."""
    offset = start
    for chunk in history.chunks(start):
        for place, line in lines_of(chunk, offset):
            if place >= stop:
                return
            yield place, line
        offset += len(chunk)


def settle(history: History, inspected: Inspected, log: logging.Logger) -> tuple[Identity, SumFile]:
    """Make good what is damaged, and take the sum of what has none yet, once the state has come back from it all.

    The folder's layout is the newest by now. Raises OSError.
    """
    folder = history.path.parent
    path = folder / sums.FILE
    for sentence in inspected.made_good:
        log.warning("%s", sentence)
    identity, found = inspected.identity, inspected.sums
    if identity is None:  # the step to this layout has made both just now
        made = sums.read(path)
        assert made is not None and made.identity is not None
        identity, found = made.identity, made.sums
    elif inspected.made_good:
        put(path, sums.encode(identity, found, history.before))
        identities.write(folder, identity)
    newest = found[-1] if found else nothing(history.before)
    file = SumFile(path, identity, newest)
    for one in sums.taken(history, newest):
        file.note(one)
    if file.is_dirty:
        file.sync()
        log.info(
            "%d events from byte %d on had no checksum yet, and were checked by decoding alone",
            file.newest.seq - newest.seq,
            newest.end,
        )
    return identity, file
