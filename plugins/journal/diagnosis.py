"""The journal's part of `switchboard diagnose`: how long its files are, how far they go, and the last events."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from kernel.diagnosis import LINES_BYTES, Fact, FolderFacts
from kernel.rows import Row
from kernel.segments import EventsUnreadable, Segments
from plugins.journal.errors import JournalUnusable, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.inspection import EVENTS, inspect, marks
from plugins.journal.layout import stands_at
from plugins.journal.snapshots import SnapshotFile, Snapshots, read

LINES_BEFORE: Final = 2_000
"""Events of segments that are looked at for the last ones."""
COUNTED: Final = ("bots", "tasks", "invites", "chats", "plugins")


def look(folder: Path, *, running: bool) -> FolderFacts:
    """Changes nothing. Beside a running process, what says how far the journal has got is read before the journal is.

    Raises OSError. A snapshot is read whole where nothing runs: it has what a running system would say of its rows.
    """
    facts: dict[str, Fact] = {}
    found = None
    try:
        found = marks(folder)
        facts["layout"] = stands_at(folder)
    except JournalUnusable as error:
        facts["damage"] = type(error).__name__
    snapshots = Snapshots(folder, found.identity if found is not None else None)
    newest = snapshots.found()
    history = History(folder / EVENTS, found.before if found is not None else 0)
    if found is not None and found.sums is not None:
        facts["summedSeq"] = found.sums.newest.seq
    try:
        if found is not None:
            facts["toMakeGood"] = len(inspect(history, found, stands_at(folder)).made_good)
    except JournalUnusable as error:
        facts["damage"] = type(error).__name__
    manifest = found.manifest if found is not None else None
    facts |= {
        "segments": len(manifest.segments) if manifest is not None else 0,
        "segmentsBytes": sum(one.packed or one.size for one in manifest.segments) if manifest is not None else 0,
        "prunedUpTo": manifest.before if manifest is not None else 0,
        "eventsBytes": history.size,
        "unfinishedBytes": history.size - history.end,
        "lastSeq": history.last_seq(),
        "tornFiles": sum(1 for _ in folder.glob("torn-*.bin")),
        "asideFolders": sum(1 for _ in folder.glob("aside-*")),
        "snapshots": len(newest),
    }
    for number, (seq, path) in enumerate(newest):
        facts |= {
            f"snapshot{number}Seq": seq,
            f"snapshot{number}Bytes": path.stat().st_size,
            f"snapshot{number}WrittenAt": int(path.stat().st_mtime * 1_000),
        }
    snapshot = None if running else _newest_whole([path for _, path in newest], facts)
    return FolderFacts(
        facts=facts,
        lines=_last_lines(folder, history),
        counts=_counts(snapshot) if snapshot is not None else None,
        rows=_rows(snapshot) if snapshot is not None else (),
    )


def _newest_whole(paths: list[Path], facts: dict[str, Fact]) -> SnapshotFile | None:
    for path in paths:
        try:
            snapshot = read(path)
        except (SnapshotUnfit, JournalUnusable) as error:
            facts["snapshotsUnfit"] = int(facts.get("snapshotsUnfit") or 0) + 1
            facts["snapshotDamage"] = type(error).__name__
            continue
        facts["countsAtSeq"] = snapshot.header.seq
        return snapshot
    return None


def _counts(snapshot: SnapshotFile) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for name, rows in snapshot.tables:
        sizes[name] += len(rows)
        if name in COUNTED:
            counts.setdefault(name, Counter()).update(_status(row) for row in rows)
    return {**{name: dict(count) for name, count in counts.items()}, "rows": dict(sizes)}


def _rows(snapshot: SnapshotFile) -> list[Row]:
    return [row for name, rows in snapshot.tables if name in ("plugins", "bots") for row in rows]


def _status(row: Any) -> str:
    return str(row.status)


def _last_lines(folder: Path, history: History) -> bytes:
    """Whole lines from the end, at most LINES_BYTES; of segments too, where the newest file has but few."""
    start = max(0, history.end - LINES_BYTES)
    tail = b"".join(history.pieces(start, history.end))
    if start:
        return tail.partition(b"\n")[2]
    segments = Segments(folder)
    try:
        earlier = b"".join(segments.lines(max(segments.before, history.before - LINES_BEFORE), history.before))
    except EventsUnreadable:
        earlier = b""
    room = LINES_BYTES - len(tail)
    return (earlier if len(earlier) <= room else earlier[-room:].partition(b"\n")[2] if room else b"") + tail
