"""events.sum: checksums of events.ndjson, kept beside it so that the lines stay what the stream sends.

A text file of lines of 64 bytes, blanks at their ends. The first is a header with the folder's identity. Each other one
is a Sum: the seq of an event, the offset where its line ends, and the CRC-32 of all bytes of events.ndjson up to
there. The bytes between two Sums are checked by the CRC of the first carried on to that of the second, so any of them
may be missing or damaged, and the others say the same, only less finely. Both files begin anew when events.ndjson
becomes a segment.

Lines 2 and 3 hold the newest Sum, in turn: one is written over after each commit, the other is as it was when the
file was last synced. From line 4 on stands one for every 16 KiB. So the file is 1/256 of the journal and never has to
be tidied. A line of 64 bytes lies within a disk's sector, and each has a check of its own, over the identity too: a
line that is torn, flipped or of another folder is no Sum.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from kernel.regular_files import read_regular
from kernel.segments import seq_of
from plugins.journal.appender import DATA_SYNC
from plugins.journal.folder import put
from plugins.journal.history import History
from plugins.journal.identity import Identity

FILE: Final = "events.sum"
LINE: Final = 64
NEWEST: Final = 2
"""Lines for the newest Sum."""
FIRST_KEPT: Final = (1 + NEWEST) * LINE
"""Where those that stay begin."""
APART: Final = 16 * 1024
"""Bytes of events.ndjson from one Sum that stays to the next."""
_HEADER: Final = re.compile(rb"switchboard sums 1 ([0-9a-f]{32}) ([0-9a-f]{8}) *\n")
_SUM: Final = re.compile(rb"(([0-9]{20}) ([0-9]{20}) ([0-9a-f]{8})) ([0-9a-f]{8}) *\n")


class Sum(NamedTuple):
    """`crc` is the CRC-32 of the first `end` bytes of events.ndjson, whose last line is event `seq`."""

    seq: int
    end: int
    crc: int


NOTHING: Final = Sum(0, 0, 0)
"""What is true of every file that begins with event 1."""


def nothing(before: int) -> Sum:
    """What is true of every file whose first event is the one behind `before`."""
    return Sum(before, 0, 0)


class StoredSums(NamedTuple):
    """What stands in an events.sum."""

    identity: Identity | None
    """None where the header is damaged."""
    sums: tuple[Sum, ...]
    """The good ones in order, without those that say the same."""
    damaged: int
    """Lines that are none, beside those that a crash may have left."""

    @property
    def newest(self) -> Sum:
        """The high-water mark: a journal that ends before it has lost events."""
        return self.sums[-1] if self.sums else NOTHING


def read(path: Path, identity: Identity | None = None) -> StoredSums | None:
    """What is in the file; None where it is not there or empty. Raises OSError.

    `identity`: whose it is, if the header is damaged. Without one no Sum can be told from a damaged one then.
    """
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return None
    if not content:
        return None
    header = _HEADER.fullmatch(content[:LINE])
    if header is not None and int(header[2], 16) == crc32(header[1]):
        own = identity = Identity(header[1].decode())
    else:
        own = None
    lines = (content[start : start + LINE] for start in range(LINE, len(content), LINE))
    found = [parse(line, identity) if identity is not None else None for line in lines]
    newest, kept = found[:NEWEST], found[NEWEST:]
    while kept and kept[-1] is None:
        kept.pop()  # what came since the last sync may be torn, and one of the newest with it
    damaged = kept.count(None) + (not any(newest))
    return StoredSums(own, tuple(sorted({one for one in found if one is not None and one.end})), damaged)


def parse(line: bytes, identity: Identity) -> Sum | None:
    """The Sum of a line; None when it is damaged or another folder's."""
    match = _SUM.fullmatch(line)
    if match is None or int(match[5], 16) != _check(match[1], identity):
        return None
    return Sum(int(match[2]), int(match[3]), int(match[4], 16))


def _header(identity: Identity) -> bytes:
    return (b"switchboard sums 1 %s %08x" % (identity.encode(), crc32(identity.encode()))).ljust(LINE - 1) + b"\n"


def _line(identity: Identity, one: Sum) -> bytes:
    text = b"%020d %020d %08x" % one
    return (b"%s %08x" % (text, _check(text, identity))).ljust(LINE - 1) + b"\n"


def _check(text: bytes, identity: Identity) -> int:
    return crc32(text, crc32(identity.encode()))


def encode(identity: Identity, sums: Sequence[Sum], before: int = 0) -> bytes:
    """The whole file: of `sums`, which are in order, those that are APART, and the last.

    `before`: the event before the first of events.ndjson.
    """
    newest = sums[-1] if sums else nothing(before)
    kept: list[Sum] = []
    for one in sums:
        if one.end - (kept[-1].end if kept else 0) >= APART:
            kept.append(one)
    return b"".join((_header(identity), *(_line(identity, one) for one in (newest, newest, *kept))))


def taken(history: History, stands_at: Sum = NOTHING) -> Iterator[Sum]:
    """Those of the whole lines behind `stands_at`, at least APART, the last at their end."""
    _, end, crc = stands_at
    for chunk in history.chunks(end):
        start = 0
        while start < len(chunk):
            stop = chunk.find(b"\n", min(start + APART, len(chunk)) - 1) + 1 or len(chunk)
            part = chunk[start:stop]
            start, end, crc = stop, end + len(part), crc32(part, crc)
            seq = seq_of(part[part.rfind(b"\n", 0, -1) + 1 :])
            if seq is not None:  # else it is damaged, before a snapshot that does without it
                yield Sum(seq, end, crc)


class SumFile:
    """events.sum open for writing: `add` after each commit, `sync` now and then. For one thread's hands only."""

    def __init__(self, path: Path, identity: Identity, newest: Sum) -> None:
        """Open the file, which is good and ends with `newest`. Raises OSError."""
        self.path = path
        self.newest = newest
        self.is_dirty = False
        """Whether something was added since the last sync."""
        self._identity = identity
        self._is_behind = False
        self._open()

    def _open(self) -> None:
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        opened = os.fstat(self._descriptor)
        self._file = (opened.st_dev, opened.st_ino)
        place = max(opened.st_size // LINE * LINE, FIRST_KEPT)
        while place > FIRST_KEPT and self._at(place - LINE) is None:
            place -= LINE  # torn by a crash
        self._place = place
        """Where the next Sum that stays goes."""
        last = self._at(place - LINE) if place > FIRST_KEPT else None
        self._kept = last.end if last is not None else 0
        self._turn = int(self._at(LINE) == self.newest)  # the newest stays until the next sync

    def _at(self, place: int) -> Sum | None:
        return parse(os.pread(self._descriptor, LINE, place), self._identity)

    def add(self, data: bytes, seq: int, end: int) -> None:
        """`data` has come to disk: its last event is `seq`, and events.ndjson ends at `end` now. Raises OSError."""
        self.note(Sum(seq, end, crc32(data, self.newest.crc)))

    def note(self, newest: Sum) -> None:
        """Events have come to disk, so that this is true now. Raises OSError; the next call makes good for it."""
        self.newest = newest
        self._is_behind = self.is_dirty = True
        line = _line(self._identity, newest)
        self._write(line, LINE * (1 + self._turn))
        if newest.end - self._kept >= APART:
            self._write(line, self._place)
            self._place += LINE
            self._kept = newest.end
        self._is_behind = False

    def _write(self, line: bytes, place: int) -> None:
        if os.pwrite(self._descriptor, line, place) != LINE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def sync(self) -> None:
        """Bring what was noted to disk. Raises OSError."""
        if self._is_behind:
            self.note(self.newest)
        if self.is_dirty:
            DATA_SYNC(self._descriptor)
            self.is_dirty = False
            self._turn = 1 - self._turn

    def mend(self) -> bool:
        """Make the file anew where somebody has removed it or written over it. True when that was so; raises OSError.

        Only while events.ndjson is known to be in its place: the file goes beside it.
        """
        if self._is_there():
            return False
        kept = (self._at(place) for place in range(FIRST_KEPT, self._place, LINE))
        put(self.path, encode(self._identity, [*(one for one in kept if one is not None), self.newest]))
        before = self._descriptor
        self._open()
        os.close(before)  # after it: a number that is free may be another file's by the next write
        return True

    def _is_there(self) -> bool:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        same = (found.st_dev, found.st_ino) == self._file
        return same and os.pread(self._descriptor, LINE, 0) == _header(self._identity)

    def close(self) -> None:
        os.close(self._descriptor)
