"""events.ndjson becomes a segment, and a new one begins: in steps, each of which a start finds and goes on from.

1. The sums are synced, and the manifest names the segment, with its length and CRC-32. From here on it is carried out.
2. events.ndjson is renamed to events-FIRST.ndjson.
3. events.sum begins anew.
4. events.ndjson begins anew.

All that is on the thread of the writer, between two writes. Compressing the segment is not (`sealing`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from kernel.disk import sync_folder
from kernel.manifest import JournalManifest, Segment
from kernel.segments import LIVE
from plugins.journal import sums
from plugins.journal.appender import Appender
from plugins.journal.folder import put
from plugins.journal.history import History
from plugins.journal.identity import Identity
from plugins.journal.manifest_file import ManifestFile
from plugins.journal.sums import Sum, SumFile, nothing

log = logging.getLogger(__name__)

RETRY_S: Final = 60.0
"""After a rotation that could not begin; events go on being written to the same file."""


class RotationLimits(NamedTuple):
    """When events.ndjson is full: at so many bytes, 0 for never, or with the first event of the next UTC day."""

    size: int = 0
    daily: bool = False


class _Stamp(msgspec.Struct):
    seq: int
    ts: int


class Rotation:
    """What the writer asks before each write. For its thread's hands only."""

    def __init__(
        self,
        manifest: ManifestFile,
        limits: RotationLimits,
        opened: Callable[[Path, int], Appender],
        *,
        first_ts: int | None = None,
    ) -> None:
        """`opened` opens a new events.ndjson. `first_ts`: of the first event in it, where it has one."""
        self._manifest = manifest
        self._limits = limits
        self._open = opened
        self._first_ts = first_ts
        self._begun = False
        self._not_before = 0.0

    def is_due(self, end: int, ts: int, *, asked: bool) -> bool:
        """Whether the file, which is `end` bytes long, is to be closed before an event of `ts` is written to it."""
        if self._begun:
            return True
        if self._first_ts is None and ts:
            self._first_ts = ts
        if not end or time.monotonic() < self._not_before:
            return False
        if asked or 0 < self._limits.size <= end:
            return True
        return self._limits.daily and self._first_ts is not None and _day(ts) > _day(self._first_ts)

    def carry_out(self, appender: Appender, sum_file: SumFile) -> tuple[Appender, SumFile] | None:
        """The new files. None when it could not begin, and nothing has changed. Raises OSError: then try again."""
        folder = appender.path.parent
        if self._begun:
            sync_folder(folder)  # it may be what has failed, and the manifest comes first
        else:
            try:
                appender.check()
                sum_file.sync()
                self._manifest.add(_segment(appender, sum_file.newest, self._manifest.manifest.last))
            except OSError as error:
                if self._manifest.manifest.last != sum_file.newest.seq:
                    self._not_before = time.monotonic() + RETRY_S
                    log.warning("%s goes on growing, as it cannot be sealed: %s", appender.path, error)
                    return None
                self._begun = True
                raise
            self._begun = True
        segment = self._manifest.manifest.segments[-1]
        new_sums = finish(folder, self._manifest.manifest, segment)
        try:
            opened = self._open(appender.path, 0)
        except OSError:
            new_sums.close()
            raise
        self._begun, self._first_ts = False, None
        appender.close()
        sum_file.close()
        return opened, new_sums


def finish(folder: Path, manifest: JournalManifest, segment: Segment) -> SumFile:
    """Rename the file to what the manifest calls it, if it is not, and begin new sums. Raises OSError."""
    if not (folder / segment.plain_name).exists():
        (folder / LIVE).rename(folder / segment.plain_name)
    path, identity = folder / sums.FILE, Identity(manifest.identity)
    put(path, sums.encode(identity, [], segment.last))
    return SumFile(path, identity, nothing(segment.last))


def finish_broken_off(folder: Path, manifest: JournalManifest) -> bool:
    """Carry a rotation to its end that a crash has broken off. True when there was one. Raises OSError."""
    segment = manifest.segments[-1] if manifest.segments else None
    if segment is None or segment.is_sealed:
        return False
    live, plain = folder / LIVE, folder / segment.plain_name
    there = plain if plain.exists() else live
    if not there.is_file() or there.stat().st_size != segment.size:
        return False
    if there is live:
        is_it = History(live).first_seq() == segment.first
    else:  # renamed: then it ended before the new sums, if those are not there
        found = sums.read(folder / sums.FILE, Identity(manifest.identity))
        is_it = found is not None and bool(found.sums) and found.newest.seq <= segment.last
        is_it = is_it and not (live.exists() and live.stat().st_size)
    if is_it:
        finish(folder, manifest, segment).close()
    return is_it


def _segment(appender: Appender, newest: Sum, before: int) -> Segment:
    if newest.end != appender.end:
        raise OSError("its sums are behind it")
    first, last = _ends(appender.path, appender.end)
    return Segment(first=before + 1, last=newest.seq, ts=first, last_ts=last, size=newest.end, crc=newest.crc)


def _ends(path: Path, end: int) -> tuple[int, int]:
    """The times of the first and the last line."""
    history = History(path)
    first = history.line_at(0)
    last = history.line_before(end)
    try:
        begins, ends = (msgspec.json.decode(line or b"", type=_Stamp).ts for line in (first, last))
    except ValueError as error:
        raise OSError(f"its first or last line cannot be read: {error}") from error
    return begins, ends


def first_ts(history: History) -> int | None:
    """The time of the first line; None where there is none, or it cannot be read."""
    try:
        return msgspec.json.decode(history.line_at(0), type=_Stamp).ts
    except ValueError:
        return None


def _day(ts: int) -> int:
    return datetime.fromtimestamp(ts / 1_000, UTC).date().toordinal()
