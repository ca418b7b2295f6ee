"""`switchboard journal verify`: everything that can be wrong with a journal, looked for without changing anything.

Also beside a running process: what says how far the journal has got is read before the journal is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from kernel.codec import decode_envelopes
from kernel.manifest import JournalManifest, Segment
from kernel.segments import EventsUnreadable, Segments
from plugins.journal.errors import JournalUnusable, SnapshotOutdated, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.inspection import EVENTS, TOLD, Marks, differing, faults, inspect, marks
from plugins.journal.layout import stands_at
from plugins.journal.places import SegmentPart, lines_of, misplaced, unreadable, way_back
from plugins.journal.recovery import fit
from plugins.journal.sealing import digest_of
from plugins.journal.segment_checks import fault_of
from plugins.journal.snapshots import Snapshots
from plugins.journal.sums import Sum, nothing

JOURNAL: Final = "journal"
_TRIES: Final = 3


class Finding(NamedTuple):
    """A sentence, and whether it tells of a fault."""

    text: str
    is_fault: bool = False


def verify(data: Path) -> Iterator[Finding]:
    """What is found, one after another. Raises JournalUnusable where there is no journal, and OSError."""
    folder = data / JOURNAL
    if not folder.is_dir():
        raise JournalUnusable(f"{data}: holds no {JOURNAL}/; give the folder that `switchboard run --data` was given.")
    for _ in range(_TRIES):
        found = marks(folder)
        findings = list(_verify(folder, found))
        if marks(folder).before == found.before:
            break  # else events.ndjson has become a segment meanwhile
    yield from findings


def _verify(folder: Path, found: Marks) -> Iterator[Finding]:
    snapshots = Snapshots(folder, found.identity or (found.sums.identity if found.sums is not None else None))
    listed = snapshots.found()
    history = History(folder / EVENTS, found.before)
    if found.manifest is not None and (found.manifest.rewritten or found.manifest.rewritten_base is not None):
        yield Finding(f"{folder}: segments are being written anew without somebody; the next start goes on with it.")
        return
    yield from _files(history, found)
    if found.manifest is not None:
        yield from _segments(folder, found.manifest)
    known = found.sums.sums if found.sums is not None else ()
    yield from _changes(history, known) or _lines(history)
    yield _length(history, found)
    for seq, path in listed:
        yield _snapshot(seq, path, history, snapshots)


def _files(history: History, found: Marks) -> Iterator[Finding]:
    folder = history.path.parent
    try:
        layout = stands_at(folder)
        inspected = inspect(history, found, layout)
    except JournalUnusable as error:
        yield Finding(str(error), is_fault=True)
        return
    yield Finding(f"{folder}: layout {layout}, identity {inspected.identity or 'none yet: the next start makes one'}")
    for sentence in inspected.made_good:
        yield Finding(f"{sentence} at the next start", is_fault=True)


def _segments(folder: Path, manifest: JournalManifest) -> Iterator[Finding]:
    for one in manifest.segments:
        path, events = folder / one.name, f"events {one.first} to {one.last}"
        if not path.exists():
            yield Finding(f"{path}: is missing, and {events} with it. {way_back(folder)}", is_fault=True)
        elif (fault := fault_of(folder, one)) is not None:
            yield Finding(f"{fault}. {way_back(folder)}", is_fault=True)
        else:
            size = f"{one.packed} bytes" if one.packed is not None else "not sealed yet"
            yield Finding(f"{path}: {events}, {size}, good")
            yield from _events(folder, one)
    base = manifest.base
    if base is not None:
        path = folder / base.name
        is_good = path.exists() and digest_of(path) == (base.packed, base.sha256)
        text = "good" if is_good else f"is missing, or not what was written. {way_back(folder)}"
        yield Finding(f"{path}: the state at event {base.seq}, {text}", is_fault=not is_good)


def _events(folder: Path, segment: Segment) -> Iterator[Finding]:
    """That each line is an event that can be read; their numbers are looked at as they are given."""
    segments, seq = Segments(folder), segment.first - 1
    try:
        for chunk in segments.lines(seq, segment.last):
            part = SegmentPart(segments, chunk, seq)
            try:
                envelopes = list(decode_envelopes(chunk))
            except ValueError:
                yield Finding(str(unreadable(part, chunk, 0)), is_fault=True)
                return
            for number, envelope in enumerate(envelopes):
                seq += 1
                if envelope.seq != seq:
                    place, _ = next(islice(lines_of(chunk, 0), number, None))
                    yield Finding(str(misplaced(part, place, seq, envelope, ValueError())), is_fault=True)
                    return
    except EventsUnreadable as error:
        yield Finding(str(error), is_fault=True)


def _changes(history: History, known: Sequence[Sum]) -> list[Finding]:
    parts = [part for part in differing(history, known) if part[1].end <= history.size]
    if not parts:
        return []
    findings = [Finding(str(fault), is_fault=True) for fault in faults(history, parts, known)]
    if len(parts) > TOLD == len(findings):
        findings.append(Finding(f"{history.path}: {len(parts) - TOLD} more parts are changed", is_fault=True))
    return findings


def _lines(history: History) -> Iterator[Finding]:
    """The first line that is not the next event; what follows it is not looked at."""
    seq, offset = history.before, 0
    for chunk in history.chunks():
        try:
            envelopes = list(decode_envelopes(chunk))
        except ValueError:
            yield Finding(str(unreadable(history, chunk, offset)), is_fault=True)
            return
        for number, envelope in enumerate(envelopes):
            seq += 1
            if envelope.seq != seq:
                place, _ = next(islice(lines_of(chunk, offset), number, None))
                yield Finding(str(misplaced(history, place, seq, envelope, ValueError())), is_fault=True)
                return
        offset += len(chunk)


def _length(history: History, found: Marks) -> Finding:
    newest = found.sums.newest if found.sums is not None and found.sums.sums else nothing(history.before)
    count = history.last_seq() - history.before
    text = f"{history.path}: {count} events, {history.end} bytes; checksums up to event {newest.seq}"
    if history.size > history.end:
        rest = history.size - history.end
        text += f"; {rest} bytes of an unfinished line, which is being written just now or is cut off by the next start"
    return Finding(text)


def _snapshot(seq: int, path: Path, history: History, snapshots: Snapshots) -> Finding:
    if seq > history.last_seq():
        return Finding(f"{path}: stands at an event that the journal has lost")
    try:
        fit(path, history, snapshots)
    except SnapshotOutdated as reason:
        return Finding(f"{path} is not used: {reason}")
    except SnapshotUnfit as reason:
        return Finding(f"{path} is not used: {reason}. A start does without it; remove it", is_fault=path.exists())
    return Finding(f"{path}: good")
