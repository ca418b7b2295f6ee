"""Following the journal with a cursor of one's own, for plugins that take each event at least once.

The cursor is kept by whoever follows, on disk, and moved once what an event asked for is done. `ctx.hooks.events_after`
is the source: it gives committed events alone, and any thread may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

Source = Callable[[int], Iterator[bytes] | None]
"""The committed lines behind an event, oldest first, in small chunks of whole lines; None where there is no journal."""
DIGEST_BYTES: Final = 8


class JournalCursor(Struct, frozen=True):
    """The last event that was taken, and what its line was: by that, another history under the same numbers is told."""

    seq: int
    line: str = ""
    """The hexadecimal digest of the line; empty where it is not known."""


class FollowedLine(NamedTuple):
    """One line of the journal, without its line end."""

    seq: int
    ts: int
    kind: str
    line: bytes

    @property
    def cursor(self) -> JournalCursor:
        return JournalCursor(self.seq, line_digest(self.line).hex())


class Stretch(NamedTuple):
    """A part of the journal: the lines that were wanted of it, and the cursor at its end."""

    lines: tuple[FollowedLine, ...]
    cursor: JournalCursor


class _LineHead(Struct):
    seq: int
    ts: int
    kind: str


_HEADS: Final = msgspec.json.Decoder(_LineHead)


def line_digest(line: bytes) -> bytes:
    """Of a line of the journal, without its line end."""
    return blake2b(line, digest_size=DIGEST_BYTES).digest()


def read_stretch(
    source: Source, cursor: JournalCursor, wanted: Callable[[str], bool], *, most: int, look_at: int = 2_000
) -> Stretch:
    """The events behind the cursor whose kind is wanted, at most so many, out of `look_at` events at most.

    It reads the disk: for a thread, which holds the interpreter only so long. Raises EventsUnreadable, OSError, and
    msgspec.MsgspecError for a damaged line.
    """
    chunks = source(cursor.seq)
    found: list[FollowedLine] = []
    if chunks is None:
        return Stretch((), cursor)
    looked = 0
    last: FollowedLine | None = None
    try:
        for line in (line for chunk in chunks for line in chunk.splitlines()):
            head = _HEADS.decode(line)
            one = FollowedLine(head.seq, head.ts, head.kind, line)
            looked += 1
            if wanted(one.kind):
                found.append(one)
            if len(found) >= most or looked >= look_at:
                return Stretch(tuple(found), one.cursor)
            last = one
    finally:
        if isinstance(chunks, Generator):
            chunks.close()  # and the file with it
    return Stretch(tuple(found), last.cursor if last is not None else cursor)


def line_at(source: Source, seq: int) -> FollowedLine | None:
    """That event; None where there is none. Raises as `read_stretch`."""
    stretch = read_stretch(source, JournalCursor(seq - 1), lambda _: True, most=1) if seq > 0 else None
    found = stretch.lines[0] if stretch is not None and stretch.lines else None
    return found if found is not None and found.seq == seq else None


def is_of(source: Source, cursor: JournalCursor) -> bool:
    """Whether the journal has the very event that the cursor stands at: not where an older one was put in its place.

    Raises as `read_stretch`: also where that event was pruned.
    """
    if cursor.seq == 0 or not cursor.line:
        return True
    found = line_at(source, cursor.seq)
    return found is not None and found.cursor == cursor
