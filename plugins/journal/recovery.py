"""Bringing the state back: the newest good snapshot, then every event after it."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from kernel.codec import decode_envelope, decode_envelopes
from kernel.errors import IllegalTransition
from kernel.events import KINDS, Envelope
from kernel.recovery import Recovery
from plugins.journal.errors import JournalDamaged, JournalTooNew, JournalUnusable, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.snapshots import Snapshot, Snapshots, read

_WORTH_FREEZING: Final = 10_000
"""Rows and events; below, the collector does not notice them."""


class Restored(NamedTuple):
    """`seq` is the event that the state stands at, `snapshot_seq` that of the snapshot it was made from, or 0."""

    seq: int
    snapshot_seq: int


async def restore(recovery: Recovery, history: History, snapshots: Snapshots, log: logging.Logger) -> Restored:
    """Bring the state back. Raises JournalUnusable, and has changed nothing on disk."""
    began = time.perf_counter()
    with _collector_paused() as loaded:
        snapshot = _newest_fit(history, snapshots, log)
        offset = 0
        if snapshot is not None:
            _load(recovery, snapshot)
            offset = snapshot.header.offset
        stood_at = recovery.state.seq
        for chunk in history.chunks(offset):
            _replay(recovery, history, chunk, offset)
            offset += len(chunk)
            await asyncio.sleep(0)  # so that a second Ctrl-C is heard
        loaded.extend((recovery.state.seq - stood_at, 0 if snapshot is None else snapshot.header.rows))
    _check_end(recovery.state.seq, history, snapshots)
    events, rows = loaded
    took = time.perf_counter() - began
    log.info("state of event %d: %d rows of a snapshot and %d events in %.2f s", recovery.state.seq, rows, events, took)
    return Restored(recovery.state.seq, stood_at)


@contextmanager
def _collector_paused() -> Iterator[list[int]]:
    """Nothing of what is loaded is garbage, and looking for some costs a quarter of the time, on 3.11 more.

    Yields a list for the numbers of what was loaded. When it is much, it is put out of the collector's sight for
    good: a full collection then takes a tenth of the time.
    """
    loaded: list[int] = []
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield loaded
    finally:
        if sum(loaded) >= _WORTH_FREEZING:
            gc.collect()
            gc.freeze()
        if enabled:
            gc.enable()


def _newest_fit(history: History, snapshots: Snapshots, log: logging.Logger) -> Snapshot | None:
    unfit = 0
    for _, path in snapshots.found():
        try:
            snapshot = read(path)
            _check_place(snapshot, history)
        except SnapshotUnfit as reason:
            unfit += 1
            log.warning("%s is not used: %s", path, reason)
            continue
        return snapshot
    if unfit:
        log.warning("no snapshot can be used: folding all %d MB of %s", history.end // 1_000_000, history.path)
    return None


def _check_place(snapshot: Snapshot, history: History) -> None:
    header = snapshot.header
    if header.seq and history.seq_before(header.offset) != header.seq:
        raise SnapshotUnfit(f"event {header.seq} does not end at byte {header.offset} of {history.path.name}")


def _load(recovery: Recovery, snapshot: Snapshot) -> None:
    for table, rows in snapshot.tables:
        recovery.load(table, rows)
    recovery.stand_at(snapshot.header.seq, snapshot.header.ts)


def _replay(recovery: Recovery, history: History, chunk: bytes, offset: int) -> None:
    try:
        envelopes = list(decode_envelopes(chunk))
    except ValueError:
        raise _unreadable(history, chunk, offset) from None
    for number, envelope in enumerate(envelopes):
        try:
            recovery.replay(envelope)
        except (ValueError, KeyError, IllegalTransition) as error:
            place, _ = next(islice(_lines(chunk, offset), number, None))
            raise _misplaced(history, place, recovery.state.seq + 1, envelope, error) from error


def _lines(chunk: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Each line with the offset of its beginning in the file; blank ones are passed over, as the decoder does."""
    for line in chunk.split(b"\n"):
        if line.strip():
            yield offset, line
        offset += len(line) + 1


def _unreadable(history: History, chunk: bytes, offset: int) -> JournalUnusable:
    """What to say of the first line in the chunk that cannot be decoded."""
    for place, line in _lines(chunk, offset):
        try:
            decode_envelope(line)
        except ValueError as error:
            where = f"{history.path}, line {history.line_number(place)} (byte {place})"
            kind = _kind_of(line)
            if kind is not None and kind not in KINDS:
                return JournalTooNew(
                    f"{where}: there is no event {kind!r} in this version; a newer one wrote it. Start that one again."
                )
            return JournalDamaged(f"{where}: cannot be read: {error}. {_what_to_do(history, place)}")
    raise AssertionError("the chunk cannot be decoded, and yet each of its lines can")


class _Kind(msgspec.Struct):
    kind: str


def _kind_of(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Kind).kind
    except ValueError:
        return None


def _misplaced(history: History, place: int, seq: int, envelope: Envelope, error: Exception) -> JournalDamaged:
    where = f"{history.path}, line {history.line_number(place)} (byte {place})"
    if envelope.seq != seq:
        what = f"event {seq} belongs here, and this is event {envelope.seq}"
    else:
        what = f"{envelope.kind} cannot follow on what was before: {error}"
    return JournalDamaged(f"{where}: {what}. {_what_to_do(history, place)}")


def _what_to_do(history: History, place: int) -> str:
    return (
        "Nothing was changed. Bring the file back from a backup; or, to lose this event and all after it knowingly, "
        f"keep a copy, cut the file (truncate -s {place} {history.path}) and remove the snapshots that are newer."
    )


def _check_end(seq: int, history: History, snapshots: Snapshots) -> None:
    for stands_at, path in snapshots.found():
        if stands_at > seq:
            raise JournalDamaged(
                f"{history.path} ends with event {seq}, and yet {path.name} stands at event {stands_at}: the journal's "
                "end is gone. Bring it back from a backup; or, to lose those events knowingly, remove that snapshot."
            )
