"""The journal's lines read from its files, from any event on, while the journal goes on being written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from kernel.regular_files import open_regular

LIVE: Final = "events.ndjson"
"""The file that is being written."""
SUMS: Final = "events.sum"
"""Where its checksums are: lines of SUM_LINE bytes, in order from the fourth on; each says where an event ends."""
SUM_LINE: Final = 64
CHUNK: Final = 128 * 1024
"""Bytes at a time: larger ones hold the interpreter while they are decoded."""
_SUM: Final = re.compile(rb"([0-9]{20}) ([0-9]{20}) ")
_SEQ: Final = re.compile(rb'\{"seq":([0-9]+),')


class EventsUnreadable(Exception):
    """Events that were asked for cannot be given; the message names the file and the place, and says what to do."""


class _Numbered(msgspec.Struct):
    seq: int


class Segments:
    """The journal of one folder. It keeps no file open, and any thread may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lines(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """The lines of the events behind `after` up to `upto`, oldest first, in chunks of whole lines of about CHUNK.

        Without `upto` it ends where the files end. Raises EventsUnreadable, and OSError.
        """
        if upto is not None and upto <= after:
            return
        with suppress(FileNotFoundError), open_regular(self.folder / LIVE) as file:
            before, offset = self._place(file, after)
            file.seek(offset)
            for chunk in cut(_whole_lines(file), before, after, upto):
                after = self._expect(after, chunk)
                yield chunk

    def _place(self, file: BinaryIO, after: int) -> tuple[int, int]:
        """A place at or before the end of event `after`: the event that ends there, and the offset."""
        found = None
        if after:
            with suppress(FileNotFoundError), open_regular(self.folder / SUMS) as sums:
                found = _nearest(sums, after)
        return found if found is not None and _begins(file, *found) else (0, 0)

    def _expect(self, after: int, chunk: bytes) -> int:
        """The last event of a chunk, whose first has to be the one behind `after`."""
        found = seq_of(chunk[: chunk.index(b"\n")])
        if found != after + 1:
            raise EventsUnreadable(
                f"{self.folder / LIVE}: event {after + 1} belongs here, and this is "
                f"{'no event' if found is None else f'event {found}'}. What is wrong with it: switchboard journal "
                f"verify --data {self.folder.parent}"
            )
        return after + chunk.count(b"\n")


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
        start, stop = 0, len(chunk)
        if before + count <= after:
            before += count
            continue
        if before < after:
            start = _behind(chunk, after - before)
        if upto is not None and before + count > upto:
            stop = _behind(chunk, upto - before)
        if start < stop:
            yield chunk[start:stop]
        before += count
        if upto is not None and before >= upto:
            return


def _behind(chunk: bytes, count: int) -> int:
    """The offset behind so many lines."""
    offset = 0
    for _ in range(count):
        offset = chunk.index(b"\n", offset) + 1
    return offset


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
