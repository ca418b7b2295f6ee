"""Bringing the state back: the newest good snapshot, then every event after it."""

from __future__ import annotations

import asyncio
import logging
import time
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kernel.codec import decode_envelopes
from kernel.errors import IllegalTransition
from kernel.recovery import Recovery
from kernel.segments import EventsUnreadable, Segments
from plugins.journal.errors import JournalDamaged, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.places import Part, SegmentPart, lines_of, misplaced, unreadable, way_back
from plugins.journal.snapshots import SnapshotFile, Snapshots, header_of, read


class Restored(NamedTuple):
    """`seq` is the event that the state stands at, `snapshot_seq` that of the snapshot it was made from, or 0."""

    seq: int
    snapshot_seq: int


async def restore(
    recovery: Recovery, history: History, snapshots: Snapshots, segments: Segments, log: logging.Logger
) -> Restored:
    """Bring the state back. `history` is events.ndjson, and `segments` what is before it.

    Raises JournalUnusable, and has changed nothing on disk.
    """
    began = time.perf_counter()
    snapshot = _newest_fit(history, snapshots, segments, log)
    if snapshot is not None:
        load(recovery, snapshot)
    stood_at = recovery.state.seq
    await _replay_segments(recovery, history, segments)
    offset = snapshot.header.offset if snapshot is not None and stood_at > history.before else 0
    for chunk in history.chunks(offset):
        _replay(recovery, history, chunk, offset)
        offset += len(chunk)
        await asyncio.sleep(0)  # so that a second Ctrl-C is heard
    _check_end(recovery.state.seq, history, snapshots)
    events, rows = recovery.state.seq - stood_at, 0 if snapshot is None else snapshot.header.rows
    took = time.perf_counter() - began
    log.info("state of event %d: %d rows of a snapshot and %d events in %.2f s", recovery.state.seq, rows, events, took)
    return Restored(recovery.state.seq, stood_at)


async def _replay_segments(recovery: Recovery, history: History, segments: Segments) -> None:
    """What is behind the state and before events.ndjson."""
    try:
        for chunk in segments.lines(recovery.state.seq, history.before):
            _replay(recovery, SegmentPart(segments, chunk, recovery.state.seq), chunk, 0)
            await asyncio.sleep(0)
    except EventsUnreadable as error:
        raise JournalDamaged(f"{error} {way_back(segments.folder)}") from error


def _newest_fit(history: History, snapshots: Snapshots, segments: Segments, log: logging.Logger) -> SnapshotFile | None:
    unfit = 0
    base = segments.base
    for path in (*(path for _, path in snapshots.found()), *([base] if base is not None else [])):
        try:
            snapshot = fit(path, history, snapshots)
            if snapshot.header.seq < segments.before:
                raise SnapshotUnfit(f"the events behind it, up to {segments.before}, were pruned")
        except SnapshotUnfit as reason:
            unfit += 1
            log.warning("%s is not used: %s", path, reason)
            continue
        return snapshot
    if unfit:
        log.warning("no snapshot can be used: folding all %d events of %s", history.last_seq(), history.path.parent)
    return None


def fit(path: Path, history: History, snapshots: Snapshots) -> SnapshotFile:
    """A snapshot that can be used with this journal. Raises SnapshotUnfit."""
    snapshot = read(path)
    header = snapshot.header
    if snapshots.is_foreign(header):
        raise SnapshotUnfit(f"it is of another data folder ({header.identity})")
    if header.seq <= history.before:
        return snapshot  # its place is in a segment, whose events have numbers
    fits = header.first == history.before + 1 and history.seq_before(header.offset) == header.seq
    if header.seq and not fits:
        raise SnapshotUnfit(f"event {header.seq} does not end at byte {header.offset} of {history.path.name}")
    return snapshot


def load(recovery: Recovery, snapshot: SnapshotFile) -> None:
    """Have the state be what the snapshot holds."""
    for table, rows in snapshot.tables:
        recovery.load(table, rows)
    recovery.load_plugin_rows(snapshot.plugin_rows)
    recovery.load_memory(snapshot.players, snapshot.meetings)
    recovery.set_position(snapshot.header.seq, snapshot.header.ts)


def _replay(recovery: Recovery, part: Part, chunk: bytes, offset: int) -> None:
    before = recovery.state.seq
    try:
        recovery.replay_lines(chunk)
    except (ValueError, KeyError, IllegalTransition) as error:
        try:
            envelopes = list(decode_envelopes(chunk))
        except ValueError:
            raise unreadable(part, chunk, offset) from None
        number = recovery.state.seq - before
        place, _ = next(islice(lines_of(chunk, offset), number, None))
        raise misplaced(part, place, recovery.state.seq + 1, envelopes[number], error) from error


def _check_end(seq: int, history: History, snapshots: Snapshots) -> None:
    for stands_at, path in snapshots.found():
        if stands_at > seq and not _is_foreign(path, snapshots):
            raise JournalDamaged(
                f"{history.path} ends with event {seq}, and yet {path.name} stands at event {stands_at}: the journal's "
                f"end is gone. {way_back(history.path.parent)}"
            )


def _is_foreign(path: Path, snapshots: Snapshots) -> bool:
    try:
        return snapshots.is_foreign(header_of(path))
    except SnapshotUnfit:
        return False  # its name alone says that there was more
