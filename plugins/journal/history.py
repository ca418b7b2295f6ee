"""events.ndjson as it is found at a start, in chunks of whole lines; and the events of some kinds, of all files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

from kernel.disk import sync_folder
from kernel.regular_files import expect_regular, open_regular
from kernel.segments import Segments, seq_of
from plugins.journal.lines import whole_lines

CHUNK: Final = 4 * 1024 * 1024
"""Bytes read and decoded at a time: decoding many lines at once costs a quarter less than one by one."""


class History:
    """`size` is the file's length in bytes. Up to `end` it is whole lines; what follows is a write torn by a crash."""

    def __init__(self, path: Path, before: int = 0) -> None:
        """Raises OSError. A file that is not there is an empty history. `before`: the event before its first."""
        self.path = path
        self.before = before
        self.size = 0
        if path.exists():
            expect_regular(path)
            self.size = path.stat().st_size
        self.end = self._newline_before(self.size)

    def _newline_before(self, stop: int) -> int:
        """The offset behind the last newline before `stop`; 0 when there is none."""
        if not stop:
            return 0
        with open_regular(self.path) as file:
            while stop > 0:
                start = max(0, stop - CHUNK)
                file.seek(start)
                found = file.read(stop - start).rfind(b"\n")
                if found >= 0:
                    return start + found + 1
                stop = start
        return 0

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The whole lines from the offset `start` on, about CHUNK bytes at a time."""
        return whole_lines(self.pieces(start, self.end))

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes between two offsets, as far as they are there."""
        if start >= stop:
            return
        with open_regular(self.path) as file:
            file.seek(start)
            while start < stop and (piece := file.read(min(CHUNK, stop - start))):
                start += len(piece)
                yield piece

    def head(self, count: int) -> bytes:
        """The first bytes."""
        return next(self.pieces(0, min(count, self.size)), b"")

    def line_number(self, offset: int) -> int:
        """The line that begins at `offset`, counted from 1 as editors do."""
        return 1 + sum(piece.count(b"\n") for piece in self.pieces(0, offset))

    def line_at(self, offset: int) -> bytes:
        """The line that begins there, without its newline; empty where there is none."""
        found = b""
        for piece in self.pieces(offset, self.end):
            found += piece
            if b"\n" in piece:
                break
        return found.partition(b"\n")[0]

    def line_before(self, offset: int) -> bytes | None:
        """The line that ends at `offset`; None when none does."""
        if not 0 < offset <= self.end:
            return None
        with open_regular(self.path) as file:
            reach = 4096
            while True:
                start = max(0, offset - reach)
                file.seek(start)
                *before, line, behind = (b"\n" + file.read(offset - start)).split(b"\n")
                if behind:
                    return None  # the offset is in the middle of a line
                if start == 0 or len(before) > 1:
                    return line
                reach *= 8

    def seq_before(self, offset: int) -> int | None:
        """The seq of the event whose line ends at `offset`; None when none does."""
        line = self.line_before(offset)
        return seq_of(line) if line is not None else None

    def last_seq(self) -> int:
        """The seq of the last whole line; the one before the file when there is none, or it cannot be read."""
        return self.seq_before(self.end) or self.before

    def first_seq(self) -> int | None:
        """The seq of the first line; None when there is none, or it cannot be read."""
        return seq_of(self.line_at(0)) if self.end else None

    def leave_out_holes(self, start: int) -> None:
        """Let `end` be before the first zero byte behind `start`, if there is one.

        No line holds one. A power cut in the midst of a write may leave some of its pages unwritten and those behind
        them whole; nobody was answered for any event of that write.
        """
        offset = start
        for piece in self.pieces(start, self.size):
            hole = piece.find(b"\0")
            if hole >= 0:
                self.end = self._newline_before(offset + hole)
                return
            offset += len(piece)

    def cut_torn_end(self) -> Path | None:
        """Cut the torn line off the file, and keep its bytes in a file beside it, which is returned.

        The event in it was never answered for: an answer waits until the newline behind it is on disk.
        """
        if self.size == self.end:
            return None
        for number in count(1):
            aside = self.path.with_name(f"torn-{self.end}-{number}.bin")
            if not aside.exists():
                break
        with self.path.open("r+b") as file, aside.open("xb") as kept:
            file.seek(self.end)
            shutil.copyfileobj(file, kept)
            kept.flush()
            os.fsync(kept.fileno())
            sync_folder(self.path.parent)
            file.truncate(self.end)
            os.fsync(file.fileno())
        self.size = self.end
        return aside


def recall(segments: Segments, kinds: Iterable[str], upto: int) -> Iterator[bytes]:
    """The lines of these kinds of events up to that one, oldest first; of those that were not pruned."""
    marks = [b'"kind":"%s"' % kind.encode() for kind in kinds]  # unescaped quotes are never within a text
    for chunk in segments.lines(segments.before, upto):
        if any(mark in chunk for mark in marks):
            lines = chunk.splitlines(keepends=True)
            yield from (line for line in lines if any(mark in line for mark in marks))
