"""The journal's lines read from its files, from any event on, while the journal goes on being written.

Whoever reads events reads them by `Segments.lines`: which file has an event, and whether it is compressed by now, is
known here alone.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from kernel import manifest as manifests
from kernel.manifest import JournalManifest, ManifestDamaged, Segment
from kernel.regular_files import open_regular
from kernel.seekable import FramesDamaged, ZstdFrame, frames, unpacked

LIVE: Final = "events.ndjson"
"""The file that is being written."""
SUMS: Final = "events.sum"
"""Where its checksums are: lines of SUM_LINE bytes, in order from the fourth on; each says where an event ends."""
SUM_LINE: Final = 64
CHUNK: Final = 128 * 1024
"""Bytes at a time: larger ones hold the interpreter while they are decoded."""
KEPT_TABLES: Final = 64
"""Tables of frames that are remembered, of some kilobytes each."""
_SUM: Final = re.compile(rb"([0-9]{20}) ([0-9]{20}) ")
_SEQ: Final = re.compile(rb'\{"seq":([0-9]+),')
_TRIES: Final = 5
"""How often files are looked for that were sealed or renamed in that moment."""


class EventsUnreadable(Exception):
    """Events that were asked for cannot be given; the message names the file and the place, and says what to do."""


class _Numbered(msgspec.Struct):
    seq: int


class Segments:
    """The journal of one folder. It keeps no file open, and any thread may read."""

    def __init__(self, folder: Path, *, live: str = LIVE) -> None:
        """`live`: the name of the file that is being written, where it is a copy of another name."""
        self.folder = folder
        self._live = live
        self._known: tuple[object, JournalManifest | None] = (None, None)
        self._tables: dict[tuple[int, tuple[int, int, int]], list[ZstdFrame]] = {}

    @property
    def manifest(self) -> JournalManifest | None:
        """As it is now; None in a folder without one, whose journal is one file. Raises EventsUnreadable, OSError."""
        path = self.folder / manifests.FILE
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._known[0] != stamp:
            try:
                self._known = (stamp, manifests.read(self.folder))
            except ManifestDamaged as error:
                raise EventsUnreadable(f"{path}: is damaged: {error}. {self._advice()}") from error
        return self._known[1]

    @property
    def before(self) -> int:
        """The last event that was pruned; 0 when none was."""
        manifest = self.manifest
        return manifest.before if manifest is not None else 0

    @property
    def base(self) -> Path | None:
        """The file of the state at event `before`; None where nothing was pruned."""
        manifest = self.manifest
        return self.folder / manifest.base.name if manifest is not None and manifest.base is not None else None

    def lines(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """The lines of the events behind `after` up to `upto`, oldest first, in chunks of whole lines of about CHUNK.

        Without `upto` it ends where the files end. Raises EventsUnreadable, and OSError.
        """
        while upto is None or after < upto:
            began = after
            for path, chunk in self._from(after, upto):
                after = self._expect(after, chunk, path)
                yield chunk
            if after == began:
                return

    def _from(self, after: int, upto: int | None) -> Iterator[tuple[Path, bytes]]:
        """The same out of the one file that has event `after` + 1; nothing where there is none yet."""
        for _ in range(_TRIES):
            manifest = self.manifest
            segment = self._holding(manifest, after)
            if segment is not None and segment.is_sealed:
                yield from self._sealed(segment, after, upto)
                return
            names = (
                [self._live] if segment is None else [segment.plain_name, self._live]
            )  # it may not have been renamed yet
            for path in (self.folder / name for name in names):
                with suppress(FileNotFoundError), open_regular(path) as file:
                    before = _event_before(file, after)
                    if before is None and self.manifest == manifest:
                        return  # there is no event yet
                    if before is not None and before <= after:
                        before, offset = self._place(file, after, before)
                        file.seek(offset)
                        yield from ((path, chunk) for chunk in cut(_whole_lines(file), before, after, upto))
                        return
            if segment is None and not (self.folder / self._live).exists() and self.manifest == manifest:
                return
            # else it was rotated or sealed since the manifest was read
        raise EventsUnreadable(f"{self.folder}: event {after + 1} is in no file. {self._advice()}")

    def _holding(self, manifest: JournalManifest | None, after: int) -> Segment | None:
        """The segment that has event `after` + 1; None when it is in the file being written."""
        if manifest is None or manifest.last <= after:
            return None
        if manifest.before > after:
            raise EventsUnreadable(
                f"{self.folder}: the events up to {manifest.before} were pruned, and event {after + 1} is one of them. "
                f"{manifest.base.name if manifest.base is not None else ''} has the state behind them."
            )
        return manifest.segments[bisect_right(manifest.segments, after + 1, key=lambda one: one.first) - 1]

    def _sealed(self, segment: Segment, after: int, upto: int | None) -> Iterator[tuple[Path, bytes]]:
        path = self.folder / segment.name
        try:
            with open_regular(path) as file:
                table = self._table(segment.first, file)
                skipped = after + 1 - segment.first
                start = bisect_right(table, skipped, key=lambda one: one.before) - 1
                for number, frame in enumerate(table[start:], start):
                    before = segment.first - 1 + frame.before
                    if upto is not None and before >= upto:
                        return
                    try:
                        content = unpacked(file, frame)
                    except FramesDamaged as error:
                        place = f"frame {number + 1} (bytes {frame.offset} to {frame.offset + frame.packed}), events "
                        place += f"{before + 1} to {before + frame.lines}"
                        raise EventsUnreadable(f"{path}, {place}: is damaged: {error}. {self._advice()}") from error
                    wanted = _part(content, frame.lines, before, after, upto)
                    yield from ((path, chunk) for chunk in _split(wanted))
        except FileNotFoundError:
            events = f"events {segment.first} to {segment.last}"
            raise EventsUnreadable(f"{path}: is missing, and {events} with it. {self._advice()}") from None
        except FramesDamaged as error:
            raise EventsUnreadable(f"{path}: is damaged: {error}. {self._advice()}") from error
        except ImportError:
            text = f"{path}: is compressed, which takes the package zstandard to read: pip install zstandard"
            raise EventsUnreadable(text) from None

    def _table(self, first: int, file: BinaryIO) -> list[ZstdFrame]:
        found = os.fstat(file.fileno())  # a segment may be written anew: the manifest tells of it a moment later
        key = (first, (found.st_ino, found.st_mtime_ns, found.st_size))
        table = self._tables.get(key)
        if table is None:
            table = frames(file)
            while len(self._tables) >= KEPT_TABLES:
                with suppress(StopIteration, RuntimeError):  # another thread may do the same
                    self._tables.pop(next(iter(self._tables)), None)
            self._tables[key] = table
        return table

    def _place(self, file: BinaryIO, after: int, before: int) -> tuple[int, int]:
        """A place at or before the end of event `after`: the event that ends there, and the offset."""
        found = None
        if after > before:
            with suppress(FileNotFoundError), open_regular(self.folder / SUMS) as sums:
                found = _nearest(sums, after)
        return found if found is not None and _begins(file, *found) else (before, 0)

    def _expect(self, after: int, chunk: bytes, path: Path) -> int:
        """The last event of a chunk, whose first has to be the one behind `after`."""
        found = seq_of(chunk[: chunk.index(b"\n")])
        if found != after + 1:
            what = "no event" if found is None else f"event {found}"
            raise EventsUnreadable(f"{path}: event {after + 1} belongs here, and this is {what}. {self._advice()}")
        return after + chunk.count(b"\n")

    def _advice(self) -> str:
        return f"What is wrong, and what can be done: switchboard journal verify --data {self.folder.parent}"


def seq_of(line: bytes) -> int | None:
    """The number of a line's event, of whatever kind; None when it cannot be read."""
    match = _SEQ.match(line)
    if match is not None:
        return int(match[1])
    try:
        return msgspec.json.decode(line, type=_Numbered).seq
    except ValueError:
        return None


def cut(chunks: Iterator[bytes], before: int, after: int, upto: int | None) -> Iterator[bytes]:
    """Of chunks of whole lines, the first of which is event `before` + 1, the events behind `after` up to `upto`."""
    for chunk in chunks:
        count = chunk.count(b"\n")
        if found := _part(chunk, count, before, after, upto):
            yield found
        before += count
        if upto is not None and before >= upto:
            return


def _part(lines: bytes, count: int, before: int, after: int, upto: int | None) -> bytes:
    """Of so many lines, the first of which is event `before` + 1, those behind `after` up to `upto`."""
    if before + count <= after or (upto is not None and upto <= before):
        return b""
    start = _behind(lines, after - before) if before < after else 0
    stop = len(lines)
    if upto is not None and before + count > upto:
        skipped = max(after - before, 0)
        stop = _behind(lines, upto - before - skipped, start)
    return lines[start:stop]


def _behind(chunk: bytes, count: int, offset: int = 0) -> int:
    """The offset behind so many lines from there on."""
    for _ in range(count):
        offset = chunk.index(b"\n", offset) + 1
    return offset


def _split(content: bytes) -> Iterator[bytes]:
    """Whole lines, about CHUNK at a time."""
    start = 0
    while start < len(content):
        stop = content.rfind(b"\n", start, start + CHUNK) + 1 or content.find(b"\n", start) + 1
        yield content[start:stop]
        start = stop


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """From where the file stands; a last line that is being written just now, or was torn, is left out."""
    rest = b""
    while piece := file.read(CHUNK):
        end = piece.rfind(b"\n") + 1
        if not end:
            rest += piece
            continue
        yield rest + piece[:end]
        rest = piece[end:]


def _event_before(file: BinaryIO, else_: int) -> int | None:
    """The event before the first of the file; None where it has no whole line, `else_` where that cannot be read."""
    head = os.pread(file.fileno(), 64, 0)
    if (match := _SEQ.match(head)) is not None:
        return int(match[1]) - 1
    file.seek(0)
    line = file.readline()
    if not line.endswith(b"\n"):
        return None
    first = seq_of(line)
    return first - 1 if first is not None else else_


def _nearest(sums: BinaryIO, seq: int) -> tuple[int, int] | None:
    """Of the places in events.sum the last that is not behind event `seq`; None where there is none."""
    low, high = 3, os.fstat(sums.fileno()).st_size // SUM_LINE
    found = None
    while low < high:
        middle = (low + high) // 2
        match = _SUM.match(os.pread(sums.fileno(), SUM_LINE, middle * SUM_LINE))
        if match is None or int(match[1]) > seq:
            high = middle  # one that is damaged only makes the place an earlier one
        else:
            found = int(match[1]), int(match[2])
            low = middle + 1
    return found


def _begins(file: BinaryIO, seq: int, offset: int) -> bool:
    """Whether the line that begins at `offset` is the one behind event `seq`; what events.sum says is only a hint."""
    if not 0 < offset <= os.fstat(file.fileno()).st_size:
        return False
    head = os.pread(file.fileno(), 64, offset - 1)
    match = _SEQ.match(head[1:])
    return head[:1] == b"\n" and match is not None and int(match[1]) == seq + 1
